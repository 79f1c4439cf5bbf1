package clearance

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"payrun/ledger"
)

// Makers are the names of all who made what a batch would send now, in order: who brought
// payouts in, submitted them, or gave some another attempt, since it was last released.
func Makers(ctx context.Context, store ledger.Reader, batch ledger.BatchID) ([]string, error) {
	names := map[string]bool{}
	var from uint64
	for event, err := range store.Acts(ctx, batch) {
		switch {
		case err != nil:
			return nil, err
		case event.Act == ledger.ActReleased:
			names, from = map[string]bool{}, event.Sequence
		case event.Enrolled > 0, event.Act == ledger.ActSealed, event.Act == ledger.ActSubmitted:
			names[event.By.Name] = true
			if from == 0 {
				from = event.Sequence
			}
		}
	}
	for event, err := range store.Events(ctx, from+1) {
		if err != nil {
			return nil, fmt.Errorf("read who made batch %q: %w", batch, err)
		}
		if event.Batch == batch && event.Reference != "" {
			names[event.By.Name] = true
		}
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names)), nil
}
