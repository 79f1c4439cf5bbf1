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
	Credentials provider.Credentials
	// Environment is the value of the X-Environment header: by default
	// "Sandbox" for a host that is a sandbox or this machine, else
	// "Production".
	Environment string
	// AuthPath is the page that issues tokens. Both dialects use the v1 page, since
	// no other is documented.
	AuthPath string
	// TransferPath is the page that takes payouts; by default the dialect's.
	TransferPath string
	// StatusPath is the look-up's page under /v1/: "get-status-payment" or
	// "transaction".
	StatusPath string
	// RequestTimeout bounds each HTTP request.
	RequestTimeout time.Duration
	// Connections is the number of idle ones to keep: as many as there are
	// concurrent callers, so that none has to be opened anew.
	Connections int
	// Simulated says that BaseURL is the simulator which the caller itself
	// started. See Account.
	Simulated bool
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
	operators map[string]string
	basic     string // what asks for a token
	secrets   []string
	tokens    tokens
	account   provider.Account
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
	if base.Scheme == "http" && !provider.IsLoopback(base.Hostname()) && !config.AllowInsecureHTTP {
		return nil, fmt.Errorf("provider URL %q: %w", config.BaseURL, ErrInsecure)
	}
	c := &Client{
		// With a path at least of "/", so that what is joined to it begins with one.
		base: base.JoinPath("/"), config: config.withDefaults(base.Hostname()),
		basic: basic(config.Credentials), secrets: secrets(config.Credentials),
	}
	switch c.config.Dialect {
	case V2:
		c.dialect = v2{}
	case V1:
		c.dialect = v1{}
	default:
		return nil, fmt.Errorf("dialect %q: want v1 or v2", config.Dialect)
	}
	if c.operators, err = operatorNames(c.config.Dialect); err != nil {
		return nil, err
	}
	if c.config.TransferPath == "" {
		c.config.TransferPath = c.dialect.transferPath()
	}
	c.transfers = c.base.JoinPath(c.config.TransferPath)
	c.account = accountOf(c.base, c.config)
	c.http = &http.Client{Transport: c.config.Transport, CheckRedirect: sameHost}
	return c, nil
}

func (c Config) withDefaults(host string) Config {
	if c.Dialect == "" {
		c.Dialect = V2
	}
	if c.Environment == "" {
		c.Environment = "Production"
		if provider.IsLoopback(host) || strings.HasPrefix(host, "sandbox.") {
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

func accountOf(base *url.URL, config Config) provider.Account {
	key := string(config.Credentials.Key)
	if config.Simulated {
		return provider.SimulatedAccount(config.Environment, key)
	}
	return provider.NewAccount(base, config.Environment, key)
}

// Account returns the merchant's account that the client pays from. It makes no request
// and always returns the same.
func (c *Client) Account() provider.Account { return c.account }

// String names the client without its credentials.
func (c *Client) String() string {
	return "digitalpaye " + string(c.config.Dialect) + " at " + c.config.BaseURL
}

// Format keeps fmt from looking into the client, where the credentials are.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Send implements provider.Provider.
func (c *Client) Send(ctx context.Context, request provider.Request) provider.Outcome {
	if !c.Capabilities().Pays(request.Country, request.Amount.Currency) {
		return provider.Outcome{
			Class: provider.Refused, Code: "NOT_SERVED", Unsent: true,
			Message: fmt.Sprintf("it pays nobody in %s in %s", request.Country, request.Amount.Currency),
		}
	}
	body, err := json.Marshal(c.transfer(request))
	if err != nil {
		return provider.Outcome{Class: provider.Refused, Code: "UNENCODABLE", Message: err.Error(), Unsent: true}
	}
	done, failed := c.call(ctx, http.MethodPost, c.transfers, body, documentedMax)
	if failed != nil {
		return *failed
	}
	return c.outcome(done, subject{reference: request.Reference, number: request.Number, amount: request.Amount})
}

// transfer returns what is encoded as a request's JSON.
func (c *Client) transfer(request provider.Request) any {
	request.Scheme = c.operator(request.Scheme)
	return c.dialect.transfer(request)
}

// outcome judges an exchange, notes when it was and makes it fit to be shown.
func (c *Client) outcome(done exchange, about subject) provider.Outcome {
	o := c.redact(judge(done, about), about.number)
	if done.header != nil {
		o.Received = done.at.UTC()
		if clock, err := http.ParseTime(done.header.Get("Date")); err == nil {
			o.Clock = clock.UTC()
		}
	}
	return o
}

// LookUp implements provider.Provider. The documents do not agree on the name to
// look up by: one shows the provider's ref, the SDK passes the transaction id.
// So a transfer that is not found by its ref, or whose ref turns out to be another's
// as well, is asked for by its id before that is believed.
func (c *Client) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	if query.ProviderRef == "" || query.ProviderRef == query.Reference {
		return c.lookUpBy(ctx, query.Reference, query)
	}
	byRef := c.lookUpBy(ctx, query.ProviderRef, query)
	if byRef.Class != provider.NotFound && !byRef.Mismatch {
		return byRef
	}
	byID := c.lookUpBy(ctx, query.Reference, query)
	if byID.Class == provider.NotFound && byRef.Mismatch {
		return byRef // what the provider once named is not called unknown
	}
	return byID
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
	return c.outcome(done, subject{
		reference: query.Reference, number: query.Number, amount: query.Amount, lookup: true,
	})
}
