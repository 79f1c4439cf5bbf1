package batch_test

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"payrun/batch"
	"payrun/batch/input"
	"payrun/ledger"
)

func TestIDsBeginWithTheFilesName(t *testing.T) {
	for path, want := range map[string]string{
		"november.xlsx":              "NOVEMBER-",
		"/home/awa/Paie Août.csv":    "PAIE-AOUT-",
		"paie.csv":                   "PAIE-",
		"paie (1).csv":               "PAIE-",
		"paie(12).xlsx":              "PAIE-",
		"paie novembre siège.xlsx":   "PAIE-N-K9P1K-",
		"paie novembre agences.xlsx": "PAIE-N-UFRVV-",
		"vendeurs_2026.11.csv":       "VENDEU-TGN59-",
		"batch.csv":                  "BATCH-",
		"abcdefghijkl.csv":           "ABCDEFGHIJKL-",
		"abcdefghijklm.csv":          "ABCDEF-2S7LC-",
	} {
		got, err := batch.PrefixFromFile(path)
		if err != nil || got != want {
			t.Errorf("PrefixFromFile(%q) = %q, %v; want %q", path, got, err, want)
		}
	}
	for _, path := range []string{"-", "支付.xlsx", "().csv"} {
		if got, err := batch.PrefixFromFile(path); !errors.Is(err, batch.ErrNoPrefix) {
			t.Errorf("PrefixFromFile(%q) = %q, %v; want ErrNoPrefix", path, got, err)
		}
	}
}

func TestAPrefixThatCannotBeginAnIDIsRefused(t *testing.T) {
	for _, prefix := range []string{"", "-", "PAYROLLNOVEMBER", "paie août-", "A B", "../", "="} {
		if _, err := batch.NewSeries(prefix); !errors.Is(err, batch.ErrPrefix) {
			t.Errorf("NewSeries(%q): %v, want ErrPrefix", prefix, err)
		}
	}
}

// TestEveryIDOfASeriesCanBePaid holds ids of any file's name against what the
// rules and the provider take.
func TestEveryIDOfASeriesCanBePaid(t *testing.T) {
	payable := regexp.MustCompile(`^[A-Za-z0-9_.-]{1,20}$`)
	rapid.Check(t, func(t *rapid.T) {
		prefix, err := batch.PrefixFromFile(rapid.String().Draw(t, "name") + ".csv")
		if err != nil {
			return
		}
		series, err := batch.NewSeries(prefix)
		if err != nil {
			t.Fatal(err)
		}
		taken := rapid.IntRange(0, 9_999_990).Draw(t, "taken")
		last := ledger.TransactionID("")
		if taken > 0 {
			series.Skip(prefix + "0" + string(rune('0'+taken%10)))
		}
		for range 5 {
			id, err := series.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !payable.MatchString(string(id)) || id == last || !series.Gives(string(id)) {
				t.Fatalf("id %q after %q", id, last)
			}
			last = id
		}
	})
}

// rowsWithIDs is a file of rows that have these ids, empty for none.
type rowsWithIDs []string

func (ids rowsWithIDs) Rows(context.Context) iter.Seq2[input.Row, error] {
	return func(yield func(input.Row, error) bool) {
		for i, id := range ids {
			if !yield(input.Row{Number: i + 2, TransactionID: input.Cell{Text: id}}, nil) {
				return
			}
		}
	}
}

func TestGapsAreFilledBehindTheHighestNumber(t *testing.T) {
	file := rowsWithIDs{"MAY-0002", "", "OTHER-9", "", "MAY-0107", "MAY-x", ""}
	want := []string{"MAY-0002", "MAY-0108", "OTHER-9", "MAY-0109", "MAY-0107", "MAY-x", "MAY-0110"}
	for range 2 { // the same each time
		series, err := batch.NewSeries("MAY-")
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range file {
			series.Skip(id)
		}
		i := 0
		for row, err := range (batch.Identified{File: file, Series: series}).Rows(t.Context()) {
			if err != nil || row.TransactionID.Text != want[i] {
				t.Errorf("row %d has the id %q (%v), want %q", row.Number, row.TransactionID.Text, err, want[i])
			}
			if given := series.Gives(row.TransactionID.Text); given != (file[i] == "") {
				t.Errorf("Gives(%q) = %v", row.TransactionID.Text, given)
			}
			i++
		}
	}
}

func TestASeriesEndsBeforeItsIDsAreTooLong(t *testing.T) {
	series, err := batch.NewSeries("ABCDEFGHIJKL-")
	if err != nil {
		t.Fatal(err)
	}
	series.Skip("ABCDEFGHIJKL-9999998")
	if id, err := series.Next(); err != nil || len(id) != 20 {
		t.Errorf("the last id is %q, %v", id, err)
	}
	if series.Gives("ABCDEFGHIJKL-10000000") {
		t.Error("an id behind the last is called one of the series")
	}
	if _, err := series.Next(); !errors.Is(err, batch.ErrSeriesFull) {
		t.Errorf("after the last: %v, want ErrSeriesFull", err)
	}
}

func TestTheHighestNumberCountsWhereverItStands(t *testing.T) {
	series, err := batch.NewSeries("MAY-")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"MAY-0009", "MAY-0002", "OTHER-0100"} {
		series.Skip(id)
	}
	if got, err := series.Next(); err != nil || got != "MAY-0010" {
		t.Errorf("next is %q, %v; want MAY-0010", got, err)
	}
}
