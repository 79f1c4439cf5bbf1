package sandbox_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"payrun/provider/sandbox"
)

// client is a plain HTTP client of the sandbox, as a stranger to this code
// would write one from the provider's pages.
type client struct {
	t     *testing.T
	http  *http.Client
	url   string
	token string
	box   *sandbox.Sandbox
}

// open returns a sandbox.
func open(t *testing.T, options sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return box
}

// overHTTP returns a client that reaches a new sandbox over a socket and has a
// token.
func overHTTP(t *testing.T, options sandbox.Options) *client {
	t.Helper()
	box := open(t, options)
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	c := &client{t: t, http: server.Client(), url: server.URL, box: box}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.authenticate()
	return c
}

// inProcess is overHTTP without the socket.
func inProcess(t *testing.T, options sandbox.Options) *client {
	t.Helper()
	box := open(t, options)
	c := &client{t: t, http: &http.Client{Transport: sandbox.InProcess(box)}, url: "http://sandbox", box: box}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.authenticate()
	return c
}

// day is a scenario with one fault that always strikes; "" is none.
func day(fault sandbox.Fault) sandbox.Scenario {
	scenario := sandbox.DefaultScenario()
	scenario.Faults = map[sandbox.Fault]float64{}
	if fault != "" {
		scenario.Faults[fault] = 100
	}
	return scenario
}

func with(scenario sandbox.Scenario) sandbox.Options { return sandbox.Options{Scenario: &scenario} }

// reply is an answer that was read to its end, or why it could not be.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil if not a JSON object
	err    error
}

func (r reply) data() map[string]any {
	data, _ := r.body["data"].(map[string]any)
	return data
}

func (c *client) authenticate() {
	c.t.Helper()
	r := c.do(c.request(http.MethodPost, "/v1/auth", "", "Basic "+
		base64.StdEncoding.EncodeToString([]byte(sandbox.DefaultAPIKey+":"+sandbox.DefaultAPISecret))))
	token, _ := r.data()["token"].(string)
	if r.status != http.StatusOK || token == "" {
		c.t.Fatalf("no token: %d %s %v", r.status, r.text, r.err)
	}
	c.token = token
}

func (c *client) request(method, path, body, authorization string) *http.Request {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = bytes.NewReader([]byte(body))
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("X-Environment", "Sandbox")
	request.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return request
}

func (c *client) do(request *http.Request) reply {
	response, err := c.http.Do(request)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return reply{status: response.StatusCode, header: response.Header} // its body is the connection
	}
	text, err := io.ReadAll(response.Body)
	r := reply{status: response.StatusCode, header: response.Header, text: string(text), err: err}
	if strings.HasPrefix(r.text, "{") {
		_ = json.Unmarshal(text, &r.body)
	}
	return r
}

func (c *client) get(path string) reply {
	c.t.Helper()
	return c.do(c.request(http.MethodGet, path, "", "Bearer "+c.token))
}

func (c *client) post(path, body string) reply {
	c.t.Helper()
	return c.do(c.request(http.MethodPost, path, body, "Bearer "+c.token))
}

// within posts with a deadline.
func (c *client) within(limit time.Duration, path, body string) reply {
	c.t.Helper()
	ctx, cancel := deadline(c.t, limit)
	defer cancel()
	return c.do(c.request(http.MethodPost, path, body, "Bearer "+c.token).WithContext(ctx))
}

const (
	v2Path = "/v2/transfers/mobile-money"
	v1Path = "/v1/transfers/mobile-money"
)

func v2Body(id string) string {
	return `{"code_country":"CI","currency":"XOF","customer_id":"0777101308","name":"Awa Koné",` +
		`"amount":750,"operator":"ORANGE_MONEY_CI","transaction_id":"` + id + `"}`
}

func v1Body(id string) string {
	return `{"transactionId":"` + id + `","customer":{"lastName":"Koné","firstName":"Awa","phone":"0777101308",` +
		`"email":"","address":{"countryCode":"CI","city":"","streetAddress":""}},` +
		`"recipient":"0777101308","amount":"750","currency":"XOF","operator":"WAVE_MONEY_CI"}`
}

// isCut reports whether an error is that of a connection which ended too soon.
func isCut(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// pass lets virtual time go by.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // in a synctest bubble this waits for nobody
}

func deadline(t *testing.T, limit time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), limit)
}
