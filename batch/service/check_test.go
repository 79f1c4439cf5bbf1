package service_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"payrun/batch/intake"
	"payrun/batch/intake/findings"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/memledger"
)

// titles are those of the files in these tests.
const titles = "transaction_id,customer_id,name,amount,operator\n"

// files is a service for files, over a ledger with the rows of one, if it is not empty.
func files(t *testing.T, known string) *service.Service {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	store := memledger.New()
	if known != "" {
		checked, err := service.New(service.Config{Rules: set}).Check(t.Context(), open(t, known, table.Options{}), service.CheckOptions{})
		if err != nil || checked.Verdict(false) != service.Payable {
			t.Fatalf("%v, %+v", err, checked.Groups.Sorted())
		}
		enrol(t, store, "before", known)
	}
	return service.New(service.Config{Rules: set, Ledger: store})
}

// enrol enters the rows of a file as a batch.
func enrol(t *testing.T, store *memledger.Store, id ledger.BatchID, text string) {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	file, validator := open(t, text, table.Options{}), rules.NewValidator(set, rules.Options{})
	if _, err := store.Enrol(t.Context(), ledger.Batch{ID: id, File: string(id) + ".csv"}, func(yield func(ledger.Entry, error) bool) {
		for row, err := range file.Rows(t.Context()) {
			if !yield(validator.Check(row).Entry, err) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// open opens a file with this text.
func open(t *testing.T, text string, o table.Options) *table.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "november.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := table.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return file
}

// TestAFileIsJudgedAndItsRemedyNamed: whether a file may be paid, and what to do if not.
func TestAFileIsJudgedAndItsRemedyNamed(t *testing.T) {
	const (
		good  = "A-1,0701020304,Awa Kone,5000,ORANGE\n"
		other = "A-2,0501020304,Yao Kra,6000,MTN\n"
	)
	once := 1
	for name, test := range map[string]struct {
		rows, known string
		options     service.CheckOptions
		verdict     service.Verdict
		remedy      service.Remedy
	}{
		"all is well":        {rows: good + other},
		"paid before":        {rows: good + other, known: titles + good},
		"no ids":             {rows: ",0701020304,Awa Kone,5000,ORANGE\n", verdict: service.Refused, remedy: service.Remedy{Kind: service.RemedyIDs}},
		"no ids, from stdin": {rows: ",0701020304,Awa Kone,5000,ORANGE\n", options: service.CheckOptions{Once: true}, verdict: service.Refused, remedy: service.Remedy{Kind: service.RemedyMend}},
		"a zero was dropped": {rows: "A-1,701020304,Awa Kone,5000,ORANGE\n", verdict: service.Refused, remedy: service.Remedy{Kind: service.RemedyFix}},
		"and put back":       {rows: "A-1,701020304,Awa Kone,5000,ORANGE\n", options: service.CheckOptions{RestoreZero: true}},
		"no number":          {rows: "A-1,,Awa Kone,5000,ORANGE\n", verdict: service.Refused, remedy: service.Remedy{Kind: service.RemedyMend}},
		"paid twice": {
			rows: good + "A-9,0701020304,Awa Kone,5000,ORANGE\n", verdict: service.Refused,
			remedy: service.Remedy{Kind: service.RemedyRepeats, Repeats: 1},
		},
		"paid twice on purpose": {rows: good + "A-9,0701020304,Awa Kone,5000,ORANGE\n", options: service.CheckOptions{Repeats: &once}},
		"known with another amount": {
			rows: "A-1,0701020304,Awa Kone,7000,ORANGE\n", known: titles + good, verdict: service.Conflicting,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := files(t, test.known)
			test.options.Batch = "november"
			checked, err := s.Check(t.Context(), open(t, titles+test.rows, table.Options{}), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := checked.Verdict(false); got != test.verdict {
				t.Errorf("verdict %d, want %d: %+v", got, test.verdict, checked.Groups.Sorted())
			}
			if got, err := s.Remedy(t.Context(), checked); err != nil || got != test.remedy {
				t.Errorf("remedy %+v, %v, want %+v", got, err, test.remedy)
			}
		})
	}
}

// TestFindingsOfTheFilesEndStandBesideTheirRows has the last row show what is wrong with
// the first: the copy is written in a second pass, and the problems are counted once.
func TestFindingsOfTheFilesEndStandBesideTheirRows(t *testing.T) {
	folder := t.TempDir()
	copied, list := filepath.Join(folder, "copy.csv"), filepath.Join(folder, "problems.csv")
	written := findings.New(findings.Options{
		Copy: copied, List: list, CopyTitle: "errors", Separator: ',',
		Words:      func(p rules.Problem) (message, hint string) { return "wrong: " + p.Code, "" },
		Annotation: func(p rules.Problem) string { return "wrong: " + p.Code },
	})
	var read atomic.Int64
	checked, err := files(t, titles+"a-1,0701020304,Awa Kone,5000,ORANGE\n").Check(t.Context(), open(t, titles+
		"A-01,0501020304,Yao Kra,6000,MTN\nA-2,,Ama Brou,7000,MTN\n", table.Options{}),
		service.CheckOptions{Batch: "november", Findings: written, Read: &read})
	if err != nil {
		t.Fatal(err)
	}
	if read.Load() != 2 || checked.Rows != 2 || checked.Errors != 1 || checked.Warnings != 1 {
		t.Errorf("%d rows read, %+v, want two rows, an error and a warning", read.Load(), checked.Groups.Sorted())
	}
	for path, want := range map[string][]string{
		copied: {"wrong: " + rules.CodeIDSimilarKnown + ",A-01,0501020304", "wrong: " + rules.CodeNumberMissing + ",A-2"},
		list:   {"wrong: " + rules.CodeIDSimilarKnown, "wrong: " + rules.CodeNumberMissing},
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			if !strings.Contains(string(text), line) {
				t.Errorf("%s lacks %q:\n%s", filepath.Base(path), line, text)
			}
		}
	}
}

// damaged is a ledger of which a part cannot be read.
type damaged struct {
	*memledger.Store

	latest bool
}

func (d damaged) Batches(ctx context.Context) ([]ledger.Batch, error) {
	if d.latest {
		return d.Store.Batches(ctx)
	}
	return nil, &ledger.CorruptError{}
}

// View shows the ledger with its damage.
func (d damaged) View(_ context.Context, read func(ledger.View) error) error { return read(d) }

func (d damaged) Latest(context.Context, int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) { yield(ledger.Payout{}, &ledger.CorruptError{}) }
}

// TestDamageOfTheLedgerIsNotBlamedOnTheFile, wherever in reading the file it is met.
func TestDamageOfTheLedgerIsNotBlamedOnTheFile(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, whileReading := range []bool{false, true} {
		s := service.New(service.Config{Rules: set, Ledger: damaged{memledger.New(), whileReading}})
		_, err := s.Check(t.Context(), open(t, titles+"A-1,0701020304,Awa Kone,5000,ORANGE\n", table.Options{}), service.CheckOptions{})
		if !errors.Is(err, ledger.ErrCorrupt) || errors.As(err, new(*intake.FileError)) {
			t.Errorf("while reading %v: %v, want the damage", whileReading, err)
		}
	}
}
