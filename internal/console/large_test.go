package console_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
	"payrun/provider/sandbox"
)

// rowsVariable sets how many rows the large batch has; .ci/long sets a million.
const rowsVariable = "PAYRUNTEST_ROWS"

// reading counts what is read of a ledger row by row.
type reading struct {
	ledger.Store
	rows atomic.Int64
}

func (r *reading) PayoutsFrom(ctx context.Context, id ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	return counted(r, r.Store.PayoutsFrom(ctx, id, from, of))
}

func (r *reading) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return counted(r, r.Store.Payouts(ctx, id, states...))
}

func (r *reading) Notable(ctx context.Context, id ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	return counted(r, r.Store.Notable(ctx, id))
}

func (r *reading) RejectedRows(ctx context.Context, id ledger.BatchID, after int) iter.Seq2[ledger.Entry, error] {
	return counted(r, r.Store.RejectedRows(ctx, id, after))
}

func (r *reading) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return counted(r, r.Store.Events(ctx, from))
}

func counted[T any](r *reading, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for one, err := range all {
			r.rows.Add(1)
			if !yield(one, err) {
				return
			}
		}
	}
}

// enrolLarge enters a batch of so many rows, of which a tenth is turned away, and has some paid
// and some refused, from its beginning to its end.
func enrolLarge(t *testing.T, o *office, id ledger.BatchID, rows int) {
	t.Helper()
	small, err := o.store.Batch(t.Context(), "small")
	if err != nil {
		t.Fatal(err)
	}
	batch := ledgertest.Batch(id)
	batch.Account, batch.CreatedAt = small.Account, small.CreatedAt.Add(time.Second)
	entries := ledgertest.Entries("L", rows)
	var ids []ledger.TransactionID
	for i := range entries {
		if i%10 == 5 {
			entries[i].Rejections = []ledger.Rejection{{Code: "number.length", Value: "07010"}, {Code: "amount.zero", Value: "0"}}
		} else if i%(rows/500) == 0 {
			ids = append(ids, entries[i].ID)
		}
	}
	if _, err := o.store.Enrol(t.Context(), batch, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	for some := range slices.Chunk(ids, 100) {
		for _, step := range [][2]ledger.State{{ledger.Queued, ledger.Submitting}, {ledger.Submitting, ledger.Failed}} {
			var changes []ledger.Change
			for i, one := range some {
				to := step[1]
				if to == ledger.Failed && i%2 == 0 {
					to = ledger.Successful
				}
				changes = append(changes, ledgertest.Move(one, step[0], to))
			}
			ledgertest.Apply(t, o.store, changes...)
		}
	}
}

// TestALargeBatchPagesAsFastAsASmallOne: what a page of a list costs depends on the page, not on
// the batch, nor on where in it the page is. Times and sizes are in the test's output.
func TestALargeBatchPagesAsFastAsASmallOne(t *testing.T) {
	rows := 20_000
	if text := os.Getenv(rowsVariable); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("bolt", func(t *testing.T) {
		store, err := boltledger.Open(filepath.Join(t.TempDir(), "payrun.db"), boltledger.Options{Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		pagesLarge(t, store, rows)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server, err := pgtest.Start("-c", "fsync=off", "-c", "full_page_writes=off")
		pgtest.Must(t, err)
		t.Cleanup(func() {
			if err := server.Remove(); err != nil {
				t.Error(err)
			}
		})
		address := server.Address("pages")
		if _, err := pgledger.Init(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		store, err := pgledger.Open(t.Context(), address, pgledger.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		const most = 100_000 // entering a million there takes ten minutes
		pagesLarge(t, store, min(rows, most))
	})
}

func pagesLarge(t *testing.T, store ledger.Store, rows int) {
	t.Helper()
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	read := &reading{Store: store}
	o := openOver(t, read, false, false, sandbox.Options{})
	awa, adjoua := o.as("awa"), o.as("adjoua")
	o.wants("a small one", awa.submitted("small", november), http.StatusSeeOther)
	enrolLarge(t, o, "large", rows)
	at := func(path string, of int) []string {
		var all []string
		for _, after := range []int{0, of / 2, of - 60} {
			all = append(all, fmt.Sprintf(path, after))
		}
		return all
	}
	paths := slices.Concat(
		[]string{"/batches", "/batches/large", "/batches/large/live", "/batches/large/report"},
		at("/batches/large/payouts?after=%d", rows-rows/10), at("/batches/large/payouts?show=open&after=%d", rows-rows/10),
		at("/batches/large/payouts?show=failed&after=%d", rows-rows/10), at("/batches/large/payouts?show=paid&after=%d", rows-rows/10),
		[]string{"/batches/large/payouts?show=disputed"}, at("/batches/large/rejected?after=%d", rows/10),
	)
	const readMost = 11_000 // a long search goes on on the next page
	for _, path := range paths {
		pageCosts(t, awa, read, path, readMost)
	}
	pageCosts(t, adjoua, read, "/audit", readMost)
	last := awa.get(fmt.Sprintf("/batches/large/rejected?after=%d", rows/10-7))
	o.wants("the last rows", last, http.StatusOK, fmt.Sprintf("%d", rows-10+5+2), "number.length", "First page")
	if strings.Contains(last.body, `rel="next"`) {
		t.Error("there is a page behind the last one")
	}
}

// pageCosts opens a page, tells what it costs, and fails if that is more than a page may cost.
func pageCosts(t *testing.T, who *browser, read *reading, path string, most int64) {
	t.Helper()
	const tries = 3
	fastest := time.Hour
	var got answer
	for range tries {
		read.rows.Store(0)
		began := time.Now()
		got = who.send(http.MethodGet, path, "")
		fastest = min(fastest, time.Since(began))
	}
	t.Logf("%-46s %8s %8d bytes %7d rows read", path, fastest.Round(10*time.Microsecond), len(got.body), read.rows.Load())
	if got.status != http.StatusOK {
		t.Errorf("%s: %d", path, got.status)
	}
	if read.rows.Load() > most {
		t.Errorf("%s reads %d rows", path, read.rows.Load())
	}
	if os.Getenv(rowsVariable) != "" && fastest > time.Second/2 {
		t.Errorf("%s takes %s", path, fastest)
	}
}
