package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

// TestRowsAreJudgedAlikeWhenTheyAreReadAgain: what is entered into the ledger is judged in the
// second pass, and must be what a person saw of the first.
func TestRowsAreJudgedAlikeWhenTheyAreReadAgain(t *testing.T) {
	set := builtinRules(t)
	cell := func(texts ...string) *rapid.Generator[table.Cell] {
		return rapid.Map(rapid.SampledFrom(texts), func(text string) table.Cell { return table.Cell{Text: text} })
	}
	rapid.Check(t, func(t *rapid.T) {
		options := rules.Options{
			Strict: rapid.Bool().Draw(t, "strict"), RestoreLeadingZero: rapid.Bool().Draw(t, "restore"),
			RepeatsAnswered: rapid.Bool().Draw(t, "answered"),
		}
		rows := make([]table.Row, rapid.IntRange(1, 30).Draw(t, "rows"))
		for i := range rows {
			rows[i] = table.Row{
				Number:        i + 2,
				TransactionID: cell("", "B-7", "b-07", "B-07", "B-8", "Ü", "total").Draw(t, "id"),
				Beneficiary:   cell("0701020304", "701020304", "0501020304", "0102").Draw(t, "number"),
				Name:          cell("Yao Aya", "AYA YAO", "Aya Yaô", "Koffi", "").Draw(t, "name"),
				Amount:        cell("5000", "5 000", "7500", "x", "").Draw(t, "amount"),
				Operator:      cell("orange", "mtn", "").Draw(t, "operator"),
			}
		}
		first := rules.NewValidator(set, options)
		want := make([]rules.Judgement, len(rows))
		for i, row := range rows {
			want[i] = first.Check(row)
		}
		for range 2 { // what was found is not used up
			again := rules.NewRereader(set, options, first.Repeats())
			for i, row := range rows {
				if diff := cmp.Diff(want[i], again.Check(row)); diff != "" {
					t.Fatalf("row %d is judged otherwise when it is read again (-first +again):\n%s", row.Number, diff)
				}
			}
		}
	})
}
