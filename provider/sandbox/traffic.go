package sandbox

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// traffic counts what came in. It is not safe for concurrent use.
type traffic struct {
	byEndpoint  map[string]int
	perSecond   map[int64]int // transfers, by Unix second
	connections int
	// recent holds the times of the last requests taken, as many as the rate
	// cap allows in a second; next is the oldest.
	recent []time.Time
	next   int
}

func newTraffic(rateCap int) traffic {
	return traffic{
		byEndpoint: map[string]int{},
		perSecond:  map[int64]int{},
		recent:     make([]time.Time, rateCap),
	}
}

// Requests counts the traffic since the start.
type Requests struct {
	// ByEndpoint counts requests by "METHOD /path", references left out.
	ByEndpoint map[string]int `json:"by_endpoint"`
	// Connections counts those opened, when the server reports them: see
	// CountConnections.
	Connections int `json:"connections"`
	// TransfersPerSecond holds every second in which a transfer was asked for,
	// in order.
	TransfersPerSecond []Second `json:"transfers_per_second"`
}

// Second counts the transfers that were asked for in one second of UTC.
type Second struct {
	At        time.Time `json:"at"`
	Transfers int       `json:"transfers"`
}

// Requests returns what came in. It is safe for concurrent use.
func (s *Sandbox) Requests() Requests {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := Requests{
		ByEndpoint:         maps.Clone(s.traffic.byEndpoint),
		Connections:        s.traffic.connections,
		TransfersPerSecond: make([]Second, 0, len(s.traffic.perSecond)),
	}
	for second, count := range s.traffic.perSecond {
		requests.TransfersPerSecond = append(requests.TransfersPerSecond, Second{time.Unix(second, 0).UTC(), count})
	}
	slices.SortFunc(requests.TransfersPerSecond, func(a, b Second) int { return a.At.Compare(b.At) })
	return requests
}

// CountConnections is an http.Server.ConnState hook that counts connections.
func (s *Sandbox) CountConnections(_ net.Conn, state http.ConnState) {
	if state != http.StateNew {
		return
	}
	s.mu.Lock()
	s.traffic.connections++
	s.mu.Unlock()
}

func (s *Sandbox) countRequest(r *http.Request) {
	now := time.Now()
	_, pattern := s.pages.Handler(r)
	if pattern == "/" || pattern == "" {
		pattern = "other"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traffic.byEndpoint[pattern]++
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/mobile-money") {
		s.traffic.perSecond[now.Unix()]++
	}
}

// overRate reports whether the rate cap is used up, and takes from it if not.
func (s *Sandbox) overRate(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.traffic
	if len(t.recent) == 0 {
		return false
	}
	if oldest := t.recent[t.next]; !oldest.IsZero() && now.Sub(oldest) < time.Second {
		return true
	}
	t.recent[t.next] = now
	t.next = (t.next + 1) % len(t.recent)
	return false
}

// outage returns the window that is open now.
func (s *Sandbox) outage(now time.Time) (Outage, bool) {
	since := now.Sub(s.started)
	for _, outage := range s.scenario.Outages {
		if since >= outage.After && since < outage.After+outage.For {
			return outage, true
		}
	}
	return Outage{}, false
}
