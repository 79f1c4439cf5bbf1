package approval

import (
	"strconv"
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
	return c, asWritten(text, written)
}

func (r *reader) content() Content {
	var c Content
	c.Purpose = Purpose(r.field("purpose"))
	r.source(&c.Summary)
	c.Sealed = r.time(r.field("sealed"))
	c.NotBefore = r.time(r.field("not-before"))
	c.NotAfter = r.time(r.field("not-after"))
	r.figures(&c.Summary)
	c.MakerDay = r.amount(r.field("makers-in-24-hours"))
	r.findings(&c.Summary)
	r.digests(&c.Summary)
	c.Policy = r.digest(r.field("policy"))
	for r.next("maker") {
		c.Makers = append(c.Makers, r.field("maker"))
	}
	ledger := r.fields("ledger", 3)
	c.Head = Head{Ledger: r.unquote(ledger[0]), Event: r.event(ledger[1]), Hash: r.digest(ledger[2])}
	return c
}

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
