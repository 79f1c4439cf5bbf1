package digitalpaye_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"payrun/provider"
	"payrun/provider/digitalpaye"
)

// TestNoAnswerIsReadForEver has answers that no time-out of net/http's own ends: once
// a connection has become another protocol's, its body is the connection.
func TestNoAnswerIsReadForEver(t *testing.T) {
	for _, test := range []struct {
		says, head string
		code       string
	}{
		{"101 Switching Protocols", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", provider.CodeBroken},
		{"101 without an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n", provider.CodeBroken},
		{"a body without an end", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{", provider.CodeTimeout},
		{"a chunk without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{", provider.CodeTimeout},
		{"only early hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", provider.CodeTimeout},
		{"half a header", "HTTP/1.1 200 OK\r\nContent-", provider.CodeTimeout},
	} {
		t.Run(test.says, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				connection, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(connection, test.head)
				_, _ = io.Copy(io.Discard, connection) // until the client hangs up
				_ = connection.Close()
			})
			const limit = 300 * time.Millisecond
			began := time.Now()
			o := open(t, digitalpaye.Config{BaseURL: server.URL, RequestTimeout: limit}).Send(t.Context(), ours())
			if took := time.Since(began); o.Class != provider.Unknown || o.Code != test.code || took > 20*limit {
				t.Errorf("%+v after %s, want unknown %s", o, took, test.code)
			}
		})
	}
}

// TestAnInterruptionEndsAnAnswerThatIsBeingRead interrupts long before the time-out.
func TestAnInterruptionEndsAnAnswerThatIsBeingRead(t *testing.T) {
	reading := make(chan struct{})
	client := open(t, digitalpaye.Config{
		BaseURL: "https://api.example", Transport: deaf{reading}, RequestTimeout: time.Hour,
	})
	ctx, interrupt := context.WithCancel(t.Context())
	go func() { <-reading; interrupt() }()
	if o := client.Send(ctx, ours()); o.Class != provider.Unknown || o.Code != provider.CodeBroken {
		t.Errorf("%+v, want unknown", o)
	}
}

// TestAnAnswerThatCameWholeCounts though the run was interrupted at its last byte: what
// became of the money is in it.
func TestAnAnswerThatCameWholeCounts(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	client := open(t, digitalpaye.Config{BaseURL: "https://api.example", Transport: last{interrupt}, RequestTimeout: time.Hour})
	if o := client.Send(ctx, ours()); o.Class != provider.Successful {
		t.Errorf("%+v, want what the answer says", o)
	}
}

// last is a transport whose caller is interrupted while the end of an answer is read.
type last struct{ interrupt func() }

func (l last) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path == digitalpaye.DefaultAuthPath {
		return silent{}.RoundTrip(request)
	}
	closed := make(chan struct{})
	end := readerFunc(func([]byte) (int, error) {
		l.interrupt()
		<-closed
		return 0, io.EOF
	})
	body := closing{io.MultiReader(strings.NewReader(paidAnswer), end), sync.OnceFunc(func() { close(closed) })}
	return &http.Response{StatusCode: http.StatusOK, Body: body, ContentLength: -1, Request: request}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// closing is a body that tells when it is closed.
type closing struct {
	io.Reader
	told func()
}

func (c closing) Close() error { c.told(); return nil }

// deaf is a transport whose answers have bodies that know nothing of contexts.
type deaf struct{ reading chan struct{} }

func (d deaf) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path == digitalpaye.DefaultAuthPath {
		return silent{}.RoundTrip(request)
	}
	reader, writer := io.Pipe()
	go func() {
		_, _ = io.WriteString(writer, "{") // returns when it is being read
		close(d.reading)
	}()
	return &http.Response{StatusCode: http.StatusOK, Body: reader, ContentLength: -1, Request: request}, nil
}
