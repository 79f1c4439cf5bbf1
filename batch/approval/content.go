package approval

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"payrun/ledger/canonical"
)

// Purpose says how a content's payment relates to its batch.
type Purpose string

// The purposes.
const (
	Submission Purpose = "submission" // a batch as it was submitted
	Addition   Purpose = "addition"   // rows that were added later
	Correction Purpose = "correction" // rows that come back in other terms
	Retry      Purpose = "retry"      // rows that come back in the same terms
	Resolution Purpose = "resolution" // payouts that a person says were not paid
)

func (p Purpose) ok() bool {
	switch p {
	case Submission, Addition, Correction, Retry, Resolution:
		return true
	default:
		return false
	}
}

// Head is where the ledger's audit log stood.
type Head struct {
	Ledger string
	Event  uint64
	Hash   Digest
}

// Content is the object of an approval, fixed at a batch's sealing. Its amounts are in minor
// units of its currency, its times in UTC to the second. Whoever changes anything of it
// has another content.
type Content struct {
	Summary

	Purpose   Purpose
	Sealed    time.Time
	NotBefore time.Time // zero: at once
	NotAfter  time.Time // until when paying may begin
	MakerDay  int64     // what the makers submitted in the 24 hours to the sealing, with this
	Policy    Digest    // of the policy in force
	Makers    []string
	Head      Head // at the sealing, before it
}

const titleContent = "payrun content 1"

// Text returns the content's canonical text, or an error that says why it has none.
func (c Content) Text() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var w writer
	w.title(titleContent)
	w.line("purpose", string(c.Purpose))
	c.writeSource(&w)
	w.line("sealed", formatTime(c.Sealed))
	w.line("not-before", formatTime(c.NotBefore))
	w.line("not-after", formatTime(c.NotAfter))
	c.writeFigures(&w)
	w.line("makers-in-24-hours", c.Currency.format(c.MakerDay))
	c.writeFindings(&w)
	c.writeDigests(&w)
	w.line("policy", c.Policy.String())
	for _, maker := range c.Makers {
		w.line("maker", maker)
	}
	w.line("ledger", canonical.Quote(c.Head.Ledger), strconv.FormatUint(c.Head.Event, 10), c.Head.Hash.String())
	return w.b.Bytes(), nil
}

// Digest returns what an approval of the content names.
func (c Content) Digest() (Digest, error) {
	text, err := c.Text()
	if err != nil {
		return Digest{}, err
	}
	return digestOf(text), nil
}

// check refuses a content that does not add up, or that its text could not say exactly.
func (c Content) check() error {
	err := c.checkPlain()
	if err == nil {
		err = c.Summary.check(c.Purpose)
	}
	if err == nil && (c.MakerDay < c.Total || c.MakerDay > amountMax) {
		err = fmt.Errorf("%d by the makers in 24 hours, with %d here", c.MakerDay, c.Total)
	}
	return complaint(err)
}

func (c Content) checkPlain() error {
	switch {
	case !c.Purpose.ok():
		return fmt.Errorf("purpose %q", c.Purpose)
	case c.Head.Ledger == "" || !textOK(c.Head.Ledger):
		return errors.New("the ledger has no name in UTF-8")
	case !wholeSecond(c.Sealed) || !wholeSecond(c.NotBefore) || !wholeSecond(c.NotAfter) || c.Sealed.IsZero():
		return errors.New("times are to the second")
	case !c.NotAfter.After(c.Sealed) || !c.NotAfter.After(c.NotBefore):
		return errors.New("not-after is before paying could begin")
	case c.Head.Hash.IsZero() || c.Policy.IsZero():
		return errors.New("a digest is missing")
	case !ascending(c.Makers) || slices.ContainsFunc(c.Makers, func(name string) bool { return !nameOK(name) }):
		return errors.New("makers are names of people, each once and in order")
	default:
		return nil
	}
}

func ascending(names []string) bool {
	for i := 1; i < len(names); i++ {
		if names[i] <= names[i-1] {
			return false
		}
	}
	return true
}
