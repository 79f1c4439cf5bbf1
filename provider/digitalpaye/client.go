package digitalpaye

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

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
	// documentedMax bounds what is read of an answer; real ones are below 2 KiB.
	documentedMax = 1 << 20
)

// ErrInsecure is returned by New for a URL without TLS that is not on this
// machine.
var ErrInsecure = errors.New("the provider's URL must begin with https://")

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
	base      *url.URL
	config    Config
	dialect   dialect
	http      *http.Client
	transfers *url.URL // where payouts go
	basic     string   // what asks for a token
	secrets   []string
	tokens    tokens
}

var _ provider.Provider = (*Client)(nil)

// New returns a client. It makes no request.
func New(config Config) (*Client, error) {
	// What is wrong with the address is said without it: it may hold a password.
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Hostname() == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, errors.New("provider URL: not an address that begins with https://")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("provider URL at %q: want scheme, host and path only", base.Hostname())
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) && !config.AllowInsecureHTTP {
		return nil, fmt.Errorf("provider URL %q: %w", config.BaseURL, ErrInsecure)
	}
	c := &Client{
		// With a path at least of "/", so that what is joined to it begins with one.
		base: base.JoinPath("/"), config: config.withDefaults(base.Hostname()),
		basic: config.Credentials.basic(), secrets: config.Credentials.secrets(),
	}
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
	c.transfers = c.base.JoinPath(c.config.TransferPath)
	c.http = &http.Client{Transport: c.config.Transport, CheckRedirect: sameHost}
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

// String names the client without its credentials.
func (c *Client) String() string {
	return "digitalpaye " + string(c.config.Dialect) + " at " + c.config.BaseURL
}

// Format keeps fmt from looking into the client, where the credentials are.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Send implements provider.Provider.
func (c *Client) Send(ctx context.Context, request provider.Request) provider.Outcome {
	body, err := json.Marshal(c.dialect.transfer(request))
	if err != nil {
		return provider.Outcome{Class: provider.Refused, Code: "UNENCODABLE", Message: err.Error()}
	}
	done, failed := c.call(ctx, http.MethodPost, c.transfers, body, documentedMax)
	if failed != nil {
		return *failed
	}
	return c.shown(judge(done, subject{
		reference: request.Reference, number: request.Number, amount: request.Amount,
	}), request.Number)
}

// LookUp implements provider.Provider. The documents do not agree on the name to
// look up by: one shows the provider's ref, the SDK passes the transaction id.
// So a transfer that is not found by its ref is asked for by its id as well
// before it is called unknown.
func (c *Client) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	if query.ProviderRef != "" && query.ProviderRef != query.Reference {
		if o := c.lookUpBy(ctx, query.ProviderRef, query); o.Class != provider.NotFound {
			return o
		}
	}
	return c.lookUpBy(ctx, query.Reference, query)
}

func (c *Client) lookUpBy(ctx context.Context, name string, query provider.Query) provider.Outcome {
	if strings.Trim(name, ".") == "" {
		// As a path this names another page, whose 404 would say nothing.
		return provider.Outcome{Code: "UNNAMEABLE", Message: "the reference cannot stand in an address"}
	}
	done, failed := c.call(ctx, http.MethodGet, c.base.JoinPath("v1", c.config.StatusPath, url.PathEscape(name)), nil, documentedMax)
	if failed != nil {
		return *failed
	}
	return c.shown(judge(done, subject{
		reference: query.Reference, number: query.Number, amount: query.Amount, lookup: true,
	}), query.Number)
}
