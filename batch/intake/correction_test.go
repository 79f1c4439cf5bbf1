package intake_test

import (
	"testing"

	"payrun/batch/intake"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
)

// changed inspects the file of a batch whose first row was changed.
func changed(t *testing.T, store ledger.Store, count int, change func(*ledger.Terms)) (intake.Inspection, string) {
	t.Helper()
	entries := ledgertest.Entries("A", count)
	change(&entries[0].Terms)
	code := ""
	review, problems := inspect(t, store, entries)
	if len(problems) > 0 {
		code = problems[0].Code
	}
	return review, code
}

// inState is a store with one payout of batch "may" in a state.
func inState(t *testing.T, wanted ledger.State) ledger.Store {
	t.Helper()
	entries := ledgertest.Entries("A", 1)
	store := enrolled(t, entries)
	path := []ledger.State{wanted}
	switch wanted {
	case ledger.Queued:
		path = nil
	case ledger.Unknown, ledger.Pending, ledger.Successful, ledger.Failed:
		path = []ledger.State{ledger.Submitting, wanted}
	case ledger.Submitting, ledger.Cancelled:
	}
	at := ledger.Queued
	for _, step := range path {
		if _, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(entries[0].ID, at, step)}); err != nil {
			t.Fatal(err)
		}
		at = step
	}
	return store
}

func TestWhatWasNotPaidIsCorrectedUnderItsOwnID(t *testing.T) {
	number := func(terms *ledger.Terms) { terms.Number = "+2250700009999" }
	amount := func(terms *ledger.Terms) { terms.Amount = money.XOF.Of(9_999) }
	stranger := func(terms *ledger.Terms) { terms.Number, terms.Name = "+2250700009999", "Somebody Else" }
	for name, test := range map[string]struct {
		state  ledger.State
		change func(*ledger.Terms)
		code   string
	}{
		"failed, another number": {ledger.Failed, number, ""},
		"failed, another amount": {ledger.Failed, amount, ""},
		"withdrawn":              {ledger.Cancelled, number, ""},
		"failed, another person": {ledger.Failed, stranger, rules.CodeIDOtherPerson},
		"paid":                   {ledger.Successful, number, rules.CodeIDConflict},
		"paid, another person":   {ledger.Successful, stranger, rules.CodeIDOtherPerson},
		"perhaps paid":           {ledger.Unknown, amount, rules.CodeIDConflict},
		"pending":                {ledger.Pending, amount, rules.CodeIDConflict},
		"waiting to be sent":     {ledger.Queued, amount, rules.CodeIDConflict},
	} {
		t.Run(name, func(t *testing.T) {
			review, code := changed(t, inState(t, test.state), 1, test.change)
			if code != test.code || (len(review.Corrections) == 1) != (test.code == "") || len(review.Conflicts)+len(review.Corrections) != 1 {
				t.Errorf("%q, corrections %+v, conflicts %v, want %q", code, review.Corrections, review.Conflicts, test.code)
			}
			if test.code == "" && (review.ToPay().Count != 1 || review.Valid.Count != 1) {
				t.Errorf("to pay %+v, valid %+v, want the correction among both", review.ToPay(), review.Valid)
			}
		})
	}
}

// TestAConflictSaysWhatCanBeDone about a row whose id stands for somebody else: it depends
// on where that payout stands, and is never another id.
func TestAConflictSaysWhatCanBeDone(t *testing.T) {
	sent := func(p *ledger.Payout) { p.Intents, p.SubmittedAt = 1, payday() }
	for why, test := range map[string]struct {
		change func(*ledger.Payout)
		want   string
	}{
		"failed":                       {func(p *ledger.Payout) { sent(p); p.State = ledger.Failed }, "failed"},
		"failed in another batch":      {func(p *ledger.Payout) { sent(p); p.State, p.Batch = ledger.Failed, "oct" }, "elsewhere"},
		"withdrawn":                    {func(p *ledger.Payout) { p.State, p.Attempt = ledger.Cancelled, 0 }, "failed"},
		"withdrawn from another batch": {func(p *ledger.Payout) { p.State, p.Attempt, p.Batch = ledger.Cancelled, 0, "oct" }, "elsewhere"},
		"cancelled after it was sent":  {func(p *ledger.Payout) { sent(p); p.State = ledger.Cancelled }, "open"},
		"waiting to be sent":           {func(p *ledger.Payout) { p.State, p.Attempt = ledger.Queued, 0 }, "queued"},
		"waiting for its second try":   {func(p *ledger.Payout) { sent(p); p.State = ledger.Queued }, "open"},
		"paid":                         {func(p *ledger.Payout) { sent(p) }, "successful"},
		"perhaps paid":                 {func(p *ledger.Payout) { sent(p); p.State = ledger.Unknown }, "open"},
		"pending":                      {func(p *ledger.Payout) { sent(p); p.State = ledger.Pending }, "open"},
		"failed, and called paid":      {func(p *ledger.Payout) { sent(p); p.State, p.Said = ledger.Failed, ledger.SaidSuccessful }, "contradicted"},
	} {
		before := paid("new", 3, 1, money.XOF.Of(5000))
		before[0].ID, before[0].Name, before[0].Number = "NEW-0", "Yao Kra", "+2250501020304"
		test.change(&before[0])
		var problems []rules.Problem
		judged(t, payroll(0, 1, money.XOF.Of(5000)), before, func(in *intake.InspectOptions) {
			in.Problem = func(p rules.Problem) { problems = append(problems, p) }
		})
		if len(problems) != 1 || problems[0].Code != rules.CodeIDOtherPerson || problems[0].Details["then"] != test.want {
			t.Errorf("%s: %+v, want another person, and %q", why, problems, test.want)
		}
	}
}

// TestACorrectionIsHeldAgainstWhatItsPersonWasPaid under other ids, as a new row is.
func TestACorrectionIsHeldAgainstWhatItsPersonWasPaid(t *testing.T) {
	failed := paid("new", 3, 1, money.XOF.Of(5000))
	failed[0].ID, failed[0].Number, failed[0].State = "NEW-0", "+2250501020304", ledger.Failed
	review, told := judged(t, payroll(0, 1, money.XOF.Of(5000)), append(paid("nov", 1, 1, money.XOF.Of(5000)), failed...), nil)
	if want := "error batch.repeated 1, warning payment.repeated_recently 1"; len(review.Corrections) != 1 || told != want {
		t.Errorf("%d corrections, told %q, want one, and %q", len(review.Corrections), told, want)
	}
}
