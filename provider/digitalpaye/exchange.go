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
	"sync/atomic"
	"time"

	"payrun/provider"
)

var (
	// errRedirected stops a redirect that would carry the token elsewhere.
	errRedirected = errors.New("redirected to another host")
	errTooLong    = errors.New("the answer is longer than any the provider documents")
)

// exchange is what came of one HTTP request.
type exchange struct {
	status int
	header http.Header
	body   []byte
	at     time.Time // when it ended
	// err is why there is no whole answer; left tells whether the request may
	// have reached the provider all the same.
	err  error
	left bool
}

// call makes one authorised request, of whose answer at most so many bytes are
// read. A token that the provider calls expired is renewed once and the request,
// which was not processed, made again. If no token is to be had, the returned
// outcome says why, and nothing was sent.
func (c *Client) call(
	ctx context.Context, method, path string, body []byte, bytesMax int64,
) (exchange, *provider.Outcome) {
	for renewed := false; ; renewed = true {
		token, failed := c.token(ctx)
		if failed != nil {
			return exchange{}, failed
		}
		done := c.exchange(ctx, method, path, body, "Bearer "+token.text, bytesMax)
		if renewed || done.err != nil || !tokenExpired(done) {
			return done, nil
		}
		c.tokens.discard(token)
	}
}

// exchange makes one request and reads its whole answer, so that its connection
// can be used again.
func (c *Client) exchange(
	ctx context.Context, method, path string, body []byte, authorization string, bytesMax int64,
) exchange {
	if err := ctx.Err(); err != nil {
		return exchange{err: fmt.Errorf("not begun: %w", err)}
	}
	var asked, had atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { had.Store(true) },
	})
	request, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return exchange{err: err}
	}
	// Without this a POST that failed on a stale connection could be replayed by
	// the transport itself.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", authorization)
	request.Header.Set("X-Environment", c.config.Environment)

	response, err := c.http.Do(request)
	if err != nil {
		// Only a transport that asked for a connection and was given none has
		// shown that nothing left.
		return exchange{err: err, at: time.Now(), left: had.Load() || !asked.Load()}
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end or given up
	text, err := io.ReadAll(io.LimitReader(response.Body, bytesMax+1))
	if err == nil && int64(len(text)) > bytesMax {
		err = errTooLong
	}
	return exchange{
		status: response.StatusCode, header: response.Header, body: text,
		at: time.Now(), err: err, left: true,
	}
}

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
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     idleTimeout,
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sameHost refuses redirects that would take the credentials to another host or
// off TLS. One of a POST is not followed either: net/http would ask the new
// address with a GET, whose answer is about something else.
func sameHost(next *http.Request, before []*http.Request) error {
	const redirectsMax = 3
	first := before[0]
	switch {
	case next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme:
		return errRedirected
	case first.Method != http.MethodGet || len(before) > redirectsMax:
		return http.ErrUseLastResponse
	default:
		return nil
	}
}
