package pgledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"payrun/ledger"
)

// Verify implements ledger.Verifier, and reads the database as it stands at one moment. The log is
// read twice: in its order, along its chains, and then payout by payout, so that memory does not
// grow with the ledger.
func (s *Store) Verify(ctx context.Context) (result ledger.Verification, err error) {
	err = s.snapshot(ctx, func(db querier) error {
		v := &verifier{
			walker: s.walkFrom(db, ledger.Chain{}, ledger.Chain{}), replayed: ledger.NewReplayed(),
			result: ledger.Verification{Verified: time.Now().UTC()},
		}
		result, err = v.run(ctx)
		return err
	})
	return result, err
}

// verifier holds what is kept against what the log makes of it.
type verifier struct {
	*walker
	// replayed is the ledger as the events make it, but for its payouts.
	replayed *ledger.Replayed
	// moves are the events of payouts that the log has, open and earlier how many of the payouts
	// are open, and how many attempts they have behind them; references is how many names of later
	// attempts there are.
	moves                     uint64
	open, earlier, references int
	result                    ledger.Verification
}

func (v *verifier) run(ctx context.Context) (ledger.Verification, error) {
	all, err := v.store.batches(ctx, v.db)
	if err != nil {
		return ledger.Verification{}, err
	}
	for _, b := range all { // also those of which there is no event
		v.chains[b.ID] = &walked{number: b.number}
	}
	if err := v.walk(ctx, v.apply); err != nil {
		return ledger.Verification{}, err
	}
	v.result.Batches = len(all)
	if heads := v.linker.Heads; heads.Count > 0 {
		v.result.Events, v.result.Head = heads.Count, hex.EncodeToString(heads.Hash[:])
	}
	for _, b := range all {
		if err := v.batch(b); err != nil {
			return ledger.Verification{}, err
		}
	}
	if err := v.replayPayouts(ctx); err != nil {
		return ledger.Verification{}, err
	}
	return v.result, errors.Join(v.counts(ctx), v.identity(ctx))
}

// apply takes in an event that its chains have.
func (v *verifier) apply(ctx context.Context, event ledger.Event) error {
	switch {
	case event.Enrolled > 0:
		v.replayed.EnrolBatch(event)
		v.result.Payouts += event.Enrolled
		return v.enrolled(ctx, event)
	case event.Act != "":
		if err := v.replayed.Act(event); err != nil {
			return v.store.corrupt(whereEvent(event.Sequence), "an event that can be replayed", err.Error())
		}
	default:
		v.moves++ // met by its payout
	}
	return nil
}

// batch compares a batch with what the acts made of it.
func (v *verifier) batch(b batch) error {
	where := fmt.Sprintf("batch %q", b.ID)
	made, known := v.replayed.Batches[b.ID]
	if !known {
		made.State = ledger.BatchDraft // nothing entered
	}
	if made.State != b.State {
		return v.store.corrupt(where, made.State.String(), b.State.String())
	}
	return errors.Join(v.same(where, made.Release, b.Release), v.same(where, made.Submitted, b.Submitted))
}

// same returns a *ledger.CorruptError for a thing that is not as the log makes it.
func (v *verifier) same(where string, expected, found any) error {
	if reflect.DeepEqual(expected, found) {
		return nil
	}
	want, err := toJSON(expected)
	if err != nil {
		return err
	}
	got, err := toJSON(found)
	if err != nil || want == got { // nothing, and a list of nothing
		return err
	}
	return v.store.corrupt(where, want, got)
}

// counts compares what no payout tells: how many there are, of them and of what is listed for them.
func (v *verifier) counts(ctx context.Context) error {
	for _, count := range []struct {
		what, sql string
		want      int
	}{
		{"the events", "select count(*) from events", int(v.result.Events)}, //nolint:gosec // below 2^63
		{"the payouts", "select count(*) from payouts", v.result.Payouts},
		{"the names", "select count(*) from names", v.references},
		{"open payouts", "select count(*) from payouts where open", v.open},
		{"the attempts", "select count(*) from attempts", v.earlier},
		{"the members", `select count(*) from members m where not m.adopted and not exists
			(select from payouts p where p.id = m.payout and p.batch = m.batch and p.position = m.position)`, 0},
		{"the finder", `select count(*) from payouts p where not exists
			(select from paid_to f where f.number = p.number and f.payout = p.id and f.minor = p.minor and f.currency = p.currency)`, 0},
	} {
		var found int
		if err := v.store.ask(ctx, v.db, count.sql, one(&found)); err != nil {
			return err
		}
		if found != count.want {
			return v.store.corrupt(count.what, strconv.Itoa(count.want), strconv.Itoa(found))
		}
	}
	return nil
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
