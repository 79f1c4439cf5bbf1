package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"payrun/internal/browsertest"
)

// certify has an authority of the test's own vouch for a name, and writes the certificate and
// its key into a folder.
func certify(t *testing.T, folder, name string) *x509.Certificate {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	sign := func(c, by *x509.Certificate, public, private any) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, c, by, public, private)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	now := time.Now()
	authority, leaf := key(), key()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "An authority of a test"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	root = sign(root, root, &authority.PublicKey, authority)
	certificate := sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root, &leaf.PublicKey, authority)
	private, err := x509.MarshalPKCS8PrivateKey(leaf)
	if err != nil {
		t.Fatal(err)
	}
	chain := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})...)
	for file, content := range map[string][]byte{"cert.pem": chain, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate
}

// TestOffThisMachinePasskeysAndSessionsComeByTLS: the first admin leaves a passkey by the link that
// the server prints, signs for it, is signed in by a cookie that no other host can set, and comes
// back by the passkey.
func TestOffThisMachinePasskeysAndSessionsComeByTLS(t *testing.T) {
	t.Parallel()
	const name = "payrun.test"
	payrun, folder := payrunBinary(t), t.TempDir()
	certificate := certify(t, folder, name)
	browser := browsertest.Open(t, browsertest.Options{Trusted: []*x509.Certificate{certificate}, Hosts: []string{name}})
	serve := exec.CommandContext(t.Context(), payrun, "serve", "--listen", "0.0.0.0:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem",
		"--ledger", "first.db", "--pay=false", "--api-url", startSandbox(t, payrun), "--environment", "Sandbox")
	serve.Dir = folder
	serve.Env = append(environmentIn(folder), "PAYRUN_API_KEY=sandbox-key", "PAYRUN_API_SECRET=sandbox-secret", "LANG=C")
	said, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	link := ""
	for lines := bufio.NewScanner(said); link == "" && lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		link = regexp.MustCompile(`https://\S+/invitation/\S+`).FindString(lines.Text())
	}
	if !strings.HasPrefix(link, "https://"+name+":") {
		t.Fatalf("the link is %q; the server said\n%s", link, all.String())
	}
	p := browser.Page(t)
	p.Passkeys()
	p.Go(link)
	p.Fill("#person-passkey", "awa")
	p.Fill("#full-passkey", "Awa Koné")
	p.Press(`form[data-passkey="create"] button`)
	p.Press(`form[data-passkey="get"] button`)
	if !strings.HasSuffix(p.Address(), "/people") || !strings.Contains(p.Text("main"), "Awa Koné") {
		t.Fatalf("registered, and at %s: %s", p.Address(), p.Text("main"))
	}
	if cookies := p.Cookies(); len(cookies) == 0 || !strings.HasPrefix(cookies[0], "__Host-") {
		t.Errorf("cookies %q", cookies)
	}
	p.Press(`form[action="/sign-out"] button`)
	p.Go("https://" + name + regexp.MustCompile(`:\d+`).FindString(link) + "/sign-in?then=/me")
	p.Press(`form[data-passkey="get"] button`)
	if !strings.HasSuffix(p.Address(), "/me") {
		t.Errorf("signed in, and at %s: %s", p.Address(), p.Text("main"))
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("stopped gently it ends with %v", err)
	}
}
