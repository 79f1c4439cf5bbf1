package reports_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// jsonReport is a report as a program reads it.
type jsonReport struct {
	Payouts []jsonPayout    `json:"payouts"`
	Summary reports.Summary `json:"summary"`
}

type jsonPayout struct {
	Row      int          `json:"row"`
	ID       string       `json:"transaction_id"`
	Operator string       `json:"operator"`
	Amount   money.Amount `json:"amount"`
	Fees     *money.Fine  `json:"fees"`
	State    string       `json:"state"`
}

// inFrancs reads JSON numbers as amounts of francs; nothing is the zero value.
func inFrancs() json.Options {
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFunc(func(text []byte, amount *money.Amount) error {
			fine, err := money.ParseFine(money.XOF, string(text))
			*amount = money.Amount{}
			if !fine.IsZero() {
				*amount = fine.Whole()
			}
			return err
		}),
		json.UnmarshalFunc(func(text []byte, fine *money.Fine) (err error) {
			if strings.Trim(string(text), "0.") == "" {
				*fine = money.Fine{}
				return nil
			}
			*fine, err = money.ParseFine(money.XOF, string(text))
			return err
		}),
	))
}

func readJSON(t *testing.T, path string) jsonReport {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report jsonReport
	if err := json.Unmarshal(text, &report, inFrancs()); err != nil {
		t.Fatal(err)
	}
	return report
}

// TestTheSameLedgerGivesTheSameBytes: a rerun of a finished batch changes no
// file.
func TestTheSameLedgerGivesTheSameBytes(t *testing.T) {
	first, second := write(t, eachState(), header(), reports.Options{}), write(t, eachState(), header(), reports.Options{})
	for i, path := range first.Files {
		if !bytes.Equal(content(t, path), content(t, second.Files[i])) {
			t.Errorf("%s differs", filepath.Base(path))
		}
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestReportsAreTheirOwnersAlone: they hold names and numbers in full.
func TestReportsAreTheirOwnersAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "reports")
	written, err := reports.Write(t.Context(), folder, eachState(), header(), reports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{
		folder: 0o700, written.Files[0]: 0o600, written.Files[1]: 0o600, written.Files[2]: 0o600, written.Files[3]: 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, want %v", path, info.Mode().Perm(), want)
		}
	}
	if left := names(t, folder); len(left) != len(written.Files) {
		t.Errorf("the folder holds %q", left)
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// TestAReportThatFailsLeavesTheOldOne: whatever goes wrong half-way, the folder
// is as it was.
func TestAReportThatFailsLeavesTheOldOne(t *testing.T) {
	unreadable := errors.New("page 7 cannot be read")
	stateless, negative := eachState(), eachState()
	stateless.payouts[3].State = 0
	negative.payouts[3].Amount = money.XOF.Of(-1)
	for _, c := range []struct {
		why    string
		source books
		want   error
	}{
		{"the ledger cannot be read to the end", books{payouts: eachState().payouts, err: unreadable}, unreadable},
		{"a payout has no state", stateless, reports.ErrDoesNotAddUp},
		{"an amount is below zero", negative, reports.ErrDoesNotAddUp},
	} {
		folder := t.TempDir()
		old, err := reports.Write(t.Context(), folder, books{}, header(), reports.Options{})
		if err != nil {
			t.Fatal(err)
		}
		before := content(t, old.Files[2])
		if _, err := reports.Write(t.Context(), folder, c.source, header(), reports.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: got the error %v, want %v", c.why, err, c.want)
		}
		if !bytes.Equal(before, content(t, old.Files[2])) {
			t.Errorf("%s: the old report was changed", c.why)
		}
		if left := names(t, folder); len(left) != len(old.Files) {
			t.Errorf("%s: the folder holds %q", c.why, left)
		}
		if _, err := reports.Render(t.Context(), c.source, header(), reports.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: Render returns %v, want %v", c.why, err, c.want)
		}
	}
}

// TestNothingElseIsOverwritten: a file of the report's name that is not a report
// of this batch stays, in each format, and Check tells beforehand.
func TestNothingElseIsOverwritten(t *testing.T) {
	other := header()
	other.Batch = "other"
	foreign := write(t, eachState(), other, reports.Options{})
	for _, c := range []struct {
		why, name string
		text      []byte
	}{
		{"the file of beneficiaries", "payroll.csv", []byte("transaction_id,customer_id,name,amount,operator\n")},
		{"an empty file", "payroll.csv", nil},
		{"a workbook of somebody else", "payroll.xlsx", []byte("PK\x03\x04")},
		{"the workbook of another batch", "payroll.xlsx", content(t, foreign.Files[1])},
		{"some JSON", "payroll.json", []byte(`{"name":"payroll"}`)},
		{"the JSON of another batch", "payroll.json", content(t, foreign.Files[2])},
		{"some page", "payroll.html", []byte("<!doctype html><title>payroll</title>")},
		{"the page of another batch", "payroll.html", content(t, foreign.Files[3])},
	} {
		folder := t.TempDir()
		path := filepath.Join(folder, c.name)
		if err := os.WriteFile(path, c.text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := reports.Check(folder, reports.Header{Batch: "payroll"}); !errors.Is(err, reports.ErrOtherBatch) {
			t.Errorf("%s: Check returns %v", c.why, err)
		}
		if _, err := reports.Write(t.Context(), folder, eachState(), header(), reports.Options{}); !errors.Is(err, reports.ErrOtherBatch) {
			t.Errorf("%s: Write returns %v", c.why, err)
		}
		if left := names(t, folder); len(left) != 1 || !bytes.Equal(content(t, path), c.text) {
			t.Errorf("%s: the folder was changed: %q", c.why, left)
		}
	}
}

// TestAReportIsWrittenAgain in either look, and when some of its files were
// thrown away.
func TestAReportIsWrittenAgain(t *testing.T) {
	folder := t.TempDir()
	for _, options := range []reports.Options{{}, {FrenchCSV: true}, {French: true}, {}} {
		written, err := reports.Write(t.Context(), folder, eachState(), header(), options)
		if err != nil {
			t.Fatalf("%+v: %v", options, err)
		}
		if err := os.Remove(written.Files[2]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestALongReportIsKnownAgain although only the end of its JSON is read.
func TestALongReportIsKnownAgain(t *testing.T) {
	const rows = 4000
	folder := t.TempDir()
	written, err := reports.Write(t.Context(), folder, manyPayouts(rows), header(), reports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(written.Files[2]); err != nil || info.Size() < 1<<20 {
		t.Fatalf("the JSON is too short for this test (%v)", err)
	}
	if err := reports.Check(folder, reports.Header{Batch: "payroll"}); err != nil {
		t.Error(err)
	}
	// A CSV does not say whose it is.
	for i, extension := range map[int]string{1: ".xlsx", 2: ".json", 3: ".html"} {
		into := t.TempDir()
		if err := os.WriteFile(filepath.Join(into, "other"+extension), content(t, written.Files[i]), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := reports.Check(into, reports.Header{Batch: "other"}); !errors.Is(err, reports.ErrOtherBatch) {
			t.Errorf("%s of another batch: Check returns %v", extension, err)
		}
	}
}

// TestABatchStaysInItsFolder whatever its name is.
func TestABatchStaysInItsFolder(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd": "-..-etc-passwd.csv", "..": "batch.csv", "a/b": "a-b.csv", `a\b`: "a-b.csv", "été 2026": "été-2026.csv", "": "batch.csv",
	} {
		folder := t.TempDir()
		h := header()
		h.Batch = ledger.BatchID(name)
		written, err := reports.Write(t.Context(), folder, books{}, h, reports.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Base(written.Files[0]); got != want || filepath.Dir(written.Files[0]) != folder {
			t.Errorf("batch %q is written to %q, want %q in the folder", name, written.Files[0], want)
		}
		if err := reports.Check(folder, h); err != nil {
			t.Errorf("batch %q is not known again: %v", name, err)
		}
	}
}
