package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"syscall"
)

// InProcess returns a transport that runs the handler in the caller's process,
// for tests that want no sockets, above all those in virtual time.
//
// It keeps what a client can tell of a real connection: the hooks GotConn and
// WroteRequest of httptrace fire before the handler runs; a request whose
// context ends gets the context's error while the handler, which has the same
// context, goes on by itself; a handler that panics with http.ErrAbortHandler
// gives io.ErrUnexpectedEOF, from the call if it had written nothing, else
// from reading the body after what it had written; so does a body shorter than
// its Content-Length. A *Sandbox whose scenario refuses the connection, or is
// in an outage that does, gives a dial *net.OpError and is not called; a
// handler wrapped around one hides that.
//
// Unlike a connection, it hands the answer over when the handler returns, not
// as it writes. Each call runs the handler in one goroutine, which ends when
// the handler does. The transport is safe for concurrent use.
func InProcess(handler http.Handler) http.RoundTripper { return &inProcessTransport{handler} }

type inProcessTransport struct{ handler http.Handler }

// refuser is a handler that can refuse to be connected to.
type refuser interface {
	unreachable(r *http.Request, body []byte) bool
}

// inProcessKey marks requests whose connection has been had already.
type inProcessKey struct{}

func inProcess(r *http.Request) bool { return r.Context().Value(inProcessKey{}) != nil }

func (t *inProcessTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	body, err := readAndClose(request.Body)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(request.URL.Host)
	}
	served := received(request, body)
	if r, ok := t.handler.(refuser); ok && r.unreachable(served, body) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Reused: true})
	}
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	done := make(chan *recording, 1)
	go func() { done <- record(t.handler, served) }()
	select {
	case recorded := <-done:
		return recorded.response(request)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readAndClose(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	text, err := io.ReadAll(body)
	return text, errors.Join(err, body.Close())
}

// received is the request as a server would see it.
func received(request *http.Request, body []byte) *http.Request {
	served := request.Clone(context.WithValue(request.Context(), inProcessKey{}, true))
	served.Body = io.NopCloser(bytes.NewReader(body))
	served.ContentLength = int64(len(body))
	served.RequestURI = request.URL.RequestURI()
	served.RemoteAddr = "127.0.0.1:0"
	if served.Host == "" {
		served.Host = request.URL.Host
	}
	return served
}

// recording keeps a handler's answer.
type recording struct {
	header  http.Header
	status  int // 0: no header yet
	sent    http.Header
	body    bytes.Buffer
	aborted bool
}

func record(handler http.Handler, r *http.Request) (w *recording) {
	w = &recording{header: http.Header{}}
	defer func() {
		switch reason := recover(); reason {
		case nil:
		case http.ErrAbortHandler:
			w.aborted = true
		default:
			panic(reason)
		}
	}()
	handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return w
}

func (w *recording) Header() http.Header { return w.header }
func (w *recording) Flush()              { w.WriteHeader(http.StatusOK) }

func (w *recording) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recording) Write(text []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(text)
}

func (w *recording) response(request *http.Request) (*http.Response, error) {
	if w.status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	length := int64(-1)
	if announced, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		length = announced
	}
	var body io.Reader = &w.body
	if w.status == http.StatusSwitchingProtocols {
		body = silence{request.Context()} // the connection itself
	} else if w.aborted || length > int64(w.body.Len()) {
		body = io.MultiReader(body, brokenReader{})
	} else if length >= 0 {
		body = io.LimitReader(body, length)
	}
	return &http.Response{
		Status:     strconv.Itoa(w.status) + " " + http.StatusText(w.status),
		StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(body), ContentLength: length, Request: request,
	}, nil
}

// silence is a connection on which nothing more comes.
type silence struct{ ctx context.Context } //nolint:containedctx // that of the request, as a connection has it

func (s silence) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// brokenReader is a connection that ended too soon.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
