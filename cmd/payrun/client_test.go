package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"payrun/internal/programtest"
)

// clientFolder has a program in TypeScript, and the packages that make a client for it.
const clientFolder = "testdata/client"

// packaged returns a copy of the folder with its packages. Without them the test is skipped; in
// CI, which installs them, it fails.
func packaged(t *testing.T) string {
	t.Helper()
	installed, err := filepath.Abs(filepath.Join(clientFolder, "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(installed); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must have its packages: %v", err)
		}
		t.Skipf("npm ci --prefix cmd/payrun/%s --ignore-scripts installs what this test needs", clientFolder)
	}
	folder := t.TempDir()
	if err := os.Symlink(installed, filepath.Join(folder, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "tsconfig.json", "drive.ts"} {
		text, err := os.ReadFile(filepath.Join(clientFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), string(text))
	}
	return folder
}

// TestAClientMadeFromTheDescriptionDrivesABatch: from a file that is refused to the report, in
// another language, by a client that nobody wrote.
func TestAClientMadeFromTheDescriptionDrivesABatch(t *testing.T) {
	t.Parallel()
	node := programtest.Find(t, "node", "nodejs")
	folder := packaged(t)
	payrun, kept := payrunBinary(t), t.TempDir()
	token := tokenIn(t, payrun, kept, "--sandbox")
	s := serveIn(t, payrun, kept, token)
	write(t, filepath.Join(folder, "openapi.json"), s.described())
	const rows = 7
	file := filepath.Join(folder, "rows.csv")
	total := writeRows(t, file, rows)

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	runs := func(args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(ctx, node, args...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "PAYRUN_TOKEN="+token)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("node %v: %v\n%s", args, err, out)
		}
		return out
	}
	runs("node_modules/openapi-typescript/bin/cli.js", "openapi.json", "--output", "payrun.d.ts")
	runs("node_modules/typescript/bin/tsc", "--outDir", "built")
	var told struct {
		Problems   []string
		Rows       int
		Replayed   string
		Last       string
		State      string
		Paid       int64
		References []string
		Summary    int
	}
	out := runs(filepath.Join("built", "drive.js"), s.url, file)
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	got := fmt.Sprint(told.Problems, told.Rows, told.Replayed, told.Last, told.State, told.Paid, len(told.References), told.Summary)
	if want := fmt.Sprint([]string{"file.header"}, rows, "true", "batch.closed", "closed", total, rows, rows); got != want {
		t.Errorf("the client was told %s, want %s", got, want)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, s.errors)
	}
}

// described is the server's description.
func (s *served) described() string {
	s.t.Helper()
	response, err := http.Get(s.url + "/v1/openapi.json")
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("the description: %d %v", response.StatusCode, err)
	}
	return string(text)
}
