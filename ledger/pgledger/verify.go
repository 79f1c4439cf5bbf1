package pgledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// Verify implements ledger.Verifier. It keeps every payout in memory while it replays them,
// about half a kilobyte each, and reads the database as it stands at one moment.
func (s *Store) Verify(ctx context.Context) (result ledger.Verification, err error) {
	err = s.snapshot(ctx, func(db querier) error {
		result, err = s.verify(ctx, db)
		return err
	})
	return result, err
}

func (s *Store) verify(ctx context.Context, db querier) (ledger.Verification, error) {
	replayed, err := ledger.Replay(s.events(ctx, db, 0), func(e ledger.Event) iter.Seq2[ledger.Entered, error] {
		return s.entered(ctx, db, e)
	})
	if errors.Is(err, ledger.ErrReplay) {
		return ledger.Verification{}, s.corrupt("the audit log", "one that can be replayed", err.Error())
	}
	if err != nil {
		return ledger.Verification{}, err
	}
	head, err := s.head(ctx, db)
	if err != nil {
		return ledger.Verification{}, err
	}
	if head.Count != replayed.Events {
		return ledger.Verification{}, s.corrupt("the head of the audit log", fmt.Sprintf("event %d", replayed.Events), fmt.Sprintf("event %d", head.Count))
	}
	result := ledger.Verification{Events: head.Count, Payouts: len(replayed.Payouts), Verified: time.Now().UTC()}
	if head.Count > 0 {
		result.Head = hex.EncodeToString(head.Hash[:])
	}
	all, err := s.batches(ctx, db)
	if err != nil {
		return ledger.Verification{}, err
	}
	result.Batches = len(all)
	v := verifier{store: s, db: db, replayed: replayed, seen: map[ledger.TransactionID]bool{}}
	for _, b := range all {
		if err := v.batch(ctx, b, &result.ByState); err != nil {
			return ledger.Verification{}, err
		}
	}
	return result, v.rest(ctx)
}

// entered yields the payouts that entered with an event, as they were accepted.
func (s *Store) entered(ctx context.Context, db querier, e ledger.Event) iter.Seq2[ledger.Entered, error] {
	// Its payouts are read from the first of them on, and not from the beginning of the batch.
	members := s.payoutsFrom(ctx, db, e.Batch, e.First, nil)
	e.First = 1
	return e.Entered(members)
}

// verifier holds what is kept against what the log makes of it.
type verifier struct {
	store    *Store
	db       querier
	replayed *ledger.Replayed
	// seen are the payouts that a batch has.
	seen map[ledger.TransactionID]bool
}

// batch compares a batch, and the payouts that it brought in.
func (v *verifier) batch(ctx context.Context, b batch, byState *ledger.ByState) error {
	where := fmt.Sprintf("batch %q", b.ID)
	made, known := v.replayed.Batches[b.ID]
	if !known {
		made.State = ledger.BatchDraft // nothing entered
	}
	if made.State != b.State {
		return v.store.corrupt(where, made.State.String(), b.State.String())
	}
	if err := errors.Join(v.same(where, made.Release, b.Release), v.same(where, made.Submitted, b.Submitted)); err != nil {
		return err
	}
	for p, err := range v.store.payouts(ctx, v.db, b.ID) {
		if err != nil {
			return err
		}
		if p.Batch != b.ID {
			continue
		}
		v.seen[p.ID] = true
		expected := v.replayed.Payouts[p.ID]
		expected.Row = p.Row // where a file has it now is in no event
		if err := v.same(wherePayout(p.ID), expected, p); err != nil {
			return err
		}
		byState.Add(p)
	}
	return nil
}

func wherePayout(id ledger.TransactionID) string { return fmt.Sprintf("payout %q", id) }

// same returns a *ledger.CorruptError for a thing that is not as the log makes it.
func (v *verifier) same(where string, expected, found any) error {
	want, err := toJSON(expected)
	if err != nil {
		return err
	}
	got, err := toJSON(found)
	if err != nil || want == got {
		return err
	}
	return v.store.corrupt(where, want, got)
}

// rest compares what no batch lists: how many payouts there are, the names of attempts, the
// finder, the ledger's identity and the ends of the chains.
func (v *verifier) rest(ctx context.Context) error {
	if len(v.seen) != len(v.replayed.Payouts) {
		return v.store.corrupt("the payouts", strconv.Itoa(len(v.replayed.Payouts)), strconv.Itoa(len(v.seen)))
	}
	for what, expected := range map[string]struct {
		sql  string
		want int
	}{
		"the payouts":   {"select count(*) from payouts", len(v.replayed.Payouts)},
		"the names":     {"select count(*) from names", len(v.replayed.References)},
		"open payouts":  {"select count(*) from payouts where open", v.open()},
		"the attempts":  {"select count(*) from attempts", v.earlier()},
		"adopted":       {"select count(*) from members m where not m.adopted and not exists (select from payouts p where p.id = m.payout and p.batch = m.batch and p.position = m.position)", 0},
		"the finder":    {"select count(*) from payouts p where not exists (select from paid_to f where f.number = p.number and f.payout = p.id and f.minor = p.minor and f.currency = p.currency)", 0},
		"events' holes": {"select count(*) from (select sequence, lag(sequence) over (order by sequence) as before from events) e where before is not null and sequence <> before + 1", 0},
	} {
		var found int
		if err := v.store.ask(ctx, v.db, expected.sql, one(&found)); err != nil {
			return err
		}
		if found != expected.want {
			return v.store.corrupt(what, strconv.Itoa(expected.want), strconv.Itoa(found))
		}
	}
	if err := v.names(ctx); err != nil {
		return err
	}
	return v.identity(ctx)
}

// names compares the names of later attempts, of which there are as many as there must be.
func (v *verifier) names(ctx context.Context) error {
	return v.store.ask(ctx, v.db, "select reference, payout from names", func(rows pgx.Rows) error {
		var reference, found string
		_, err := pgx.ForEachRow(rows, []any{&reference, &found}, func() error {
			owner := v.replayed.References[ledger.Reference(fromText(reference))]
			if found == toText(owner) {
				return nil
			}
			return v.store.corrupt(fmt.Sprintf("the reference %q", reference), fmt.Sprintf("%q", owner), fmt.Sprintf("%q", found))
		})
		return err
	})
}

func (v *verifier) open() (count int) {
	for _, p := range v.replayed.Payouts {
		if p.State.Open() {
			count++
		}
	}
	return count
}

func (v *verifier) earlier() (count int) {
	for _, p := range v.replayed.Payouts {
		count += len(p.Earlier)
	}
	return count
}

// identity compares what was done to the ledger as a whole.
func (v *verifier) identity(ctx context.Context) error {
	var text string
	var found ledger.Identity
	if err := v.store.ask(ctx, v.db, "select identity from ledger", one(&text)); err != nil {
		return err
	}
	if err := fromJSON(text, &found); err != nil {
		return err
	}
	expected := v.replayed.Identity
	expected.ID, expected.Began = found.ID, found.Began
	return v.same("the ledger's identity", expected, found)
}

func (s *Store) corrupt(where, expected, found string) error {
	return &ledger.CorruptError{Path: s.name, Where: where, Expected: expected, Found: found}
}
