package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// desk is a person at a machine: a home, and folders to work in.
type desk struct {
	binary, home, url string
}

// types runs a command in a folder of the desk's.
func (d desk) types(t *testing.T, folder string, args ...string) (code int, out string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), d.binary, args...)
	cmd.Dir = folder
	cmd.Env = append(append(credentials(t), placesIn(d.home).list()...), "PAYRUN_API_URL="+d.url)
	text, err := cmd.CombinedOutput()
	return exitCodeOf(t, err), string(text)
}

// pays runs the file in a folder.
func (d desk) pays(t *testing.T, folder, file string, more ...string) (code int, out string) {
	t.Helper()
	return d.types(t, folder, append([]string{"run", file, "--yes", "--no-progress", "--rate", "0", "--lookup-grace", "1s"}, more...)...)
}

func sitDown(t *testing.T) (d desk, file string, rows int) {
	t.Helper()
	const count = 4
	d = desk{binary: payrunBinary(t), home: t.TempDir()}
	d.url = startSandbox(t, d.binary)
	file = filepath.Join(d.home, "may.csv")
	writeRows(t, file, count)
	return d, file, count
}

// TestTheSameCommandInAnotherFolderPaysNobodyAgain: the ledger is the person's and the
// account's, not the folder's.
func TestTheSameCommandInAnotherFolderPaysNobodyAgain(t *testing.T) {
	t.Parallel()
	d, file, rows := sitDown(t)
	code, out := d.pays(t, filepath.Join(d.home, "monday"), file)
	if code != exitPaid || !strings.Contains(out, "a new ledger is begun: "+filepath.Join(d.home, "state", "payrun")) {
		t.Fatalf("exit %d\n%s", code, out)
	}
	code, out = d.pays(t, filepath.Join(d.home, "tuesday"), file)
	if code != exitPaid || !strings.Contains(out, "had been paid already") || strings.Contains(out, "a new ledger") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, out := d.types(t, d.home, "status", "may"); code != exitPaid || !strings.Contains(out, "paid") {
		t.Errorf("status from a third folder: exit %d\n%s", code, out)
	}
	code, out = d.types(t, d.home, "config")
	if want := regexp.MustCompile(`(?m)^ledger +\S+/state/payrun/localhost-[0-9a-f]{8}/payrun.db +default$`); code != exitPaid || !want.MatchString(out) {
		t.Errorf("config: exit %d, no %v in\n%s", code, want, out)
	}
	if books := readBooks(t, d.url); books.Credited.Count != rows || len(books.PaidTwice) > 0 {
		t.Errorf("credited %+v, twice %v", books.Credited, books.PaidTwice)
	}
}

// TestTheLedgerOfTheFirstEditionIsNeverIgnored: one in the working folder is used, and
// if there is another one, a person says which.
func TestTheLedgerOfTheFirstEditionIsNeverIgnored(t *testing.T) {
	t.Parallel()
	d, file, rows := sitDown(t)
	old, other := filepath.Join(d.home, "old"), filepath.Join(d.home, "other")
	if code, out := d.pays(t, old, file, "--ledger", "payrun.db"); code != exitPaid {
		t.Fatalf("exit %d\n%s", code, out)
	}
	code, out := d.pays(t, old, file)
	if code != exitPaid || !strings.Contains(out, "had been paid already") || !strings.Contains(out, "the ledger is ./payrun.db") {
		t.Errorf("in its folder: exit %d\n%s", code, out)
	}
	june := filepath.Join(d.home, "june.csv")
	text := strings.ReplaceAll(string(mustRead(t, file)), "KILL-", "JUNE-")
	if err := os.WriteFile(june, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := d.pays(t, other, june); code != exitPaid || !strings.Contains(out, "another ledger of this account was used since: "+filepath.Join(old, "payrun.db")) {
		t.Errorf("elsewhere: exit %d\n%s", code, out)
	}
	code, out = d.pays(t, old, june)
	if code != exitUsage || !strings.Contains(out, "there are two ledgers, ./payrun.db") {
		t.Errorf("with two: exit %d\n%s", code, out)
	}
	if code, out := d.pays(t, old, file, "--ledger", "./payrun.db"); code != exitPaid || !strings.Contains(out, "had been paid already") {
		t.Errorf("with a word: exit %d\n%s", code, out)
	}
	if books := readBooks(t, d.url); books.Credited.Count != 2*rows || len(books.PaidTwice) > 0 {
		t.Errorf("credited %+v, twice %v", books.Credited, books.PaidTwice)
	}
}

// TestWhatSpeaksAgainstALedgerIsSaid before anything is sent from it.
func TestWhatSpeaksAgainstALedgerIsSaid(t *testing.T) {
	t.Parallel()
	d, file, _ := sitDown(t)
	place := filepath.Join(d.home, "l.db")
	if code, out := d.pays(t, d.home, file, "--ledger", place); code != exitPaid {
		t.Fatalf("exit %d\n%s", code, out)
	}
	before := mustRead(t, place)
	more := filepath.Join(d.home, "more.csv")
	if err := os.WriteFile(more, []byte(strings.ReplaceAll(string(mustRead(t, file)), "KILL-", "MORE-")), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := d.pays(t, d.home, more, "--ledger", place, "--repeat-ok=4"); code != exitPaid || strings.Contains(out, "not the newest") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	copied := filepath.Join(d.home, "copy.db")
	for path, content := range map[string][]byte{copied: mustRead(t, place), place: before} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, out := d.types(t, d.home, "resume", "--ledger", copied); !strings.Contains(out, "the ledger was last used as "+place) {
		t.Errorf("of a copy is said:\n%s", out)
	}
	if _, out := d.types(t, d.home, "resume", "--ledger", place); !strings.Contains(out, place+" is not the newest") {
		t.Errorf("of a backup is said:\n%s", out)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
