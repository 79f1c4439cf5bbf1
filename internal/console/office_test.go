package console_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/batch/worker"
	"payrun/internal/console"
	"payrun/internal/servertest"
	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider/sandbox"
)

const november = servertest.November

// staff are the people of the office, by name: each has one role.
var staff = map[string]string{"root": "admin", "awa": "maker", "koffi": "checker", "adjoua": "auditor"}

// office is a console over a ledger in memory, before a simulated provider, with people of
// each role.
type office struct {
	*httptest.Server
	t       testing.TB
	store   ledger.Store
	service func() *service.Service
	pays    *worker.Worker
	files   string
	pages   *console.Console
	keeper  *signin.Keeper
}

// open begins a console with a worker, unless it is told not to pay.
func open(tb testing.TB, paying bool, change ...func(*console.Config)) *office {
	tb.Helper()
	return openBefore(tb, paying, sandbox.Options{}, change...)
}

// openBefore is open before a provider that behaves as the test says.
func openBefore(tb testing.TB, paying bool, simulated sandbox.Options, change ...func(*console.Config)) *office {
	tb.Helper()
	return openOffice(tb, paying, false, simulated, change...)
}

func openOffice(tb testing.TB, paying, empty bool, simulated sandbox.Options, change ...func(*console.Config)) *office {
	tb.Helper()
	return openOver(tb, memledger.New(), paying, empty, simulated, change...)
}

// openOver is openOffice over a ledger of the test's.
func openOver(tb testing.TB, store ledger.Store, paying, empty bool, simulated sandbox.Options, change ...func(*console.Config)) *office {
	tb.Helper()
	o := &office{t: tb, store: store, files: tb.TempDir()}
	o.keeper = signin.New(o.store, time.Now, rand.Reader)
	set, err := rules.Default()
	if err != nil {
		tb.Fatal(err)
	}
	client := servertest.Provider(tb, simulated)
	o.service = func() *service.Service {
		return service.New(service.Config{
			Ledger: o.store, Provider: client, Account: client.Account(), Rules: set,
			Pace: service.Pace{Workers: 4, Wait: time.Minute, LookupGrace: time.Millisecond, PollMin: time.Millisecond, PollMax: 5 * time.Millisecond},
		})
	}
	if !empty {
		o.hire()
	}
	o.pays = worker.New(worker.Config{
		Desk: o.service(), By: service.Actor{Person: "server", Host: "caisse"}, Again: time.Minute, Idle: time.Second,
	})
	closing := make(chan struct{})
	o.Server = httptest.NewUnstartedServer(nil)
	config := console.Config{
		Store: o.store, Service: o.service, Payroll: o.pays, SignIn: o.keeper, Changing: make(chan struct{}, 1), Host: "caisse",
		Files: o.files, UploadMax: 1 << 20, Origin: "http://" + strings.Replace(o.Listener.Addr().String(), "127.0.0.1", "localhost", 1),
		Named: func(r *http.Request) bool { return strings.HasPrefix(r.Host, "127.0.0.1") },
		Log:   zerolog.Nop(), Clock: time.Now, Closing: closing,
		Limits: console.Limits{Tries: 100_000, Patience: time.Minute},
	}
	for _, one := range change {
		one(&config)
	}
	handler, err := console.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	o.Config.Handler, o.pages = handler, handler
	tb.Cleanup(handler.Close)
	o.Start()
	servertest.Run(tb, o.Server, o.pays, paying, closing)
	return o
}

// signer is the key of a person of the office.
func signer(tb testing.TB, name string) ssh.Signer {
	tb.Helper()
	seed := sha256.Sum256([]byte(name))
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// hire enters the staff into the ledger, the admin first.
func (o *office) hire() {
	o.t.Helper()
	for _, name := range []string{"root", "awa", "koffi", "adjoua"} {
		o.enter(name, staff[name])
	}
}

// enter puts somebody on the list of people, by root.
func (o *office) enter(name, role string) {
	o.t.Helper()
	to := o.service()
	g, err := to.Governance(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	signed, err := approval.SignAct(approval.Act{
		Kind: approval.Add, By: "root", Previous: g.People.Head(), Nonce: approval.NewNonce(),
		Person: approval.Person{
			Name: name, FullName: name + " of the office", Roles: []string{role}, Keys: []approval.Key{{Public: signer(o.t, name).PublicKey()}},
		},
	}, signer(o.t, "root"))
	if err == nil {
		_, err = to.ChangePeople(o.t.Context(), service.Actor{Person: "root", Host: "caisse"}, signed)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// govern puts a policy in force that wants one checker.
func (o *office) govern() {
	o.t.Helper()
	const policy = "currency: XOF\ntiers:\n  - name: every batch\n    approvals:\n      - count: 1\n        from: [checker]\n"
	to, root := o.service(), service.Actor{Person: "root", Host: "caisse"}
	proposed, err := to.ProposePolicy(o.t.Context(), root, []byte(policy))
	if err != nil {
		o.t.Fatal(err)
	}
	d, err := approval.Sign(proposed.Statement(service.Ballot{Word: approval.Approve, Name: "root"}, time.Now()), signer(o.t, "root"))
	if err == nil {
		_, err = to.DecidePolicy(o.t.Context(), root, proposed, d)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// browser is one that somebody sits at: it keeps cookies and follows nothing by itself.
type browser struct {
	*http.Client
	o *office
	// language is the one it asks for, "fr" or "en".
	language string
}

// stranger is a browser in which nobody is signed in.
func (o *office) stranger() *browser {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &browser{o: o, language: "en", Client: &http.Client{
		Jar: jar, Transport: o.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is a browser in which somebody of the staff is signed in.
func (o *office) as(name string) *browser {
	o.t.Helper()
	b := o.stranger()
	_, secret, err := o.keeper.Begin(o.t.Context(), ledger.Person{Name: name, Host: "caisse"}, signin.Session{
		Person: name, Key: sshsig.Fingerprint(signer(o.t, name).PublicKey()),
	})
	if err != nil {
		o.t.Fatal(err)
	}
	at, err := url.Parse(o.URL)
	if err != nil {
		o.t.Fatal(err)
	}
	b.Jar.SetCookies(at, []*http.Cookie{{Name: "payrun", Value: secret, Path: "/"}}) //nolint:gosec // as a browser has it
	return b
}

// answer is an answer as it came.
type answer struct {
	status int
	header http.Header
	body   string
}

// to is where a redirect leads, empty for none.
func (a answer) to() string { return a.header.Get("Location") }

// get opens a page, and tells the test's log how long that took and how large it is.
func (b *browser) get(path string, headers ...string) answer {
	b.o.t.Helper()
	began := time.Now()
	got := b.send(http.MethodGet, path, "", headers...)
	b.o.t.Logf("GET %s: %d, %s, %d bytes", path, got.status, time.Since(began).Round(time.Microsecond), len(got.body))
	return got
}

// post sends a form, as a page of this site does.
func (b *browser) post(path string, form url.Values, headers ...string) answer {
	b.o.t.Helper()
	return b.send(http.MethodPost, path, form.Encode(), append([]string{
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin", "Origin", b.o.URL,
	}, headers...)...)
}

// send makes a request; headers are name and value, in turn.
func (b *browser) send(method, path, body string, headers ...string) answer {
	b.o.t.Helper()
	return b.sendBody(method, path, strings.NewReader(body), headers...)
}

// stream sends a form of a file as it comes.
func (b *browser) stream(path, contentType string, body io.Reader) answer {
	b.o.t.Helper()
	return b.sendBody(http.MethodPost, path, body, "Content-Type", contentType, "Sec-Fetch-Site", "same-origin", "Origin", b.o.URL)
}

func (b *browser) sendBody(method, path string, body io.Reader, headers ...string) answer {
	b.o.t.Helper()
	request, err := http.NewRequestWithContext(b.o.t.Context(), method, b.o.URL+path, body)
	if err != nil {
		b.o.t.Fatal(err)
	}
	request.Header.Set("Accept-Language", b.language)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	response, err := b.Do(request)
	if err != nil {
		b.o.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.o.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// wants fails the test unless a page was answered so, with all of the words in it.
func (o *office) wants(what string, got answer, status int, words ...string) answer {
	o.t.Helper()
	if got.status != status {
		o.t.Fatalf("%s: %d %s, want %d\n%s", what, got.status, got.to(), status, got.body)
	}
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(got.body) // figures are in groups that do not break
	for _, one := range words {
		if !strings.Contains(plain, one) {
			o.t.Fatalf("%s: there is no %q in\n%s", what, one, got.body)
		}
	}
	return got
}
