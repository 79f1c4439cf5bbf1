package audit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/batch/audit"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/ledgertest"
)

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// outcomes are the checks that did not simply hold.
func outcomes(r audit.Result) map[audit.CheckName]audit.Outcome {
	found := map[audit.CheckName]audit.Outcome{}
	for _, check := range r.Checks {
		if check.Outcome != audit.Holds {
			found[check.Name] = check.Outcome
		}
	}
	return found
}

// TestTheEvidenceOfABatchHolds, signed and not, and says what was not there to be checked.
func TestTheEvidenceOfABatchHolds(t *testing.T) {
	folder, _ := exported(t)
	result, err := verify(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	if paid := result.States.In(ledger.Successful); paid.Count != 2 || result.Fingerprint == "" || result.Index.Batch != "november" {
		t.Errorf("%+v, want two paid, and a key", result)
	}
	if found := outcomes(result); len(found) != 2 || found[audit.CheckPast] != audit.Absent || found[audit.CheckApprovals] != audit.Absent {
		t.Errorf("%v did not hold, want earlier reports and approvals alone to be missing", found)
	}

	store := world(t)
	o := options(t, store, nil)
	o.Files = nil
	if _, err := audit.Export(t.Context(), store, o); err != nil {
		t.Fatal(err)
	}
	result, err = verify(t, o.Folder)
	found := outcomes(result)
	for _, name := range []audit.CheckName{audit.CheckSignature, audit.CheckCheckpoint, audit.CheckCopy} {
		if err != nil || found[name] != audit.Absent {
			t.Errorf("%s: %q, %v, want it to be said that it is absent", name, found[name], err)
		}
	}
}

// TestAFolderAppearsWholeOrNotAtAll and replaces nothing.
func TestAFolderAppearsWholeOrNotAtAll(t *testing.T) {
	store := world(t)
	o := options(t, store, newKey(t))
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Export(t.Context(), store, o); !errors.Is(err, audit.ErrTaken) {
		t.Errorf("%v, want ErrTaken", err)
	}
	if err := os.Remove(o.Folder); err != nil {
		t.Fatal(err)
	}
	moved := o
	moved.Header.Events++
	if _, err := audit.Export(t.Context(), store, moved); !errors.Is(err, audit.ErrMoved) {
		t.Errorf("%v, want ErrMoved", err)
	}
	other := o
	other.Header.SHA256 = "another"
	if _, err := audit.Export(t.Context(), store, other); !errors.Is(err, audit.ErrWrong) {
		t.Errorf("%v, want what was written to be verified", err)
	}
	left, err := os.ReadDir(filepath.Dir(o.Folder))
	if err != nil || len(left) != 0 {
		t.Errorf("%v, %v is left of evidence that was not written", left, err)
	}
	if _, err := audit.Export(t.Context(), store, o); err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t, o.Folder) {
		info, err := os.Stat(filepath.Join(o.Folder, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want it for its owner alone", name, info.Mode(), err)
		}
	}
}

// names are the files of a folder.
func names(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(folder, path)
			found = append(found, name)
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	return found
}

// TestWhatWasHandedOutBeforeIsInTheLog, or the log was written anew.
func TestWhatWasHandedOutBeforeIsInTheLog(t *testing.T) {
	store := world(t)
	key := newKey(t)
	o := options(t, store, key)
	if _, err := audit.Export(t.Context(), store, o); err != nil {
		t.Fatal(err)
	}
	head := func(event uint64) anchor.Head {
		hash, err := store.HashAt(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		return anchor.Head{Events: event, Hash: hash}
	}
	early, late := head(6), head(12)
	for name, c := range map[string]struct {
		past    audit.Past
		outcome audit.Outcome
	}{
		"a report":                   {audit.Past{Head: late, Ledger: "memory", Key: key.Public()}, audit.Holds},
		"one without a checkpoint":   {audit.Past{Head: late}, audit.Holds},
		"of before the batch":        {audit.Past{Head: head(1), Key: key.Public()}, audit.Absent},
		"of after the folder":        {audit.Past{Head: anchor.Head{Events: 1000, Hash: late.Hash}}, audit.Absent},
		"of another log":             {audit.Past{Head: anchor.Head{Events: 12, Hash: early.Hash}}, audit.Wrong},
		"of another ledger":          {audit.Past{Head: late, Ledger: "another"}, audit.Wrong},
		"with another key":           {audit.Past{Head: late, Key: newKey(t).Public()}, audit.Wrong},
		"with another key, of later": {audit.Past{Head: anchor.Head{Events: 1000, Hash: late.Hash}, Key: newKey(t).Public()}, audit.Wrong},
	} {
		result, err := verify(t, o.Folder, c.past)
		at := slices.IndexFunc(result.Checks, func(check audit.Check) bool { return check.Name == audit.CheckPast })
		if at < 0 || result.Checks[at].Outcome != c.outcome || errors.Is(err, audit.ErrWrong) != (c.outcome == audit.Wrong) {
			t.Errorf("%s: %+v, %v, want it %s", name, result.Checks, err, c.outcome)
		}
	}
}

// TestAForgerWithTheKeyIsNoticed: whoever may sign anew still cannot change a part so that
// the others agree.
func TestAForgerWithTheKeyIsNoticed(t *testing.T) {
	folder, key := exported(t)
	replace := func(old, by string) func([]byte) []byte {
		return func(text []byte) []byte { return bytes.Replace(text, []byte(old), []byte(by), 1) }
	}
	cut := func(text []byte) []byte { return text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1] }
	for name, forged := range map[string]struct {
		file   string
		change func([]byte) []byte
		check  audit.CheckName
	}{
		"a number in the list":          {"list.jsonl", replace("+2250700000000", "+2250799999999"), audit.CheckList},
		"an amount in the list":         {"list.jsonl", replace(`"100"`, `"900"`), audit.CheckList},
		"a payment less in the list":    {"list.jsonl", cut, audit.CheckList},
		"a payment more in the list":    {"list.jsonl", func(text []byte) []byte { return append(text, cut(text)...) }, audit.CheckLog},
		"a state in the log":            {"log/batch.jsonl", replace(`"to":"failed"`, `"to":"successful"`), audit.CheckLog},
		"the last line of the log":      {"log/batch.jsonl", cut, audit.CheckLog},
		"a writer of the ledger":        {"log/ledger.jsonl", replace("awa", "ibou"), audit.CheckLog},
		"the ledger's last line":        {"log/ledger.jsonl", cut, audit.CheckLog},
		"the last head":                 {"log/heads.jsonl", cut, audit.CheckLog},
		"another batch among the heads": {"log/heads.jsonl", replace("december", "june"), audit.CheckLog},
		"the head in the index":         {"evidence.json", replace(`"head": "`, `"head": "0`), audit.CheckLog},
		"the ledger in the index":       {"evidence.json", replace(`"memory"`, `"another"`), audit.CheckCheckpoint},
		"the index's spelling":          {"evidence.json", replace(`  "batch"`, `   "batch"`), audit.CheckIndex},
		"the signed head":               {"checkpoint.txt", replace("payrun-ledger/memory", "payrun-ledger/other"), audit.CheckCheckpoint},
		"a state in the report":         {"reports/report.json", replace(`"state":"pending"`, `"state":"successful"`), audit.CheckReport},
		"an amount in the report":       {"reports/report.json", replace(`"amount":999`, `"amount":998`), audit.CheckReport},
		"a number in the report":        {"reports/report.json", replace(`"number":"0700000099"`, `"number":"0700000098"`), audit.CheckReport},
		"a total in the report":         {"reports/report.json", replace(`"rows":6`, `"rows":7`), audit.CheckReport},
		"the fees in the report":        {"reports/report.json", replace(`"fees":7.5,"fees_unknown"`, `"fees":8.5,"fees_unknown"`), audit.CheckReport},
		"an operator's total":           {"reports/report.json", replace(`"ORANGE":{"rows":6`, `"ORANGE":{"rows":5`), audit.CheckReport},
		"the digest in the report":      {"reports/report.json", replace(digestOf([]byte(submitted)), digestOf(nil)), audit.CheckReport},
		"a payment less in the report":  {"reports/report.json", func(text []byte) []byte { return append(text[:13:13], text[bytes.Index(text, []byte("\n,"))+2:]...) }, audit.CheckReport},
		"a state in the table":          {"reports/report.csv", replace(",pending,", ",failed,"), audit.CheckTable},
		"a row less in the table":       {"reports/report.csv", cut, audit.CheckTable},
		"a row more in the table": {"reports/report.csv", func(text []byte) []byte {
			return append(text, text[bytes.LastIndexByte(text[:len(text)-1], '\n')+1:]...)
		}, audit.CheckTable},
		"the copy": {"file.csv", replace("rest", "best"), audit.CheckCopy},
		"the key":  {"checkpoint_signers", replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAJ"), audit.CheckSignature},
	} {
		t.Run(name, func(t *testing.T) {
			altered := copyOf(t, folder)
			change(t, filepath.Join(altered, forged.file), forged.change)
			resign(t, altered, key)
			var found *audit.WrongError
			if _, err := verify(t, altered); !errors.As(err, &found) || found.Check != forged.check {
				t.Errorf("%v, want it noticed by the check %q", err, forged.check)
			}
		})
	}
}

// TestWhoeverSignsAnewNeedsTheKey.
func TestWhoeverSignsAnewNeedsTheKey(t *testing.T) {
	folder, _ := exported(t)
	change(t, filepath.Join(folder, "VERIFY.md"), func(text []byte) []byte { return append(text, '\n') })
	resign(t, folder, newKey(t))
	var found *audit.WrongError
	if _, err := verify(t, folder); !errors.As(err, &found) || found.Check != audit.CheckSignature {
		t.Errorf("%v, want the signature not to hold", err)
	}
}

// TestOtherInstructionsAreSaidToBeOthers: a version of payrun does not know the words of
// another, and a reader should not run what nobody vouches for.
func TestOtherInstructionsAreSaidToBeOthers(t *testing.T) {
	folder, key := exported(t)
	change(t, filepath.Join(folder, "VERIFY.md"), func(text []byte) []byte { return append(text, '\n') })
	resign(t, folder, key)
	if result, err := verify(t, folder); err != nil || outcomes(result)[audit.CheckIndex] != audit.Absent {
		t.Errorf("%+v, %v", result.Checks, err)
	}
}

func copyOf(t *testing.T, folder string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "evidence")
	if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return to
}

func change(t *testing.T, path string, by func([]byte) []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := by(slices.Clone(text))
	if bytes.Equal(changed, text) {
		t.Fatalf("%s: nothing was changed", path)
	}
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
}

// resign writes the sums anew, and signs them.
func resign(t *testing.T, folder string, key *anchor.Key) {
	t.Helper()
	var text strings.Builder
	all := names(t, folder)
	slices.Sort(all)
	for _, name := range all {
		if strings.HasPrefix(name, "SHA256SUMS") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(digestOf(content) + "  ./" + name + "\n")
	}
	signer, err := ssh.NewSignerFromSigner(key.Signer())
	if err != nil {
		t.Fatal(err)
	}
	signature, err := sshsig.Sign(signer, audit.Namespace, strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"SHA256SUMS": []byte(text.String()), "SHA256SUMS.sig": signature.Armour()} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// movingStore is a ledger that goes on once its payouts were read.
type movingStore struct {
	ledger.Store
	t *testing.T
}

func (s movingStore) Payouts(ctx context.Context, batch ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		for p, err := range s.Store.Payouts(ctx, batch, states...) {
			if !yield(p, err) {
				return
			}
			if p.State == ledger.Pending {
				ledgertest.Apply(s.t, s.Store, ledgertest.Move(p.ID, ledger.Pending, ledger.Successful))
			}
		}
	}
}

// TestALedgerThatGoesOnIsNotCalledWrong: the evidence is to be made again.
func TestALedgerThatGoesOnIsNotCalledWrong(t *testing.T) {
	store := world(t)
	o := options(t, store, nil)
	if _, err := audit.Export(t.Context(), movingStore{store, t}, o); !errors.Is(err, audit.ErrMoved) || errors.Is(err, audit.ErrWrong) {
		t.Errorf("%v, want ErrMoved", err)
	}
}
