package service_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/approval"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider"
)

// planner is a service over an account and a ledger.
func planner(t *testing.T, store ledger.Store, account provider.Account) *service.Service {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	return service.New(service.Config{Rules: set, Ledger: store, Account: account})
}

// checked checks a file as batch november.
func checked(t *testing.T, s *service.Service, text string) *service.Checked {
	t.Helper()
	c, err := s.Check(t.Context(), open(t, text, table.Options{}), service.CheckOptions{Batch: "november", Each: true})
	if err != nil || c.Verdict(false) != service.Payable {
		t.Fatalf("%v, %+v", err, c.Problems)
	}
	return c
}

// written writes the plan of a file.
func written(t *testing.T, s *service.Service, text string) service.WrittenPlan {
	t.Helper()
	files := service.PlanFilesAt(filepath.Join(t.TempDir(), "plan"))
	c := checked(t, s, text)
	changed, err := s.Diff(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.WritePlan(t.Context(), c, changed, service.PlanOptions{Files: files, Payees: true}); err != nil {
		t.Fatal(err)
	}
	read, err := service.ReadPlan(files)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// TestAFileIsHeldToItsPlan while it becomes a batch, and whatever of it is paid by then.
func TestAFileIsHeldToItsPlan(t *testing.T) {
	store := memledger.New()
	s := planner(t, store, provider.SimulatedAccount("", ""))
	p := written(t, s, novemberFile)
	if err := s.HoldToPlan(t.Context(), checked(t, s, novemberFile), p); err != nil {
		t.Errorf("the file itself: %v", err)
	}
	enrol(t, store, "november", novemberFile)
	if err := s.HoldToPlan(t.Context(), checked(t, s, novemberFile), p); err != nil {
		t.Errorf("once it is a batch: %v", err)
	}
	elsewhere := planner(t, store, provider.Account{Host: "api.example.ci", Environment: "Production", Key: "k"})
	err := elsewhere.HoldToPlan(t.Context(), checked(t, elsewhere, novemberFile), p)
	differs, is := errors.AsType[*service.PlanError](err)
	if !is || len(differs.Lines) != 1 || differs.Lines[0].Line != "account" || len(differs.Rows) != 0 {
		t.Errorf("another account: %v, %+v", err, differs)
	}
}

// TestOpenPayoutsBesideTheFileAreInTheWay, as going on with the batch may send them.
func TestOpenPayoutsBesideTheFileAreInTheWay(t *testing.T) {
	store := memledger.New()
	s := planner(t, store, provider.SimulatedAccount("", ""))
	p := written(t, s, novemberFile)
	enrol(t, store, "november", novemberFile+"NOV-9,0700000077,Yves Gnan,700,ORANGE\n")
	err := s.HoldToPlan(t.Context(), checked(t, s, novemberFile), p)
	differs, is := errors.AsType[*service.PlanError](err)
	if !is || len(differs.Besides) != 1 || differs.Besides[0].ID != "NOV-9" || len(differs.Lines)+len(differs.Rows) != 0 {
		t.Errorf("%v, %+v", err, differs)
	}
}

// TestASwappedNumberIsNamedByItsRow though count and total are as planned.
func TestASwappedNumberIsNamedByItsRow(t *testing.T) {
	s := planner(t, memledger.New(), provider.SimulatedAccount("", ""))
	p := written(t, s, novemberFile)
	swapped := strings.Replace(novemberFile, "0700000002", "0700000666", 1)
	err := s.HoldToPlan(t.Context(), checked(t, s, swapped), p)
	differs, is := errors.AsType[*service.PlanError](err)
	if !is || len(differs.Rows) != 1 || differs.Rows[0].Row != 3 || differs.Rows[0].Now.ID != "NOV-2" ||
		differs.Rows[0].Before.Number != "+2250700000002" {
		t.Errorf("%v, %+v", err, differs)
	}
}

// TestAPlanThatWasChangedIsNone, in its text or in the list beside it.
func TestAPlanThatWasChangedIsNone(t *testing.T) {
	s := planner(t, memledger.New(), provider.SimulatedAccount("", ""))
	for name, change := range map[string]func(service.PlanFiles) (path, old, changed string){
		"the text's total":  func(f service.PlanFiles) (string, string, string) { return f.Text, "total: 1", "total: 2" },
		"the text's digest": func(f service.PlanFiles) (string, string, string) { return f.Text, "list: ", "list: 0" },
		"the list":          func(f service.PlanFiles) (string, string, string) { return f.List, "0700000002", "0700000666" },
		"a line less":       func(f service.PlanFiles) (string, string, string) { return f.List, "\n", "" },
	} {
		p := written(t, s, novemberFile)
		path, old, changed := change(p.Files)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, changed, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := service.ReadPlan(p.Files); !errors.Is(err, approval.ErrText) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoPlanIsReplaced, not even by one of the same file: somebody may have signed it.
func TestNoPlanIsReplaced(t *testing.T) {
	s := planner(t, memledger.New(), provider.SimulatedAccount("", ""))
	p := written(t, s, novemberFile)
	other := strings.Replace(novemberFile, "0700000002", "0700000666", 1)
	_, err := s.WritePlan(t.Context(), checked(t, s, other), service.Diff{}, service.PlanOptions{Files: p.Files})
	if taken, is := errors.AsType[*service.TakenError](err); !is || !errors.Is(err, fsx.ErrTaken) || taken.Path != p.Files.List {
		t.Errorf("%v", err)
	}
	if again, err := service.ReadPlan(p.Files); err != nil || again.Digest != p.Digest {
		t.Errorf("what was there: %v, %s", err, again.Digest)
	}
}

// TestAPlanIsFoundByAnyOfItsFiles, as people name it in many ways.
func TestAPlanIsFoundByAnyOfItsFiles(t *testing.T) {
	want := service.PlanFiles{Page: "a/plan.html", Text: "a/plan.txt", List: "a/plan.list.jsonl"}
	for _, path := range append(want.All(), "a/plan") {
		if got := service.PlanFilesAt(path); got != want {
			t.Errorf("%s: %+v", path, got)
		}
	}
}
