package engine

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// farStore is a store that sums up batches, by reading them, and notes that it was asked.
type farStore struct {
	ledger.Store
	asked *bool
}

func (s farStore) Untouched(ctx context.Context, batch ledger.BatchID) (sum ledger.Untouched, is bool, err error) {
	*s.asked, is = true, true
	for p, err := range s.Payouts(ctx, batch) {
		if err != nil {
			return sum, false, err
		}
		is = is && p.State == ledger.Queued && p.Attempt == 1 && p.Intents == 0 && p.Said == 0
		sum.Total.Add(p.Amount)
		if sum.Oldest.IsZero() || p.QueuedAt.Before(sum.Oldest) {
			sum.Oldest = p.QueuedAt
		}
		sum.Newest = later(sum.Newest, p.QueuedAt)
		if !slices.Contains(sum.Countries, p.Country) {
			sum.Countries = append(sum.Countries, p.Country)
		}
	}
	return sum, is && sum.Total.Count > 0, nil
}

// Begun sums up as a store is to, which reads what is begun last as one of the others.
func (s farStore) Begun(ctx context.Context, batch ledger.BatchID, most int) (sum ledger.Begun, is bool, err error) {
	var paid []ledger.Payout
	for p, err := range s.Payouts(ctx, batch) {
		switch {
		case err != nil:
			return sum, false, err
		case p.State == ledger.Queued && p.Attempt == 1 && p.Intents == 0 && p.Said == 0:
			sum.Untouched.Total.Add(p.Amount)
			if sum.Untouched.Oldest.IsZero() {
				sum.Untouched.Oldest = p.QueuedAt
			}
			sum.Untouched.Newest, sum.Untouched.Countries = p.QueuedAt, []string{p.Country}
		case p.State == ledger.Successful && p.Intents == 1:
			paid = append(paid, p)
		default:
			sum.Others = append(sum.Others, p)
		}
	}
	if len(paid) > 0 {
		last := len(paid) - 1
		for _, p := range paid[:last] {
			sum.Paid.Add(p.Amount)
		}
		sum.Others = append(sum.Others, paid[last])
	}
	return sum, len(sum.Others) <= most, nil
}

func (s farStore) Over(context.Context, ledger.BatchID) (ledger.ByState, bool, error) {
	panic("a snapshot does not ask that")
}

// TestASnapshotIsTheSameSummedUpAsReadOneByOne: of a batch that nothing happened to, of one in
// which something did, and of one that is to be looked up first.
func TestASnapshotIsTheSameSummedUpAsReadOneByOne(t *testing.T) {
	for name, begin := range map[string]func(ledger.Store) error{
		"untouched": func(ledger.Store) error { return nil },
		"under way": func(store ledger.Store) error {
			_, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move("A-00001", ledger.Queued, ledger.Submitting)})
			return err
		},
		"paid in part": func(store ledger.Store) error {
			changes := []ledger.Change{
				ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting), ledgertest.Move("A-00000", ledger.Submitting, ledger.Successful),
				ledgertest.Move("A-00001", ledger.Queued, ledger.Submitting), ledgertest.Move("A-00001", ledger.Submitting, ledger.Unknown),
			}
			for _, change := range changes {
				if _, err := store.Apply(t.Context(), []ledger.Change{change}); err != nil {
					return err
				}
			}
			return nil
		},
		"looked up first": func(store ledger.Store) error {
			return store.Record(t.Context(), ledger.Act{Code: ledger.ActAdopted, At: time.Now().UTC(), By: ledger.Person{Name: "awa"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := memledger.New()
			ledgertest.Reach(t, store, ledger.Queued, ledger.Queued, ledger.Queued)
			if err := begin(store); err != nil {
				t.Fatal(err)
			}
			oneByOne, err := LoadSnapshot(t.Context(), store, "may")
			if err != nil {
				t.Fatal(err)
			}
			asked := false
			summed, err := LoadSnapshot(t.Context(), farStore{store, &asked}, "may")
			if err != nil || !asked {
				t.Fatalf("asked for the sum: %t, %v", asked, err)
			}
			if !reflect.DeepEqual(oneByOne, summed) {
				t.Errorf("summed up\n%+v\nread one by one\n%+v", summed, oneByOne)
			}
			if name == "looked up first" && summed.unmarked > 0 {
				t.Errorf("%d payouts would be sent without a look", summed.unmarked)
			}
		})
	}
}
