package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// Cell is where the machines that pay from one account keep what they share of it.
type Cell interface {
	// Exchange has the text of the cell changed by one machine at a time: change gets it,
	// nil at first, with the cell's time, and returns what it is from then on, nil for the
	// same. Change may be called again. After an error nobody knows what the text is.
	Exchange(ctx context.Context, change func(text []byte, now time.Time) ([]byte, error)) error
}

const (
	// ahead is how much time's worth of requests all machines together may hold leave for.
	ahead = 400 * time.Millisecond
	// lateMax is how long after its time a request may leave; then its leave is void.
	lateMax = 80 * time.Millisecond
	// freeFor is how long a machine goes on without asking where there is no limit.
	freeFor = time.Second
	// goneAfter is how long a machine that says nothing counts.
	goneAfter = 5 * time.Second
)

// account is the state of an account that machines share, in the time of its cell.
type account struct {
	Pace controller `json:"pace"`
	// Next is the time of the first request that nobody has leave for.
	Next     time.Time          `json:"next,omitzero"`
	Machines map[string]machine `json:"machines,omitempty"`
	Stop     *Stop              `json:"stop,omitempty"`
}

// machine is one that asks the account.
type machine struct {
	// Rate is the highest that it was started with, 0 for none.
	Rate float64   `json:"rate"`
	Seen time.Time `json:"seen"`
}

// Stop is why an account is not paid from, on any machine, until a person goes on.
type Stop struct {
	// Code says what stopped, for programs; Reason for people.
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func readAccount(text []byte) (a account, err error) {
	if len(text) > 0 {
		if err := json.Unmarshal(text, &a); err != nil {
			return a, fmt.Errorf("what machines share of an account: %w", err)
		}
	}
	if a.Machines == nil {
		a.Machines = map[string]machine{}
	}
	return a, nil
}

// meet has a machine count, and those that are gone not any more. The lowest rate of
// those that are there is the account's.
func (a *account) meet(name string, perSecond float64, now time.Time) {
	a.Machines[name] = machine{Rate: perSecond, Seen: now}
	ceiling := rate.Inf
	for name, one := range a.Machines {
		if now.Sub(one.Seen).Abs() > goneAfter {
			delete(a.Machines, name)
			continue
		}
		ceiling = min(ceiling, ceilingOf(one.Rate))
	}
	a.Pace.limitTo(ceiling)
}

// block is leave for some requests, the first at a time and each some time after the one
// before it.
type block struct {
	count int
	first time.Time
	apart time.Duration
	// free is leave for as many as one likes.
	free bool
}

// give gives leave for the next requests, as many as are wanted at most.
func (a *account) give(wanted int, now time.Time) block {
	switch {
	case wanted == 0 || now.Before(a.Pace.PausedUntil):
		return block{}
	case a.Pace.Limit == rate.Inf:
		return block{free: true}
	}
	machines := len(a.Machines)
	perSecond := float64(a.Pace.Limit)
	b := block{apart: time.Duration(float64(time.Second) / perSecond)}
	b.count = min(wanted, max(1, int(perSecond*ahead.Seconds()/float64(machines))))
	// Nobody has leave for so long: the cell's clock was set back.
	furthest := time.Duration(2*(machines+1)) * max(b.apart, ahead)
	switch {
	case a.Next.IsZero(), a.Next.Sub(now) > furthest:
		b.first = now
	default:
		b.first = later(a.Next, now.Add(-burstFor))
	}
	a.Next = b.first.Add(time.Duration(b.count) * b.apart)
	return b
}

// GoOn has the machines of an account go on that a Stop stopped: a person says so.
func GoOn(ctx context.Context, cell Cell) error {
	return cell.Exchange(ctx, func(text []byte, _ time.Time) ([]byte, error) {
		a, err := readAccount(text)
		if err != nil || a.Stop == nil {
			return nil, err
		}
		a.Stop = nil
		return json.Marshal(a)
	})
}
