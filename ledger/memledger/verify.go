package memledger

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"time"

	"payrun/ledger"
)

// Verify implements ledger.Verifier. It walks the chain, replays it, and compares.
func (s *Store) Verify(ctx context.Context) (ledger.Verification, error) {
	at := s.copied()
	count := uint64(len(at.events))
	result := ledger.Verification{
		Events: count, Head: at.hashAt(count), Payouts: len(at.payouts), Batches: len(at.batches),
		Verified: time.Now().UTC(),
	}
	replayed, err := ledger.Replay(at.Events(ctx, 0), func(e ledger.Event) iter.Seq2[ledger.Entered, error] {
		return e.Entered(at.Payouts(ctx, e.Batch))
	})
	if err != nil {
		return result, err
	}
	for id, p := range at.payouts {
		expected := replayed.Payouts[id]
		expected.Row = p.Row // where a file has it now is in no event
		if !reflect.DeepEqual(expected, p) {
			return result, corrupt(fmt.Sprintf("payout %q", id), fmt.Sprintf("%+v", expected), fmt.Sprintf("%+v", p))
		}
		result.ByState.Add(p)
	}
	if len(replayed.Payouts) != len(at.payouts) {
		return result, corrupt("the payouts", strconv.Itoa(len(replayed.Payouts)), strconv.Itoa(len(at.payouts)))
	}
	return result, nil
}

func corrupt(where, expected, found string) error {
	return &ledger.CorruptError{Path: "memory", Where: where, Expected: expected, Found: found}
}
