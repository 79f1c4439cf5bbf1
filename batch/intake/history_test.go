package intake_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// payday is the time at which the files of these tests are looked at.
func payday() time.Time { return time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC) }

// books are payouts of other days, without a store to put them in.
type books []ledger.Payout

func (b books) Payout(_ context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	for _, p := range b {
		if p.ID == id {
			return p, nil
		}
	}
	return ledger.Payout{}, &ledger.NotFoundError{ID: id}
}

func (b books) PaidTo(_ context.Context, number phone.E164, since time.Time) ([]ledger.Earlier, error) {
	var found []ledger.Earlier
	for _, p := range b { // the latest first, as the tests write them
		if p.Number == number && !p.QueuedAt.Before(since) {
			found = append(found, ledger.Earlier{ID: p.ID, Amount: p.Amount, QueuedAt: p.QueuedAt})
		}
	}
	return found, nil
}

func (b books) LatestNoted(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return ledger.SelectNoted.Of(b.Latest(ctx, most))
}

func (b books) Latest(_ context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		for i, p := range b {
			if i == most || !yield(p, nil) {
				return
			}
		}
	}
}

// paid is a payroll of people 0 to count-1, so many days before payday.
func paid(batch string, days float64, count int, amount money.Amount) books {
	var b books
	for i := range count {
		b = append(b, ledger.Payout{
			Terms: terms(fmt.Sprintf("%s-%d", batch, i), i, amount), Batch: ledger.BatchID(batch), State: ledger.Successful, Attempt: 1,
			QueuedAt: payday().Add(-time.Duration(days * 24 * float64(time.Hour))),
		})
	}
	return b
}

func terms(id string, person int, amount money.Amount) ledger.Terms {
	return ledger.Terms{
		ID: ledger.TransactionID(id), Number: phone.E164(fmt.Sprintf("+22507010203%02d", person)), Name: fmt.Sprintf("Awa %c", 'A'+person),
		Amount: amount, Operator: "ORANGE",
	}
}

// payroll is a file of new ids for people from to to-1.
func payroll(from, to int, amount money.Amount) rows {
	var file rows
	for i := from; i < to; i++ {
		file = append(file, ledger.Entry{Row: i - from + 2, Terms: terms(fmt.Sprintf("NEW-%d", i), i, amount)})
	}
	return file
}

// judged reviews a file as batch "new" against books.
func judged(t *testing.T, file rows, b books, change func(*intake.InspectOptions)) (intake.Inspection, string) {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	var told rules.Groups
	in := intake.InspectOptions{
		File: file, Checker: file, Fees: tenPerMille, Problem: func(p rules.Problem) { told.Add(p) },
		History: &intake.History{
			Ledger: b, Rules: set, Batch: "new", Now: payday(),
		},
	}
	if change != nil {
		change(&in)
	}
	review, err := intake.Inspect(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, severity := range []rules.Severity{rules.Error, rules.Warning} {
		for code, count := range told.Of(severity) {
			codes = append(codes, fmt.Sprintf("%s %s %d", severity, code, count))
		}
	}
	return review, strings.Join(codes, ", ")
}

func TestRepetitionIsJudgedForTheBatch(t *testing.T) {
	monthly := append(append(paid("oct", 30, 60, money.XOF.Of(5000)), paid("sep", 61, 60, money.XOF.Of(5000))...), paid("aug", 91, 60, money.XOF.Of(5000))...)
	weekly := append(append(paid("w3", 7, 60, money.XOF.Of(5000)), paid("w2", 14, 60, money.XOF.Of(5000))...), paid("w1", 21, 60, money.XOF.Of(5000))...)
	for _, test := range []struct {
		why   string
		file  rows
		books books
		stops bool
		warns bool
	}{
		{"the same again within minutes", payroll(0, 60, money.XOF.Of(5000)), paid("nov", 0.002, 58, money.XOF.Of(5000)), true, true},
		{"within five days", payroll(0, 60, money.XOF.Of(5000)), paid("nov", 4.9, 60, money.XOF.Of(5000)), true, true},
		{"five rows of many", payroll(0, 90, money.XOF.Of(5000)), paid("nov", 1, 5, money.XOF.Of(5000)), true, true},
		{"four rows of many are a warning", payroll(0, 90, money.XOF.Of(5000)), paid("nov", 1, 4, money.XOF.Of(5000)), false, true},
		{"a tenth of few", payroll(0, 10, money.XOF.Of(5000)), paid("nov", 1, 1, money.XOF.Of(5000)), true, true},
		{"less than a tenth", payroll(0, 11, money.XOF.Of(5000)), paid("nov", 1, 1, money.XOF.Of(5000)), false, true},
		{"one of one", payroll(0, 1, money.XOF.Of(5000)), paid("nov", 1, 1, money.XOF.Of(5000)), true, true},

		{"a monthly payroll", payroll(0, 60, money.XOF.Of(5000)), monthly, false, false},
		{"its first repetition after 28 days", payroll(0, 60, money.XOF.Of(5000)), paid("oct", 28, 60, money.XOF.Of(5000)), false, false},
		{"its first repetition after 31 days", payroll(0, 60, money.XOF.Of(5000)), paid("oct", 31, 60, money.XOF.Of(5000)), false, false},
		{
			"a monthly payroll once more after ten days", payroll(0, 60, money.XOF.Of(5000)),
			append(append(paid("nov", 10, 60, money.XOF.Of(5000)), paid("oct", 40, 60, money.XOF.Of(5000))...), paid("sep", 71, 60, money.XOF.Of(5000))...), true, true,
		},
		{"weekly wages", payroll(0, 60, money.XOF.Of(5000)), weekly, false, false},
		{"their second week is no stop", payroll(0, 60, money.XOF.Of(5000)), paid("w1", 7, 60, money.XOF.Of(5000)), false, true},
		{"weekly wages after four days", payroll(0, 60, money.XOF.Of(5000)), append(paid("w3", 4, 60, money.XOF.Of(5000)), paid("w2", 11, 60, money.XOF.Of(5000))...), true, true},
		{"an advance and its rest", payroll(0, 60, money.XOF.Of(3000)), paid("advance", 15, 60, money.XOF.Of(2000)), false, false},
		{"two files of one day for other people", payroll(30, 60, money.XOF.Of(5000)), paid("first", 0.1, 30, money.XOF.Of(5000)), false, false},
		{"two files of one day, other amounts", payroll(0, 60, money.XOF.Of(700)), paid("first", 0.1, 60, money.XOF.Of(5000)), false, false},
		{"other days of nothing", payroll(0, 60, money.XOF.Of(5000)), nil, false, false},
	} {
		review, told := judged(t, test.file, test.books, nil)
		if stops := strings.Contains(told, "error batch.repeated 1"); stops != test.stops || stops != (review.Doubts == 1) {
			t.Errorf("%s: told %q, %d doubts, want a stop: %v", test.why, told, review.Doubts, test.stops)
		}
		if warns := strings.Contains(told, "warning payment.repeated_recently"); warns != test.warns {
			t.Errorf("%s: told %q, want rows pointed out: %v", test.why, told, test.warns)
		}
	}
}

// TestWhatMovedNoMoneyIsNoRepeat: but what may have, is.
func TestWhatMovedNoMoneyIsNoRepeat(t *testing.T) {
	for why, test := range map[string]struct {
		change func(*ledger.Payout)
		stops  bool
	}{
		"failed":                        {func(p *ledger.Payout) { p.State = ledger.Failed }, true}, // a retry would pay it, too
		"cancelled before it was sent":  {func(p *ledger.Payout) { p.State = ledger.Cancelled }, false},
		"open":                          {func(p *ledger.Payout) { p.State = ledger.Pending }, true},
		"unknown":                       {func(p *ledger.Payout) { p.State = ledger.Unknown }, true},
		"queued":                        {func(p *ledger.Payout) { p.State = ledger.Queued }, true},
		"cancelled after a doubt":       {func(p *ledger.Payout) { p.State, p.Doubted = ledger.Cancelled, true }, true},
		"cancelled after it was sent":   {func(p *ledger.Payout) { p.State, p.SubmittedAt = ledger.Cancelled, payday() }, true},
		"cancelled in a second attempt": {func(p *ledger.Payout) { p.State, p.Attempt = ledger.Cancelled, 2 }, true},
	} {
		before := paid("nov", 1, 10, money.XOF.Of(5000))
		for i := range before {
			test.change(&before[i])
		}
		if _, told := judged(t, payroll(0, 10, money.XOF.Of(5000)), before, nil); strings.Contains(told, "batch.repeated") != test.stops {
			t.Errorf("%s: told %q, want a stop: %v", why, told, test.stops)
		}
	}
}

func TestAnAnswerIsAboutACountOfRows(t *testing.T) {
	for _, test := range []struct {
		answer intake.RepeatAnswer
		ends   bool
	}{
		{intake.RepeatAnswer{Count: 10}, true},
		{intake.RepeatAnswer{Count: 9}, false},
		{intake.RepeatAnswer{Count: 11}, false},
		{intake.RepeatAnswer{Count: 11, Again: true}, true}, // one of them is in the ledger by now
		{intake.RepeatAnswer{Count: 9, Again: true}, false},
	} {
		review, told := judged(t, payroll(0, 12, money.XOF.Of(5000)), paid("nov", 1, 10, money.XOF.Of(5000)), func(in *intake.InspectOptions) {
			in.Answer, in.History.Answered = &test.answer, true
		})
		if ends := review.Errors == 0; ends != test.ends || review.Repeats != 10 {
			t.Errorf("answer %+v of %d repeats: told %q, want it taken: %v", test.answer, review.Repeats, told, test.ends)
		}
	}
	if review, told := judged(t, payroll(0, 12, money.XOF.Of(5000)), nil, func(in *intake.InspectOptions) { in.Answer = &intake.RepeatAnswer{Count: 10} }); review.Errors == 0 {
		t.Errorf("an answer to nothing was taken: %q", told)
	}
}

func TestIDsThatLeftTheirBatchOrAreSomebodyElses(t *testing.T) {
	batchOf := func(b books) books {
		for i := range b {
			b[i].Batch = "new"
		}
		return b
	}
	kept := func(ids ...ledger.TransactionID) map[ledger.TransactionID]struct{} {
		set := map[ledger.TransactionID]struct{}{}
		for _, id := range ids {
			set[id] = struct{}{}
		}
		return set
	}
	for why, test := range map[string]struct {
		change func(*intake.InspectOptions)
		books  books
		want   string
	}{
		"a payment under a new id": {func(in *intake.InspectOptions) { in.History.Kept = kept("x") }, batchOf(paid("b", 40, 1, money.XOF.Of(5000))), "error id.renamed 1"},
		"withdrawn before it was sent": {func(in *intake.InspectOptions) { in.History.Kept = kept("x") }, func() books {
			b := batchOf(paid("b", 40, 1, money.XOF.Of(5000)))
			b[0].State, b[0].Attempt = ledger.Cancelled, 0
			return b
		}(), ""},
		"withdrawn after a doubt": {func(in *intake.InspectOptions) { in.History.Kept = kept("x") }, func() books {
			b := batchOf(paid("b", 40, 1, money.XOF.Of(5000)))
			b[0].State, b[0].Doubted = ledger.Cancelled, true
			return b
		}(), "error id.renamed 1"},
		"both ids are in the file":   {func(in *intake.InspectOptions) { in.History.Kept = kept("b-0") }, batchOf(paid("b", 40, 1, money.XOF.Of(5000))), ""},
		"a file that did not change": {nil, batchOf(paid("b", 40, 1, money.XOF.Of(5000))), ""},
		"an id that is kept": {func(in *intake.InspectOptions) {
			in.History.Reserved = map[ledger.TransactionID]ledger.Terms{"NEW-0": {Name: "Yao Kra", Number: "0501"}}
		}, nil, "error id.reserved 1"},
		"kept for the same name": {func(in *intake.InspectOptions) {
			in.History.Reserved = map[ledger.TransactionID]ledger.Terms{"NEW-0": {Name: "A AWA", Number: "0501"}}
		}, nil, ""},
		"a number that was somebody's":    {nil, func() books { b := paid("b", 40, 1, money.XOF.Of(900)); b[0].Name = "Yao Kra"; return b }(), "warning number.other_name 1"},
		"the same person, other spelling": {nil, func() books { b := paid("b", 40, 1, money.XOF.Of(900)); b[0].Name = "A, AWA"; return b }(), ""},
	} {
		if _, told := judged(t, payroll(0, 1, money.XOF.Of(5000)), test.books, test.change); told != test.want {
			t.Errorf("%s: told %q, want %q", why, told, test.want)
		}
	}
}

// TestAnIDOfAnotherBatchIsPointedOut, and a new batch of nothing else is refused.
func TestAnIDOfAnotherBatchIsPointedOut(t *testing.T) {
	store := enrolled(t, payroll(0, 3, money.XOF.Of(5000)))
	file := payroll(0, 3, money.XOF.Of(5000))
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	warned := 0
	review, err := intake.Inspect(t.Context(), intake.InspectOptions{
		File: file, Checker: file, Fees: tenPerMille, Problem: func(p rules.Problem) {
			if p.Code == rules.CodeIDKnown && p.Severity == rules.Warning {
				warned++
			}
		},
		History: &intake.History{Ledger: store, Rules: set, Batch: "june", Now: time.Now()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if warned != 3 || review.Elsewhere != "may" {
		t.Errorf("%d rows warned of, elsewhere %q; want 3 and may", warned, review.Elsewhere)
	}
}

// ported checks rows as if their number had another operator's prefix.
type ported struct{ rows }

func (r ported) Check(row table.Row) rules.Judgement {
	judged := r.rows.Check(row)
	judged.Problems = append(judged.Problems, rules.Problem{Row: row.Number, Code: rules.CodeNumberPrefix, Severity: rules.Warning})
	return judged
}

func TestANumberThatWasPaidThroughItsOperatorIsNoNews(t *testing.T) {
	for why, test := range map[string]struct {
		books books
		want  string
	}{
		"never paid":           {nil, "warning number.prefix 1"},
		"paid through it":      {paid("b", 40, 1, money.XOF.Of(900)), ""},
		"failed through it":    {func() books { b := paid("b", 40, 1, money.XOF.Of(900)); b[0].State = ledger.Failed; return b }(), "warning number.prefix 1"},
		"paid through another": {func() books { b := paid("b", 40, 1, money.XOF.Of(900)); b[0].Operator = "WAVE"; return b }(), "warning number.prefix 1"},
	} {
		file := payroll(0, 1, money.XOF.Of(5000))
		if _, told := judged(t, file, test.books, func(in *intake.InspectOptions) { in.Checker = ported{file} }); told != test.want {
			t.Errorf("%s: told %q, want %q", why, told, test.want)
		}
	}
}
