package engine

import (
	"container/heap"
	"time"
)

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

// wake makes due at once what waits for a control and was chosen.
func (s *schedule) wake(now time.Time, chosen func(*payment) bool) {
	for _, p := range *s {
		if p.awaits && chosen(p) {
			p.awaits, p.due = false, now
		}
	}
	heap.Init(s)
}
