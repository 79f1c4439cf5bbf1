package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNoSecretLeavesARun pays the sample at the chattiest log level and looks
// for the credentials and the token in everything that is left, and for
// telephone numbers in the logs.
func TestNoSecretLeavesARun(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	run := exec.CommandContext(t.Context(), binary, "run", filepath.Join("..", "..", "testdata", "payroll.csv"),
		"--sandbox", "--yes", "--log-level", "debug", "--log-format", "json",
		"--ledger", filepath.Join(folder, "ledger.db"), "--report", folder)
	run.Env = append(os.Environ(), "LANG=C")
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	left := map[string][]byte{"standard output": stdout.Bytes(), "the logs": stderr.Bytes()}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if left[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	secrets := []string{
		"sandbox-secret",
		base64.StdEncoding.EncodeToString([]byte("sandbox-key:sandbox-secret")),
		"Bearer ", "eyJ",
	}
	for name, content := range left {
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
	for id, row := range readSample(t) {
		if bytes.Contains(stderr.Bytes(), []byte(row.number)) {
			t.Errorf("the logs show the number of %s in full", id)
		}
	}
	if !bytes.Contains(stderr.Bytes(), []byte(`"state":"successful"`)) || len(left) < 7 {
		t.Errorf("the run left only %d things to look at", len(left))
	}
}
