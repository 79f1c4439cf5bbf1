package retry_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// TestARetryLeavesOutWhoWasPaidSince has somebody come under another id after the
// failure, or before it, by number or by name.
func TestARetryLeavesOutWhoWasPaidSince(t *testing.T) {
	since, before := time.Now().UTC().Add(time.Hour), time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	same := func(*ledger.Payout) {}
	for why, test := range map[string]struct {
		change func(*ledger.Payout)
		queued time.Time
		only   bool
		out    bool
	}{
		"by number":               {func(p *ledger.Payout) { p.Name = "Yao Kra" }, since, false, true},
		"by name":                 {func(p *ledger.Payout) { p.Number = "+2250799999999" }, since, false, true},
		"named by --only":         {same, since, true, false},
		"still open":              {func(p *ledger.Payout) { p.State = ledger.Unknown }, since, false, true},
		"which failed as well":    {func(p *ledger.Payout) { p.State = ledger.Failed }, since, false, false},
		"another amount":          {func(p *ledger.Payout) { p.Amount = money.XOF.Of(999) }, since, false, false},
		"another name and number": {func(p *ledger.Payout) { p.Name, p.Number = "Yao Kra", "+2250799999999" }, since, false, false},
		"it came before":          {same, before, false, false},
		"corrected since": {func(p *ledger.Payout) {
			p.Earlier = []ledger.Attempt{{Number: 1, Terms: ledger.Terms{ID: p.ID, Number: "+2250799999999"}}}
			p.SubmittedAt = since
		}, before, false, true},
	} {
		t.Run(why, func(t *testing.T) {
			other := ledger.Payout{
				Terms: ledgertest.Entries("A", 1)[0].Terms, Batch: "june", State: ledger.Successful, Attempt: 1, QueuedAt: test.queued,
			}
			other.ID = "NEW-2"
			test.change(&other)
			store := &beside{Store: in(t, ledger.Failed), other: other}
			var choice retry.Choice
			if test.only {
				choice.Only = []ledger.TransactionID{"A-00000"}
			}
			chosen, err := retry.Choose(t.Context(), store, "may", choice)
			if err != nil || (len(chosen.PaidSince) == 1) != test.out || (len(chosen.Chosen) == 0) != test.out {
				t.Fatalf("%+v, %v, want it left out: %t", chosen, err, test.out)
			}
			if test.out && chosen.PaidSince[0].By.ID != "NEW-2" {
				t.Errorf("paid since as %s", chosen.PaidSince[0].By.ID)
			}
		})
	}
}

// beside is a store with one payout more, of another retry.
type beside struct {
	*memledger.Store
	other ledger.Payout
}

func (b *beside) Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	if id == b.other.ID {
		return b.other, nil
	}
	return b.Store.Payout(ctx, id)
}

func (b *beside) PaidTo(_ context.Context, number phone.E164, _ time.Time) ([]ledger.Earlier, error) {
	if number != b.other.Number {
		return nil, nil
	}
	return []ledger.Earlier{{ID: b.other.ID, Amount: b.other.Amount, QueuedAt: b.other.QueuedAt}}, nil
}

func (b *beside) Latest(context.Context, int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) { yield(b.other, nil) }
}
