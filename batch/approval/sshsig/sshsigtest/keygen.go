package sshsigtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Tool finds a program of OpenSSH's. CI has it; elsewhere the test is skipped without.
func Tool(tb testing.TB, name string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		tb.Fatalf("%s is not installed, and CI must have it", name)
	default:
		tb.Skipf("%s is not installed", name)
	}
	return ""
}

// Keygen runs ssh-keygen with a text on its standard input, and returns what it said and
// whether it ended well.
func Keygen(tb testing.TB, stdin []byte, arguments ...string) (string, error) {
	tb.Helper()
	run := exec.CommandContext(tb.Context(), Tool(tb, "ssh-keygen"), arguments...) //nolint:gosec // G204: tests say what ssh-keygen is to do
	run.Stdin = bytes.NewReader(stdin)
	output, err := run.CombinedOutput()
	return string(output), err
}

// Verifies asks ssh-keygen -Y verify about a signature by a person of a list.
func Verifies(tb testing.TB, allowedSigners []byte, principal, namespace string, message, armoured []byte) error {
	tb.Helper()
	output, err := Keygen(tb, message, "-Y", "verify", "-f", File(tb, "allowed_signers", allowedSigners),
		"-I", principal, "-n", namespace, "-s", File(tb, "text.sig", armoured))
	if err != nil {
		tb.Logf("ssh-keygen -Y verify: %s", output)
	}
	return err
}

// File writes a file that only its owner reads, in a folder of its own, and returns its
// path.
func File(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// KeyFile makes a key with ssh-keygen and returns the file of its private half, and its
// public one.
func KeyFile(tb testing.TB, passphrase string, options ...string) (string, ssh.PublicKey) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "key")
	if output, err := Keygen(tb, nil, append(options, "-q", "-N", passphrase, "-C", "test", "-f", path)...); err != nil {
		tb.Fatalf("ssh-keygen: %v: %s", err, output)
	}
	line, err := os.ReadFile(path + ".pub") //nolint:gosec // G304: in the test's own folder
	if err != nil {
		tb.Fatal(err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(line)
	if err != nil {
		tb.Fatal(err)
	}
	return path, key
}
