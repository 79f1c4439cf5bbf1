package intake_test

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

var builtIn = must(rules.Default())

// digits are the rules for a provider that takes up to 12 digits.
var digits = must(builtIn.For(provider.Capabilities{
	ReferenceLength: 12, ReferenceAlphabet: provider.Digits, Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
}))

func must(set *rules.Set, err error) *rules.Set {
	if err != nil {
		panic(err)
	}
	return set
}

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
		got, err := intake.PrefixFromFile(path)
		if err != nil || got != want {
			t.Errorf("PrefixFromFile(%q) = %q, %v; want %q", path, got, err, want)
		}
	}
	for _, path := range []string{"-", "支付.xlsx", "().csv"} {
		if got, err := intake.PrefixFromFile(path); !errors.Is(err, intake.ErrNoPrefix) {
			t.Errorf("PrefixFromFile(%q) = %q, %v; want ErrNoPrefix", path, got, err)
		}
	}
}

func TestAPrefixThatCannotBeginAnIDIsRefused(t *testing.T) {
	for _, prefix := range []string{"", "-", "PAYROLLNOVEMBER", "paie août-", "A B", "../", "="} {
		if _, err := intake.NewIDSequence(prefix, builtIn); !errors.Is(err, intake.ErrPrefix) {
			t.Errorf("NewIDSequence(%q): %v, want ErrPrefix", prefix, err)
		}
	}
	for prefix, takes := range map[string]bool{"26111": true, "261112": false, "MAY-": false} {
		if _, err := intake.NewIDSequence(prefix, digits); errors.Is(err, intake.ErrPrefix) == takes {
			t.Errorf("NewIDSequence(%q) of up to 12 digits: %v, want ErrPrefix: %t", prefix, err, !takes)
		}
	}
}

// TestEveryIDOfASequenceCanBePaid holds ids of any file's name against what the
// rules and the provider take.
func TestEveryIDOfASequenceCanBePaid(t *testing.T) {
	payable := regexp.MustCompile(`^[A-Za-z0-9_.-]{1,20}$`)
	rapid.Check(t, func(t *rapid.T) {
		prefix, err := intake.PrefixFromFile(rapid.String().Draw(t, "name") + ".csv")
		if err != nil {
			return
		}
		sequence, err := intake.NewIDSequence(prefix, builtIn)
		if err != nil {
			t.Fatal(err)
		}
		taken := rapid.IntRange(0, 9_999_990).Draw(t, "taken")
		last := ledger.TransactionID("")
		if taken > 0 {
			sequence.Reserve(prefix + "0" + string(rune('0'+taken%10)))
		}
		for range 5 {
			id, err := sequence.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !payable.MatchString(string(id)) || id == last || !sequence.Owns(string(id)) {
				t.Fatalf("id %q after %q", id, last)
			}
			last = id
		}
	})
}

// rowsWithIDs is a file of rows that have these ids, empty for none.
type rowsWithIDs []string

func (ids rowsWithIDs) Rows(context.Context) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		for i, id := range ids {
			if !yield(table.Row{Number: i + 2, TransactionID: table.Cell{Text: id}}, nil) {
				return
			}
		}
	}
}

func pays(table.Row) bool { return true }

func TestGapsAreFilledBehindTheHighestNumber(t *testing.T) {
	file := rowsWithIDs{"MAY-0002", "", "OTHER-9", "", "MAY-0107", "MAY-x", "9999", ""}
	want := []string{"MAY-0002", "MAY-0108", "OTHER-9", "MAY-0109", "MAY-0107", "MAY-x", "9999", "MAY-0110"}
	for range 2 { // the same each time
		sequence, err := intake.NewIDSequence("MAY-", builtIn)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range file {
			sequence.Reserve(id)
		}
		i := 0
		for row, err := range (intake.WithIDs{File: file, IDs: sequence, Pays: pays}).Rows(t.Context()) {
			if err != nil || row.TransactionID.Text != want[i] {
				t.Errorf("row %d has the id %q (%v), want %q", row.Number, row.TransactionID.Text, err, want[i])
			}
			if given := sequence.Owns(row.TransactionID.Text); given != (file[i] == "") {
				t.Errorf("Owns(%q) = %v", row.TransactionID.Text, given)
			}
			i++
		}
	}
}

func TestASequenceEndsBeforeItsIDsAreTooLong(t *testing.T) {
	sequence, err := intake.NewIDSequence("ABCDEFGHIJKL-", builtIn)
	if err != nil {
		t.Fatal(err)
	}
	sequence.Reserve("ABCDEFGHIJKL-9999998")
	if id, err := sequence.Next(); err != nil || len(id) != 20 {
		t.Errorf("the last id is %q, %v", id, err)
	}
	if !sequence.Owns("ABCDEFGHIJKL-9999999") {
		t.Error("the last id is not called one of the sequence")
	}
	if sequence.Owns("ABCDEFGHIJKL-10000000") {
		t.Error("an id behind the last is called one of the sequence")
	}
	if _, err := sequence.Next(); !errors.Is(err, intake.ErrSequenceFull) {
		t.Errorf("after the last: %v, want ErrSequenceFull", err)
	}
	told := 0
	for _, err := range (intake.WithIDs{File: rowsWithIDs{"", ""}, IDs: sequence, Pays: pays}).Rows(t.Context()) {
		if told++; !errors.Is(err, intake.ErrSequenceFull) {
			t.Errorf("a row without an id: %v, want ErrSequenceFull", err)
		}
	}
	if told != 1 {
		t.Errorf("the reading went on behind an error: %d rows", told)
	}
}

// TestASequenceThatWasFoundEndsWithItsRoom: an id of 21 characters is none.
func TestASequenceThatWasFoundEndsWithItsRoom(t *testing.T) {
	var finder intake.SequenceFinder
	finder.Add("ABCDEFGHIJKLMNOPQ-98")
	sequence, found := finder.Sequence(builtIn)
	if !found {
		t.Fatal("there is room for one more")
	}
	sequence.Reserve("ABCDEFGHIJKLMNOPQ-98")
	if id, err := sequence.Next(); err != nil || id != "ABCDEFGHIJKLMNOPQ-99" {
		t.Errorf("goes on with %q, %v", id, err)
	}
	if id, err := sequence.Next(); !errors.Is(err, intake.ErrSequenceFull) {
		t.Errorf("and then %q, %v, want ErrSequenceFull", id, err)
	}
}

func TestTheHighestNumberCountsWhereverItStands(t *testing.T) {
	sequence, err := intake.NewIDSequence("MAY-", builtIn)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"MAY-0009", "MAY-0002", "OTHER-0100"} {
		sequence.Reserve(id)
	}
	if got, err := sequence.Next(); err != nil || got != "MAY-0010" {
		t.Errorf("next is %q, %v; want MAY-0010", got, err)
	}
}

// TestASequenceGoesOnAsTheColumnBegan: a second prefix in a column would look like
// another payment's.
func TestASequenceGoesOnAsTheColumnBegan(t *testing.T) {
	for _, test := range []struct {
		why  string
		ids  []string
		want ledger.TransactionID
	}{
		{"as long as the others", []string{"S-001", "S-002"}, "S-003"},
		{"a long prefix that leaves room", []string{"PAIE-NOV-2026-31"}, "PAIE-NOV-2026-32"},
		{"the prefix that most have", []string{"A-1", "B-1", "B-2"}, "B-3"},
		{"the first of as many", []string{"B-1", "A-1"}, "A-2"},
		{"nothing behind an id that is too long itself", []string{"ABCDEFGHIJKLMNOPQR-12"}, ""},
		{"behind the highest", []string{"B-07", "B-02"}, "B-08"},
		{"without a separator", []string{"EMP0009"}, "EMP0010"},
		{"numbers alone are of no sequence", []string{"1", "2"}, ""},
		{"nor is a single word", []string{"AWA"}, ""},
		{"nor what cannot be an id", []string{"n° 1", "n° 2"}, ""},
		{"nor what leaves no room", []string{"ABCDEFGHIJKLMNOPQRS-1"}, ""},
	} {
		var finder intake.SequenceFinder
		for _, id := range test.ids {
			finder.Add(id)
		}
		var got ledger.TransactionID
		if sequence, found := finder.Sequence(builtIn); found {
			for _, id := range test.ids {
				sequence.Reserve(id)
			}
			var err error
			if got, err = sequence.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if got != test.want {
			t.Errorf("%s: %q goes on with %q, want %q", test.why, test.ids, got, test.want)
		}
	}
}

func TestOnlyPaymentsGetIDs(t *testing.T) {
	sequence, err := intake.NewIDSequence("MAY-", builtIn)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	file := intake.WithIDs{File: rowsWithIDs{"", "", ""}, IDs: sequence, Pays: func(row table.Row) bool { return row.Number != 3 }}
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row.TransactionID.Text)
	}
	if want := []string{"MAY-0001", "", "MAY-0002"}; !slices.Equal(got, want) {
		t.Errorf("ids %q, want %q", got, want)
	}
}
