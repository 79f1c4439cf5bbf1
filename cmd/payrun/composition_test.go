package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// placed are the words of a command of the composition with the places of a container put into a
// folder, and the address on which it listens on this machine alone.
func placed(words []string, folder, listen string) []string {
	var all []string
	for _, word := range words {
		for _, volume := range []string{"/data", "/tls"} {
			if word == volume || strings.HasPrefix(word, volume+"/") {
				word = filepath.Join(folder, word)
			}
		}
		if strings.HasPrefix(word, "0.0.0.0:") {
			word = listen
		}
		all = append(all, word)
	}
	return all
}

// behindTLS is whoever asks a server by its name, and trusts an authority alone.
type behindTLS struct {
	t              *testing.T
	listen, secret string
	client         *http.Client
}

// trusts begins with connections of their own.
func (b *behindTLS) trusts(authority *x509.CertPool) {
	b.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority, ServerName: "payrun.example", MinVersion: tls.VersionTLS12}}}
}

func (b *behindTLS) asks(path, host string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, "https://"+b.listen+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Host = host
	request.Header.Set("Authorization", "Bearer "+b.secret)
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, string(text) + response.Header.Get("Strict-Transport-Security")
}

// TestTheCompositionServesWithTLS: the commands of the container's composition, run in its order over
// its volumes, with a certificate of a local authority: a token made before the server holds the
// ledger lets in, health and readiness answer whoever asks, and the proxy's plain HTTP gets nothing.
func TestTheCompositionServesWithTLS(t *testing.T) {
	t.Parallel()
	var compose struct {
		Services map[string]struct {
			Command     []string          `yaml:"command"`
			Environment map[string]string `yaml:"environment"`
			Ports       []string          `yaml:"ports"`
			Volumes     []string          `yaml:"volumes"`
		} `yaml:"services"`
	}
	readYAML(t, "recipes/container/compose.yaml", &compose)
	server, token := compose.Services["server"], compose.Services["token"]
	s := setScene(t, "")
	m := s.machine("container")
	for _, volume := range []string{"data", "tls"} {
		if err := os.MkdirAll(filepath.Join(m.home, volume), 0o700); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(server.Volumes, func(v string) bool { return strings.Contains(v, ":/"+volume) }) {
			t.Errorf("the server has no /%s: %v", volume, server.Volumes)
		}
	}
	authority := x509.NewCertPool()
	authority.AddCert(certify(t, filepath.Join(m.home, "tls"), "payrun.example"))
	for name := range server.Environment {
		if name != "PAYRUN_API_KEY" && name != "PAYRUN_API_SECRET" {
			t.Errorf("the test knows nothing of %s", name)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	secret := lastLine(m.pays(exitPaid, "payrun_", placed(token.Command, m.home, listen)...))
	serves := m.serves(placed(server.Command, m.home, listen)[1:]...)
	if inside, is := strings.CutPrefix(server.Command[slices.Index(server.Command, "--listen")+1], "0.0.0.0"); !is || !slices.Contains(server.Ports, strings.TrimPrefix(inside, ":")+inside) {
		t.Errorf("it listens on %s, and %v is published", inside, server.Ports)
	}

	at := &behindTLS{t: t, listen: listen, secret: secret}
	at.trusts(authority)
	asks := at.asks
	for path, says := range map[string]string{"/healthz": "max-age", "/readyz": "max-age", "/v1/batches": `"batches":[]`, "/sign-in": "ssh-keygen"} {
		if status, text := asks(path, "payrun.example"); status != http.StatusOK || !strings.Contains(text, says) {
			t.Errorf("%s: %d, want %q in\n%.300s", path, status, says, text)
		}
	}
	if status, _ := asks("/healthz", "elsewhere.example"); status != http.StatusMisdirectedRequest {
		t.Errorf("by another name: %d", status)
	}
	if response, err := http.Get("http://" + listen + "/healthz"); err == nil {
		if response.StatusCode == http.StatusOK {
			t.Error("it answers without TLS")
		}
		_ = response.Body.Close()
	}
	renewed := x509.NewCertPool()
	renewed.AddCert(certify(t, filepath.Join(m.home, "tls"), "payrun.example"))
	at.trusts(renewed)
	if status, _ := asks("/healthz", "payrun.example"); status != http.StatusOK {
		t.Errorf("with a certificate that was renewed: %d", status)
	}
	write(t, filepath.Join(m.home, "tls", "key.pem"), "half a key")
	at.trusts(renewed)
	if status, _ := asks("/healthz", "payrun.example"); status != http.StatusOK {
		t.Errorf("while a key is written: %d", status)
	}
	if err := serves.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, serves.errors)
	}
	for _, kept := range []string{"data/payrun.db", "data/payrun.db.files"} {
		if _, err := os.Stat(filepath.Join(m.home, kept)); err != nil {
			t.Errorf("the volume lacks %s: %v", kept, err)
		}
	}
}
