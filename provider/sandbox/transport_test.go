package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/provider/sandbox"
)

// A handler's ways to end, as a client in the same process sees them.
func TestInProcessKeepsWhatASocketShows(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		body    string
		callErr error // of the call
		readErr error // of reading the body
	}{
		{"answers", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("paid")) }, "paid", nil, nil},
		{"says nothing", func(http.ResponseWriter, *http.Request) {}, "", nil, nil},
		{"is cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", io.ErrUnexpectedEOF, nil},
		{"is cut after a word", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("pa"))
			panic(http.ErrAbortHandler)
		}, "pa", nil, io.ErrUnexpectedEOF},
		{"announces too much", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			_, _ = w.Write([]byte("pa"))
		}, "pa", nil, io.ErrUnexpectedEOF},
		{"announces too little", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			_, _ = w.Write([]byte("paid twice"))
		}, "paid", nil, nil},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sandbox/", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := sandbox.InProcess(test.handler).RoundTrip(request)
		if !errors.Is(err, test.callErr) {
			t.Errorf("%s: call error %v, want %v", test.name, err, test.callErr)
		}
		if err != nil {
			continue
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if string(body) != test.body || !errors.Is(err, test.readErr) {
			t.Errorf("%s: read %q, %v, want %q, %v", test.name, body, err, test.body, test.readErr)
		}
	}
}

func TestInProcessTellsWhatWasSent(t *testing.T) {
	for _, test := range []struct {
		fault sandbox.Fault
		want  string
	}{
		{"", "got wrote"},
		{sandbox.DropBefore, "got wrote"},
		{sandbox.ConnectRefused, ""},
	} {
		c := inProcess(t, with(day(test.fault)))
		var seen []string
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn:      func(httptrace.GotConnInfo) { seen = append(seen, "got") },
			WroteRequest: func(httptrace.WroteRequestInfo) { seen = append(seen, "wrote") },
		})
		c.do(c.request(http.MethodPost, v2Path, v2Body("T1"), "Bearer "+c.token).WithContext(ctx))
		if got := strings.Join(seen, " "); got != test.want {
			t.Errorf("fault %q: hooks %q, want %q", test.fault, got, test.want)
		}
	}
}

// The client gives up; the handler goes on and ends by itself, else the bubble
// would not.
func TestInProcessLeavesTheHandlerToFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var finished atomic.Bool
		handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			pass(time.Minute)
			finished.Store(true)
		})
		ctx, cancel := deadline(t, time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://sandbox/", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := sandbox.InProcess(handler).RoundTrip(request)
		if err == nil {
			_ = response.Body.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline's error", err)
		}
		if finished.Load() {
			t.Error("the call waited for the handler")
		}
		pass(time.Minute)
		synctest.Wait()
		if !finished.Load() {
			t.Error("the handler was stopped")
		}
	})
}

// serve runs a sandbox behind a real listener until the test cancels it.
func serve(t *testing.T, box *sandbox.Sandbox) (server *sandbox.Server, stop context.CancelFunc, stopped <-chan error) {
	t.Helper()
	server, err := sandbox.Listen(box, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx) }()
	return server, stop, done
}

func TestTheServerStopsThoughARequestHangs(t *testing.T) {
	box := open(t, with(day(sandbox.HangAfter)))
	server, stop, stopped := serve(t, box)
	c := &client{t: t, http: &http.Client{Transport: &http.Transport{}}, url: server.URL(), box: box}
	c.authenticate()
	answered := make(chan reply, 1)
	request := c.request(http.MethodPost, v2Path, v2Body("T1"), "Bearer "+c.token)
	go func() { answered <- c.do(request) }()
	for box.Books().Accepted.Count == 0 { // the request is in
		select {
		case r := <-answered:
			t.Fatalf("answered %d, %v", r.status, r.err)
		case <-time.After(time.Millisecond):
		}
	}
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if r := <-answered; r.err == nil {
		t.Errorf("the hanging request got %d", r.status)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	box := open(t, with(day("")))
	server, stop, stopped := serve(t, box)
	c := &client{t: t, http: &http.Client{Transport: &http.Transport{}}, url: server.URL(), box: box}
	c.authenticate()
	for range 5 {
		c.get("/v1/balance")
	}
	var page sandbox.Requests
	if err := json.Unmarshal([]byte(c.get("/_sandbox/requests").text), &page); err != nil {
		t.Fatal(err)
	}
	if page.Connections != 1 || page.ByEndpoint["GET /v1/balance"] != 5 {
		t.Errorf("%+v, want 5 requests over one connection", page)
	}
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	box := open(t, sandbox.Options{})
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.com:80"} {
		if server, err := sandbox.Listen(box, address); !errors.Is(err, sandbox.ErrNotLoopback) {
			t.Errorf("Listen(%q) = %v, %v, want ErrNotLoopback", address, server, err)
		}
	}
	if _, err := sandbox.Listen(box, "nonsense"); err == nil {
		t.Error("an address without a port was taken")
	}
	server, err := sandbox.Listen(box, "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
