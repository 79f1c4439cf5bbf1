package intake_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"payrun/batch/intake"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// TestWhatFailedComesUnderItsOwnID has somebody whose payment failed come again under a
// new id: by number, by name on another number, and as somebody else.
func TestWhatFailedComesUnderItsOwnID(t *testing.T) {
	failed := func(batch string, days float64) books {
		b := paid(batch, days, 1, money.XOF.Of(5000))
		b[0].State = ledger.Failed
		return b
	}
	otherNumber := func(file rows) rows { file[0].Number = "+2250709998877"; return file }
	other := func(file rows) rows {
		file[0].Number, file[0].Name = "+2250709998877", "Yao Kra"
		return file
	}
	disputed := failed("nov", 0.01)
	disputed[0].Said = ledger.SaidSuccessful
	for why, test := range map[string]struct {
		file  rows
		books books
		want  []string
	}{
		"the same number":                    {payroll(0, 1, money.XOF.Of(5000)), failed("nov", 0.01), []string{"error batch.repeated 1", "warning payment.failed_before 1"}},
		"the same name on another number":    {otherNumber(payroll(0, 1, money.XOF.Of(5000))), failed("nov", 0.01), []string{"error batch.repeated 1", "warning payment.failed_before 1"}},
		"one of many is a warning":           {payroll(0, 30, money.XOF.Of(5000)), failed("nov", 0.01), []string{"warning payment.failed_before 1"}},
		"the next month":                     {payroll(0, 1, money.XOF.Of(5000)), failed("nov", 30), nil},
		"another amount":                     {payroll(0, 1, money.XOF.Of(6000)), failed("nov", 0.01), nil},
		"somebody else":                      {other(payroll(0, 1, money.XOF.Of(5000))), failed("nov", 0.01), nil},
		"in the same batch":                  {payroll(0, 1, money.XOF.Of(5000)), failed("new", 0.01), []string{"error id.renamed 1"}},
		"in the same batch, by name":         {otherNumber(payroll(0, 1, money.XOF.Of(5000))), failed("new", 30), []string{"error id.renamed 1"}},
		"what the provider disputes is open": {payroll(0, 1, money.XOF.Of(5000)), disputed, []string{"error batch.repeated 1", "warning payment.repeated_recently 1"}},
	} {
		_, told := judged(t, test.file, test.books, nil)
		for _, want := range test.want {
			if !strings.Contains(told, want) {
				t.Errorf("%s: told %q, want %q", why, told, want)
			}
		}
		if len(test.want) == 0 && told != "" {
			t.Errorf("%s: told %q, want nothing", why, told)
		}
	}
}

// TestOneRowThatIsPlainlyTheSameStopsItsBatch, however many others there are.
func TestOneRowThatIsPlainlyTheSameStopsItsBatch(t *testing.T) {
	const hour = 1.0 / 24
	named := func(name string) books {
		b := paid("nov", hour/2, 1, money.XOF.Of(5000))
		b[0].Name = name
		return b
	}
	under := func(id ledger.TransactionID, days float64) books {
		b := paid("nov", days, 1, money.XOF.Of(5000))
		b[0].ID, b[0].Name = id, "Yao Kra"
		return b
	}
	for why, test := range map[string]struct {
		books books
		stops bool
	}{
		"the same person within the hour":      {paid("nov", hour/2, 1, money.XOF.Of(5000)), true},
		"two hours later":                      {paid("nov", 2*hour, 1, money.XOF.Of(5000)), false},
		"another name within the hour":         {named("Yao Kra"), false},
		"an id in small letters":               {under("new-0", 0.9), true},
		"an id with zeros":                     {under("NEW-000", 0.9), true},
		"an id in small letters, the next day": {under("new-0", 1.1), false},
		"another id":                           {under("new-1", 0.9), false},
	} {
		if _, told := judged(t, payroll(0, 64, money.XOF.Of(5000)), test.books, nil); strings.Contains(told, "error batch.repeated") != test.stops {
			t.Errorf("%s: told %q, want a stop: %t", why, told, test.stops)
		}
	}
}

// rotten are books of which an index is damaged.
type rotten struct{ books }

func (rotten) PaidTo(context.Context, phone.E164, time.Time) ([]ledger.Earlier, error) {
	return nil, &ledger.CorruptError{}
}

func TestADamagedLedgerIsNoProblemOfTheFile(t *testing.T) {
	file := payroll(0, 1, money.XOF.Of(5000))
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	_, err = intake.Inspect(t.Context(), intake.InspectOptions{
		File: file, Checker: file, Fees: tenPerMille, Problem: func(p rules.Problem) { t.Errorf("told %+v", p) },
		History: &intake.History{Ledger: rotten{}, Rules: set, Batch: "new", Now: payday()},
	})
	if !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("%v, want the damage", err)
	}
}
