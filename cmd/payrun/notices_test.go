package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAServerTellsAURLWhatHappens, across a kill, and takes the provider's calls; neither secret is
// in what it writes.
func TestAServerTellsAURLWhatHappens(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	payrun, folder := payrunBinary(t), t.TempDir()
	told := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			Type string
			Data struct{ Batch string }
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || !strings.HasPrefix(r.Header.Get("Webhook-Signature"), "v1,") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		told <- m.Type + " " + m.Data.Batch
	}))
	defer receiver.Close()
	await := func(wanted string) {
		t.Helper()
		for {
			select {
			case got := <-told:
				if got == wanted {
					return
				}
			case <-time.After(time.Minute):
				t.Fatalf("nobody told of %s", wanted)
			}
		}
	}
	file := filepath.Join(folder, "may.csv")
	total := writeRows(t, file, 5)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	one := func(args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), payrun, append(args, "--sandbox")...)
		command.Dir, command.Env = folder, environmentIn(folder)
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	token, hook := one("token", "create", "test", "--scope", "read,submit,pay"), one("hook", "create")
	t.Setenv("PAYRUN_NOTIFY_SECRET", secret)
	tells := []string{"--notify-url", receiver.URL + "/told", "--log-level", "debug"}

	s := serveIn(t, payrun, folder, token, append(tells, "--pay=false")...)
	s.call(http.MethodPost, "/v1/batches?batch=may", string(text))
	s.call(http.MethodPost, "/v1/batches/may/pay", fmt.Sprintf(`{"count":5,"total":%d}`, total))
	await("batch.released may")
	if err := s.end(syscall.SIGKILL); err == nil {
		t.Fatal("it survived being killed")
	}
	written := s.errors.String()

	s = serveIn(t, payrun, folder, token, tells...)
	await("batch.closed may")
	for _, path := range []string{hook, "/hooks/forged"} {
		response, err := http.Post(s.url+path, "application/json", strings.NewReader(`{"transactionId":"KILL-00001","status":"FAILED"}`))
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %v, %v", path, response, err)
		}
		_ = response.Body.Close()
	}
	if got := s.call(http.MethodGet, "/v1/batches/may", ""); got["state"] != "closed" {
		t.Errorf("it is %v", got)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
	written += s.errors.String() + one("ledger", "export") + one("notices", "list")
	for what, hidden := range map[string]string{"the secret of calls": strings.TrimPrefix(secret, "whsec_"), "the provider's address": strings.TrimPrefix(hook, "/hooks/")} {
		if strings.Contains(written, hidden) {
			t.Errorf("it wrote %s", what)
		}
	}
}
