package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/access"
	"payrun/batch/engine"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/batch/worker"
	"payrun/internal/httpapi"
	"payrun/internal/servertest"
	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider/sandbox"
)

const november = servertest.November

// office is a server over a ledger in memory, before a simulated provider.
type office struct {
	*httptest.Server
	t      testing.TB
	store  *memledger.Store
	keeper *access.Keeper
	pays   *worker.Worker
	files  string
	// tokens are secrets by scope, all has every one.
	tokens map[access.Scope]string
	all    string
}

// open begins a server, with a worker unless it is told not to pay.
func open(tb testing.TB, paying bool, change ...func(*httpapi.Config)) *office {
	tb.Helper()
	return openBefore(tb, paying, sandbox.Options{}, change...)
}

// openBefore is open before a provider that behaves as the test says.
func openBefore(tb testing.TB, paying bool, simulated sandbox.Options, change ...func(*httpapi.Config)) *office {
	tb.Helper()
	return openAt(tb, paying, simulated, time.Millisecond, nil, change...)
}

// openAt is openBefore at a pace of look-ups, of which hints bring some forward.
func openAt(tb testing.TB, paying bool, simulated sandbox.Options, poll time.Duration, hints *engine.Hints, change ...func(*httpapi.Config)) *office {
	tb.Helper()
	o := &office{t: tb, store: memledger.New(), files: tb.TempDir(), tokens: map[access.Scope]string{}}
	set, err := rules.Default()
	if err != nil {
		tb.Fatal(err)
	}
	client := servertest.Provider(tb, simulated)
	serving := func() *service.Service {
		return service.New(service.Config{
			Ledger: o.store, Provider: client, Account: client.Account(), Rules: set,
			Pace:   service.Pace{Workers: 4, Wait: time.Minute, LookupGrace: time.Millisecond, PollMin: poll, PollMax: 5 * poll},
			Engine: func(c engine.Config) engine.Config { c.Hints = hints; return c },
		})
	}
	o.keeper = access.New(o.store, time.Now, rand.Reader)
	o.pays = worker.New(worker.Config{
		Desk: serving(), By: service.Actor{Person: "server", Host: "caisse"}, Again: time.Minute, Idle: time.Second,
	})
	closing := make(chan struct{})
	config := httpapi.Config{
		Store: o.store, Service: serving, Payroll: o.pays, Tokens: o.keeper, SignIn: signin.New(o.store, time.Now, rand.Reader), Host: "caisse", Files: o.files, UploadMax: 1 << 20,
		Named: func(r *http.Request) bool { return strings.HasPrefix(r.Host, "127.0.0.1") }, Ready: func(context.Context) error { return nil },
		Metrics: http.NotFoundHandler(), Version: "test", Log: zerolog.Nop(), Clock: time.Now, Closing: closing,
		Limits: httpapi.Limits{PerSecond: 100_000, Burst: 100_000, Strangers: 100_000, Look: time.Millisecond},
	}
	for _, one := range change {
		one(&config)
	}
	o.Server = httptest.NewServer(httpapi.New(config))
	servertest.Run(tb, o.Server, o.pays, paying, closing)
	for _, scope := range access.Scopes() {
		o.tokens[scope] = o.token("awa", scope)
	}
	o.all = o.token("awa", access.Scopes()...)
	return o
}

// token is the secret of a new one.
func (o *office) token(person string, scopes ...access.Scope) string {
	o.t.Helper()
	_, secret, err := o.keeper.Create(o.t.Context(), ledger.Person{Name: "root"}, access.Request{Name: "test", Person: person, Scopes: scopes, Lasts: time.Hour})
	if err != nil {
		o.t.Fatal(err)
	}
	return secret
}

// answer is an answer as it came.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is that of a problem.
func (a answer) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(a.body, &p)
	return p.Code
}

// into reads the body.
func (a answer) into(tb testing.TB, value any) {
	tb.Helper()
	if err := json.Unmarshal(a.body, value); err != nil {
		tb.Fatalf("%s: %v", a.body, err)
	}
}

// call makes a call with every scope; headers are name and value, in turn.
func (o *office) call(method, path, body string, headers ...string) answer {
	o.t.Helper()
	return o.as(o.all, method, path, body, headers...)
}

func (o *office) as(token, method, path, body string, headers ...string) answer {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), method, o.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		o.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	response, err := o.Client().Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, text}
}

// wants fails the test unless a call was answered so.
func (o *office) wants(what string, got answer, status int, code string) answer {
	o.t.Helper()
	if got.status != status || got.code() != code {
		o.t.Fatalf("%s: %d %q, want %d %q\n%s", what, got.status, got.code(), status, code, got.body)
	}
	return got
}

// until follows the events after a number until one of a kind, and returns all.
func (o *office) until(after, kind string) []httpapi.Event {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+"/v1/events", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.tokens[access.Read])
	request.Header.Set("Last-Event-ID", after)
	response, err := o.Client().Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	var events []httpapi.Event
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		var event httpapi.Event
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			o.t.Fatal(err)
		}
		if events = append(events, event); event.Kind == kind {
			return events
		}
	}
	o.t.Fatalf("the stream ended before %s: %+v", kind, events)
	return nil
}
