package httpclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"payrun/internal/httpapi"
	"payrun/provider"
)

// ErrNoServer is returned where no payrun server answers.
var ErrNoServer = errors.New("no payrun server answers")

// ErrAddress is returned for an address that is no server's, or over which a token would
// cross a network in the clear.
var ErrAddress = errors.New("the address of a server is https://NAME, or http:// of this machine")

// Config says which server is called, and by whom.
type Config struct {
	// URL is the server's address: https, or http on this machine.
	URL string
	// Token is the secret of the caller's token.
	Token string
	// Language is the one to be answered in: "fr" or "en".
	Language string
	// Agent says in the server's logs which program calls.
	Agent string
}

// Client calls one server. It is safe for concurrent use.
type Client struct {
	config Config
	base   string
	http   *http.Client
}

// answerWithin is how long a server may take to begin its answer: a retry asks the provider
// about every attempt first.
const answerWithin = 10 * time.Minute

// New returns a client, or ErrAddress. It calls nobody.
func New(c Config) (*Client, error) {
	address, err := url.Parse(c.URL)
	if err != nil || address.Hostname() == "" || address.User != nil || address.RawQuery != "" || strings.Trim(address.Path, "/") != "" {
		return nil, fmt.Errorf("%w: %q", ErrAddress, c.URL)
	}
	secure := address.Scheme == "https" || (address.Scheme == "http" && provider.IsLoopback(address.Hostname()))
	if !secure {
		return nil, fmt.Errorf("%w: %q", ErrAddress, c.URL)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: answerWithin, ForceAttemptHTTP2: true}
	return &Client{config: c, base: address.Scheme + "://" + address.Host, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// URL is the server's address.
func (c *Client) URL() string { return c.base }

// Close ends the connections that wait for the next call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call is one call.
type call struct {
	method, path string
	query        url.Values
	// body is sent as JSON, unless file is: that is sent as it is.
	body any
	file io.Reader
	// key names a call that changes something, so that asking again does it once.
	key string
}

// do makes a call and reads its answer, which is JSON, into a value; nil for an answer without one.
func (c *Client) do(ctx context.Context, one call, into any) error {
	response, err := c.send(ctx, one)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNoServer, c.base, err)
	}
	return nil
}

// send makes a call and returns its answer, or the problem that it was.
func (c *Client) send(ctx context.Context, one call) (*http.Response, error) {
	request, err := c.request(ctx, one)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	if response.StatusCode < http.StatusMultipleChoices {
		return response, nil
	}
	defer response.Body.Close() //nolint:errcheck // only read
	return nil, c.problemIn(response)
}

func (c *Client) request(ctx context.Context, one call) (*http.Request, error) {
	address := c.base + one.path
	if len(one.query) > 0 {
		address += "?" + one.query.Encode()
	}
	body, kind := one.file, "application/octet-stream"
	if one.body != nil {
		text, err := json.Marshal(one.body)
		if err != nil {
			return nil, err
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequestWithContext(ctx, one.method, address, body)
	if err != nil {
		return nil, err
	}
	header := request.Header
	header.Set("Authorization", "Bearer "+c.config.Token)
	header.Set("Accept-Language", c.config.Language)
	header.Set("User-Agent", c.config.Agent)
	if body != nil {
		header.Set("Content-Type", kind)
	}
	if one.key != "" {
		header.Set("Idempotency-Key", one.key)
	}
	return request, nil
}

// problemIn is the problem that a server answers with.
func (c *Client) problemIn(response *http.Response) error {
	const longest = 4 << 20
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // of anything else nothing is believed
	problem := new(httpapi.Problem)
	text, err := io.ReadAll(io.LimitReader(response.Body, longest))
	if err == nil && kind == "application/problem+json" {
		err = json.Unmarshal(text, problem)
	}
	if err != nil || problem.Code == "" {
		return fmt.Errorf("%w: %s answered %s", ErrNoServer, c.base, response.Status)
	}
	return problem
}
