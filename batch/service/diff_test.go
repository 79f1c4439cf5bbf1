package service_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/approval/changes"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/memledger"
)

const (
	octoberFile = titles + "OCT-1,0700000001,Awa Koné,1000,ORANGE\nOCT-2,0700000002,Koffi Yao,2000,ORANGE\n" +
		"OCT-3,0700000003,Ibou Ba,3000,ORANGE\nOCT-4,0700000004,Marie Tano,4000,ORANGE\n"
	novemberFile = titles + "NOV-1,0700000001,KONE Awa,1500,ORANGE\nNOV-2,0700000002,Koffi Yao,2000,ORANGE\n" +
		"NOV-4,0700000009,Marie Tano,4000,ORANGE\nNOV-5,0700000005,Fanta Sy,5000,ORANGE\n"
	bonusFile = titles + "BON-1,0700000003,Ibou Ba,900,ORANGE\n"
)

// diff compares a file, as batch november, with a ledger.
func diff(t *testing.T, store ledger.Store, text string, against ledger.BatchID) (service.Diff, error) {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	s := service.New(service.Config{Rules: set, Ledger: store})
	checked, err := s.Check(t.Context(), open(t, text, table.Options{}), service.CheckOptions{Batch: "november"})
	if err != nil {
		t.Fatal(err)
	}
	return s.Diff(t.Context(), checked, against)
}

// TestAFileIsComparedWithTheLastComparableBatch: not with a bonus of few that came later,
// and not with itself, unless that is asked for.
func TestAFileIsComparedWithTheLastComparableBatch(t *testing.T) {
	store := memledger.New()
	enrol(t, store, "october", octoberFile)
	enrol(t, store, "bonus", bonusFile)
	for name, against := range map[string]ledger.BatchID{"found": "", "named": "october"} {
		got, err := diff(t, store, novemberFile, against)
		if err != nil || got.Against == nil {
			t.Fatalf("%s: %v, %+v", name, err, got)
		}
		if want := "october"; string(got.Against.ID) != want {
			t.Errorf("%s: compared with %s", name, got.Against.ID)
		}
		counts := []int{len(got.New), len(got.Gone), len(got.Numbers), len(got.Names), len(got.Amounts), got.Same}
		if diff := cmp.Diff([]int{1, 1, 1, 0, 1, 1}, counts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Before.Total != 10_000 || got.Now.Total != 12_500 || got.Currency != "XOF" {
			t.Errorf("%s: %+v, %+v in %s", name, got.Before, got.Now, got.Currency)
		}
	}
	if got, err := diff(t, store, novemberFile, "bonus"); err != nil || len(got.New) != 4 || len(got.Gone) != 1 {
		t.Errorf("with the bonus, which is named: %v, %+v", err, got.Changes)
	}
	enrol(t, store, "november", novemberFile)
	if got, err := diff(t, store, novemberFile, ""); err != nil || got.Against == nil || got.Against.ID != "october" {
		t.Errorf("once it is a batch: %v, %+v", err, got.Against)
	}
	if got, err := diff(t, store, novemberFile, "november"); err != nil || !got.None() || got.Same != 4 {
		t.Errorf("with itself: %v, %+v", err, got)
	}
}

// TestNothingToCompareWithIsNoError but an unknown name is one.
func TestNothingToCompareWithIsNoError(t *testing.T) {
	store := memledger.New()
	enrol(t, store, "bonus", bonusFile)
	for name, store := range map[string]ledger.Store{"no ledger": nil, "an empty one": memledger.New(), "other people": store} {
		if got, err := diff(t, store, novemberFile, ""); err != nil || got.Against != nil || !got.None() || got.Now != (changes.Sum{Payouts: 4, People: 4, Total: 12_500}) {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
	if _, err := diff(t, store, novemberFile, "october"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown batch: %v", err)
	}
}

// withdrawn is a ledger of which a batch was cancelled.
type withdrawn struct {
	ledger.Store

	batch ledger.BatchID
}

func (w withdrawn) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		for p, err := range w.Store.Payouts(ctx, id, states...) {
			if id == w.batch {
				p.State = ledger.Cancelled
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// TestWhatWasWithdrawnIsNothingToCompareWith: the month before is.
func TestWhatWasWithdrawnIsNothingToCompareWith(t *testing.T) {
	store := memledger.New()
	enrol(t, store, "october", octoberFile)
	mistaken := titles + "MIS-1,0700000001,Awa Koné,1000,ORANGE\nMIS-5,0700000005,Fanta Sy,5000,ORANGE\n"
	enrol(t, store, "mistaken", mistaken)
	got, err := diff(t, withdrawn{store, "mistaken"}, novemberFile, "")
	if err != nil || got.Against == nil || got.Against.ID != "october" {
		t.Errorf("%v, %+v", err, got.Against)
	}
}
