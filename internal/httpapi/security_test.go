package httpapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"payrun/batch/access"
	"payrun/internal/httpapi"
)

// calls are all calls of the API, with the one scope that each needs.
var calls = []struct {
	method, path, body string
	scope              access.Scope
}{
	{http.MethodPost, "/v1/batches", november, access.Submit},
	{http.MethodGet, "/v1/batches", "", access.Read},
	{http.MethodGet, "/v1/batches/november", "", access.Read},
	{http.MethodGet, "/v1/batches/november/progress", "", access.Read},
	{http.MethodGet, "/v1/batches/november/payouts", "", access.Read},
	{http.MethodGet, "/v1/batches/november/payouts/NOV-001", "", access.Read},
	{http.MethodGet, "/v1/batches/november/rejected", "", access.Read},
	{http.MethodPost, "/v1/batches/november/pay", `{"count":1,"total":1}`, access.Pay},
	{http.MethodGet, "/v1/batches/november/retry", "", access.Read},
	{http.MethodGet, "/v1/batches/november/cancel", "", access.Read},
	{http.MethodPost, "/v1/batches/november/retry", `{"count":1,"total":1}`, access.Pay},
	{http.MethodPost, "/v1/batches/november/cancel", "", access.Pay},
	{http.MethodPost, "/v1/batches/november/payouts/NOV-001/resolve", `{"paid":true,"because":"seen"}`, access.Resolve},
	{http.MethodGet, "/v1/batches/november/approval", "", access.Read},
	{http.MethodPost, "/v1/batches/november/decisions", `{"text":"x","signature":"y"}`, access.Approve},
	{http.MethodGet, "/v1/batches/november/report.json", "", access.Read},
	{http.MethodGet, "/v1/batches/november/report.csv", "", access.Read},
	{http.MethodGet, "/v1/batches/november/report.xlsx", "", access.Read},
	{http.MethodGet, "/v1/batches/november/report.html", "", access.Read},
	{http.MethodGet, "/v1/batches/november/report.journal.csv", "", access.Read},
	{http.MethodGet, "/v1/batches/november/approval/list.jsonl", "", access.Read},
	{http.MethodGet, "/v1/batches/november/receipts.html", "", access.Read},
	{http.MethodGet, "/v1/batches/november/evidence.zip", "", access.Read},
	{http.MethodPost, "/v1/batches/november/reconcile", `{"transfers":[]}`, access.Resolve},
	{http.MethodGet, "/v1/ledger.jsonl", "", access.Read},
	{http.MethodGet, "/v1/people", "", access.Read},
	{http.MethodPost, "/v1/people", `{"text":"x","signature":"y"}`, access.Approve},
	{http.MethodPost, "/v1/invitations", `{"person":"koffi@firm","roles":["maker"]}`, access.Tokens},
	{http.MethodGet, "/v1/policy", "", access.Read},
	{http.MethodPost, "/v1/policy", `{"text":"x"}`, access.Approve},
	{http.MethodPost, "/v1/policy/decisions", `{"text":"x","signature":"y"}`, access.Approve},
	{http.MethodGet, "/v1/events", "", access.Read},
	{http.MethodGet, "/v1/tokens", "", access.Tokens},
	{http.MethodPost, "/v1/tokens", `{"name":"x","scopes":["tokens"],"days":1}`, access.Tokens},
	{http.MethodDelete, "/v1/tokens/0123456789ab", "", access.Tokens},
	{http.MethodPost, "/v1/hook", "", access.Tokens},
	{http.MethodGet, "/v1/notices", "", access.Read},
	{http.MethodPost, "/v1/notices/webhook/17/again", "", access.Tokens},
	{http.MethodDelete, "/v1/hook", "", access.Tokens},
	{http.MethodGet, "/metrics", "", access.Metrics},
}

// TestEachCallIsForOneScope: every call, as every scope, as nobody, and as who was let in once.
func TestEachCallIsForOneScope(t *testing.T) {
	o := open(t, false)
	listed := map[string]bool{}
	for _, c := range calls {
		listed[c.method+" "+strings.NewReplacer("november", "{id}", "NOV-001", "{payout}", "0123456789ab", "{id}", "/webhook/17/", "/{channel}/{event}/").Replace(c.path)] = true
		if c.path == "/v1/events" {
			continue // it never ends for who may; TestAStreamIsForReaders has it
		}
		for scope, token := range o.tokens {
			got := o.as(token, c.method, c.path, c.body)
			if let := got.status != http.StatusForbidden; let != (scope == c.scope) {
				t.Errorf("%s %s as %s: %d %s", c.method, c.path, scope, got.status, got.body)
			}
		}
		for what, token := range map[string]string{"nobody": "", "a guess": "payrun_000000000000_" + strings.Repeat("A", 43), "half a token": o.all[:30]} {
			got := o.as(token, c.method, c.path, c.body)
			if got.status != http.StatusUnauthorized || got.code() != "token" || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s as %s: %d %s", c.method, c.path, what, got.status, got.body)
			}
		}
	}
	for _, described := range describedCalls(t, o) {
		if !listed[described] {
			t.Errorf("%s is described and not in this table", described)
		}
	}
}

// openCalls need no token, and say or do nothing that would need one.
var openCalls = []string{"GET /healthz", "GET /readyz", "GET /v1/openapi.json", "GET /v1/openapi.yaml", "POST /hooks/{secret}"}

// TestWhatIsNotDescribedKeepsItsGateToo: no call is in neither table.
func TestWhatIsNotDescribedKeepsItsGateToo(t *testing.T) {
	o := open(t, false)
	for _, call := range httpapi.Undescribed() {
		scoped := slices.ContainsFunc(calls, func(c struct {
			method, path, body string
			scope              access.Scope
		},
		) bool {
			return c.method+" "+c.path == call
		})
		if open := slices.Contains(openCalls, call); open == scoped {
			t.Errorf("%s is open: %t, and for a scope: %t", call, open, scoped)
		}
	}
	for _, call := range openCalls {
		method, path, _ := strings.Cut(call, " ")
		got := o.as("", method, strings.Replace(path, "{secret}", "guess", 1), "{}")
		if got.status != http.StatusOK || strings.Contains(string(got.body), o.files) {
			t.Errorf("%s answers a stranger %d %.200s", call, got.status, got.body)
		}
	}
}

// TestAStreamIsForReaders, and there are not more of them than are allowed.
func TestAStreamIsForReaders(t *testing.T) {
	o := open(t, false, func(c *httpapi.Config) { c.Limits.Streams = 1 })
	for scope, token := range o.tokens {
		if scope != access.Read {
			o.wants(string(scope), o.as(token, http.MethodGet, "/v1/events", ""), http.StatusForbidden, "scope")
		}
	}
	o.wants("after the end", o.call(http.MethodGet, "/v1/events", "", "Last-Event-ID", "1000000"), http.StatusBadRequest, "request")
	o.wants("no number", o.call(http.MethodGet, "/v1/events", "", "Last-Event-ID", "-1"), http.StatusBadRequest, "request")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.all)
	response, err := o.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	o.wants("a second one", o.call(http.MethodGet, "/v1/events", ""), http.StatusServiceUnavailable, "busy")
	response.Body.Close()
}

// TestAStreamEndsWithItsToken, whether it was revoked or came to its end.
func TestAStreamEndsWithItsToken(t *testing.T) {
	var late atomic.Int64 // how much later it is, in nanoseconds
	o := open(t, false, func(c *httpapi.Config) {
		c.Limits.Recheck = time.Millisecond
		c.Clock = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
		c.Tokens = access.New(c.Store, c.Clock, rand.Reader)
	})
	for what, end := range map[string]func(id string){
		"revoked": func(id string) { o.wants("revoke", o.call(http.MethodDelete, "/v1/tokens/"+id, ""), http.StatusOK, "") },
		"expired": func(string) { late.Store(int64(2 * time.Hour)) },
	} {
		late.Store(0)
		var made httpapi.NewToken
		o.wants("make", o.call(http.MethodPost, "/v1/tokens", `{"name":"erp","scopes":["read"],"days":1}`), http.StatusCreated, "").into(t, &made)
		secret := made.Secret
		if what == "expired" {
			secret = o.tokens[access.Read] // which lasts an hour
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+"/v1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+secret)
		response, err := o.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		end(made.ID)
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Errorf("%s: the stream did not end: %v", what, err)
		}
		response.Body.Close()
		cancel()
	}
}

// TestARevokedTokenIsRefusedAtOnce, and none makes one that may do more than itself.
func TestARevokedTokenIsRefusedAtOnce(t *testing.T) {
	o := open(t, false)
	o.wants("more than itself", o.as(o.tokens[access.Tokens], http.MethodPost, "/v1/tokens", `{"name":"x","scopes":["pay"],"days":1}`), http.StatusForbidden, "scope")
	var made httpapi.NewToken
	o.wants("make", o.call(http.MethodPost, "/v1/tokens", `{"name":"erp","scopes":["read"],"days":1}`), http.StatusCreated, "").into(t, &made)
	if made.Person != "awa" || made.Secret == "" {
		t.Fatalf("made %+v", made)
	}
	o.wants("use", o.as(made.Secret, http.MethodGet, "/v1/batches", ""), http.StatusOK, "")
	if list := o.call(http.MethodGet, "/v1/tokens", ""); strings.Contains(string(list.body), made.Secret) || !strings.Contains(string(list.body), `"last_used"`) {
		t.Errorf("listed %s", list.body)
	}
	o.wants("revoke", o.call(http.MethodDelete, "/v1/tokens/"+made.ID, ""), http.StatusOK, "")
	o.wants("use it", o.as(made.Secret, http.MethodGet, "/v1/batches", ""), http.StatusUnauthorized, "token")
	o.wants("revoke nobody's", o.call(http.MethodDelete, "/v1/tokens/nobody", ""), http.StatusNotFound, "not_found")
}

// TestNoPathLeadsOutOfTheAPI.
func TestNoPathLeadsOutOfTheAPI(t *testing.T) {
	o := open(t, false)
	for _, path := range []string{
		"/v1/batches/..%2F..%2Fetc%2Fpasswd", "/v1/batches/%00", "/v1/batches/%2e%2e", "/v1/batches/" + strings.Repeat("a", 65),
		"/v1/batches/..%2F..%2Fetc/report.csv", "/v1/batches/%0d%0aX:%20y/report.csv", "/v1/batches/a/payouts/..%2F..%2Fb",
		"/files/x", "/v1", "/", "/v1/batches/a/report.exe", "/debug/pprof/", "/v1/../files",
	} {
		got := o.call(http.MethodGet, path, "")
		if got.status < 400 || got.status >= 500 || got.header.Get("X") != "" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for method, path := range map[string]string{http.MethodPut: "/v1/batches", http.MethodPatch: "/v1/batches/november", http.MethodDelete: "/v1/batches/november"} {
		if got := o.call(method, path, ""); got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", method, path, got.status)
		}
	}
}

// TestAnotherNameIsAnotherServer: a page in a browser may have given its name this address.
func TestAnotherNameIsAnotherServer(t *testing.T) {
	o := open(t, false)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/v1/batches", "/v1/openapi.json"} {
		for _, host := range []string{"evil.example", "127.evil.example", "localhost.evil.example:80", "[::2]"} {
			o.wants(host+path, o.call(http.MethodGet, path, "", "Host", host), http.StatusMisdirectedRequest, "host")
		}
	}
	if got := o.call(http.MethodGet, "/healthz", ""); got.status != http.StatusOK || got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("by its own name: %d %v", got.status, got.header)
	}
}

// TestTooMuchIsCutOff, and leaves nothing.
func TestTooMuchIsCutOff(t *testing.T) {
	o := open(t, false)
	large := november + strings.Repeat("x", 1<<20)
	o.wants("a large file", o.call(http.MethodPost, "/v1/batches?batch=november", large), http.StatusRequestEntityTooLarge, "too_large")
	form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + large + strings.Repeat("y", 1<<17) + "\r\n--x--\r\n"
	o.wants("a large form", o.call(http.MethodPost, "/v1/batches?batch=november", form, "Content-Type", "multipart/form-data; boundary=x"), http.StatusRequestEntityTooLarge, "too_large")
	got := o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":1,"total":1,"currency":"`+strings.Repeat("x", 1<<17)+`"}`)
	o.wants("a large call", got, http.StatusRequestEntityTooLarge, "too_large")
	if left, err := os.ReadDir(o.files); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// TestWhoSendsNothingIsCutOff: a body has its time.
func TestWhoSendsNothingIsCutOff(t *testing.T) {
	o := open(t, false, func(c *httpapi.Config) { c.Limits.Body, c.Limits.Upload = 50*time.Millisecond, 50*time.Millisecond })
	for what, head := range map[string]string{
		"an upload": "POST /v1/batches?batch=slow HTTP/1.1\r\n", "a call": "POST /v1/batches/slow/pay HTTP/1.1\r\nContent-Type: application/json\r\n",
	} {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := connection.SetDeadline(time.Now().Add(8 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = connection.Write([]byte(head + "Host: 127.0.0.1\r\nAuthorization: Bearer " + o.all + "\r\nContent-Length: 100\r\n\r\ntransaction_id"))
		if err != nil {
			t.Fatal(err)
		}
		answered := new(bytes.Buffer)
		if _, err := answered.ReadFrom(connection); err != nil { // to the end: the server closes it
			t.Errorf("%s: %v\n%s", what, err, answered)
		}
		if !strings.HasPrefix(answered.String(), "HTTP/1.1 4") && answered.Len() > 0 {
			t.Errorf("%s: %s", what, answered)
		}
		connection.Close()
	}
	if left, err := os.ReadDir(o.files); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// TestWhoIsNotLetInHasNoTimeToUpload, and no call by another name has any.
func TestWhoIsNotLetInHasNoTimeToUpload(t *testing.T) {
	o := open(t, false, func(c *httpapi.Config) { c.Limits.Body, c.Limits.Upload = 500*time.Millisecond, time.Hour })
	for what, test := range map[string]struct{ head, want string }{
		"no token":     {"POST /v1/batches?batch=slow HTTP/1.1\r\nHost: 127.0.0.1\r\n", "HTTP/1.1 401"},
		"another name": {"POST /v1/batches?batch=slow HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + o.all + "\r\n", "HTTP/1.1 421"},
		"nowhere":      {"POST /v1/nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n", "HTTP/1.1 404"},
	} {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err = connection.Write([]byte(test.head + "Content-Length: 100\r\n\r\ntransaction_id")); err != nil {
			t.Fatal(err)
		}
		answered := new(bytes.Buffer)
		if _, err := answered.ReadFrom(connection); err != nil { // to the end: the server closes it
			t.Errorf("%s: %v\n%s", what, err, answered)
		}
		if !strings.HasPrefix(answered.String(), test.want) {
			t.Errorf("%s: %s, want %s", what, answered, test.want)
		}
		connection.Close()
	}
}

// TestWhoCallsTooOftenWaits: each token by itself, and guesses by their address.
func TestWhoCallsTooOftenWaits(t *testing.T) {
	now := time.Now()
	o := open(t, false, func(c *httpapi.Config) {
		c.Limits.PerSecond, c.Limits.Burst, c.Limits.Strangers = 1, 3, 1
		c.Clock = func() time.Time { return now }
	})
	for range 3 {
		o.wants("within", o.call(http.MethodGet, "/v1/batches", ""), http.StatusOK, "")
	}
	if got := o.wants("too often", o.call(http.MethodGet, "/v1/batches", ""), http.StatusTooManyRequests, "rate"); got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	o.wants("somebody else", o.as(o.tokens[access.Read], http.MethodGet, "/v1/batches", ""), http.StatusOK, "")
	for range 4 {
		o.wants("a guess", o.as("x", http.MethodGet, "/v1/batches", ""), http.StatusUnauthorized, "token")
	}
	o.wants("too many guesses", o.as("x", http.MethodGet, "/v1/batches", ""), http.StatusTooManyRequests, "rate")
	o.wants("a token at the same address", o.as(o.tokens[access.Read], http.MethodGet, "/v1/batches", ""), http.StatusOK, "")
}

// TestGuessesCountByTheAddressBehindAProxy, which everybody comes through.
func TestGuessesCountByTheAddressBehindAProxy(t *testing.T) {
	now := time.Now()
	o := open(t, false, func(c *httpapi.Config) {
		c.Limits.Strangers, c.Proxied = 1, true
		c.Clock = func() time.Time { return now }
	})
	from := func(what, address string, status int, code string) {
		t.Helper()
		o.wants(what, o.as("x", http.MethodGet, "/v1/batches", "", "X-Forwarded-For", address), status, code)
	}
	for range 4 {
		from("a guess", "192.0.2.9, 2001:db8::1", http.StatusUnauthorized, "token")
	}
	from("another address of its network", "2001:db8::2", http.StatusTooManyRequests, "rate")
	from("somebody else", "192.0.2.9", http.StatusUnauthorized, "token")
}

// FuzzUpload: whatever is sent, the server answers, says nothing of itself and keeps only what
// it took.
func FuzzUpload(f *testing.F) {
	f.Add("november", "november.csv", "", []byte(november))
	f.Add("../x", "..\\..\\x", "multipart/form-data; boundary=x", []byte("--x\r\n\r\n--x--"))
	f.Add("", "", "multipart/form-data", []byte("PK\x03\x04"))
	f.Add("a\x00b", strings.Repeat("é", 300), "text/csv; charset=\"", []byte("\xff\xfe;\n\"\"\"\n"))
	o := open(f, false)
	f.Fuzz(func(t *testing.T, batch, name, kind string, body []byte) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.URL+"/v1/batches", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		query := request.URL.Query()
		query.Set("batch", batch)
		query.Set("file", name)
		request.URL.RawQuery = query.Encode()
		request.Header.Set("Authorization", "Bearer "+o.all)
		if strings.ContainsFunc(kind, func(c rune) bool { return c < ' ' || c > '~' }) {
			kind = ""
		}
		request.Header.Set("Content-Type", kind)
		response, err := o.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text := new(bytes.Buffer)
		if _, err := text.ReadFrom(response.Body); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode >= http.StatusInternalServerError || strings.Contains(text.String(), o.files) {
			t.Errorf("%d %s", response.StatusCode, text)
		}
		if response.StatusCode >= http.StatusBadRequest {
			files, err := os.ReadDir(o.files)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if strings.HasPrefix(file.Name(), "incoming-") {
					t.Errorf("%s is left", file.Name())
				}
			}
		}
	})
}
