package digitalpaye_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
)

const (
	tokenAnswer = `{"statusCode":200,"data":{"token":"the-token","exp":4102444800}}`
	paidAnswer  = `{"statusCode":202,"message":"ok","data":{"ref":"DP-1","transactionId":"SAL-001","amount":"500","status":"SUCCESSFUL"}}`
	refusal404  = `{"statusCode":404,"message":"NotFoundError","reason":"Aucune transaction"}`
)

// serve is a provider whose pages other than the token's are one handler.
func serve(t *testing.T, pages http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(guarded(pages))
	t.Cleanup(server.Close)
	return server
}

func guarded(pages http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == digitalpaye.DefaultAuthPath {
			_, _ = io.WriteString(w, tokenAnswer)
			return
		}
		pages(w, r)
	})
}

func open(t *testing.T, config digitalpaye.Config) *digitalpaye.Client {
	t.Helper()
	config.Credentials = provider.Credentials{Key: "the-key", Secret: "the-secret"}
	client, err := digitalpaye.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func ours() provider.Request {
	return provider.Request{
		Reference: "SAL-001", Number: "+2250777101308", Name: "Koné Awa Marie", Amount: money.XOF.Of(500),
		Scheme: "ORANGE", Country: "CI",
	}
}

func about() provider.Query {
	return provider.Query{Reference: "SAL-001", Number: "+2250777101308", Amount: money.XOF.Of(500)}
}

func TestEachDialectIsSpokenAsDocumented(t *testing.T) {
	for _, test := range []struct {
		dialect    digitalpaye.Dialect
		path, want string
	}{
		{
			"", "/v2/transfers/mobile-money",
			`{"code_country":"CI","currency":"XOF","customer_id":"0777101308","name":"Koné Awa Marie",` +
				`"amount":500,"operator":"ORANGE_MONEY_CI","transaction_id":"SAL-001"}`,
		},
		{
			digitalpaye.V1, "/v1/transfers/mobile-money",
			`{"transactionId":"SAL-001","customer":{"lastName":"Koné","firstName":"Awa Marie","phone":"0777101308",` +
				`"address":{"countryCode":"CI"}},"recipient":"0777101308","amount":"500","currency":"XOF","operator":"ORANGE_MONEY_CI"}`,
		},
	} {
		t.Run(string(test.dialect), func(t *testing.T) {
			var got, body string
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				text, _ := io.ReadAll(r.Body)
				body = string(text)
				got = strings.Join([]string{
					r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("X-Environment"),
				}, " ")
				w.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(w, paidAnswer)
			})
			o := open(t, digitalpaye.Config{BaseURL: server.URL, Dialect: test.dialect}).Send(t.Context(), ours())
			want := provider.Outcome{
				Class: provider.Successful, Documented: true, Code: "SUCCESSFUL", Message: "ok", ProviderRef: "DP-1",
				Described: provider.Described{Ours: true, Amount: money.XOF.Of(500), AmountKnown: true},
				Clock:     o.Clock, Received: o.Received,
			}
			if o != want {
				t.Errorf("got %+v, want %+v", o, want)
			}
			if ahead, known := o.Ahead(); !known || ahead > 0 || ahead < -2*time.Second {
				t.Errorf("this machine's own clock is %s ahead, known %t", ahead, known)
			}
			if want := "POST " + test.path + " Bearer the-token application/json Sandbox"; got != want {
				t.Errorf("request %q, want %q", got, want)
			}
			if diff := cmp.Diff(test.want, body); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
		})
	}
}

func TestATokenIsAskedForAsDocumented(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, secret, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		got = strings.Join([]string{r.Method, r.URL.Path, key, secret, r.Header.Get("X-Environment"), string(body)}, " ")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	open(t, digitalpaye.Config{BaseURL: server.URL + "/base/", AuthPath: "/v9/auth", Environment: "Production"}).Send(t.Context(), ours())
	if want := "POST /base/v9/auth the-key the-secret Production "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALookUpGoesByRefAndThenById(t *testing.T) {
	for _, test := range []struct {
		says  string
		query func(*provider.Query)
		known string // the name under which the provider knows it
		want  []string
		class provider.Class
	}{
		{"never told a ref", func(*provider.Query) {}, "SAL-001", []string{"/v1/transaction/SAL-001"}, provider.Successful},
		{"by its ref", func(q *provider.Query) { q.ProviderRef = "DP-1" }, "DP-1", []string{"/v1/transaction/DP-1"}, provider.Successful},
		{
			"by its id where the ref is not a name", func(q *provider.Query) { q.ProviderRef = "DP-1" }, "SAL-001",
			[]string{"/v1/transaction/DP-1", "/v1/transaction/SAL-001"},
			provider.Successful,
		},
		{
			"by its id where the ref is another's as well", func(q *provider.Query) { q.ProviderRef = "DP-9" }, "SAL-001",
			[]string{"/v1/transaction/DP-9", "/v1/transaction/SAL-001"},
			provider.Successful,
		},
		{
			"named by its ref, and then not known", func(q *provider.Query) { q.ProviderRef = "DP-9" }, "",
			[]string{"/v1/transaction/DP-9", "/v1/transaction/SAL-001"},
			provider.Unknown,
		},
		{
			"not known by either", func(q *provider.Query) { q.ProviderRef = "DP-1" }, "",
			[]string{"/v1/transaction/DP-1", "/v1/transaction/SAL-001"},
			provider.NotFound,
		},
		{"a name with a slash", func(q *provider.Query) { q.Reference = "A/B ?" }, "", []string{"/v1/transaction/A%2FB%20%3F"}, provider.NotFound},
		{"no name", func(q *provider.Query) { q.Reference = "" }, "", nil, provider.Unknown},
		{"a name that is another page", func(q *provider.Query) { q.Reference = ".." }, "", nil, provider.Unknown},
	} {
		t.Run(test.says, func(t *testing.T) {
			var got []string
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = append(got, r.URL.EscapedPath())
				if strings.HasSuffix(r.URL.Path, "/DP-9") {
					_, _ = io.WriteString(w, strings.ReplaceAll(paidAnswer, "SAL-001", "SAL-777"))
					return
				}
				if test.known == "" || !strings.HasSuffix(r.URL.Path, "/"+test.known) {
					w.WriteHeader(http.StatusNotFound)
					_, _ = io.WriteString(w, refusal404)
					return
				}
				_, _ = io.WriteString(w, paidAnswer)
			})
			query := about()
			test.query(&query)
			o := open(t, digitalpaye.Config{BaseURL: server.URL, StatusPath: "transaction"}).LookUp(t.Context(), query)
			if o.Class != test.class {
				t.Errorf("got %+v, want %s", o, test.class)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("asked (-want +got)\n%s", diff)
			}
		})
	}
}

func TestConnectionsAreReused(t *testing.T) {
	const workers = 8
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(guarded(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, strings.Repeat("<p>", 10_000))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := open(t, digitalpaye.Config{BaseURL: server.URL, Connections: workers})
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for range 25 {
				client.Send(t.Context(), ours())
			}
		})
	}
	working.Wait()
	// Now and then one is opened while another becomes free; without reuse there
	// would be one for each of the two hundred requests.
	if got := connections.Load(); got > 3*workers {
		t.Errorf("%d connections for %d workers", got, workers)
	}
}

func TestCredentialsAreNotTakenElsewhere(t *testing.T) {
	var stolen atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stolen.Add(1)
		_, _ = io.WriteString(w, paidAnswer)
	}))
	t.Cleanup(thief.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL, status)
		})
		client := open(t, digitalpaye.Config{BaseURL: server.URL})
		if o := client.LookUp(t.Context(), about()); o.Class != provider.Unknown {
			t.Errorf("%d: looked up elsewhere: %+v", status, o)
		}
		if o := client.Send(t.Context(), ours()); o.Class != provider.Unknown {
			t.Errorf("%d: sent elsewhere: %+v", status, o)
		}
	}
	if stolen.Load() != 0 {
		t.Error("the other host was asked")
	}
}

func TestARedirectedTransferIsNotReadAsSomethingElse(t *testing.T) {
	var pages []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		pages = append(pages, r.Method+" "+r.URL.Path)
		if r.URL.Path != "/moved" {
			http.Redirect(w, r, "/moved", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, paidAnswer)
	})
	client := open(t, digitalpaye.Config{BaseURL: server.URL})
	if o := client.Send(t.Context(), ours()); o.Class != provider.Unknown || o.Code != "HTTP_302" {
		t.Errorf("a transfer: %+v, want unknown", o)
	}
	if o := client.LookUp(t.Context(), about()); o.Class != provider.Successful {
		t.Errorf("a look-up: %+v, want the answer of the page it moved to", o)
	}
	want := []string{"POST /v2/transfers/mobile-money", "GET /v1/get-status-payment/SAL-001", "GET /moved"}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("asked (-want +got)\n%s", diff)
	}
}

func TestWithoutAConnectionNothingWasSent(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	o := open(t, digitalpaye.Config{BaseURL: server.URL}).Send(t.Context(), ours())
	if o.Class != provider.NotSent || o.Code != provider.CodeUnreachable {
		t.Errorf("no listener: %+v, want not sent", o)
	}

	untrusted := httptest.NewUnstartedServer(guarded(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	o = open(t, digitalpaye.Config{BaseURL: untrusted.URL}).Send(t.Context(), ours())
	if o.Class != provider.NotSent || !strings.Contains(o.Message, "certificate") {
		t.Errorf("a certificate of nobody: %+v, want not sent", o)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	working := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	if o := open(t, digitalpaye.Config{BaseURL: working.URL}).Send(ctx, ours()); o.Class != provider.NotSent {
		t.Errorf("cancelled before: %+v, want not sent", o)
	}
}

// TestOnceConnectedASilenceIsUnknown covers each protocol and each way to be
// silent: net/http has its own notions of what may be tried again.
func TestOnceConnectedASilenceIsUnknown(t *testing.T) {
	for _, test := range []struct {
		says  string
		code  string
		falls func(w http.ResponseWriter, r *http.Request)
	}{
		{"cut before the answer", provider.CodeBroken, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"silent", provider.CodeTimeout, func(_ http.ResponseWriter, r *http.Request) { untilGivenUp(r) }},
		{"cut within the answer", provider.CodeBroken, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = io.WriteString(w, paidAnswer)
		}},
		{"silent within the answer", provider.CodeTimeout, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, paidAnswer)
			_ = http.NewResponseController(w).Flush()
			untilGivenUp(r)
		}},
		{"endless", provider.CodeGarbage, func(w http.ResponseWriter, r *http.Request) {
			for spaces := strings.Repeat(" ", 1<<16); r.Context().Err() == nil; {
				if _, err := io.WriteString(w, spaces); err != nil {
					return
				}
			}
		}},
	} {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
			t.Run(protocol+" "+test.says, func(t *testing.T) {
				t.Parallel()
				var transfers atomic.Int32
				client := securely(t, protocol, func(w http.ResponseWriter, r *http.Request) {
					if r.Proto != protocol {
						t.Errorf("speaks %s, want %s", r.Proto, protocol)
					}
					_, _ = io.Copy(io.Discard, r.Body)
					transfers.Add(1)
					test.falls(w, r)
				})
				o := client.Send(t.Context(), ours())
				if o.Class != provider.Unknown || o.Code != test.code {
					t.Errorf("got %+v, want unknown %s", o, test.code)
				}
				if got := transfers.Load(); got != 1 {
					t.Errorf("the transfer was sent %d times", got)
				}
			})
		}
	}
}

// untilGivenUp answers no more. Returning instead would end the answer in good
// order, and over TLS the client may still read that while it hangs up.
func untilGivenUp(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// securely returns a client of a server that speaks one version of HTTP over
// TLS. Its token came over the connection that a transfer will use.
func securely(t *testing.T, protocol string, pages http.HandlerFunc) *digitalpaye.Client {
	t.Helper()
	server := httptest.NewUnstartedServer(guarded(pages))
	server.EnableHTTP2 = protocol == "HTTP/2.0"
	server.StartTLS()
	t.Cleanup(server.Close)
	transport, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the server's client has another transport")
	}
	transport = transport.Clone()
	transport.TLSClientConfig.MinVersion = tls.VersionTLS12
	t.Cleanup(transport.CloseIdleConnections)
	return open(t, digitalpaye.Config{
		BaseURL: server.URL, Transport: transport, RequestTimeout: time.Second,
	})
}

// silent is a transport that keeps to itself whether it had a connection.
type silent struct{}

func (silent) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path == digitalpaye.DefaultAuthPath {
		recorded := httptest.NewRecorder()
		_, _ = io.WriteString(recorded, tokenAnswer)
		return recorded.Result(), nil
	}
	return nil, errors.New("no idea")
}

func TestATransportThatDoesNotTellIsNotTrusted(t *testing.T) {
	client := open(t, digitalpaye.Config{BaseURL: "https://api.example", Transport: silent{}})
	if o := client.Send(t.Context(), ours()); o.Class != provider.Unknown {
		t.Errorf("got %+v, want unknown", o)
	}
}

func TestOnlySafeAddressesAreTaken(t *testing.T) {
	for _, test := range []struct {
		url      string
		insecure bool
		want     error // nil: taken; errAny: refused
	}{
		{"https://api.digitalpaye.com", false, nil},
		{"http://localhost:8080", false, nil},
		{"http://127.0.0.1", false, nil},
		{"http://[::1]:80/base", false, nil},
		{"http://10.0.0.1", true, nil},
		{"http://10.0.0.1", false, digitalpaye.ErrInsecure},
		{"http://127.0.0.1.evil.example", false, digitalpaye.ErrInsecure},
		{"", false, errAny},
		{"api.digitalpaye.com", false, errAny},
		{"ftp://api.digitalpaye.com", true, errAny},
		{"https://", false, errAny},
		{"https://key:hunter2@api.digitalpaye.com", false, errAny},
		{"https://api.digitalpaye.com?x=1", false, errAny},
	} {
		_, err := digitalpaye.New(digitalpaye.Config{BaseURL: test.url, AllowInsecureHTTP: test.insecure})
		if (err == nil) != (test.want == nil) || (!errors.Is(test.want, errAny) && !errors.Is(err, test.want)) {
			t.Errorf("%q: %v, want %v", test.url, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	if _, err := digitalpaye.New(digitalpaye.Config{BaseURL: "https://a.example", Dialect: "v3"}); err == nil {
		t.Error("an unknown dialect is taken")
	}
}

var errAny = errors.New("any error")

func TestABalanceIsReadInWholeFrancs(t *testing.T) {
	for _, test := range []struct {
		says   string
		status int
		body   string
		want   int64
		class  provider.Class
		code   string
	}{
		{"text", 200, `{"statusCode":200,"data":{"amount":"1250000"}}`, 1_250_000, 0, ""},
		{"a number", 200, `{"data":{"amount":1250000}}`, 1_250_000, 0, ""},
		{"decimals, rounded down", 200, `{"data":{"amount":"999.999"}}`, 999, 0, ""},
		{"overdrawn, rounded down", 200, `{"data":{"amount":-0.5}}`, -1, 0, ""},
		{"overdrawn by whole francs", 200, `{"data":{"amount":"-7.00"}}`, -7, 0, ""},
		{"written for people", 200, `{"data":{"amount":"1 250 000,50 FCFA"}}`, 1_250_000, 0, ""},
		{"an exponent", 200, `{"data":{"amount":1e9}}`, 0, provider.Unknown, provider.CodeGarbage},
		{"half a number", 200, `{"data":{"amount":"12."}}`, 0, provider.Unknown, provider.CodeGarbage},
		{"words", 200, `{"data":{"amount":"beaucoup"}}`, 0, provider.Unknown, provider.CodeGarbage},
		{"missing", 200, `{"data":{}}`, 0, provider.Unknown, provider.CodeGarbage},
		{"too large", 200, `{"data":{"amount":"99999999999999999999"}}`, 0, provider.Unknown, provider.CodeGarbage},
		{"given twice", 200, `{"data":{"amount":1,"amount":2}}`, 0, provider.Unknown, provider.CodeGarbage},
		{"a page", 200, `<html>`, 0, provider.Unknown, provider.CodeGarbage},
		{"refused", 401, `{"statusCode":401,"message":"UnauthorizedError","reason":"non"}`, 0, provider.Unauthorized, "UnauthorizedError"},
		{"too fast", 429, ``, 0, provider.Throttled, "HTTP_429"},
		{"an internal error", 500, `{"statusCode":500,"message":"InternalServerError"}`, 0, provider.Unknown, "InternalServerError"},
		{"an internal error with an amount", 500, `{"code_status":500,"status":"ERROR","data":{"amount":"5"}}`, 0, provider.Unknown, "ERROR"},
	} {
		t.Run(test.says, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			got, err := open(t, digitalpaye.Config{BaseURL: server.URL}).Balance(t.Context())
			if got.Minor != test.want || (err == nil) != (test.code == "") {
				t.Fatalf("got %s, %v, want %d", got, err, test.want)
			}
			if refused := (*provider.Error)(nil); err != nil && (!errors.As(err, &refused) || refused.Class != test.class || refused.Code != test.code) {
				t.Errorf("error %#v, want %s %s", err, test.class, test.code)
			}
		})
	}
}

func TestNothingIsRepeatedInside(t *testing.T) {
	var requests atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code_status":503,"status":"SERVICE_UNAVAILABLE"}`)
	})
	o := open(t, digitalpaye.Config{BaseURL: server.URL}).Send(t.Context(), ours())
	if o.Class != provider.Throttled || o.RetryAfter != time.Second || requests.Load() != 1 {
		t.Errorf("got %+v after %d requests, want it throttled for a second after one", o, requests.Load())
	}
}

func TestAClientSaysWhichAccountItPaysFrom(t *testing.T) {
	at := func(url, environment string, simulated bool) provider.Account {
		return open(t, digitalpaye.Config{BaseURL: url, Environment: environment, Simulated: simulated}).Account()
	}
	live := at("https://api.digitalpaye.com", "", false)
	if live.Environment != "Production" || live.Key != provider.Fingerprint("api.digitalpaye.com", "the-key") {
		t.Errorf("got %s, want the environment that is sent and the key's fingerprint", live)
	}
	if other := at("https://api.digitalpaye.com", "Sandbox", false); live.SameMoney(other) {
		t.Error("the header does not tell environments apart")
	}
	if one, other := at("http://127.0.0.1:1", "", true), at("http://127.0.0.1:2", "", true); one != other {
		t.Errorf("the simulator is %s and %s", one, other)
	}
}
