package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served is a payrun serve in a process of its own.
type served struct {
	t       *testing.T
	command *exec.Cmd
	url     string
	token   string
	errors  *bytes.Buffer
}

// serveIn begins a server over the ledger of rehearsals in a folder.
func serveIn(t *testing.T, payrun, folder, token string, args ...string) *served {
	t.Helper()
	command := exec.CommandContext(t.Context(), payrun, append([]string{"serve", "--listen", "127.0.0.1:0", "--sandbox", "--workers", "2"}, args...)...)
	command.Dir, command.Env = folder, environmentIn(folder)
	return begun(t, command, token)
}

// serves begins a server on a machine.
func (m machine) serves(args ...string) *served {
	m.t.Helper()
	return begun(m.t, m.command(m.t.Context(), append([]string{"serve"}, args...)...), "")
}

// begun starts a server, and reads from its first line where it is.
func begun(t *testing.T, command *exec.Cmd, token string) *served {
	t.Helper()
	s := &served{t: t, command: command, token: token, errors: new(bytes.Buffer)}
	s.command.Stderr = s.errors
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server said %q, %v\n%s", line, err, s.errors)
	}
	s.url = strings.TrimSpace(line)
	return s
}

// environmentIn has all that payrun keeps for its user in a folder.
func environmentIn(folder string) []string {
	all := os.Environ()
	for name, value := range placesIn(filepath.Join(folder, ".home")) {
		all = append(all, name+"="+value)
	}
	return all
}

// end sends a signal and waits.
func (s *served) end(signal os.Signal) error {
	s.t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	return s.command.Wait()
}

func (s *served) call(method, path, body string) map[string]any {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	var answer map[string]any
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		s.t.Fatalf("%s %s: %d %s, %v", method, path, response.StatusCode, text, err)
	}
	return answer
}

// follow reads the audit log until an event says so much.
func (s *served) follow(wanted string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/v1/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Last-Event-ID", "0")
	client := http.Client{Timeout: time.Minute}
	response, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if strings.Contains(lines.Text(), wanted) {
			return
		}
	}
	s.t.Fatalf("the stream ended before %s\n%s", wanted, s.errors)
}

// TestAKilledServerGoesOnWithWhatWasReleasedAndNothingElse, and pays nobody twice.
func TestAKilledServerGoesOnWithWhatWasReleasedAndNothingElse(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	const rows = 400
	file := filepath.Join(folder, "kill.csv")
	total := writeRows(t, file, rows)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	making := exec.CommandContext(t.Context(), payrun, "token", "create", "test", "--scope", "read,submit,pay", "--sandbox")
	making.Dir = folder
	making.Env = environmentIn(folder)
	secret, err := making.Output()
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(secret))

	s := serveIn(t, payrun, folder, token, "--rate", "100")
	s.call(http.MethodPost, "/v1/batches?batch=released", string(text))
	other := strings.NewReplacer("KILL-", "WAIT-", ",07", ",05", "ORANGE", "MTN").Replace(string(text))
	s.call(http.MethodPost, "/v1/batches?batch=waiting", other)
	s.call(http.MethodPost, "/v1/batches/released/pay", fmt.Sprintf(`{"count":%d,"total":%d}`, rows, total))
	s.follow(`"payout":"KILL-00020"`)
	if err := s.end(syscall.SIGKILL); err == nil {
		t.Fatal("it survived being killed")
	}

	s = serveIn(t, payrun, folder, token, "--lookup-grace", "100ms")
	s.follow(`"kind":"batch.closed"`)
	for batch, want := range map[string]string{"released": "closed", "waiting": "ready"} {
		if got := s.call(http.MethodGet, "/v1/batches/"+batch, ""); got["state"] != want {
			t.Errorf("%s is %v, want %s", batch, got, want)
		}
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
	transfers := map[string]map[string]bool{}
	books, err := os.ReadFile(filepath.Join(folder, "payrun-sandbox.db.sandbox.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(books) {
		var of struct {
			ID  string `json:"transaction_id"`
			Ref string `json:"ref"`
		}
		if err := json.Unmarshal(line, &of); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if transfers[of.ID] == nil {
			transfers[of.ID] = map[string]bool{}
		}
		transfers[of.ID][of.Ref] = true
	}
	for id, refs := range transfers {
		if len(refs) != 1 || !strings.HasPrefix(id, "KILL-") {
			t.Errorf("the provider has %d transfers for %s", len(refs), id)
		}
	}
	if len(transfers) != rows {
		t.Errorf("the provider paid %d, want %d", len(transfers), rows)
	}
}
