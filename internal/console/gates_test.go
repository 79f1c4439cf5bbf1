package console_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/internal/console"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestWhoMayOpenWhatIsWrittenDown: a change of a gate is a change of this table.
func TestWhoMayOpenWhatIsWrittenDown(t *testing.T) {
	const golden = "testdata/routes.txt"
	var lines []string
	for _, one := range console.Routes() {
		who := "everybody who is signed in"
		switch {
		case one.Open:
			who = "whoever comes"
		case len(one.Roles) > 0:
			who = strings.Trim(fmt.Sprint(one.Roles), "[]")
		}
		lines = append(lines, fmt.Sprintf("%-4s %s: %s\n", one.Method, one.Path, who))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[5:]+a, b[5:]+b) })
	got := strings.Join(lines, "")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("%v; -update writes it:\n%s", err, got)
	}
}

// placeholder stands for a part of a path.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// TestEveryPageKeepsItsGate, for whoever asks.
func TestEveryPageKeepsItsGate(t *testing.T) {
	o := open(t, false)
	const refusedRole = "Your roles do not open this page"
	for _, one := range console.Routes() {
		path := placeholder.ReplaceAllString(strings.TrimSuffix(one.Path, "{$}"), "none")
		ask := func(b *browser) answer {
			if one.Method == http.MethodPost {
				return b.post(path, nil)
			}
			return b.send(http.MethodGet, path, "")
		}
		got := ask(o.stranger())
		switch {
		case one.Open && (got.status == http.StatusUnauthorized || strings.HasPrefix(got.to(), "/sign-in?")):
			t.Errorf("%s %s is open, and a stranger is answered %d %s", one.Method, path, got.status, got.to())
		case one.Open:
		case one.Method == http.MethodGet && !one.Stream && (got.status != http.StatusSeeOther || !strings.HasPrefix(got.to(), "/sign-in?then=")):
			t.Errorf("%s %s answers a stranger %d %s", one.Method, path, got.status, got.to())
		case (one.Method != http.MethodGet || one.Stream) && got.status != http.StatusUnauthorized:
			t.Errorf("%s %s answers a stranger %d", one.Method, path, got.status)
		}
		for name, role := range map[string]console.Role{"root": console.Admin, "awa": console.Maker, "koffi": console.Approver, "adjoua": console.Auditor} {
			may := len(one.Roles) == 0 || slices.Contains(one.Roles, role)
			got := ask(o.as(name))
			if refused := strings.Contains(got.body, refusedRole); refused == may || refused != (got.status == http.StatusForbidden && refused) {
				t.Errorf("%s %s for %s: %d, may: %t", one.Method, path, role, got.status, may)
			}
			if got.status == http.StatusUnauthorized || got.status >= http.StatusInternalServerError {
				t.Errorf("%s %s for %s: %d", one.Method, path, role, got.status)
			}
		}
		if one.Method == http.MethodGet {
			continue
		}
		if got := o.as("root").post(path, nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"); got.status != http.StatusForbidden ||
			!strings.Contains(got.body, "came from another site") {
			t.Errorf("%s from another site: %d", path, got.status)
		}
		if one.Upload {
			continue
		}
		large := url.Values{"then": {strings.Repeat("x", 65<<10)}}
		if got := o.as("root").post(path, large); got.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with 65 KB: %d", path, got.status)
		}
	}
}

// TestWhoSendsSlowlyIsNotWaitedFor, whatever is asked and however it is answered.
func TestWhoSendsSlowlyIsNotWaitedFor(t *testing.T) {
	o := open(t, false, func(c *console.Config) { c.Limits.Body = 50 * time.Millisecond })
	here := o.Listener.Addr().String()
	for what, head := range map[string]string{
		"a form":            "POST /language HTTP/1.1\r\nHost: " + here,
		"another host":      "POST /language HTTP/1.1\r\nHost: elsewhere.example",
		"another site":      "POST /language HTTP/1.1\r\nHost: " + here + "\r\nSec-Fetch-Site: cross-site",
		"no page":           "POST /nowhere HTTP/1.1\r\nHost: " + here,
		"a file of ours":    "GET /static/nothing.css HTTP/1.1\r\nHost: " + here,
		"a stranger's file": "POST /uploads HTTP/1.1\r\nHost: " + here,
	} {
		t.Run(what, func(t *testing.T) { o.sendsHalf(t, head) })
	}
}

// sendsHalf sends half a form behind a head, and wants the connection to end.
func (o *office) sendsHalf(t *testing.T, head string) {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", o.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(connection, "%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlanguage=f", head)
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err == nil {
		if response.StatusCode < 400 {
			t.Errorf("half a form is answered %d", response.StatusCode)
		}
		_, err = io.Copy(io.Discard, reader) // until the server closes
		_ = response.Body.Close()
	}
	if timeout, is := err.(net.Error); is && timeout.Timeout() { //nolint:errorlint // as the connection gave it
		t.Error("the server goes on waiting")
	}
}

// TestANameIsNeverMarkup, whoever chose it.
func TestANameIsNeverMarkup(t *testing.T) {
	o := open(t, false)
	const name = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	to := o.service()
	g, err := to.Governance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := approval.SignAct(approval.Act{
		Kind: approval.Add, By: "root", Previous: g.People.Head(), Nonce: approval.NewNonce(),
		Person: approval.Person{Name: "mallory", FullName: name, Roles: []string{"admin"}, Keys: []approval.Key{{Public: signer(t, "mallory").PublicKey()}}},
	}, signer(t, "root"))
	if err == nil {
		_, err = to.ChangePeople(t.Context(), service.Actor{Person: "root", Host: "caisse"}, signed)
	}
	if err != nil {
		t.Fatal(err)
	}
	mallory := o.as("mallory")
	for _, one := range console.Routes() {
		if one.Method != http.MethodGet || one.Stream || strings.Contains(one.Path, "{") && one.Path != "/{$}" {
			continue
		}
		got := mallory.get(strings.TrimSuffix(one.Path, "{$}"))
		if strings.Contains(got.body, "<script>alert") || strings.Contains(got.body, "<img src=x") {
			t.Errorf("%s shows the name as markup:\n%s", one.Path, got.body)
		}
	}
	o.wants("her page", mallory.get("/me"), http.StatusOK, "&lt;script&gt;alert(1)")
}
