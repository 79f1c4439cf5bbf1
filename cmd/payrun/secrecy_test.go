package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNoSecretLeavesARun pays the sample at the chattiest log level and looks
// for the credentials and the token in everything that is left, and for
// telephone numbers in the logs and the metrics.
func TestNoSecretLeavesARun(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	provider := startSandbox(t, binary)
	run := exec.CommandContext(t.Context(), binary, "run", filepath.Join("..", "..", "testdata", "payroll.csv"),
		"--api-url", provider, "--yes", "--rate", "150", "--log-level", "debug", "--log-format", "json",
		"--metrics-addr", ":0", "--ledger", filepath.Join(folder, "ledger.db"), "--report", folder)
	run.Env = credentials(t)
	var stdout bytes.Buffer
	run.Stdout = &stdout
	logs, page := runReadingMetrics(t, run)
	logFile := filepath.Join(folder, "rehearsal.log")
	rehearse := exec.CommandContext(t.Context(), binary, "run", filepath.Join("..", "..", "testdata", "payroll.csv"),
		"--sandbox", "--yes", "--log-level", "debug", "--log-file", logFile,
		"--ledger", filepath.Join(folder, "rehearsal.db"), "--report", filepath.Join(t.TempDir(), "rehearsal"))
	rehearse.Env = run.Env
	if out, err := rehearse.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	show := exec.CommandContext(t.Context(), binary, "config")
	show.Env = run.Env
	shown, err := show.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	left := map[string][]byte{
		"standard output": stdout.Bytes(), "the logs": logs, "the metrics": page, "payrun config": shown,
	}
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
		if bytes.Contains(left[logFile], []byte(row.number)) {
			t.Errorf("the log file shows the number of %s in full", id)
		}
		if bytes.Contains(logs, []byte(row.number)) || bytes.Contains(page, []byte(row.number)) {
			t.Errorf("the logs or metrics show the number of %s in full", id)
		}
	}
	if !bytes.Contains(left[logFile], []byte("state=successful")) {
		t.Error("the log file has no line per payout")
	}
	if !bytes.Contains(page, []byte("payrun_requests_total{")) {
		t.Errorf("the metrics are not there:\n%s", page)
	}
	if !bytes.Contains(logs, []byte(`"url":"http://127.0.0.1:`)) {
		t.Error("metrics for an address without a host are not served on this machine alone")
	}
	if !bytes.Contains(logs, []byte(`"state":"successful"`)) || len(left) < 9 {
		t.Errorf("the run left only %d things to look at", len(left))
	}
}

// runReadingMetrics runs a payrun that logs JSON and serves metrics, and returns
// its logs and what the page said once payouts were under way.
func runReadingMetrics(t *testing.T, run *exec.Cmd) (logs, page []byte) {
	t.Helper()
	stderr, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	url := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		logs = append(append(logs, lines.Bytes()...), '\n')
		var line struct {
			Message, URL, State string
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		if line.URL != "" {
			url = line.URL
		}
		if line.State == "successful" && page == nil {
			page = fetch(t, url)
		}
	}
	if err := run.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, logs)
	}
	return logs, page
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
