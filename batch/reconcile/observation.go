package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// Observation is something the provider said of an attempt outside a run, to be kept.
type Observation struct {
	Payout ledger.Payout
	// Attempt is the one of Payout that it is about.
	Attempt ledger.Attempt
	Said    provider.Outcome
	// Code is the difference that it makes; empty for none.
	Code string
	// Actor is the command that heard it.
	Actor string
}

// Observe records an observation, unless it says nothing new. The same difference is
// recorded once, whatever a person answered to it.
func Observe(ctx context.Context, store ledger.Store, o Observation) error {
	now := time.Now().UTC()
	change := ledger.Change{ID: o.Payout.ID, From: o.Payout.State, To: o.Payout.State, At: now, Actor: o.Actor}
	if o.Attempt.Reference != o.Payout.Reference {
		change.About = o.Attempt.Reference
	}
	change.Said = evidence.Of(o.Said) &^ o.Attempt.Said
	if o.Code != "" {
		difference := evidence.Difference(o.Code, o.Payout, o.Attempt.Reference, o.Said, now)
		if !slices.ContainsFunc(o.Payout.Differences, func(d ledger.Difference) bool { return sameFinding(d, *difference) }) {
			change.Difference = difference
		}
	}
	if change.Said == 0 && change.Difference == nil {
		return nil
	}
	if _, err := store.Apply(ctx, []ledger.Change{change}); err != nil {
		return fmt.Errorf("record what the provider says of %q: %w", o.Payout.ID, err)
	}
	return nil
}

// sameFinding reports whether two differences are about the same thing, however the
// provider worded it.
func sameFinding(a, b ledger.Difference) bool {
	return a.Code == b.Code && a.Recorded == b.Recorded && a.Said == b.Said && a.Reference == b.Reference &&
		(a.ProviderRef == b.ProviderRef || a.ProviderRef == "" || b.ProviderRef == "")
}
