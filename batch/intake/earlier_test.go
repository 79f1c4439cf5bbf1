package intake_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// cells are rows of a file as it has them.
type cells []table.Row

func (c cells) Rows(context.Context) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		for _, row := range c {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// cellsOf is somebody's row.
func cellsOf(row int, id, number, name string) table.Row {
	return table.Row{
		Number: row, TransactionID: table.Cell{Text: id}, Beneficiary: table.Cell{Text: number}, Name: table.Cell{Text: name},
		Amount: table.Cell{Text: "5000"}, Operator: table.Cell{Text: "ORANGE"},
	}
}

// told reviews a file as batch "new" and returns the problems by row.
func told(t *testing.T, file cells, b books, strict bool) []string {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	var problems []string
	_, err = intake.Inspect(t.Context(), intake.InspectOptions{
		File: file, Checker: rules.NewValidator(set, rules.Options{Strict: strict}), Fees: tenPerMille,
		Problem: func(p rules.Problem) { problems = append(problems, fmt.Sprintf("%d %s %s", p.Row, p.Severity, p.Code)) },
		History: &intake.History{
			Ledger: b, Rules: set, Batch: "new", Now: payday(), Strict: strict,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(problems)
	return problems
}

// TestAFileIsHeldAgainstNamesAndIDsOfBefore pays people of earlier batches once more,
// with ids and numbers that are almost theirs.
func TestAFileIsHeldAgainstNamesAndIDsOfBefore(t *testing.T) {
	before := func(id, number, name string, change func(*ledger.Payout)) ledger.Payout {
		p := ledger.Payout{
			Terms: ledger.Terms{
				ID: ledger.TransactionID(id), Number: phone.Number(number).In("225"), Name: name, Amount: money.XOF.Of(7000), Country: "CI", Operator: "ORANGE",
			},
			Batch: "october", State: ledger.Successful, Attempt: 1, QueuedAt: payday().Add(-30 * 24 * time.Hour),
		}
		if change != nil {
			change(&p)
		}
		return p
	}
	for why, test := range map[string]struct {
		row    table.Row
		before books
		strict bool
		want   []string
	}{
		"an id but for capitals and zeros": {
			cellsOf(2, "pay-1", "0701020304", "Awa Koné"),
			books{before("PAY-001", "0701020304", "Awa Koné", nil)},
			false,
			[]string{"2 warning id.similar_known"},
		},
		"where warnings are errors": {
			cellsOf(2, "pay-1", "0701020304", "Awa Koné"),
			books{before("PAY-001", "0701020304", "Awa Koné", nil)},
			true,
			[]string{"2 error id.similar_known"},
		},
		"an id of this batch that a program rewrote": {
			cellsOf(2, "pay-1", "0701020304", "Awa Koné"),
			books{before("PAY-001", "0701020304", "Awa Koné", func(p *ledger.Payout) { p.Batch, p.State = "new", ledger.Failed })},
			false,
			[]string{"2 warning id.similar_known"},
		},
		"the id itself": {
			cellsOf(2, "PAY-001", "0701020304", "Awa Koné"),
			books{before("PAY-001", "0701020304", "Awa Koné", func(p *ledger.Payout) { p.Amount, p.Batch = money.XOF.Of(5000), "new" })},
			false, nil,
		},
		"a name on another number": {
			cellsOf(2, "A-1", "0701020399", "KONE Awa"),
			books{before("O-1", "0701020304", "Awa Koné", nil)},
			false,
			[]string{"2 warning name.other_number"},
		},
		"a name on a number that it had before": {
			cellsOf(2, "A-1", "0701020399", "KONE Awa"),
			books{before("O-2", "0701020304", "Awa Koné", nil), before("O-1", "0701020399", "Awa Koné", nil)},
			false, nil,
		},
		"a name on a number that it also has": {
			cellsOf(2, "A-1", "0701020399", "KONE Awa"),
			books{before("O-1", "0701020399", "Awa Koné", nil), before("O-2", "0701020304", "Awa Koné", nil)},
			false, nil,
		},
		"a name whose other number got nothing": {
			cellsOf(2, "A-1", "0701020399", "KONE Awa"),
			books{before("O-1", "0701020304", "Awa Koné", func(p *ledger.Payout) { p.State = ledger.Failed })},
			false, nil,
		},
		"a name whose number is corrected in its own batch": {
			cellsOf(2, "A-1", "0701020399", "KONE Awa"),
			books{before("O-1", "0701020304", "Awa Koné", func(p *ledger.Payout) { p.Batch = "new" })},
			false, nil,
		},
		"another name": {
			cellsOf(2, "A-1", "0701020399", "Awa Traoré"), books{before("O-1", "0701020304", "Awa Koné", nil)}, false, nil,
		},
	} {
		if diff := cmp.Diff(test.want, told(t, cells{test.row}, test.before, test.strict)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
}

// TestANameWithTwoNumbersInTheFileIsToldOnce: what was paid before adds nothing to it.
func TestANameWithTwoNumbersInTheFileIsToldOnce(t *testing.T) {
	file := cells{cellsOf(2, "A-1", "0701020304", "Awa Koné"), cellsOf(3, "A-2", "0701020305", "Awa Koné")}
	before := books{{
		Terms: ledger.Terms{ID: "O-1", Number: "+2250701020309", Name: "Awa Koné", Country: "CI", Operator: "ORANGE", Amount: money.XOF.Of(7000)},
		Batch: "october", State: ledger.Successful, QueuedAt: payday().Add(-30 * 24 * time.Hour),
	}}
	if diff := cmp.Diff([]string{"3 warning name.repeated"}, told(t, file, before, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestALongFileIsHeldAgainstAsManyOfBefore: what is looked at grows with the file, and
// not with the ledger.
func TestALongFileIsHeldAgainstAsManyOfBefore(t *testing.T) {
	one := func(i int) ledger.Payout {
		return ledger.Payout{
			Terms: ledger.Terms{ID: ledger.TransactionID(fmt.Sprintf("O-%d", i)), Number: "+2250701020304", Name: "Awa Koné", Country: "CI", Operator: "ORANGE", Amount: money.XOF.Of(7000)},
			Batch: "october", State: ledger.Successful, QueuedAt: payday().Add(-30 * 24 * time.Hour),
		}
	}
	file := cells{cellsOf(2, "A-1", "0701020399", "Awa Koné")}
	for i := range 1500 {
		file = append(file, cellsOf(i+3, fmt.Sprintf("N-%d", i), fmt.Sprintf("070%07d", i), fmt.Sprintf("Yao %d", i)))
	}
	for at, want := range map[int][]string{1999: {"2 warning name.other_number"}, 3001: {"2 warning name.other_number"}, 3002: nil} {
		b := make(books, 4000)
		for i := range b {
			b[i] = one(i)
			b[i].Name, b[i].Number = fmt.Sprintf("Somebody %d", i), "+2250709999999"
		}
		b[at] = one(at)
		if diff := cmp.Diff(want, told(t, file, b, false)); diff != "" {
			t.Errorf("the payout %d before (-want +got):\n%s", at, diff)
		}
	}
	if diff := cmp.Diff([]string(nil), told(t, file[:1], append(make(books, 2000), one(1)), false)); diff != "" {
		t.Errorf("more than 2,000 before (-want +got):\n%s", diff)
	}
}
