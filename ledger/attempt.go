package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Said is the set of things that anybody ever heard about one attempt. It only
// grows: a later answer adds to it and takes nothing back, so that a provider
// that forgets, or a replica that lags, cannot undo what was once known.
type Said uint8

// What can be heard about an attempt.
const (
	// SaidNotFound: a look-up did not know the reference.
	SaidNotFound Said = 1 << iota
	// SaidRefused: a request was turned away, provably not processed.
	SaidRefused
	// SaidPending: the provider had the transfer and had not decided.
	SaidPending
	// SaidFailed: the provider had the transfer and did not pay it.
	SaidFailed
	// SaidSuccessful: the provider paid it.
	SaidSuccessful
)

// Has reports whether any of the given things was heard.
func (s Said) Has(things Said) bool { return s&things != 0 }

// saidWords are the words of the things that can be heard, in the order of their bits.
func saidWords() []string { return []string{"not_found", "refused", "pending", "failed", "successful"} }

// Words returns the word of each thing that was heard.
func (s Said) Words() []string {
	words := []string{}
	for bit, word := range saidWords() {
		if s&(1<<bit) != 0 {
			words = append(words, word)
		}
	}
	return words
}

// String lists the words, separated by commas.
func (s Said) String() string { return strings.Join(s.Words(), ",") }

// MarshalText writes the words of String.
func (s Said) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Said) UnmarshalText(text []byte) error {
	*s = 0
	for word := range strings.SplitSeq(string(text), ",") {
		bit := slices.Index(saidWords(), word)
		if bit < 0 && len(text) > 0 {
			return fmt.Errorf("%q is nothing that can be heard of an attempt", word)
		}
		if bit >= 0 {
			*s |= 1 << bit
		}
	}
	return nil
}

// Attempt is an earlier try to pay a payout: the reference it went out under, the
// terms it had then, and everything that was ever said of it.
type Attempt struct {
	// Number counts from 1.
	Number    int
	Reference Reference
	// Terms are those of this attempt; a correction gave later ones others.
	Terms Terms
	// State is the final state in which the attempt ended: Failed, or Cancelled
	// for one that was never sent.
	State State
	// Intents, FirstIntent, Said, Answered and Answer are as in Payout.
	Intents        int
	FirstIntent    time.Time
	Said, Answered Said
	Answer         Answer
	SettledAt      time.Time
}

// attempt returns the payout's current attempt as one of the past.
func (p Payout) attempt() Attempt {
	return Attempt{
		Number: p.Attempt, Reference: p.Reference, Terms: p.Terms, State: p.State,
		Intents: p.Intents, FirstIntent: p.FirstIntent, Said: p.Said, Answered: p.Answered,
		Answer: p.Answer, SettledAt: p.SettledAt,
	}
}

// Attempts returns every attempt, the current one last.
func (p Payout) Attempts() []Attempt {
	return append(append(make([]Attempt, 0, len(p.Earlier)+1), p.Earlier...), p.attempt())
}

// Accepted returns the terms under which the payout entered the ledger, before
// any correction.
func (p Payout) Accepted() Terms {
	if len(p.Earlier) > 0 {
		return p.Earlier[0].Terms
	}
	return p.Terms
}

// claims reports whether something was heard of the attempt, and not answered by
// a person since, that speaks against sending anything more for its payout.
func (a Attempt) claims() bool {
	heard := a.Said &^ a.Answered
	if heard.Has(SaidSuccessful) {
		return true
	}
	// What was pending may have failed since; only then is it over.
	return heard.Has(SaidPending) && !heard.Has(SaidFailed)
}

// Named reports whether the provider ever had a transfer under the attempt's
// reference, as far as a person has not answered it: it can then not be "not found".
func (a Attempt) Named() bool {
	return (a.Said &^ a.Answered).Has(SaidPending|SaidSuccessful|SaidFailed) || (a.Answer.ProviderRef != "" && a.Answered == 0)
}

// Named reports whether the provider ever had a transfer of the current attempt.
func (p Payout) Named() bool { return p.attempt().Named() }

// Contradicted reports whether evidence stands against paying this payout again
// or for the first time: a difference that no person has resolved, or an attempt
// that the provider once called paid, or pending without a later word.
func (p Payout) Contradicted() bool {
	if len(p.Unresolved()) > 0 {
		return true
	}
	for _, a := range p.Earlier {
		if a.claims() {
			return true
		}
	}
	return p.State != Successful && p.attempt().claims() && p.State != Pending
}
