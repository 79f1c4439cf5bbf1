package httpclient_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"payrun/internal/httpapi"
	"payrun/internal/httpclient"
)

// TestATokenCrossesNoNetworkInTheClear, nor goes where an address only seems to lead.
func TestATokenCrossesNoNetworkInTheClear(t *testing.T) {
	for address, let := range map[string]bool{
		"https://payrun.example":           true,
		"https://payrun.example:8443/":     true,
		"http://127.0.0.1:8080":            true,
		"http://localhost:8080":            true,
		"http://[::1]:8080":                true,
		"http://payrun.example":            false,
		"http://127.0.0.1.evil.example":    false,
		"http://127.0.0.1@evil.example":    false,
		"https://user:word@payrun.example": false,
		"https://payrun.example/v1":        false,
		"https://payrun.example?x=y":       false,
		"payrun.example":                   false,
		"ftp://payrun.example":             false,
		"":                                 false,
	} {
		client, err := httpclient.New(httpclient.Config{URL: address, Token: "secret"})
		if let != (err == nil) || (!let && !errors.Is(err, httpclient.ErrAddress)) {
			t.Errorf("%s: %v, let %t", address, err, let)
		}
		if client != nil {
			client.Close()
		}
	}
}

// answers begins a server that answers everything in one way, and a client of it.
func answers(t *testing.T, handler http.HandlerFunc) *httpclient.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := httpclient.New(httpclient.Config{URL: server.URL, Token: "secret", Language: "fr", Agent: "payrun/test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// TestATokenIsForOneServer: a redirect is no answer.
func TestATokenIsForOneServer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server was sent %v", r.Header)
	}))
	t.Cleanup(elsewhere.Close)
	client := answers(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if _, err := client.Batch(t.Context(), "may"); !errors.Is(err, httpclient.ErrNoServer) {
		t.Errorf("a redirect: %v", err)
	}
}

// TestWhatIsNoPayrunIsToldFromAProblem.
func TestWhatIsNoPayrunIsToldFromAProblem(t *testing.T) {
	for what, test := range map[string]struct {
		kind, body string
		status     int
		code       string
	}{
		"a problem":            {"application/problem+json", `{"code":"token","status":401}`, http.StatusUnauthorized, "token"},
		"a proxy's page":       {"text/html", "<h1>Bad gateway</h1>", http.StatusBadGateway, ""},
		"a problem as a page":  {"text/html", `{"code":"token"}`, http.StatusUnauthorized, ""},
		"a problem of another": {"application/problem+json", `{"title":"no"}`, http.StatusForbidden, ""},
		"a page":               {"text/html", "<h1>Welcome</h1>", http.StatusOK, ""},
		"half an answer":       {"application/json", `{"id":"ma`, http.StatusOK, ""},
	} {
		client := answers(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("Accept-Language") != "fr" {
				t.Errorf("it came with %v", r.Header)
			}
			w.Header().Set("Content-Type", test.kind)
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		})
		_, err := client.Batch(t.Context(), "may")
		problem, is := errors.AsType[*httpapi.Problem](err)
		if is != (test.code != "") || (is && problem.Code != test.code) || (!is && !errors.Is(err, httpclient.ErrNoServer)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
