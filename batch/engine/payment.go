package engine

import (
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// payment is a payout in the engine's hands. Only the dispatcher touches it,
// but for the worker that carries its request, which reads payout.
type payment struct {
	payout ledger.Payout
	memory

	// fresh is set until the run takes it up.
	fresh bool
	// awaits is set while a "not found" waits for a control.
	awaits bool
	// due is the time of the payment's turn in a schedule, hinted the last time at which a
	// hint brought it forward.
	due, hinted time.Time
}

// memory is everything that this run remembers of a payment's requests and their
// answers. The ledger has the rest.
type memory struct {
	// onWire is the last moment at which the payout's request can have been under way, and
	// posted the latest at which the last one left: for one of an earlier run, before a
	// transfer that was begun after it, or when this run began.
	onWire, posted time.Time
	// notFound counts look-ups that the provider answered with "not found"
	// since onWire; firstNotFound is when the first of them came.
	notFound      int
	firstNotFound time.Time
	// exists is set when the provider once said that it has the reference: from
	// then on no "not found" is believed.
	exists bool
	// flagged is set once an answer about something else was recorded.
	flagged bool
	// expired is set while the last answer called the token expired.
	expired bool
	// sameness counts how often it was turned away with the same words.
	sameness sameness
	// names are left to be looked up before the payout may be sent.
	names []name
	// turnedAway is set for one whose last request was provably not processed, by the
	// provider's word: its "not found" then needs no control.
	turnedAway bool
	// scout is set for the one that goes out alone so that the others have a control.
	scout bool
	// tries counts what was done in vain, for the growing time between tries.
	tries int
}

// old reports whether the payout's last intent is so long ago that no look-up lags
// behind it.
func (p *payment) old(now time.Time) bool { return !now.Before(p.oldAt()) }

// oldAt returns the time from which it is that old.
func (p *payment) oldAt() time.Time { return p.payout.SubmittedAt.Add(evidence.DoubtOld) }

func (p *payment) query() provider.Query {
	return provider.Query{
		Reference:   string(p.payout.Reference),
		ProviderRef: p.payout.Answer.ProviderRef,
		Number:      p.payout.Number,
		Amount:      p.payout.Amount,
	}
}

// nextDelay grows from shortest to longest, by half each time.
func (m *memory) nextDelay(shortest, longest time.Duration) time.Duration {
	delay := shortest
	for range m.tries {
		if delay >= longest {
			break
		}
		delay += delay / 2
	}
	m.tries++
	return min(delay, longest)
}
