package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// caller types commands in a folder of their own, with a server's token in the environment.
type caller struct {
	t      *testing.T
	payrun string
	folder string
	token  string
}

// types runs a command and returns how it ended and what it printed.
func (c caller) types(args ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), c.payrun, args...)
	cmd.Dir, cmd.Env = c.folder, append(environmentIn(c.folder), "PAYRUN_TOKEN="+c.token)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	return exitCodeOf(c.t, cmd.Run()), out.String(), errs.String()
}

// wants is types for a command of which the test knows how it ends, and something that it says.
func (c caller) wants(code int, says string, args ...string) string {
	c.t.Helper()
	got, stdout, stderr := c.types(args...)
	if got != code || !strings.Contains(stdout+stderr, says) {
		c.t.Errorf("payrun %s: exit %d, want %d and %q in\n%s%s", strings.Join(args, " "), got, code, says, stdout, stderr)
	}
	return stdout
}

// tokenIn makes a token of the ledger of rehearsals in a folder.
func tokenIn(t *testing.T, payrun, folder string, flags ...string) string {
	t.Helper()
	c := caller{t: t, payrun: payrun, folder: folder}
	return strings.TrimSpace(c.wants(exitPaid, "payrun_", append([]string{"token", "create", "test", "--scope", "read,submit,pay,approve,resolve"}, flags...)...))
}

// write writes a file of a test.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTheCommandLineSpeaksToAServer: what is printed, and how it ends, is what the same command
// says at the ledger.
func TestTheCommandLineSpeaksToAServer(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	here.token = tokenIn(t, payrun, folder, "--sandbox")
	scenario := write(t, filepath.Join(folder, "some-fail.yaml"), "faults: {pending_then_failed: 30}\nsettle: {min: 1ms, max: 20ms}\n")
	s := serveIn(t, payrun, folder, here.token, "--scenario", scenario, "--lookup-grace", "100ms", "--poll-min", "10ms")
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: here.token}
	total := writeRows(t, filepath.Join(desk.folder, "may.csv"), 40)
	at := []string{"--server", s.url}

	desk.wants(exitFile, "--expect-total says 1", append(at, "run", "may.csv", "--yes", "--expect-total", "1")...)
	desk.wants(exitUsage, "nobody is there", append(at, "run", "may.csv")...)
	desk.wants(exitFailed, "payrun retry may --server", append(at, "run", "may.csv", "--yes", "--no-progress")...)
	if total == 0 {
		t.Fatal("nothing was to be paid")
	}
	for _, args := range [][]string{
		{"status"},
		{"status", "may"},
		{"status", "may", "--state", "failed"},
		{"status", "may", "--output", "json"},
		{"status", "--output", "json"},
		{"status", "may", "--lang", "fr"},
	} {
		_, there, _ := desk.types(append(slices.Clone(args), at...)...)
		_, local, _ := here.types(append(slices.Clone(args), "--sandbox")...)
		there = strings.ReplaceAll(there, "--server "+s.url, "--sandbox")
		if there != local || local == "" {
			t.Errorf("payrun %s says at the server:\n%s\nand at its ledger:\n%s", strings.Join(args, " "), there, local)
		}
	}
	desk.reportsAs(here, at)
	desk.wants(exitUsage, "--rate", append(at, "retry", "may", "--yes", "--rate", "3")...)
	desk.wants(exitUsage, "XYZ", append(at, "retry", "may", "--yes", "--only", "XYZ")...)
	var ending struct {
		Kind  string
		Exit  int
		Retry struct{ Chosen []any }
	}
	_, out, errs := desk.types(append(at, "retry", "may", "--yes", "--output", "json")...)
	if err := json.Unmarshal([]byte(out), &ending); err != nil || ending.Kind != "ending" || len(ending.Retry.Chosen) == 0 {
		t.Errorf("retry: %v\n%s%s", err, out, errs)
	}
	desk.wants(exitPaid, "nothing", append(at, "cancel", "may", "--yes")...)
	desk.wants(exitUsage, "never", append(at, "status", "never")...)
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
	desk.wants(exitStopped, "no payrun server answers", append(at, "status")...)
}

// reportsAs fetches the reports of a batch, and holds them against those of the ledger.
func (c caller) reportsAs(here caller, at []string) {
	c.t.Helper()
	c.wants(exitPaid, "may.html", append(at, "report", "may", "--report", "fetched")...)
	here.wants(exitPaid, "may.html", "report", "may", "--report", "written", "--sandbox")
	for _, name := range []string{"may.csv", "may.json", "may.html", "may.xlsx"} {
		fetched, err := os.ReadFile(filepath.Join(c.folder, "fetched", name))
		if err != nil {
			c.t.Fatal(err)
		}
		if !strings.HasSuffix(name, ".csv") {
			continue
		}
		written, err := os.ReadFile(filepath.Join(here.folder, "written", name))
		if err != nil || !bytes.Equal(fetched, written) {
			c.t.Errorf("%s is another one, %v:\n%s\n%s", name, err, fetched, written)
		}
	}
}

// TestAnOfficeIsKeptAtTheServer: tokens, the provider's address and what others were told, while the
// server holds the ledger.
func TestAnOfficeIsKeptAtTheServer(t *testing.T) {
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	token := strings.TrimSpace(here.wants(exitPaid, "payrun_", "token", "create", "office", "--scope", "read,tokens", "--sandbox"))
	s := serveIn(t, payrun, folder, token)
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: token}
	at := []string{"--server", s.url}
	here.wants(exitUsage, "--server", "token", "create", "erp", "--scope", "read", "--sandbox")
	made := strings.TrimSpace(desk.wants(exitPaid, "payrun_", append(at, "token", "create", "erp", "--scope", "read")...))
	desk.wants(exitUsage, "scope", append(at, "token", "create", "more", "--scope", "pay")...)
	desk.wants(exitUsage, "whole days", append(at, "token", "create", "brief", "--scope", "read", "--expires", "90m")...)
	desk.wants(exitUsage, "--person", append(at, "token", "create", "theirs", "--scope", "read", "--person", "awa@firm")...)
	caller{t: t, payrun: payrun, folder: desk.folder, token: made}.wants(exitPaid, "", append(at, "status")...)
	_, there, _ := desk.types(append(at, "token", "list")...)
	if _, local, _ := here.types("token", "list", "--sandbox"); there != local || !strings.Contains(there, "erp") {
		t.Errorf("the tokens are there:\n%s\nand here:\n%s", there, local)
	}
	id := strings.Split(made, "_")[1]
	desk.wants(exitPaid, "", append(at, "token", "revoke", id)...)
	desk.wants(exitUsage, "", append(at, "token", "revoke", "000000000000")...)
	caller{t: t, payrun: payrun, folder: desk.folder, token: made}.wants(exitUsage, "", append(at, "status")...)

	address := strings.TrimSpace(desk.wants(exitPaid, "https://payrun.example/hooks/", append(at, "hook", "create", "--url", "https://payrun.example")...))
	if strings.TrimPrefix(address, "https://payrun.example/hooks/") == "" {
		t.Errorf("no address: %q", address)
	}
	desk.wants(exitPaid, "nobody here", append(at, "hook", "end")...)
	desk.wants(exitPaid, `"notices"`, append(at, "notices", "list", "--state", "dead", "--output", "json")...)
	desk.wants(exitUsage, "", append(at, "notices", "again", "webhook", "1")...)
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
}

// TestAPersonAnswersAtTheServer what nobody can find out by asking, and sees what the same command
// shows at the ledger.
func TestAPersonAnswersAtTheServer(t *testing.T) {
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	here.token = tokenIn(t, payrun, folder, "--sandbox")
	scenario := write(t, filepath.Join(folder, "open.yaml"), "faults: {pending_forever: 100}\n")
	s := serveIn(t, payrun, folder, here.token, "--scenario", scenario, "--lookup-grace", "100ms", "--poll-min", "10ms", "--wait", "100ms")
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: here.token}
	write(t, filepath.Join(desk.folder, "may.csv"), "transaction_id,customer_id,name,amount,operator\nA-1,0701020304,Awa Koné,5000,ORANGE\nA-2,0701020305,Yao Kra,6000,ORANGE\n")
	at := []string{"--server", s.url}
	desk.wants(exitOpen, "", append(at, "run", "may.csv", "--yes", "--no-progress")...)
	seen := []string{"resolve", "may", "A-1", "--paid", "--because", "on-their-page"}
	desk.wants(exitUsage, "needs a person at a terminal", append(at, seen...)...)
	desk.wants(exitUsage, "XYZ", append(at, "resolve", "may", "XYZ", "--paid", "--because", "x", "--yes")...)
	if out := desk.wants(exitPaid, "A-1", append(at, append(slices.Clone(seen), "--yes")...)...); !strings.Contains(out, "pending") {
		t.Errorf("it does not show what is on record:\n%s", out)
	}
	desk.wants(exitUsage, "A-1", append(at, append(slices.Clone(seen), "--yes")...)...)
	var resolution struct {
		Kind, Before, State string
		Resolution          struct{ Paid bool }
		Attempts            []struct{ State, Reference string }
	}
	out := desk.wants(exitPaid, "", append(at, "resolve", "may", "A-2", "--not-paid", "--because", "cancelled", "--yes", "--output", "json")...)
	if err := json.Unmarshal([]byte(out), &resolution); err != nil || resolution.Kind != "resolution" || resolution.Before != "pending" ||
		resolution.State != "failed" || len(resolution.Attempts) != 1 || resolution.Attempts[0].Reference == "" {
		t.Errorf("%+v, %v:\n%s", resolution, err, out)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
	here.wants(exitPaid, `"successful"`, "status", "may", "--sandbox", "--output", "json")
}

// TestWhoIsNotLetInIsToldSo: tokens, addresses, and files that are wrong.
func TestWhoIsNotLetInIsToldSo(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	token := tokenIn(t, payrun, folder, "--sandbox")
	s := serveIn(t, payrun, folder, token)
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: token}
	write(t, filepath.Join(desk.folder, "bad.csv"), "transaction_id,customer_id,name,amount,operator\nA-1,07,Awa,0,ORANGE\n")
	desk.wants(exitFile, "[", "run", "bad.csv", "--yes", "--server", s.url)
	if out := desk.wants(exitFile, `"validation"`, "run", "bad.csv", "--yes", "--server", s.url, "--output", "json"); !strings.Contains(out, `"groups"`) {
		t.Errorf("a refused file: %s", out)
	}
	desk.wants(exitUsage, "https://NAME", "status", "--server", "http://payrun.example")
	desk.wants(exitUsage, "--sandbox", "status", "--sandbox", "--server", s.url)
	desk.wants(exitUsage, "--token-file goes with", "status", "--token-file", "x")
	other := desk
	other.token = "payrun_000000000000_" + strings.Repeat("A", 43)
	other.wants(exitUsage, "a valid token is needed", "status", "--server", s.url)
	other.token = ""
	other.wants(exitUsage, "PAYRUN_TOKEN", "status", "--server", s.url)
	open := write(t, filepath.Join(desk.folder, "token"), token)
	other.wants(exitPaid, "", "status", "--server", s.url, "--token-file", open)
	if err := os.Chmod(open, 0o644); err != nil { //nolint:gosec // which is what is refused
		t.Fatal(err)
	}
	other.wants(exitUsage, "token", "status", "--server", s.url, "--token-file", open)
	write(t, filepath.Join(desk.folder, "payrun.yaml"), "server: "+s.url+"\n")
	desk.wants(exitUsage, "server", "status")
}

// TestALedgerThatIsServedSaysByWhom, as long as that is so.
func TestALedgerThatIsServedSaysByWhom(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	writeRows(t, filepath.Join(folder, "may.csv"), 3)
	s := serveIn(t, payrun, folder, tokenIn(t, payrun, folder, "--sandbox"))
	here.wants(exitUsage, "held by the server at "+s.url, "cancel", "may", "--sandbox")
	here.wants(exitUsage, "--server "+s.url, "run", "may.csv", "--yes", "--sandbox")
	here.wants(exitUsage, "tenu par le serveur", "run", "may.csv", "--yes", "--sandbox", "--lang", "fr")
	here.wants(exitUsage, "--server "+s.url, "policy", "propose", "may.csv", "--sandbox")
	here.wants(exitUsage, "end the server first", "people", "init", "root@firm", "--key", "x", "--sandbox")
	if err := s.end(syscall.SIGKILL); err == nil {
		t.Fatal("it survived being killed")
	}
	note := filepath.Join(folder, "payrun-sandbox.db.server")
	if _, err := os.Stat(note); err != nil {
		t.Fatalf("a killed server leaves its note: %v", err)
	}
	here.wants(exitPaid, "", "run", "may.csv", "--yes", "--sandbox", "--no-progress")
	s = serveIn(t, payrun, folder, "")
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(note); err == nil {
		t.Error("a server that ended left its note")
	}
}

// TestASignatureReachesTheServer: who approves sits at another desk than the ledger.
func TestASignatureReachesTheServer(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	me := caller{t: t, payrun: payrun, folder: folder}
	in := func(name string) string { return filepath.Join(folder, name) }
	admin, koffi := writeKey(t, in("admin")), writeKey(t, in("koffi"))
	write(t, in("policy.yaml"), "currency: XOF\ntiers:\n  - name: all\n    approvals:\n      - count: 1\n        from: [checker]\n")
	here.wants(exitPaid, "root@firm", "people", "init", "root@firm", "--key", admin, "--role", "maker", "--sandbox")
	here.wants(exitPaid, "koffi", "people", "add", "koffi@firm", "--role", "checker", "--public-key", koffi+".pub", "--key", admin, "--sandbox")
	here.wants(exitPaid, "", "policy", "propose", in("policy.yaml"), "--sandbox")
	here.wants(exitPaid, "in force", "policy", "approve", "--key", admin, "--yes", "--sandbox")
	token := tokenIn(t, payrun, folder, "--sandbox", "--person", "root@firm")
	s := serveIn(t, payrun, folder, token)
	me.folder, me.token = t.TempDir(), token
	writeRows(t, filepath.Join(me.folder, "may.csv"), 4)
	at := []string{"--server", s.url}
	me.wants(exitUnapproved, "Missing: 1", append(at, "run", "may.csv", "--yes", "--no-progress")...)
	_, there, _ := me.types(append(at, "status", "may")...)
	_, local, _ := here.types("status", "may", "--sandbox")
	if strings.ReplaceAll(there, "--server "+s.url, "--sandbox") != local {
		t.Errorf("at the server:\n%s\nat the ledger:\n%s", there, local)
	}
	me.wants(exitUsage, "nobody's", append(at, "approve", "may", "--key", writeKey(t, in("stranger")), "--yes")...)
	me.wants(exitPaid, "It is approved", append(at, "approve", "may", "--key", koffi, "--yes")...)
	me.wants(exitPaid, "4", append(at, "resume", "may", "--yes", "--no-progress")...)
	if code, _, _ := here.types("status", "may", "--sandbox"); code != exitPaid {
		t.Errorf("status ends with %d", code)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, s.errors)
	}
}
