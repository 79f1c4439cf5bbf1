package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/phone"
)

// latest reads two batches, the second of which has a payout of the first, from their end.
func latest(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "october", Entries("O", 3))
	november := Batch("november")
	november.CreatedAt = november.CreatedAt.Add(time.Hour)
	if _, err := store.Enrol(t.Context(), november, Each(append(Entries("N", 600), Entries("O", 1)...))); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int][2]int{0: {0, 0}, 1: {1, 0}, 2: {2, 0}, 600: {600, 0}, 601: {601, 0}, 602: {601, 1}, 604: {601, 3}, 9000: {601, 3}} {
		found := collect(t, store.Latest(t.Context(), most))
		if diff := cmp.Diff(ids(viewed(t, store, most)), ids(found)); diff != "" {
			t.Errorf("the latest %d (-as a view has them +as the store has):\n%s", most, diff)
		}
		later, earlier := 0, 0
		for i, p := range found {
			switch {
			case p.ID == "O-00000" && i == 600 || p.ID[0] == 'N' && i < 600:
				later++
			case p.ID[0] == 'O' && i > 600:
				earlier++
			default:
				t.Fatalf("payout %d is %s", i, p.ID)
			}
		}
		if later != want[0] || earlier != want[1] {
			t.Errorf("the latest %d are %d of November's and %d of October's, want %v", most, later, earlier, want)
		}
	}
	latestAlone(t, store)
	latestNoted(t, store)
}

// latestNoted has some of both batches fail, and holds them against all of the latest.
func latestNoted(t *testing.T, store ledger.Store) {
	t.Helper()
	for _, entry := range append(Entries("N", 570), Entries("O", 2)...) {
		apply(t, store, Move(entry.ID, ledger.Queued, ledger.Submitting), Move(entry.ID, ledger.Submitting, ledger.Failed))
	}
	differs := Move("O-00002", ledger.Queued, ledger.Queued)
	differs.Difference = &ledger.Difference{Code: "amount", At: differs.At}
	apply(t, store, differs, Move("N-00590", ledger.Queued, ledger.Cancelled))
	counts := map[int]int{0: 0, 1: 1, 512: 512, 513: 513, 570: 570, 600: 570, 601: 571, 602: 572, 603: 573, 9000: 573}
	if err := store.View(t.Context(), func(view ledger.View) error {
		for most, count := range counts {
			want := collect(t, ledger.SelectNoted.Of(store.Latest(t.Context(), most)))
			if len(want) != count {
				t.Errorf("%d of the latest %d are noted, want %d", len(want), most, count)
			}
			for _, asked := range []ledger.View{view, store} {
				if diff := cmp.Diff(want, collect(t, asked.LatestNoted(t.Context(), most))); diff != "" {
					t.Errorf("noted among the latest %d (-want +got):\n%s", most, diff)
				}
			}
		}
		for payout, err := range view.LatestNoted(t.Context(), 10) {
			if err != nil || payout.ID != "N-00000" {
				t.Errorf("the latest that is noted is %s, %v", payout.ID, err)
			}
			break
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// latestAlone reads the latest payout and no more.
func latestAlone(t *testing.T, from ledger.View) {
	t.Helper()
	for payout, err := range from.Latest(t.Context(), 10) {
		if err != nil || payout.ID != "N-00000" {
			t.Errorf("the latest is %s, %v", payout.ID, err)
		}
		break
	}
}

// viewed reads the latest from a view.
func viewed(t *testing.T, store ledger.Store, most int) (found []ledger.Payout) {
	t.Helper()
	if err := store.View(t.Context(), func(view ledger.View) error {
		found = collect(t, view.Latest(t.Context(), most))
		latestAlone(t, view)
		return nil
	}); err != nil {
		t.Error(err)
	}
	return found
}

// askedAhead has a view that can be asked ahead answer once more what it answers one by one.
func askedAhead(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 40)
	for i := range entries {
		entries[i].Number = entries[i%7].Number // people are paid several times
	}
	enrol(t, store, "may", entries)
	apply(t, store, Move("A-00001", ledger.Queued, ledger.Cancelled))
	wanted, numbers := []ledger.TransactionID{"none", "\xff", "A-00001"}, []phone.E164{"+2250700000999"}
	for i := range entries[:20] {
		wanted, numbers = append(wanted, entries[i].ID), append(numbers, entries[i].Number)
	}
	since := time.Now().Add(-time.Hour)
	answers := func(view ledger.View) (said []string) {
		for _, id := range wanted {
			payout, err := view.Payout(t.Context(), id)
			said = append(said, fmt.Sprintf("%+v, %v", payout, err))
		}
		for _, number := range numbers {
			for _, from := range []time.Time{since, time.Now().Add(time.Hour)} {
				found, err := view.PaidTo(t.Context(), number, from)
				said = append(said, fmt.Sprintf("%+v, %v", found, err))
				for _, earlier := range found {
					payout, err := view.Payout(t.Context(), earlier.ID)
					said = append(said, fmt.Sprintf("%+v, %v", payout, err))
				}
			}
		}
		return said
	}
	if err := store.View(t.Context(), func(view ledger.View) error {
		before := answers(view)
		far, ok := view.(ledger.Prefetcher)
		if !ok {
			return nil
		}
		if err := far.Prefetch(t.Context(), wanted, numbers, since); err != nil {
			return err
		}
		if diff := cmp.Diff(before, answers(view)); diff != "" {
			t.Errorf("asked ahead, a view answers otherwise (-one by one +ahead):\n%s", diff)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
