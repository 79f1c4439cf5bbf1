package clearance

import (
	"context"
	"time"

	"payrun/ledger"
)

// Door is a ledger from which one batch is paid. Nothing is claimed through it, and so
// nothing sent, unless what would be is approved: that is asked before the first claim,
// after each change of policies or people, and once the time is over that the approval
// gives. It is for one goroutine at a time that claims.
type Door struct {
	ledger.Store
	batch ledger.BatchID
	clock func() time.Time
	// asked is the ledger's identity when the approval was last looked at; nil before.
	asked *ledger.Identity
	// until is when what was found then ends, zero for never.
	until time.Time
}

// NewDoor returns a ledger for paying a batch by a clock.
func NewDoor(store ledger.Store, batch ledger.BatchID, clock func() time.Time) *Door {
	return &Door{Store: store, batch: batch, clock: clock}
}

// Claim implements ledger.Claimer. It returns an *UnapprovedError, and claims nothing, where
// the batch is not approved.
func (d *Door) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	if len(request.Payouts) > 0 {
		if err := d.Check(ctx); err != nil {
			return ledger.Claimed{}, err
		}
	}
	return d.Store.Claim(ctx, request)
}

// Check returns an *UnapprovedError if nothing of the batch may be sent now.
func (d *Door) Check(ctx context.Context) error {
	identity, err := d.Identity(ctx)
	if err != nil {
		return err
	}
	now := d.clock()
	same := d.asked != nil && d.asked.Policies == identity.Policies && d.asked.People == identity.People
	if same && (d.until.IsZero() || !now.After(d.until)) {
		return nil
	}
	standing, err := Of(ctx, d.Store, d.batch, now)
	if err != nil {
		return err
	}
	if err := standing.Check(now); err != nil {
		return err
	}
	d.asked, d.until = &identity, standing.Verdict.Until
	return nil
}
