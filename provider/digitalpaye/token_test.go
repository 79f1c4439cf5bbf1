package digitalpaye

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
)

// gate is a provider that gives out tokens and lets in who shows the newest. It
// answers in the caller's process, so that it works in virtual time.
type gate struct {
	life time.Duration
	// auth answers for a token, if not nil; latency is how long it takes.
	auth    func(n int) (int, string)
	latency time.Duration
	// admit may turn a request away; nil lets in whoever has a live token.
	admit func(token string) (int, string)

	mu          sync.Mutex
	asked, sent int
	token       string
	expires     time.Time
	refused     int
}

func (g *gate) RoundTrip(request *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(request.Context())
	trace.GetConn(request.URL.Host)
	trace.GotConn(httptrace.GotConnInfo{})
	var status int
	var text string
	if request.URL.Path == DefaultAuthPath {
		select {
		case <-time.After(g.latency):
		case <-request.Context().Done():
			return nil, request.Context().Err()
		}
		status, text = g.issue()
	} else {
		status, text = g.answer(strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "))
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text)), Request: request}, nil
}

func (g *gate) issue() (int, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	if g.auth != nil {
		return g.auth(g.asked)
	}
	g.token, g.expires = fmt.Sprintf("token-%d", g.asked), time.Now().Add(g.life)
	return 200, fmt.Sprintf(`{"statusCode":200,"message":"Successful","data":{"token":%q,"exp":%d}}`, g.token, g.expires.Unix())
}

func (g *gate) answer(token string) (int, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent++
	if g.admit != nil {
		if status, text := g.admit(token); status != 0 {
			return status, text
		}
	} else if token != g.token || !time.Now().Before(g.expires) {
		g.refused++
		return 401, `{"code_status":401,"status":"TOKEN_EXPIRED","message":"Le jeton a expiré"}`
	}
	return 200, newPaid
}

// revoke makes the provider forget the token it gave.
func (g *gate) revoke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.token = "another"
}

func (g *gate) client(t *testing.T) *Client {
	t.Helper()
	client, err := New(Config{
		BaseURL: "https://api.example", Transport: g, Credentials: provider.Credentials{Key: "the-key", Secret: "the-secret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func ours() provider.Request {
	return provider.Request{
		Reference: "SAL-001", Number: "+2250777101308", Name: "Koné Awa", Amount: money.XOF.Of(500),
		Scheme: "ORANGE", Country: "CI",
	}
}

func (g *gate) counts() [3]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return [3]int{g.asked, g.sent, g.refused}
}

func TestATokenIsRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{life: 10 * time.Minute, latency: time.Second}
		client := g.client(t)
		const hours = 2
		for began := time.Now(); time.Since(began) < hours*time.Hour; <-time.After(7 * time.Second) {
			if o := client.Send(t.Context(), ours()); o.Class != provider.Successful {
				t.Fatalf("after %s: %+v", time.Since(began), o)
			}
		}
		got := g.counts()
		if got[2] != 0 {
			t.Errorf("%d requests were made with an expired token", got[2])
		}
		if perHour := got[0] / hours; perHour < 6 || perHour > 7 {
			t.Errorf("%d tokens an hour, want one for each 9 minutes of 10", perHour)
		}
	})
}

func TestManyWorkersShareOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{life: 10 * time.Minute, latency: time.Second}
		client := g.client(t)
		send(t, client, 50)
		if got, want := g.counts(), [3]int{1, 50, 0}; got != want {
			t.Errorf("asked for tokens, sent, turned away: %v, want %v", got, want)
		}
	})
}

func TestAnExpiredTokenCostsOneRefreshForAllAndNoSecondTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{life: 10 * time.Minute, latency: time.Second}
		client := g.client(t)
		send(t, client, 1)
		g.revoke()
		var working sync.WaitGroup
		var expired atomic.Int32
		for range 50 {
			working.Go(func() {
				if o := client.Send(t.Context(), ours()); o.Class == provider.Expired && o.Documented {
					expired.Add(1)
				} else if o.Class != provider.Successful {
					t.Errorf("got %+v, want it paid or called expired", o)
				}
			})
		}
		working.Wait()
		got := g.counts()
		if turned := int(expired.Load()); got[1] != 51 || got[2] != turned || turned < 1 {
			t.Errorf("sent %d requests of which %d were turned away, want 51 and the %d told of", got[1], got[2], turned)
		}
		send(t, client, 50)
		if got := g.counts(); got[0] != 2 {
			t.Errorf("asked for %d tokens, want 2", got[0])
		}
	})
}

func TestALookUpIsAskedAgainWithARenewedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{life: 10 * time.Minute, latency: time.Second}
		client := g.client(t)
		send(t, client, 1)
		g.revoke()
		o := client.LookUp(t.Context(), provider.Query{Reference: "SAL-001", Number: "+2250777101308", Amount: money.XOF.Of(500)})
		if got, want := g.counts(), [3]int{2, 3, 1}; o.Class != provider.Successful || got != want {
			t.Errorf("%+v after %v, want it found after %v", o, got, want)
		}
	})
}

func send(t *testing.T, client *Client, workers int) {
	t.Helper()
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			if o := client.Send(t.Context(), ours()); o.Class != provider.Successful {
				t.Errorf("got %+v, want it paid", o)
			}
		})
	}
	working.Wait()
}

// expiries are how a token is called expired: as documented, and by gateways, which
// may have passed the request on.
var expiries = map[string]bool{
	`{"code_status":401,"status":"TOKEN_EXPIRED"}`:                                     true,
	`{"statusCode":401,"message":"UnauthorizedError","reason":"jwt expired"}`:          true,
	`{"statusCode":401,"message":"UnauthorizedError","reason":"Le jeton a expiré"}`:    true,
	`{"message":"The incoming token has expired"}`:                                     false,
	`{"code_status":401,"status":"TOKEN_EXPIRED","data":{"transaction_id":"SAL-001"}}`: false,
}

func TestATransferIsNeverSentTwiceInside(t *testing.T) {
	for says, documented := range expiries {
		g := &gate{life: time.Minute, admit: func(string) (int, string) { return 401, says }}
		client := g.client(t)
		want := provider.Unknown
		if documented {
			want = provider.Expired
		}
		for sent := range 2 {
			o := client.Send(t.Context(), ours())
			// Each call has a token of its own, since the last was given up.
			if got, counts := g.counts(), [3]int{sent + 1, sent + 1, 0}; o.Class != want || got != counts {
				t.Errorf("%s: %+v after %v, want %s after %v", says, o, got, want, counts)
			}
		}
	}
}

func TestASecondRefusalOfALookUpStops(t *testing.T) {
	for says, documented := range expiries {
		g := &gate{life: time.Minute, admit: func(string) (int, string) { return 401, says }}
		want := provider.Unknown
		if documented {
			want = provider.Unauthorized
		}
		o := g.client(t).LookUp(t.Context(), provider.Query{Reference: "SAL-001", Number: "+2250777101308", Amount: money.XOF.Of(500)})
		if got, counts := g.counts(), [3]int{2, 2, 0}; o.Class != want || got != counts {
			t.Errorf("%s: %+v after %v, want %s after %v", says, o, got, want, counts)
		}
	}
}

func TestAnyOther401StopsAtOnce(t *testing.T) {
	g := &gate{life: time.Minute, admit: func(string) (int, string) {
		return 401, `{"statusCode":401,"message":"UnauthorizedError","reason":"Accès refusé"}`
	}}
	o := g.client(t).Send(t.Context(), ours())
	if got, want := g.counts(), [3]int{1, 1, 0}; o.Class != provider.Unauthorized || got != want {
		t.Errorf("%+v after %v, want unauthorized after %v", o, got, want)
	}
}

func TestAnExpiryUnderALineOf200IsUnderstood(t *testing.T) {
	first := true
	g := &gate{life: time.Minute, admit: func(string) (int, string) {
		if !first {
			return 0, ""
		}
		first = false
		return 200, `{"code_status":401,"status":"TOKEN_EXPIRED"}`
	}}
	client := g.client(t)
	if o := client.Send(t.Context(), ours()); o.Class != provider.Expired {
		t.Errorf("%+v, want it expired", o)
	}
	if o := client.Send(t.Context(), ours()); o.Class != provider.Successful {
		t.Errorf("%+v, want it paid with a fresh token", o)
	}
}

func TestAnExpiryThatDescribesTheTransferIsItsVerdict(t *testing.T) {
	g := &gate{life: time.Minute, admit: func(string) (int, string) {
		return 401, strings.Replace(strings.Replace(oldPaid, "200", "401", 1), "PAYMENT_IS_SUCCESSFUL", "TOKEN_EXPIRED", 1)
	}}
	o := g.client(t).Send(t.Context(), ours())
	if got, want := g.counts(), [3]int{1, 1, 0}; o.Class != provider.Successful || o.ProviderRef != "DP-1" || got != want {
		t.Errorf("%+v after %v, want it paid after %v", o, got, want)
	}
}

func TestACallerWhoGivesUpLeavesTheTokenToTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{life: 10 * time.Minute, latency: 10 * time.Second}
		client := g.client(t)
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var working sync.WaitGroup
		working.Go(func() {
			if o := client.Send(hasty, ours()); o.Class != provider.NotSent {
				t.Errorf("the one who began it: %+v, want not sent", o)
			}
		})
		synctest.Wait()
		send(t, client, 5)
		working.Wait()
		if got, want := g.counts(), [3]int{1, 5, 0}; got != want {
			t.Errorf("asked for tokens, sent, turned away: %v, want %v", got, want)
		}
	})
}

func TestWithoutATokenNothingIsSent(t *testing.T) {
	for _, test := range []struct {
		says   string
		status int
		body   string
		want   provider.Class
		code   string
	}{
		{"wrong credentials", 401, `{"statusCode":401,"message":"UnauthorizedError","reason":"Clé inconnue"}`, provider.Unauthorized, "UnauthorizedError"},
		{"no credentials", 400, `{"statusCode":400,"message":"BadRequestError"}`, provider.Unauthorized, "BadRequestError"},
		{"wrong credentials under a line of 200", 200, `{"statusCode":401,"message":"UnauthorizedError"}`, provider.Unauthorized, "UnauthorizedError"},
		{"too fast", 429, ``, provider.Throttled, "HTTP_429"},
		{"unavailable", 503, page, provider.Throttled, "HTTP_503"},
		{"an internal error", 500, `{"statusCode":500,"message":"InternalServerError"}`, provider.NotSent, "InternalServerError"},
		{"a proxy's page", 502, page, provider.NotSent, "HTTP_502"},
		{"a firewall's page", 403, page, provider.NotSent, "HTTP_403"},
		{"a page instead of a token", 200, page, provider.NotSent, provider.CodeGarbage},
		{"an answer without a token", 200, `{"statusCode":200,"data":{}}`, provider.NotSent, provider.CodeGarbage},
		{"a refusal with a token", 500, `{"statusCode":500,"message":"InternalServerError","data":{"token":"abc"}}`, provider.NotSent, "InternalServerError"},
		{"a token with a blank", 200, `{"data":{"token":"a b"}}`, provider.NotSent, provider.CodeGarbage},
		{"a token behind a blank", 200, `{"data":{"token":" ab"}}`, provider.NotSent, provider.CodeGarbage},
		{"a token that cannot be sent", 200, `{"data":{"token":"a\r\nX-Evil: b","exp":1}}`, provider.NotSent, provider.CodeGarbage},
	} {
		g := &gate{auth: func(int) (int, string) { return test.status, test.body }}
		client := g.client(t)
		o := client.Send(t.Context(), ours())
		if o.Class != test.want || o.Code != test.code || !o.Class.NotProcessed() || !o.Unsent {
			t.Errorf("%s: %+v, want %s %s", test.says, o, test.want, test.code)
		}
		if got := g.counts(); got[1] != 0 {
			t.Errorf("%s: %d requests were sent without a token", test.says, got[1])
		}
	}
}

func TestBothFormsOfATokenAreRead(t *testing.T) {
	for _, form := range []string{
		`{"statusCode":200,"message":"Successful","data":{"token":"abc","exp":4102444800}}`,
		`{"code_status":200,"status":"SUCCESSFUL","message":"ok","token":"abc","exp":"4102444800"}`,
		`{"token":"abc"}`,
		`{"data":{"token":"abc","exp":{"at":"noon"}}}`,
	} {
		var shown string
		g := &gate{
			auth:  func(int) (int, string) { return 201, form },
			admit: func(token string) (int, string) { shown = token; return 0, "" },
		}
		if o := g.client(t).Send(t.Context(), ours()); o.Class != provider.Successful || shown != "abc" {
			t.Errorf("%s: %+v with token %q", form, o, shown)
		}
	}
}

func TestATokenIsUsedForMostOfItsLife(t *testing.T) {
	in := func(life time.Duration) scalar { return scalar{text: fmt.Sprint(noon.Add(life).Unix())} }
	for _, test := range []struct {
		says string
		exp  scalar
		want time.Duration
	}{
		{"the documents' ten minutes", in(10 * time.Minute), 9 * time.Minute},
		{"a long life, renewed a minute before", in(5 * time.Hour), 5*time.Hour - marginMax},
		{"a short life, five seconds before", in(20 * time.Second), 15 * time.Second},
		{"a very short life, half of it", in(4 * time.Second), 2 * time.Second},
		{"expired already: the clocks differ", in(-time.Hour), lifeAssumed - 6*time.Second},
		{"expires this moment: the clocks differ", in(0), lifeAssumed - 6*time.Second},
		{"expires in years: milliseconds, or the clocks differ", in(1000 * time.Hour), lifeAssumed - 6*time.Second},
		{"missing", scalar{}, lifeAssumed - 6*time.Second},
		{"not a number", scalar{text: "soon"}, lifeAssumed - 6*time.Second},
	} {
		if got := renewal(noon, test.exp).Sub(noon); got != test.want {
			t.Errorf("%s: used for %s, want %s", test.says, got, test.want)
		}
	}
}

// FuzzToken looks for an answer of the auth page that breaks the client.
func FuzzToken(f *testing.F) {
	f.Add(`{"data":{"token":"abc","exp":4102444800}}`, 200)
	f.Add(`{"token":"abc","exp":null}`, 200)
	f.Add(page, 502)
	f.Fuzz(func(t *testing.T, text string, status int) {
		if status < 200 || status > 599 {
			t.Skip("not an answer's status")
		}
		g := &gate{auth: func(int) (int, string) { return status, text }, admit: func(string) (int, string) { return 0, "" }}
		o := g.client(t).Send(t.Context(), ours())
		if !json.Valid([]byte(text)) && o.Class == provider.Successful {
			t.Errorf("a token out of %q", text)
		}
		if o.Class != provider.Successful && (!o.Class.NotProcessed() || !o.Unsent) {
			t.Errorf("without a token the outcome is %s", o.Class)
		}
	})
}
