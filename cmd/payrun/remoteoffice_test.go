package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"payrun/cmd/payrun/settings"
)

// sees runs a command that changes nothing at the server and at its ledger, and holds what it prints,
// and how it ends, against each other.
func (c caller) sees(here caller, at []string, args ...string) string {
	c.t.Helper()
	there, out, errs := c.types(append(slices.Clone(args), at...)...)
	local, same, localErrs := here.types(append(slices.Clone(args), "--sandbox")...)
	out = strings.ReplaceAll(out, strings.Join(at, " "), "--sandbox")
	if there != local || out != same || out == "" {
		c.t.Errorf("payrun %s ends at the server with %d:\n%s%s\nand at its ledger with %d:\n%s%s", strings.Join(args, " "), there, out, errs, local, same, localErrs)
	}
	return out
}

// TestAnAuditorNeedsNoLedger: evidence, receipts, reports and the export are what they are there.
func TestAnAuditorNeedsNoLedger(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	here.token = tokenIn(t, payrun, folder, "--sandbox")
	s := serveIn(t, payrun, folder, here.token, "--lookup-grace", "100ms", "--poll-min", "10ms", "--company", "Ivoire Textile SA")
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: here.token}
	writeRows(t, filepath.Join(desk.folder, "may.csv"), 30)
	at := []string{"--server", s.url}
	desk.wants(exitPaid, "", append(at, "run", "may.csv", "--yes", "--no-progress")...)

	desk.wants(exitPaid, "was verified", append(at, "evidence", "may", "-o", "fetched")...)
	desk.wants(exitPaid, "", "verify", "fetched")
	if copied, err := os.ReadFile(filepath.Join(desk.folder, "fetched", "file.csv")); err != nil || len(copied) == 0 {
		t.Errorf("the file that was brought in is not in it: %v", err)
	}
	desk.wants(exitUsage, "", append(at, "evidence", "may", "-o", "fetched")...)
	desk.wants(exitUsage, "never", append(at, "evidence", "never", "-o", "nothing")...)
	if left, err := filepath.Glob(filepath.Join(desk.folder, "*nothing*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	here.wants(exitPaid, "", "evidence", "may", "-o", "written", "--sandbox")
	for _, name := range []string{"list.jsonl", "reports/report.csv"} {
		sameFile(t, filepath.Join(desk.folder, "fetched", name), filepath.Join(folder, "written", name))
	}

	desk.sees(here, at, "receipt", "may", "--report", "receipts")
	for name, args := range map[string][]string{
		"may.receipts.html":           {"receipt", "may"},
		"may.receipt.KILL-00007.html": {"receipt", "may", "KILL-00007", "--numbers"},
	} {
		desk.wants(exitPaid, name, append(at, append(args, "--report", "theirs")...)...)
		here.wants(exitPaid, name, append(args, "--report", "ours", "--company", "Ivoire Textile SA", "--sandbox")...)
		sameFile(t, filepath.Join(desk.folder, "theirs", name), filepath.Join(folder, "ours", name))
	}
	desk.sees(here, at, "receipt", "may", "KILL-00007", "--output", "json")
	desk.wants(exitUsage, "no payout NOBODY", append(at, "receipt", "may", "NOBODY")...)
	desk.wants(exitUsage, "--company", append(at, "receipt", "may", "--company", "Somebody Else")...)
	for name, args := range map[string][]string{
		"may.html":        {"--format", "html", "--payees", "--numbers"},
		"may.journal.csv": {"--format", "journal", "--journal-code", "OD", "--account-fees", "6318", "--journal-detail", "--csv-locale", "fr"},
		"may.csv":         {"--format", "csv", "--csv-locale", "fr"},
	} {
		desk.wants(exitPaid, name, append(at, append([]string{"report", "may", "--report", "theirs"}, args...)...)...)
		here.wants(exitPaid, name, append([]string{"report", "may", "--report", "ours", "--company", "Ivoire Textile SA", "--sandbox"}, args...)...)
		sameFile(t, filepath.Join(desk.folder, "theirs", name), filepath.Join(folder, "ours", name))
	}
	desk.wants(exitUsage, "wallet", append(at, "report", "may", "--format", "journal", "--account-fees", "552")...)

	exported := desk.sees(here, at, "ledger", "export")
	if !strings.Contains(exported, `"kind":"payout"`) || !strings.Contains(exported, `"kind":"event"`) {
		t.Errorf("the export has\n%.2000s", exported)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
}

// madeAt matches the differences between two reports of one batch: the head of a log that grew, its signature,
// and who uses a token.
var madeAt = regexp.MustCompile(`[0-9a-f]{64}|\b\d+ (events|événements)|—? ?payrun/[^<]*|[A-Za-z0-9+/=]{60,}`)

// sameFile holds what was fetched against what was written.
func sameFile(t *testing.T, fetched, written string) {
	t.Helper()
	theirs, err := os.ReadFile(fetched)
	if err != nil {
		t.Error(err)
		return
	}
	ours, err := os.ReadFile(written)
	if err != nil {
		t.Error(err)
		return
	}
	if theirs, ours = madeAt.ReplaceAll(theirs, nil), madeAt.ReplaceAll(ours, nil); !bytes.Equal(theirs, ours) {
		for i, line := range bytes.Split(theirs, []byte("\n")) {
			if other := bytes.Split(ours, []byte("\n")); i >= len(other) || !bytes.Equal(line, other[i]) {
				t.Errorf("%s differs from %s in line %d:\n%.400s", fetched, written, i+1, line)
				return
			}
		}
		t.Errorf("%s is shorter than %s", fetched, written)
	}
}

// TestABatchIsReconciledAtTheServer, by asking the provider and against a statement, as at the ledger.
func TestABatchIsReconciledAtTheServer(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	here.token = tokenIn(t, payrun, folder, "--sandbox")
	s := serveIn(t, payrun, folder, here.token, "--lookup-grace", "100ms", "--poll-min", "10ms")
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: here.token}
	const statement = "Référence marchand;Montant;Statut\nA-1;5000;SUCCESSFUL\nA-2;6500;SUCCESSFUL\nB-9;700;SUCCESSFUL\n"
	for _, c := range []caller{here, desk} {
		write(t, filepath.Join(c.folder, "may.csv"), "transaction_id,customer_id,name,amount,operator\nA-1,0701020304,Awa Koné,5000,ORANGE\nA-2,0701020305,Yao Kra,6000,ORANGE\n")
		write(t, filepath.Join(c.folder, "statement.csv"), statement)
	}
	at := []string{"--server", s.url}
	desk.wants(exitPaid, "", append(at, "run", "may.csv", "--yes", "--no-progress")...)
	asked := desk.wants(exitPaid, "", append(at, "reconcile", "may", "--output", "json")...)
	desk.wants(exitUsage, "--rate", append(at, "reconcile", "may", "--rate", "3")...)
	desk.wants(exitUsage, "never", append(at, "reconcile", "never")...)
	theirs := map[string]string{}
	for _, lang := range []string{"en", "fr"} {
		args := []string{"reconcile", "may", "--statement", "statement.csv", "--details", "--lang", lang}
		theirs[lang] = desk.wants(exitConflict, "A-2", append(at, args...)...)
	}
	theirs["json"] = desk.wants(exitConflict, `"B-9"`, append(at, "reconcile", "may", "--statement", "statement.csv", "--output", "json")...)
	write(t, filepath.Join(desk.folder, "half.csv"), strings.Replace(statement, "6500", "x", 1))
	desk.wants(exitFile, "amount.format", append(at, "reconcile", "may", "--statement", "half.csv")...)
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped gently it ends with %v\n%s", err, s.errors)
	}
	// The ledger remembers what was found: a further look finds the same again.
	for _, lang := range []string{"en", "fr"} {
		ours := here.wants(exitConflict, "A-2", "reconcile", "may", "--statement", "statement.csv", "--details", "--sandbox", "--lang", lang)
		if got := strings.ReplaceAll(theirs[lang], strings.Join(at, " "), "--sandbox"); got != ours {
			t.Errorf("at the server it says:\n%s\nand at the ledger:\n%s", got, ours)
		}
	}
	ours := here.wants(exitConflict, `"B-9"`, "reconcile", "may", "--statement", "statement.csv", "--output", "json", "--sandbox")
	if theirs["json"] != ours {
		t.Errorf("at the server it says:\n%s\nand at the ledger:\n%s", theirs["json"], ours)
	}
	var found struct {
		Agreed     struct{ Count int }
		Reconciled bool
	}
	if err := json.Unmarshal([]byte(asked), &found); err != nil || found.Agreed.Count != 2 || !found.Reconciled {
		t.Errorf("asked, the provider agrees to %+v, %v", found, err)
	}
}

// TestWhoMaySignIsKeptAtTheServer: an admin signs here, and the list and the policy are the ledger's.
func TestWhoMaySignIsKeptAtTheServer(t *testing.T) {
	t.Parallel()
	payrun, folder := payrunBinary(t), t.TempDir()
	here := caller{t: t, payrun: payrun, folder: folder}
	in := func(name string) string { return filepath.Join(folder, name) }
	admin, koffi, fanta := writeKey(t, in("admin")), writeKey(t, in("koffi")), writeKey(t, in("fanta"))
	write(t, in("policy.yaml"), "currency: XOF\ntiers:\n  - name: all\n    approvals:\n      - count: 1\n        from: [checker]\n")
	write(t, in("other.yaml"), "currency: XOF\ntiers:\n  - name: all\n    approvals:\n      - count: 2\n        from: [checker]\n")
	token := tokenIn(t, payrun, folder, "--sandbox", "--person", "root@firm", "--scope", "read,approve,submit,pay,tokens")
	s := serveIn(t, payrun, folder, token)
	desk := caller{t: t, payrun: payrun, folder: t.TempDir(), token: token}
	at := []string{"--server", s.url}
	here.wants(exitUsage, "--server "+s.url, "people", "add", "koffi@firm", "--role", "checker", "--public-key", koffi+".pub", "--key", admin, "--sandbox")
	desk.wants(exitUsage, "first admin", append(at, "people", "init", "root@firm", "--key", admin)...)
	desk.wants(exitUsage, "nobody is on the list", append(at, "people", "add", "koffi@firm", "--role", "checker", "--public-key", koffi+".pub", "--key", admin)...)
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	here.wants(exitPaid, "", "people", "init", "root@firm", "--key", admin, "--role", "maker", "--sandbox")
	s = serveIn(t, payrun, folder, token)
	at = []string{"--server", s.url}

	desk.wants(exitPaid, "koffi", append(at, "people", "add", "koffi@firm", "--role", "checker", "--public-key", koffi+".pub", "--key", admin)...)
	desk.wants(exitUsage, "", append(at, "people", "add", "fanta@firm", "--role", "checker", "--public-key", fanta+".pub", "--key", koffi)...)
	desk.wants(exitPaid, "fanta", append(at, "people", "add", "fanta@firm", "--role", "checker", "--valid-before", "2099-01-01", "--public-key", fanta+".pub", "--key", admin)...)
	link := strings.TrimSpace(desk.wants(exitPaid, s.url+"/invitation/", append(at, "people", "invite", "awa@firm", "--role", "maker")...))
	if strings.TrimPrefix(link, s.url+"/invitation/") == "" {
		t.Errorf("the link is %q", link)
	}
	desk.wants(exitPaid, "https://payrun.example/invitation/", append(at, "people", "invite", "awa@firm", "--role", "maker", "--url", "https://payrun.example")...)
	desk.wants(exitUsage, "Awa", append(at, "people", "invite", "Awa", "--role", "maker")...)

	desk.wants(exitPaid, "root@firm", append(at, "policy", "propose", in("policy.yaml"))...)
	desk.wants(exitUsage, "", append(at, "policy", "propose", in("policy.yaml"))...)
	desk.sees(here, at, "policy", "show")
	desk.wants(exitUsage, "", append(at, "policy", "approve", "--key", koffi, "--yes")...)
	desk.wants(exitPaid, "in force", append(at, "policy", "approve", "--key", admin, "--yes")...)
	desk.wants(exitPaid, "", append(at, "policy", "propose", in("other.yaml"))...)
	desk.wants(exitPaid, "text", append(at, "policy", "approve", "--key", koffi+".pub", "--write", "elsewhere", "--output", "json")...)
	desk.wants(exitPaid, "", append(at, "policy", "reject", "--reason", "one-is-enough", "--key", koffi)...)
	desk.wants(exitUsage, "", append(at, "policy", "approve", "--key", koffi, "--yes")...)
	for _, args := range [][]string{
		{"policy", "show"},
		{"policy", "show", "--output", "json"},
		{"people", "list"},
		{"people", "list", "--output", "json"},
		{"people", "export"},
		{"people", "list", "--lang", "fr"},
	} {
		desk.sees(here, at, args...)
	}
	desk.approvesElsewhere(at, koffi)
	desk.wants(exitPaid, "", append(at, "people", "remove", "koffi@firm", "--key", admin)...)
	if out := desk.sees(here, at, "people", "list"); strings.Contains(out, "koffi") {
		t.Errorf("koffi is still there:\n%s", out)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, s.errors)
	}
}

// approvesElsewhere has what is to be signed written, with the list that its digest names.
func (c caller) approvesElsewhere(at []string, key string) {
	c.t.Helper()
	writeRows(c.t, filepath.Join(c.folder, "may.csv"), 4)
	c.wants(exitUnapproved, "", append(at, "run", "may.csv", "--yes", "--no-progress")...)
	c.wants(exitPaid, "may-koffi.txt", append(at, "approve", "may", "--key", key+".pub", "--write", "may-koffi")...)
	list, err := os.ReadFile(filepath.Join(c.folder, "may-koffi.list.jsonl"))
	if err != nil || bytes.Count(list, []byte("\n")) != 4 {
		c.t.Errorf("%v, the list is\n%s", err, list)
	}
}

// TestEachCommandAsksAServerOrSaysWhyNot: those that do not are in a table, and nothing else is.
func TestEachCommandAsksAServerOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	c := caller{t: t, payrun: payrunBinary(t), folder: t.TempDir()}
	root := newApp(t.Context(), environment{}).rootCommand()
	for _, cmd := range settings.Descendants(root) {
		path := strings.Fields(strings.TrimPrefix(cmd.CommandPath(), "payrun "))
		if cmd.HasSubCommands() || len(path) == 0 || path[0] == "completion" || path[0] == "help" {
			continue
		}
		asks, why := cmd.Flags().Lookup("server") != nil, settings.Serverless(cmd)
		if asks == (why != nil) {
			t.Errorf("%s takes --server: %t, and says why it does not: %v", cmd.CommandPath(), asks, why)
		}
		if asks {
			continue
		}
		code, said, errs := c.types(append(slices.Clone(path), "--server", "http://127.0.0.1:1")...)
		out := said + errs
		if code != exitUsage || strings.Contains(out, "unknown flag") || strings.Contains(out, "usage.") || strings.Contains(out, "{") {
			t.Errorf("%s --server: exit %d\n%s", cmd.CommandPath(), code, out)
		}
	}
}
