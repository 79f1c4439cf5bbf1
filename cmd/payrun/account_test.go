package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestARehearsalNeverPassesForThePayment: an account is the whole address and the
// environment header. What was paid in the provider's sandbox, or through another port
// of this machine, is not paid in production, and its ledger takes no payment in.
func TestARehearsalNeverPassesForThePayment(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	here, elsewhere := startSandbox(t, binary), startSandbox(t, binary)
	file := filepath.Join(folder, "may.csv")
	writeRows(t, file, 3)
	payrun := func(url, environment string) (string, int) {
		cmd := exec.CommandContext(t.Context(), binary, "run", file, "--yes", "--no-progress", "--rate", "0",
			"--api-url", url, "--environment", environment, "--ledger", filepath.Join(folder, "ledger.db"),
			"--report", filepath.Join(folder, "report"), "--anchors", filepath.Join(folder, "anchors"))
		cmd.Env = credentials(t)
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(said), cmd.ProcessState.ExitCode()
	}
	if said, code := payrun(here, "Sandbox"); code != exitPaid {
		t.Fatalf("the rehearsal ended with %d\n%s", code, said)
	}
	paid, err := os.ReadFile(filepath.Join(folder, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]struct{ url, environment string }{
		"production": {here, "Production"}, "another port": {elsewhere, "Sandbox"},
	} {
		said, code := payrun(to.url, to.environment)
		if code != exitUsage || !strings.Contains(said, "cannot hold payments through") {
			t.Errorf("%s: exit %d, want it refused as another account's ledger\n%s", name, code, said)
		}
	}
	if now, err := os.ReadFile(filepath.Join(folder, "ledger.db")); err != nil || string(now) != string(paid) {
		t.Errorf("the ledger was changed (%v)", err)
	}
	if said, code := payrun(here, "Sandbox"); code != exitPaid || !strings.Contains(said, "Nothing was sent") {
		t.Errorf("once more: exit %d\n%s", code, said)
	}
}

// TestTheNextCommandGoesToTheSameAccount: pasted as it is printed, it finds the ledger of
// the account that the batch belongs to, and goes on there.
func TestTheNextCommandGoesToTheSameAccount(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	scenario := filepath.Join(folder, "fails.yaml")
	if err := os.WriteFile(scenario, []byte("settle: {min: 1ms, max: 2ms}\nfaults: {pending_then_failed: 100}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := startSandbox(t, binary, "--scenario", scenario)
	file := filepath.Join(folder, "may.csv")
	writeRows(t, file, 2)
	payrun := func(args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Dir, cmd.Env = folder, append(credentials(t), "XDG_STATE_HOME="+filepath.Join(folder, "state"))
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(said), cmd.ProcessState.ExitCode()
	}
	said, code := payrun("run", file, "--yes", "--no-progress", "--rate", "0", "--poll-min", "10ms",
		"--api-url", url, "--environment", "Sandbox", "--anchors", filepath.Join(folder, "anchors"))
	_, next, found := strings.Cut(said, "Next: payrun ")
	if code != exitFailed || !found {
		t.Fatalf("exit %d, want failed payouts and a next command\n%s", code, said)
	}
	next, _, _ = strings.Cut(next, "\n")
	if said, code = payrun(append(strings.Fields(next), "--yes", "--no-progress", "--rate", "0", "--poll-min", "10ms")...); code != exitFailed {
		t.Errorf("payrun %s: exit %d, want a second attempt that fails\n%s", next, code, said)
	}
	if said, code = payrun("status", "may", "--api-url", url, "--environment", "Sandbox"); code != exitPaid || !strings.Contains(said, "2") {
		t.Errorf("status: exit %d\n%s", code, said)
	}
}
