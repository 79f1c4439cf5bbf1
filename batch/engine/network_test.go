package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// network takes each request to the provider after a little time of its own, so
// that no two of them arrive, or run out of time, at the same instant. Virtual time
// says when things happen, but not in which order at one moment, and a provider that
// counts requests answers by order: without this a seed would not replay.
type network struct {
	seed uint64
	next http.RoundTripper

	mu    sync.Mutex
	times map[uint64]int
}

// requestTimeout bounds a provider's time to answer, from the arrival of the request: the client's own time-out begins earlier and for many at once.
const requestTimeout = 5 * time.Second

// delayMax is so many nanoseconds that two requests of a world hardly ever draw the
// same, and too little to matter against the look-up grace.
const delayMax = 100 * time.Millisecond

func (n *network) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	select {
	case <-time.After(n.delay(request.URL.Path, body)):
	case <-request.Context().Done():
	}
	ctx, cancel := context.WithTimeout(request.Context(), requestTimeout)
	defer cancel()
	response, err := n.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text), ending{err}))
	return response, nil
}

// ending is the end of an answer's body: its own, or the error that broke it.
type ending struct{ err error }

func (e ending) Read([]byte) (int, error) {
	if e.err == nil {
		return 0, io.EOF
	}
	return 0, e.err
}

// delay is drawn from what is asked and how often that was asked before, which
// do not depend on the order of other requests.
func (n *network) delay(path string, body []byte) time.Duration {
	key := hash(n.seed, path, body)
	n.mu.Lock()
	n.times[key]++
	nth := n.times[key]
	n.mu.Unlock()
	return time.Duration(hash(key, strconv.Itoa(nth), nil) % uint64(delayMax))
}

func hash(seed uint64, path string, body []byte) uint64 {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%d %s ", seed, path)
	_, _ = sum.Write(body)
	return sum.Sum64()
}

// TestRequestsThatLeaveTogetherArriveApart draws the delays of eight workers' first
// requests in a thousand worlds.
func TestRequestsThatLeaveTogetherArriveApart(t *testing.T) {
	const workers, worlds = 8, 1000
	for seed := range uint64(worlds) {
		n := &network{seed: seed, times: map[uint64]int{}}
		drawn := map[time.Duration]bool{}
		for i := range workers {
			drawn[n.delay("/v2/transfers/mobile-money", []byte(strconv.Itoa(i)))] = true
		}
		if len(drawn) < workers {
			t.Errorf("seed %d: %d requests drew %d delays", seed, workers, len(drawn))
		}
	}
}
