package digitalpaye

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"payrun/provider"
)

// Dialect is one of the forms of the provider's API.
type Dialect string

// The dialects.
const (
	V2 Dialect = "v2" // snake_case, integer amounts
	V1 Dialect = "v1" // camelCase, amounts as text
)

// Defaults of Config.
const (
	DefaultAuthPath       = "/v1/auth"
	DefaultStatusPath     = "get-status-payment"
	DefaultRequestTimeout = 30 * time.Second
	defaultConnections    = 16
	// bodyMax bounds what is read of an answer; real ones are below 2 KiB.
	bodyMax = 1 << 20
)

// ErrInsecure is returned by New for a URL without TLS that is not on this
// machine.
var ErrInsecure = errors.New("the provider's URL must begin with https://")

// errRedirected stops a redirect that would carry the token elsewhere.
var errRedirected = errors.New("redirected to another host")

// Config says where the provider is and who calls. Only BaseURL and Credentials
// are required.
type Config struct {
	BaseURL     string
	Dialect     Dialect
	Credentials Credentials
	// Environment is the value of the X-Environment header: by default
	// "Sandbox" for a host that is a sandbox or this machine, else
	// "Production".
	Environment string
	// AuthPath is where tokens come from. Both dialects use the v1 page, since
	// no other is documented.
	AuthPath string
	// TransferPath is where payouts go; by default the dialect's.
	TransferPath string
	// StatusPath is the look-up's page under /v1/: "get-status-payment" or
	// "transaction".
	StatusPath string
	// RequestTimeout bounds each HTTP request.
	RequestTimeout time.Duration
	// Connections is how many idle ones are kept: as many as there are
	// concurrent callers, so that none has to be opened anew.
	Connections int
	// AllowInsecureHTTP permits a BaseURL without TLS that is not on this
	// machine.
	AllowInsecureHTTP bool
	// Transport replaces the network, for tests.
	Transport http.RoundTripper
}

// Client is a provider.Provider. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	config  Config
	dialect dialect
	http    *http.Client
	tokens  tokens
}

var _ provider.Provider = (*Client)(nil)

// New returns a client. It makes no request.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Hostname() == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("provider URL %q: not an address", config.BaseURL)
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) && !config.AllowInsecureHTTP {
		return nil, fmt.Errorf("provider URL %q: %w", config.BaseURL, ErrInsecure)
	}
	c := &Client{base: base, config: config.withDefaults(base.Hostname())}
	switch c.config.Dialect {
	case V2:
		c.dialect = v2{}
	case V1:
		c.dialect = v1{}
	default:
		return nil, fmt.Errorf("dialect %q: want v1 or v2", config.Dialect)
	}
	if c.config.TransferPath == "" {
		c.config.TransferPath = c.dialect.transferPath()
	}
	c.http = &http.Client{
		Transport:     c.config.Transport,
		Timeout:       c.config.RequestTimeout,
		CheckRedirect: sameHost,
	}
	return c, nil
}

func (c Config) withDefaults(host string) Config {
	if c.Dialect == "" {
		c.Dialect = V2
	}
	if c.Environment == "" {
		c.Environment = "Production"
		if loopback(host) || strings.HasPrefix(host, "sandbox.") {
			c.Environment = "Sandbox"
		}
	}
	if c.AuthPath == "" {
		c.AuthPath = DefaultAuthPath
	}
	if c.StatusPath == "" {
		c.StatusPath = DefaultStatusPath
	}
	if c.RequestTimeout <= 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	if c.Connections <= 0 {
		c.Connections = defaultConnections
	}
	if c.Transport == nil {
		c.Transport = network(c.Connections)
	}
	return c
}

// network is the real transport.
func network(connections int) http.RoundTripper {
	const (
		dialTimeout = 10 * time.Second
		idleTimeout = 90 * time.Second
	)
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   dialTimeout,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          connections,
		MaxIdleConnsPerHost:   connections,
		IdleConnTimeout:       idleTimeout,
		ExpectContinueTimeout: time.Second,
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sameHost refuses redirects that would take the credentials to another host or
// off TLS.
func sameHost(next *http.Request, before []*http.Request) error {
	const redirectsMax = 3
	first := before[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme || len(before) > redirectsMax {
		return errRedirected
	}
	return nil
}

// exchange is what came of one HTTP request.
type exchange struct {
	status int
	header http.Header
	body   []byte
	// err is why there is no whole answer; connected tells whether the request
	// can have left all the same.
	err       error
	connected bool
}

// call makes one authorised request. A token that the provider calls expired is
// renewed once and the request, which was not processed, made again. If no token
// is to be had, the returned outcome says why, and nothing was sent.
func (c *Client) call(ctx context.Context, method, path string, body []byte) (exchange, *provider.Outcome) {
	for renewed := false; ; renewed = true {
		token, failed := c.token(ctx)
		if failed != nil {
			return exchange{}, failed
		}
		done := c.exchange(ctx, method, path, body, "Bearer "+token.text)
		if renewed || done.err != nil || !tokenExpired(done) {
			return done, nil
		}
		c.tokens.discard(token)
	}
}

// exchange makes one request and reads its whole answer.
func (c *Client) exchange(ctx context.Context, method, path string, body []byte, authorization string) exchange {
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	target := c.base.JoinPath(path)
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
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
		return exchange{err: err, connected: connected.Load()}
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end or given up
	text, err := io.ReadAll(io.LimitReader(response.Body, bodyMax+1))
	if err == nil && len(text) > bodyMax {
		err = errTooLong
	}
	return exchange{status: response.StatusCode, header: response.Header, body: text, err: err, connected: true}
}

var errTooLong = errors.New("the answer is longer than any the provider documents")

// Send implements provider.Provider.
func (c *Client) Send(ctx context.Context, request provider.Request) provider.Outcome {
	body, err := json.Marshal(c.dialect.transfer(request))
	if err != nil {
		return provider.Outcome{Class: provider.Refused, Code: "UNENCODABLE", Message: err.Error()}
	}
	done, failed := c.call(ctx, http.MethodPost, c.config.TransferPath, body)
	if failed != nil {
		return *failed
	}
	return judge(done, subject{
		reference: request.Reference, number: request.Number, amount: request.Amount,
	})
}

// LookUp implements provider.Provider.
func (c *Client) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	name := query.ProviderRef
	if name == "" {
		name = query.Reference
	}
	done, failed := c.call(ctx, http.MethodGet, "/v1/"+c.config.StatusPath+"/"+url.PathEscape(name), nil)
	if failed != nil {
		return *failed
	}
	return judge(done, subject{
		reference: query.Reference, number: query.Number, amount: query.Amount, lookup: true,
	})
}
