package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"payrun/batch/service"
	"payrun/cmd/payrun/session"
)

// writeKey makes a key pair as ssh-keygen does, and returns the private half's path.
func writeKey(t *testing.T, path string) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{path: pem.EncodeToMemory(block), path + ".pub": ssh.MarshalAuthorizedKey(public)} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestAPersonSignsOnlyWhoTypesWhatTheySign: the total of a batch, the beginning of a
// policy's digest.
func TestAPersonSignsOnlyWhoTypesWhatTheySign(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	admin, koffi := writeKey(t, in("admin")), writeKey(t, in("koffi"))
	policy := "currency: XOF\ntiers:\n  - name: all\n    approvals:\n      - count: 1\n        from: [checker]\n"
	if err := os.WriteFile(in("policy.yaml"), []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	writeRows(t, in("may.csv"), 2) // 237
	payrun := func(typed string, want int, says string, args ...string) string {
		t.Helper()
		var stdout bytes.Buffer
		stderr := &screen{}
		code := run(append(args, "--ledger", in("ledger.db"), "--sandbox"), environment{
			stdin: strings.NewReader(typed), stdout: io.MultiWriter(&stdout, stderr), stderr: stderr, lookup: own(t).env, stdinTerminal: true,
		})
		if code != want || !strings.Contains(stderr.String(), says) {
			t.Errorf("%q typed to payrun %s: exit %d, want %d and %q in\n%s", typed, strings.Join(args, " "), code, want, says, stderr)
		}
		return stdout.String()
	}
	me := session.Actor(service.Unconfirmed).Person + "@firm"
	payrun("", exitPaid, me, "people", "init", me, "--key", admin)
	payrun("", exitPaid, "koffi@firm", "people", "add", "koffi@firm", "--role", "checker", "--public-key", koffi+".pub", "--key", admin)
	proposed := payrun("", exitPaid, "Proposed by", "policy", "propose", in("policy.yaml"))
	_, digest, _ := strings.Cut(proposed, "policy ")
	payrun("yes\n", exitUsage, "another word was typed", "policy", "approve", "--key", admin)
	payrun(digest[:6]+"\n", exitPaid, "in force", "policy", "approve", "--key", admin)

	payrun("237\n", exitUnapproved, "waits for approval", "run", in("may.csv"), "--no-progress", "--report", in("report"))
	payrun("no\n", exitUsage, "is not the total", "approve", "may", "--key", koffi)
	payrun("", exitPaid, "waits for approval", "status", "may")
	payrun("237\n", exitPaid, "It is approved", "approve", "may", "--key", koffi)
	payrun("no\n", exitUsage, "is not the total", "resume", "may", "--no-progress", "--report", in("report"))
	payrun("237\n", exitPaid, "paid", "resume", "may", "--no-progress", "--report", in("report"))
}
