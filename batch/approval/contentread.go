package approval

import (
	"strconv"
	"strings"

	"payrun/ledger/phone"
)

// ParseContent reads a content's text. Whatever is not byte for byte what Text writes
// is an error that wraps ErrText.
func ParseContent(text []byte) (Content, error) {
	r := newReader(text, titleContent)
	c := r.content()
	r.end()
	if r.err != nil {
		return Content{}, r.err
	}
	written, err := c.Text()
	if err != nil {
		return Content{}, err
	}
	return c, canonical(text, written)
}

func (r *reader) content() Content {
	var c Content
	c.Purpose = Purpose(r.field("purpose"))
	c.Batch = r.unquote(r.field("batch"))
	c.Account = r.unquote(r.field("account"))
	c.Currency = r.currency()
	c.Sealed = r.time(r.field("sealed"))
	c.NotBefore = r.time(r.field("not-before"))
	c.NotAfter = r.time(r.field("not-after"))
	c.Payouts = r.count(r.field("payouts"))
	c.Total = r.amount(r.field("total"))
	for r.next("operator") {
		f := r.fields("operator", 3)
		c.Operators = append(c.Operators, OperatorSum{Scheme: f[0], Payouts: r.count(f[1]), Amount: r.amount(f[2])})
	}
	highest := r.fields("highest-to-one-number", 2)
	c.Highest = NumberSum{Number: r.number(highest[0]), Amount: r.amount(highest[1])}
	c.MakerDay = r.amount(r.field("makers-in-24-hours"))
	c.Against = r.comparison()
	for r.next("warning") {
		f := r.fields("warning", 2)
		c.Warnings = append(c.Warnings, Warning{Code: f[0], Count: r.count(f[1])})
	}
	c.File = r.digest(r.field("file"))
	c.List = r.digest(r.field("list"))
	c.Policy = r.digest(r.field("policy"))
	for r.next("maker") {
		c.Makers = append(c.Makers, r.field("maker"))
	}
	ledger := r.fields("ledger", 3)
	c.Head = Head{Ledger: r.unquote(ledger[0]), Event: r.event(ledger[1]), Hash: r.digest(ledger[2])}
	return c
}

func (r *reader) currency() Currency {
	f := r.fields("currency", 2)
	return Currency{Code: f[0], Decimals: r.count(f[1])}
}

func (r *reader) comparison() *Comparison {
	if strings.HasPrefix(r.rest, "against: "+none+"\n") {
		r.field("against")
		return nil
	}
	f := r.fields("against", 3)
	a := &Comparison{Batch: r.unquote(f[0]), Payouts: r.count(f[1]), Total: r.amount(f[2])}
	a.New = listing(r, "new-people", "new-person", 3, r.personLine)
	a.Gone = listing(r, "gone-people", "gone-person", 3, r.personLine)
	a.Numbers = listing(r, "changed-numbers", "changed-number", 4, func(f []string) NumberLine {
		return NumberLine{Name: r.unquote(f[0]), Before: r.number(f[1]), Now: r.number(f[2]), Amount: r.amount(f[3])}
	})
	a.Names = listing(r, "changed-names", "changed-name", 4, func(f []string) NameLine {
		return NameLine{Number: r.number(f[0]), Before: r.unquote(f[1]), Now: r.unquote(f[2]), Amount: r.amount(f[3])}
	})
	a.Amounts = listing(r, "changed-amounts", "changed-amount", 5, func(f []string) AmountLine {
		return AmountLine{Number: r.number(f[0]), Name: r.unquote(f[1]), Before: r.amount(f[2]), Now: r.amount(f[3])}
	})
	return a
}

func (r *reader) personLine(f []string) PersonLine {
	return PersonLine{Number: r.number(f[0]), Name: r.unquote(f[1]), Amount: r.amount(f[2])}
}

func listing[Line any](r *reader, summary, key string, fields int, line func([]string) Line) Listing[Line] {
	f := r.fields(summary, 2)
	l := Listing[Line]{Count: r.count(f[0]), Amount: r.amount(f[1])}
	for r.next(key) {
		l.Lines = append(l.Lines, line(r.fields(key, fields)))
	}
	return l
}

func (r *reader) number(field string) phone.Number { return phone.Number(r.unquote(field)) }

func (r *reader) event(field string) uint64 {
	if r.err != nil {
		return 0
	}
	event, err := strconv.ParseUint(field, 10, 64)
	if err != nil {
		r.fail("%q is not an event's number", head(field))
	}
	return event
}
