package main

import (
	"html"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/internal/console"
)

// visitor is a browser that a balancer sends now to this server, now to that one.
type visitor struct {
	t       *testing.T
	cookies map[string]string
}

// asks makes a request to one of the servers by the name that all of them have.
func (v *visitor) asks(at *served, path string, form url.Values) (status int, page string) {
	v.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(v.t.Context(), method, at.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Host = "payrun.example"
	request.Header.Set("X-Forwarded-For", "192.0.2.7")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range v.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // what a browser sends has a name and a value
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	for _, cookie := range response.Cookies() {
		if v.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(v.cookies, cookie.Name)
		}
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestASessionIsOfAllServers over a database: begun at one with what another one asked, used at both,
// and over at both once it is ended at either.
func TestASessionIsOfAllServers(t *testing.T) {
	s, address := sharedScene(t)
	owner := s.machine("owner")
	key := writeKey(t, filepath.Join(owner.home, "root"))
	owner.pays(exitPaid, "root@firm", "people", "init", "root@firm", "--key", key, "--ledger", address)
	files := filepath.Join(s.folder, "files")
	starts := func(name string) *served {
		t.Helper()
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		place := free.Addr().String()
		if err := free.Close(); err != nil {
			t.Fatal(err)
		}
		server := s.machine(name).serves("--listen", place, "--url", "https://payrun.example", "--files", files, "--ledger", address)
		server.url = "http://" + place // behind the balancer
		return server
	}
	servers := []*served{starts("one"), starts("two")}
	for i, ends := range servers {
		asks, other := servers[1-i], servers[1-i]
		b := &visitor{t: t, cookies: map[string]string{}}
		_, page := b.asks(asks, "/sign-in", nil)
		found := regexp.MustCompile(`(?s)<pre class="mono" tabindex="0">(payrun [^<]*)</pre>`).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("no text to sign in\n%s", page)
		}
		signature := signed(t, key, html.UnescapeString(found[1]))
		if status, page := b.asks(ends, "/sign-in", url.Values{"signature": {signature}}); status != http.StatusSeeOther {
			t.Fatalf("signing in with what the other server asked: %d\n%s", status, page)
		}
		stolen := &visitor{t: t, cookies: maps.Clone(b.cookies)}
		for _, server := range servers {
			if status, page := b.asks(server, "/me", nil); status != http.StatusOK || !strings.Contains(page, "root@firm") {
				t.Errorf("the session at another server: %d\n%s", status, page)
			}
		}
		if status, _ := b.asks(ends, "/sign-out", url.Values{}); status != http.StatusSeeOther {
			t.Errorf("signing out: %d", status)
		}
		if status, _ := stolen.asks(ends, "/me", nil); status == http.StatusOK {
			t.Error("the session goes on where it was ended")
		}
		until(t, "the other server has heard that it is over", func() bool {
			status, _ := stolen.asks(other, "/me", nil)
			return status != http.StatusOK
		})
	}
	for _, server := range servers {
		if err := server.end(syscall.SIGTERM); err != nil {
			t.Errorf("%v\n%s", err, server.errors)
		}
	}
}

// signed is a signature that lets whoever has a key in.
func signed(t *testing.T, key, text string) string {
	t.Helper()
	private, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := sshsig.Sign(signer, console.Namespace, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(signature.Armour())
}
