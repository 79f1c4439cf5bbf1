package boltledger_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// model holds the durable store against the plain one, through the same random
// operations.
type model struct {
	t     *testing.T
	path  string
	bolt  *boltledger.Store
	plain *memledger.Store
}

// TestAnyHistoryEndsLikeThePlainModel draws enrolments, moves, legal or not,
// and restarts, and expects both stores to agree on every answer and every
// payout.
func TestAnyHistoryEndsLikeThePlainModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &model{t: t, path: filepath.Join(t.TempDir(), "ledger.db"), plain: memledger.New()}
		m.bolt = open(t, m.path)
		defer func() { m.bolt.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"enrol":   m.enrol,
			"apply":   m.apply,
			"restart": m.restart,
			"":        m.compare,
		})
		if _, err := m.bolt.Verify(t.Context()); err != nil {
			r.Fatal(err)
		}
	})
}

func (m *model) enrol(r *rapid.T) {
	batch := ledgertest.Batch(rapid.SampledFrom([]ledger.BatchID{"may", "june"}).Draw(r, "batch"))
	var entries []ledger.Entry
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 11), 1, 8, rapid.ID[int]).Draw(r, "rows") {
		entry := ledgertest.Entries("A", 12)[n]
		if rapid.IntRange(0, 9).Draw(r, "changed") == 0 {
			entry.Amount.Minor++
		}
		if rapid.IntRange(0, 9).Draw(r, "rejected") == 0 {
			entry.Rejections = []ledger.Rejection{{Code: "amount.zero"}}
		}
		entries = append(entries, entry)
	}
	got, gotErr := m.bolt.Enrol(m.t.Context(), batch, ledgertest.Each(entries))
	want, wantErr := m.plain.Enrol(m.t.Context(), batch, ledgertest.Each(entries))
	if diff := cmp.Diff(want, got); diff != "" || gotErr != nil || wantErr != nil {
		r.Fatalf("enrol: %v, %v (-plain +bolt):\n%s", wantErr, gotErr, diff)
	}
}

func (m *model) apply(r *rapid.T) {
	var changes []ledger.Change
	for range rapid.IntRange(1, 4).Draw(r, "changes") {
		id := ledger.TransactionID(fmt.Sprintf("A-%05d", rapid.IntRange(0, 12).Draw(r, "id")))
		move := rapid.SampledFrom(ledger.Transitions()).Draw(r, "move")
		change := ledgertest.Move(id, move.From, move.To)
		change.Answer.Code = rapid.SampledFrom([]string{"", "PENDING", "FAILED"}).Draw(r, "code")
		if move.NewAttempt || rapid.IntRange(0, 19).Draw(r, "named") == 0 {
			change.Reference = rapid.SampledFrom([]ledger.Reference{"R-1", "R-2", "A-00001", "A-00011"}).Draw(r, "reference")
		}
		changes = append(changes, change)
	}
	_, got := m.bolt.Apply(m.t.Context(), changes)
	_, want := m.plain.Apply(m.t.Context(), changes)
	for _, kind := range []error{ledger.ErrNotFound, ledger.ErrReferenceTaken} {
		if errors.Is(got, kind) != errors.Is(want, kind) {
			r.Fatalf("apply %+v: bolt %v, plain %v", changes, got, want)
		}
	}
	if (got == nil) != (want == nil) {
		r.Fatalf("apply %+v: bolt %v, plain %v", changes, got, want)
	}
}

func (m *model) restart(r *rapid.T) {
	if err := m.bolt.Close(); err != nil {
		r.Fatal(err)
	}
	m.bolt = open(m.t, m.path)
}

// compare reads everything from both. The moments of enrolment differ by
// nature.
func (m *model) compare(r *rapid.T) {
	ignoreTime := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".QueuedAt" }, cmp.Ignore())
	for _, batch := range []ledger.BatchID{"may", "june"} {
		for name, read := range map[string]func(ledger.Store) []ledger.Payout{
			"payouts": func(s ledger.Store) []ledger.Payout { return m.read(r, s, batch, false) },
			"open":    func(s ledger.Store) []ledger.Payout { return m.read(r, s, batch, true) },
		} {
			if diff := cmp.Diff(read(m.plain), read(m.bolt), ignoreTime, cmp.Comparer(time.Time.Equal)); diff != "" {
				r.Fatalf("%s of %s (-plain +bolt):\n%s", name, batch, diff)
			}
		}
	}
}

func (m *model) read(r *rapid.T, store ledger.Store, batch ledger.BatchID, onlyOpen bool) []ledger.Payout {
	sequence := store.Payouts(m.t.Context(), batch)
	if onlyOpen {
		sequence = store.Payouts(m.t.Context(), batch, ledger.OpenStates()...)
	}
	var payouts []ledger.Payout
	for payout, err := range sequence {
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			r.Fatal(err)
		}
		payouts = append(payouts, payout)
	}
	return payouts
}
