package console

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// addresses bound how often each address tries to come in. Nobody's name is counted: who
// knows a name cannot lock its owner out.
type addresses struct {
	clock func() time.Time
	burst int

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// The bounds of trying to come in.
const (
	triesEvery   = 2 * time.Second
	addressesMax = 10_000
)

// allow takes a try in. When there are too many addresses, those are forgotten that did not try lately.
func (a *addresses) allow(address string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock()
	if len(a.all) >= addressesMax {
		for other, limiter := range a.all {
			if limiter.TokensAt(now) >= float64(a.burst) {
				delete(a.all, other)
			}
		}
	}
	limiter, known := a.all[address]
	if !known {
		if len(a.all) >= addressesMax {
			address = "" // all new ones share what is left
		}
		if limiter, known = a.all[address]; !known {
			limiter = rate.NewLimiter(rate.Every(triesEvery), a.burst)
			a.all[address] = limiter
		}
	}
	return limiter.AllowN(now, 1)
}
