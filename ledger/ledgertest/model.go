package ledgertest

import (
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/ledger"
)

// model holds a durable store against the plain one, through the same random
// operations.
type model struct {
	t              *testing.T
	reopen         func() ledger.Store
	durable, plain ledger.Store
}

// Model draws enrolments, moves, legal or not, and restarts, and expects a durable store and
// a plain one, which is known to be right, to agree on every answer and every payout. Begin
// returns how an empty durable store is opened, and opened again.
func Model(t *testing.T, begin func(t *testing.T) (open func() ledger.Store), plain func() ledger.Store) {
	t.Helper()
	rapid.Check(t, func(r *rapid.T) {
		m := &model{t: t, reopen: begin(t), plain: plain()}
		m.durable = m.reopen()
		defer func() {
			if err := m.durable.Close(); err != nil {
				t.Error(err)
			}
		}()
		r.Repeat(map[string]func(*rapid.T){
			"enrol":   m.enrol,
			"apply":   m.apply,
			"restart": m.restart,
			"":        m.compare,
		})
		if _, err := m.durable.Verify(t.Context()); err != nil {
			r.Fatal(err)
		}
	})
}

func (m *model) enrol(r *rapid.T) {
	batch := Batch(rapid.SampledFrom([]ledger.BatchID{"may", "june"}).Draw(r, "batch"))
	var entries []ledger.Entry
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 11), 1, 8, rapid.ID[int]).Draw(r, "rows") {
		entry := Entries("A", 12)[n]
		if rapid.IntRange(0, 9).Draw(r, "changed") == 0 {
			entry.Amount.Minor++
		}
		if rapid.IntRange(0, 9).Draw(r, "rejected") == 0 {
			entry.Rejections = []ledger.Rejection{{Code: "amount.zero"}}
		}
		entries = append(entries, entry)
	}
	got, gotErr := m.durable.Enrol(m.t.Context(), batch, Each(entries))
	want, wantErr := m.plain.Enrol(m.t.Context(), batch, Each(entries))
	if diff := cmp.Diff(want, got); diff != "" || gotErr != nil || wantErr != nil {
		r.Fatalf("enrol: %v, %v (-plain +durable):\n%s", wantErr, gotErr, diff)
	}
}

func (m *model) apply(r *rapid.T) {
	var changes []ledger.Change
	for range rapid.IntRange(1, 4).Draw(r, "changes") {
		id := ledger.TransactionID(fmt.Sprintf("A-%05d", rapid.IntRange(0, 12).Draw(r, "id")))
		move := rapid.SampledFrom(ledger.Transitions()).Draw(r, "move")
		change := Move(id, move.From, move.To)
		change.Answer.Code = rapid.SampledFrom([]string{"", "PENDING", "FAILED"}).Draw(r, "code")
		if move.NewAttempt || rapid.IntRange(0, 19).Draw(r, "named") == 0 {
			change.Reference = rapid.SampledFrom([]ledger.Reference{"R-1", "R-2", "A-00001", "A-00011"}).Draw(r, "reference")
		}
		changes = append(changes, change)
	}
	_, got := m.durable.Apply(m.t.Context(), changes)
	_, want := m.plain.Apply(m.t.Context(), changes)
	for _, kind := range []error{ledger.ErrNotFound, ledger.ErrReferenceTaken} {
		if errors.Is(got, kind) != errors.Is(want, kind) {
			r.Fatalf("apply %+v: durable %v, plain %v", changes, got, want)
		}
	}
	if (got == nil) != (want == nil) {
		r.Fatalf("apply %+v: durable %v, plain %v", changes, got, want)
	}
}

func (m *model) restart(r *rapid.T) {
	if err := m.durable.Close(); err != nil {
		r.Fatal(err)
	}
	m.durable = m.reopen()
}

// compare reads everything from both. The moments of enrolment differ by
// nature.
func (m *model) compare(r *rapid.T) {
	ignoreTime := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".QueuedAt" }, cmp.Ignore())
	for _, batch := range []ledger.BatchID{"may", "june"} {
		want, wantErr := m.plain.Counts(m.t.Context(), batch)
		got, gotErr := m.durable.Counts(m.t.Context(), batch)
		if !got.Equal(want) || errors.Is(gotErr, ledger.ErrNotFound) != errors.Is(wantErr, ledger.ErrNotFound) {
			r.Fatalf("counts of %s: plain %v, %v, durable %v, %v", batch, want, wantErr, got, gotErr)
		}
		for name, read := range map[string]func(ledger.Store) []ledger.Payout{
			"payouts": func(s ledger.Store) []ledger.Payout { return m.read(r, s.Payouts(m.t.Context(), batch)) },
			"open": func(s ledger.Store) []ledger.Payout {
				return m.read(r, s.Payouts(m.t.Context(), batch, ledger.OpenStates()...))
			},
			"notable": func(s ledger.Store) []ledger.Payout { return m.read(r, s.Notable(m.t.Context(), batch)) },
		} {
			if diff := cmp.Diff(read(m.plain), read(m.durable), ignoreTime, cmp.Comparer(time.Time.Equal)); diff != "" {
				r.Fatalf("%s of %s (-plain +durable):\n%s", name, batch, diff)
			}
		}
	}
}

func (m *model) read(r *rapid.T, sequence iter.Seq2[ledger.Payout, error]) []ledger.Payout {
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
