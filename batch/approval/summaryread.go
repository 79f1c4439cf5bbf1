package approval

import (
	"strings"

	"payrun/ledger/phone"
)

func (r *reader) source(s *Summary) {
	s.Batch = r.unquote(r.field("batch"))
	s.Account = r.unquote(r.field("account"))
	s.Currency = r.currency()
}

func (r *reader) figures(s *Summary) {
	s.Payouts = r.count(r.field("payouts"))
	s.Total = r.amount(r.field("total"))
	for r.next("operator") {
		f := r.fields("operator", 3)
		s.Operators = append(s.Operators, OperatorSum{Scheme: f[0], Payouts: r.count(f[1]), Amount: r.amount(f[2])})
	}
	highest := r.fields("highest-to-one-number", 2)
	s.Highest = NumberSum{Number: r.number(highest[0]), Amount: r.amount(highest[1])}
}

func (r *reader) findings(s *Summary) {
	s.Against = r.comparison()
	for r.next("warning") {
		f := r.fields("warning", 2)
		s.Warnings = append(s.Warnings, Warning{Code: f[0], Count: r.count(f[1])})
	}
}

func (r *reader) digests(s *Summary) {
	s.File = r.digest(r.field("file"))
	s.List = r.digest(r.field("list"))
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

func (r *reader) number(field string) phone.E164 { return phone.E164(r.unquote(field)) }
