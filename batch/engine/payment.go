package engine

import (
	"container/heap"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// payment is a payout in the engine's hands. Only the dispatcher touches it,
// but for the worker that carries its request, which reads payout.
type payment struct {
	payout ledger.Payout

	// onWire is when the payout's request can last have been under way.
	onWire time.Time
	// notFound counts look-ups that the provider answered with "not found"
	// since onWire; firstNotFound is when the first of them came.
	notFound      int
	firstNotFound time.Time
	// exists is set when the provider once said that it has the reference: from
	// then on no "not found" is believed.
	exists bool
	// flagged is set once an answer about something else was recorded.
	flagged bool
	// refusal is what a later request of a doubted attempt was refused with. It
	// becomes the verdict once the look-ups show that no earlier one was taken.
	refusal *ledger.Answer

	// tries counts what was done in vain, for the growing time between tries.
	tries int
	// due is when the payment's turn in a schedule comes.
	due time.Time
}

func (p *payment) query() provider.Query {
	return provider.Query{
		Reference:   string(p.payout.Reference),
		ProviderRef: p.payout.Answer.ProviderRef,
		Number:      p.payout.Number,
		Amount:      p.payout.Amount,
	}
}

// nextDelay grows from shortest to longest, by half each time.
func (p *payment) nextDelay(shortest, longest time.Duration) time.Duration {
	delay := shortest
	for range p.tries {
		if delay >= longest {
			break
		}
		delay += delay / 2
	}
	p.tries++
	return min(delay, longest)
}

// schedule holds payments by the time they are due. It is a container/heap.
type schedule []*payment

func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].due.Before(s[j].due) }
func (s schedule) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push implements heap.Interface.
func (s *schedule) Push(x any) {
	*s = append(*s, x.(*payment)) //nolint:errcheck,forcetypeassert // only payments are pushed
}

// Pop implements heap.Interface.
func (s *schedule) Pop() any {
	last := len(*s) - 1
	p := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	return p
}

// isDue reports whether the first payment's time has come.
func (s schedule) isDue(now time.Time) bool { return len(s) > 0 && !s[0].due.After(now) }

// take removes the payment that is due first. The schedule must not be empty.
func (s *schedule) take() *payment {
	return heap.Pop(s).(*payment) //nolint:errcheck,forcetypeassert // only payments are pushed
}

// nextDue returns when the first payment is due, zero if there is none.
func (s schedule) nextDue() time.Time {
	if len(s) == 0 {
		return time.Time{}
	}
	return s[0].due
}
