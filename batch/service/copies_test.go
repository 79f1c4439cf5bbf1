package service_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"payrun/batch/intake"
	"payrun/batch/intake/annotate"
	"payrun/batch/intake/fix"
	"payrun/batch/intake/mapping"
	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/internal/fsx"
)

// copyTo is a copy by this name in a folder of its own.
func copyTo(t *testing.T, name string) service.CopyOptions {
	t.Helper()
	return service.CopyOptions{Path: filepath.Join(t.TempDir(), name), Separator: ','}
}

// content returns a file's bytes.
func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRowsGetTheIDsTheyLack: which, and why none are given.
func TestRowsGetTheIDsTheyLack(t *testing.T) {
	const awa, yao = "0701020304,Awa Kone,5000,ORANGE\n", "0501020304,Yao Kra,6000,MTN\n"
	for name, test := range map[string]struct {
		rows, known, prefix, file string
		want                      service.GivenIDs
		fails                     func(error) bool
	}{
		"none has one":   {rows: "," + awa + "," + yao, want: service.GivenIDs{Rows: 2, Given: 2, First: "NOVEMBER-0001", Last: "NOVEMBER-0002"}},
		"a prefix":       {rows: "," + awa, prefix: "PAY-", want: service.GivenIDs{Rows: 1, Given: 1, First: "PAY-0001", Last: "PAY-0001"}},
		"one has one":    {rows: "MAY-7," + awa + "," + yao, want: service.GivenIDs{Rows: 2, Given: 1, First: "MAY-8", Last: "MAY-8"}},
		"the ledger has": {rows: "," + awa, known: titles + "NOVEMBER-0001," + awa, want: service.GivenIDs{Rows: 1, Given: 1, First: "NOVEMBER-0001", Last: "NOVEMBER-0001", Known: 1}},
		"paid lately":    {rows: "," + awa, known: titles + "OTHER," + awa, want: service.GivenIDs{Rows: 1, Given: 1, First: "NOVEMBER-0001", Last: "NOVEMBER-0001", Recent: 1}},
		"all have one":   {rows: "A-1," + awa, fails: func(err error) bool { return errors.Is(err, service.ErrNoIDsLacking) }},
		"somebody else's": {rows: "," + yao, known: titles + "NOVEMBER-0001," + awa, fails: func(err error) bool {
			known, is := errors.AsType[*service.KnownIDsError](err)
			return is && len(known.Conflicts) == 1
		}},
		"no name":      {rows: "," + awa, file: "-", fails: func(err error) bool { return errors.Is(err, intake.ErrNoPrefix) }},
		"a bad prefix": {rows: "," + awa, prefix: "é", fails: func(err error) bool { return errors.Is(err, intake.ErrPrefix) }},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := files(t, test.known), service.GiveIDsOptions{Copy: copyTo(t, "ids.csv"), Name: "november.csv", Prefix: test.prefix}
			if test.file != "" {
				o.Name = test.file
			}
			got, err := s.GiveIDs(t.Context(), open(t, titles+test.rows, table.Options{WithoutIDs: true}), o)
			if test.fails != nil {
				if !test.fails(err) || !fsx.Missing(o.Copy.Path) {
					t.Errorf("error %v, and a copy: %v", err, !fsx.Missing(o.Copy.Path))
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("%+v, %v, want %+v", got, err, test.want)
			}
			first := content(t, o.Copy.Path)
			// The same file has the same ids, and another one does not replace the copy.
			if _, err := s.GiveIDs(t.Context(), open(t, titles+test.rows, table.Options{WithoutIDs: true}), o); err != nil {
				t.Error(err)
			}
			_, err = s.GiveIDs(t.Context(), open(t, titles+test.rows+",0707070707,Ama Brou,7000,ORANGE\n", table.Options{WithoutIDs: true}), o)
			if !errors.Is(err, fsx.ErrTaken) || content(t, o.Copy.Path) != first {
				t.Errorf("error %v, want the first copy to stay", err)
			}
		})
	}
}

// TestAFileIsFixedOrItsDoubtsNamed: the copy is written only if nothing is in doubt.
func TestAFileIsFixedOrItsDoubtsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		rows     string
		changes  int
		problems int
	}{
		"a zero is put back": {"A-1,701020304,Awa Kone,5000,ORANGE\n", 1, 0},
		"nothing to do":      {"A-1,0701020304,Awa Kone,5000,ORANGE\n", 0, 0},
		"no number":          {"A-1,,Awa Kone,5000,ORANGE\n", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := service.FixOptions{Copy: copyTo(t, "clean.csv"), Title: func(field table.Field) string { return string(field) }}
			s := files(t, "")
			plan, err := s.Fix(t.Context(), open(t, titles+test.rows, table.Options{}), o)
			if err != nil || len(plan.Problems) != test.problems || test.problems == 0 && len(plan.Changes) != test.changes {
				t.Fatalf("%+v, %v", plan, err)
			}
			if test.problems > 0 {
				if !fsx.Missing(o.Copy.Path) {
					t.Error("a copy was written of a file in doubt")
				}
				return
			}
			checked, err := s.Check(t.Context(), open(t, content(t, o.Copy.Path), table.Options{}), service.CheckOptions{})
			if err != nil || checked.Verdict(false) != service.Payable {
				t.Errorf("the copy: %v, %+v", err, checked.Groups.Sorted())
			}
		})
	}
	_, err := files(t, "").Fix(t.Context(), open(t, titles+"A-1,0701020304,Awa Kone,5000,ORANGE\n", table.Options{}),
		service.FixOptions{Copy: copyTo(t, "clean.pdf"), Options: fix.Options{}})
	if !errors.Is(err, annotate.ErrFormat) {
		t.Errorf("error %v, want ErrFormat", err)
	}
}

// TestAnAnswerAboutColumnsIsKept: what a person chose counts for the next file of that
// shape, until it is taken back.
func TestAnAnswerAboutColumnsIsKept(t *testing.T) {
	const text = "transaction_id,customer_id,name,operator,montant brut,montant net\nA-1,0701020304,Awa Kone,ORANGE,7000,5000\n"
	s := service.New(service.Config{
		Answers: mapping.Open(filepath.Join(t.TempDir(), "columns"), func(os.FileInfo) bool { return true }),
		Clock:   func() time.Time { return time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC) },
	})
	undecided := table.Options{Undecided: true}
	file := open(t, text, undecided)
	questions, err := s.ColumnQuestions(t.Context(), file)
	if err != nil || len(questions) != 1 || questions[0].Field != table.FieldAmount || len(questions[0].Choices) != 2 || questions[0].Misleading() {
		t.Fatalf("%+v, %v, want one question about the amount", questions, err)
	}
	chosen := questions[0].Choices[1]
	if chosen.Sum.Minor == 0 {
		t.Errorf("%+v does not say what it would come to", chosen)
	}
	file.Choose(map[table.Field]int{table.FieldAmount: chosen.Column})
	if where, err := s.RememberColumns(file, "november.csv"); err != nil || where == "" {
		t.Fatalf("%q, %v", where, err)
	}
	next := open(t, text, undecided)
	if where, err := s.RecallColumns(next); err != nil || where == "" {
		t.Errorf("%q, %v, want the answer", where, err)
	}
	if questions, err := s.ColumnQuestions(t.Context(), next); err != nil || len(questions) > 0 {
		t.Errorf("%+v, %v, want nothing asked again", questions, err)
	}
	columns, err := s.Columns(t.Context(), next)
	if err != nil || len(columns.Open) > 0 || columns.List[chosen.Column].Why != table.WhyRemembered {
		t.Errorf("%+v, %v", columns, err)
	}
	if forgotten, _, err := s.ForgetColumns(next.Info()); err != nil || !forgotten {
		t.Errorf("forgotten %v, %v", forgotten, err)
	}
}

// TestATemplateReplacesNothing: neither another file nor itself.
func TestATemplateReplacesNothing(t *testing.T) {
	words := func(key string, _ ...string) string { return key }
	for _, name := range []string{"empty.csv", "empty.xlsx"} {
		o := copyTo(t, name)
		if err := files(t, "").Template(o, words); err != nil || fsx.Missing(o.Path) {
			t.Errorf("%s: %v", name, err)
		}
		if err := files(t, "").Template(o, words); !errors.Is(err, fsx.ErrTaken) {
			t.Errorf("%s: %v, want ErrTaken", name, err)
		}
	}
}
