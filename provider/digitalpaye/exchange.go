package digitalpaye

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"payrun/provider"
)

var (
	// errRedirected stops a redirect that would carry the token elsewhere.
	errRedirected = errors.New("redirected to another host")
	errTooLong    = errors.New("the answer is longer than any the provider documents")
	// errSwitched refuses an answer that turns the connection into something
	// else, whose end nobody could know.
	errSwitched = errors.New("the connection was switched to another protocol")
)

// exchange is the result of one HTTP request.
type exchange struct {
	status int
	header http.Header
	body   []byte
	at     time.Time // when it ended
	// err is the reason why there is no whole answer; left tells whether the request may
	// have reached the provider all the same.
	err  error
	left bool
}

// call makes one authorised request, of whose answer at most so many bytes are
// read. A token that is called expired is given up. What only asks is then asked
// again once with another; a transfer is not, since whoever said so may have
// passed it on. If no token is to be had, the returned outcome says why, and
// nothing was sent.
func (c *Client) call(
	ctx context.Context, method string, page *url.URL, body []byte, bytesMax int64,
) (exchange, *provider.Outcome) {
	for renewed := false; ; renewed = true {
		token, failed := c.token(ctx)
		if failed != nil {
			return exchange{}, failed
		}
		done := c.exchange(ctx, method, page, body, token.header, bytesMax)
		if done.err != nil || !tokenExpired(done) {
			return done, nil
		}
		c.tokens.discard(token)
		if renewed || method == http.MethodPost {
			return done, nil
		}
	}
}

// exchange makes one request and reads its whole answer, so that its connection
// can be used again.
func (c *Client) exchange(
	ctx context.Context, method string, page *url.URL, body []byte, header http.Header, bytesMax int64,
) exchange {
	if err := ctx.Err(); err != nil {
		return exchange{err: fmt.Errorf("not begun: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.RequestTimeout)
	defer cancel()
	var wire wire
	request, err := newRequest(wire.watch(ctx), method, page, body, header)
	if err != nil {
		return exchange{err: err}
	}
	response, err := c.roundTrip(request)
	if err != nil {
		return exchange{err: err, at: time.Now(), left: wire.mayHaveLeft()}
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end or given up
	text, err := c.read(ctx, response, bytesMax)
	return exchange{
		status: response.StatusCode, header: response.Header, body: text,
		at: time.Now(), err: err, left: true,
	}
}

// wire watches whether a request can have left the machine.
type wire struct{ asked, had atomic.Bool }

func (w *wire) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.had.Store(true) },
	})
}

// mayHaveLeft is false only of a transport that asked for a connection and was
// given none.
func (w *wire) mayHaveLeft() bool { return w.had.Load() || !w.asked.Load() }

// header returns what goes with every request that has this authorization.
func (c *Client) header(authorization string) http.Header {
	return http.Header{
		"Content-Type":  {"application/json"},
		"Accept":        {"application/json"},
		"Authorization": {authorization},
		"X-Environment": {c.config.Environment},
	}
}

// newRequest makes an HTTP request. Page and header are shared by all that have the
// same; a transport only reads them.
func newRequest(ctx context.Context, method string, page *url.URL, body []byte, header http.Header) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, "", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.URL, request.Host, request.Header = page, page.Host, header
	// Without this a POST that failed on a stale connection could be replayed by
	// the transport itself.
	request.GetBody = nil
	return request, nil
}

// roundTrip sends a POST as it is: net/http would follow its redirect with a GET,
// whose answer is about something else, and copies each request's headers in case
// there is one.
func (c *Client) roundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPost {
		return c.config.Transport.RoundTrip(request)
	}
	return c.http.Do(request)
}

// read reads an answer within the time that ctx leaves, even from a body that does
// not itself end with it.
func (c *Client) read(ctx context.Context, response *http.Response, bytesMax int64) ([]byte, error) {
	if response.StatusCode < http.StatusOK {
		return nil, errSwitched
	}
	release := context.AfterFunc(ctx, func() { _ = response.Body.Close() }) // ends the read below
	text, err := readAll(response, bytesMax)
	if !release() && err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return text, err
}

// readAll reads an answer to its end, or to what is longer than any.
func readAll(response *http.Response, bytesMax int64) ([]byte, error) {
	var text bytes.Buffer
	first := int64(pieceMax)
	if length := response.ContentLength; length > 0 && length <= bytesMax {
		text.Grow(int(length) + bytes.MinRead) // spares a copy of it
		first = bytesMax + 1
	}
	body := io.LimitReader(response.Body, bytesMax+1)
	length, err := text.ReadFrom(io.LimitReader(body, first))
	// A buffer that grows by doubling would hold a long list three times.
	pieces := [][]byte{text.Bytes()}
	for n := length; n == pieceMax && err == nil; length += n {
		var piece bytes.Buffer
		piece.Grow(pieceMax + bytes.MinRead)
		n, err = piece.ReadFrom(io.LimitReader(body, pieceMax))
		pieces = append(pieces, piece.Bytes())
	}
	if err == nil && length > bytesMax {
		err = errTooLong
	}
	if len(pieces) == 1 || err != nil {
		return pieces[0], err
	}
	return slices.Concat(pieces...), nil
}

// pieceMax is the size of the pieces that an answer of unknown length is read in, in bytes.
const pieceMax = 1 << 20

// network is the real transport. Connections that idle longer than most servers
// keep them (nginx 75 s, cloud balancers 60 s) are given up first by this side:
// a request on a connection that the server has just closed counts as sent.
func network(connections int) http.RoundTripper {
	const (
		dialTimeout = 10 * time.Second
		idleTimeout = 45 * time.Second
	)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout,
		ForceAttemptHTTP2:   true,
		DisableCompression:  true, // an answer is smaller than what asking for it compressed takes
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     idleTimeout,
	}
}

// sameHost refuses redirects that would take the credentials to another host or
// off TLS.
func sameHost(next *http.Request, before []*http.Request) error {
	const redirectsMax = 3
	first := before[0]
	switch {
	case next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme:
		return errRedirected
	case len(before) > redirectsMax:
		return http.ErrUseLastResponse
	default:
		return nil
	}
}
