package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
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

// addressOf is where a request comes from: of a proxy in front it is what that says, and of an
// IPv6 address its network, of which one visitor has many.
func (s *server) addressOf(r *http.Request) string {
	from := r.RemoteAddr
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	if s.Proxied {
		all := r.Header.Values("X-Forwarded-For")
		if len(all) > 0 {
			hops := strings.Split(all[len(all)-1], ",")
			from = strings.TrimSpace(hops[len(hops)-1])
		}
	}
	const network = 64
	if at, err := netip.ParseAddr(from); err == nil && at.Unmap().Is6() {
		if prefix, err := at.Prefix(network); err == nil {
			return prefix.String()
		}
	}
	return from
}
