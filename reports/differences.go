package reports

import (
	"fmt"
	"time"

	"payrun/ledger"
)

// latestDifference returns what the provider last said against a payout and nobody
// has resolved, nil if there is nothing.
func latestDifference(p ledger.Payout) *ledger.Difference {
	open := p.Unresolved()
	if len(open) == 0 {
		return nil
	}
	return &open[len(open)-1]
}

// answered is a difference that a person has answered, and what they said. It is open no
// more, and stays where it was found: whoever was paid twice was paid twice.
type answered struct {
	difference ledger.Difference
	word       ledger.Resolution
}

// answeredDifference returns the latest difference if none is left to answer, nil if
// there is nothing.
func answeredDifference(p ledger.Payout) *answered {
	if len(p.Differences) == 0 || p.Resolution == nil || len(p.Unresolved()) > 0 {
		return nil
	}
	return &answered{p.Differences[len(p.Differences)-1], *p.Resolution}
}

// answeredPrefix begins the text of a difference that was answered, in the formats that
// other programs read.
const answeredPrefix = "answered "

// plainDifference words what was found against a line, and what a person said to it.
func (l line) plainDifference() string {
	if l.answered == nil {
		return plainDifference(l.difference)
	}
	word := "not paid"
	if l.answered.word.Paid {
		word = "paid"
	}
	return answeredPrefix + fmt.Sprintf("%s by %s as %s, %q: %s", l.answered.word.At.UTC().Format(time.DateOnly),
		l.answered.word.By.Name, word, l.answered.word.Because, plainDifference(&l.answered.difference))
}

// answeredLine words the same in the language, with who it is about.
func (w words) answeredLine(l line) string {
	a := l.answered
	word := w.Said[ledger.Failed.String()]
	if a.word.Paid {
		word = w.Said[ledger.Successful.String()]
	}
	return fmt.Sprintf(w.AnsweredBy, l.id, l.name, w.difference(&a.difference), word, a.word.By.Name, a.word.At.UTC().Format(time.DateOnly), a.word.Because)
}

// codePaidTwice is a difference with a payment too many, not one that is in doubt.
const codePaidTwice = "paid_twice"

// plainDifference words a difference for the formats that other programs read, in
// English whatever the reader's language; empty for none.
func plainDifference(d *ledger.Difference) string {
	if d == nil {
		return ""
	}
	if d.Code == codePaidTwice {
		return fmt.Sprintf("paid more than once, see %s", d.Reference)
	}
	return fmt.Sprintf("recorded as %s, but the provider says %s (%s)", d.Recorded, d.Said, d.ProviderCode)
}

// difference words a difference in the language.
func (w words) difference(d *ledger.Difference) string {
	if d.Code == codePaidTwice {
		return fmt.Sprintf(w.PaidTwice, d.Reference)
	}
	here, there := w.Said[d.Recorded.String()], w.Said[d.Said]
	if here == "" || there == "" {
		return plainDifference(d)
	}
	return fmt.Sprintf(w.Contradicts, here, there, d.ProviderCode)
}

// englishSaid and frenchSaid name the states of a payout, here and at the provider.

func englishSaid() map[string]string {
	return map[string]string{
		"successful": "paid", "failed": "not paid", "pending": "pending", "cancelled": "cancelled", "queued": "queued",
		"not_found": "unknown there", "unknown": "something else",
	}
}

func frenchSaid() map[string]string {
	return map[string]string{
		"successful": "payé", "failed": "non payé", "pending": "en attente", "cancelled": "annulé", "queued": "en file",
		"not_found": "inconnu chez lui", "unknown": "autre chose",
	}
}
