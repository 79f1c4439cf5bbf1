package retry

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"payrun/batch/rules"
	"payrun/ledger"
)

// PaidSince is a payout that failed, and another under which its person was to be paid
// the same amount since.
type PaidSince struct {
	Payout, By ledger.Payout
}

// How far a retry looks for who was paid since: among so many of the latest payouts, more
// of them where more failed, and by number as far back as this before a failure.
const (
	repaidLatest = 4_000
	repaidRows   = 2
	repaidMax    = 400 * 24 * time.Hour
)

// leaveOutPaid takes out of the chosen whoever was to be paid the same amount since, but
// for those that are named.
func (c *Choosing) leaveOutPaid(ctx context.Context, store ledger.Store, batch ledger.BatchID, only []ledger.TransactionID) error {
	unnamed := slices.ContainsFunc(c.Chosen, func(p ledger.Payout) bool { return !slices.Contains(only, p.ID) })
	if !unnamed {
		return nil
	}
	since, err := paidSince(ctx, store, batch, c.Chosen)
	if err != nil {
		return err
	}
	c.Chosen = slices.DeleteFunc(c.Chosen, func(p ledger.Payout) bool {
		by, paid := since[p.ID]
		if !paid || slices.Contains(only, p.ID) {
			return false
		}
		c.PaidSince = append(c.PaidSince, PaidSince{p, by})
		return true
	})
	return nil
}

// paidSince finds, for payouts that failed, the ones under which their persons were to be
// paid the same amounts since: by number in the whole ledger, and by name in the batch
// and among the latest payouts.
func paidSince(ctx context.Context, store ledger.Store, batch ledger.BatchID, failed []ledger.Payout) (map[ledger.TransactionID]ledger.Payout, error) {
	found := map[ledger.TransactionID]ledger.Payout{}
	people := map[rules.Payee][]ledger.Payout{}
	for _, p := range failed {
		if p.Name != "" {
			people[rules.PayeeOf(p.Terms)] = append(people[rules.PayeeOf(p.Terms)], p)
		}
		if err := byNumber(ctx, store, p, found); err != nil {
			return nil, err
		}
	}
	look := func(payouts iter.Seq2[ledger.Payout, error]) error {
		for other, err := range payouts {
			if err != nil {
				return fmt.Errorf("look for who was paid since: %w", err)
			}
			for _, p := range people[rules.PayeeOf(other.Terms)] {
				if _, known := found[p.ID]; !known && repays(other, p) {
					found[p.ID] = other
				}
			}
		}
		return nil
	}
	if err := look(store.Payouts(ctx, batch)); err != nil {
		return nil, err
	}
	return found, look(store.Latest(ctx, max(repaidLatest, len(failed)*repaidRows)))
}

// byNumber looks for a payment of the same amount to the same number since.
func byNumber(ctx context.Context, store ledger.Store, p ledger.Payout, found map[ledger.TransactionID]ledger.Payout) error {
	before, err := store.PaidTo(ctx, p.Number, p.QueuedAt.Add(-repaidMax))
	if err != nil {
		return fmt.Errorf("look for what was paid since %q failed: %w", p.ID, err)
	}
	for _, earlier := range before {
		if earlier.Amount != p.Amount || earlier.ID == p.ID {
			continue
		}
		other, err := store.Payout(ctx, earlier.ID)
		if err != nil {
			return fmt.Errorf("read payout %q: %w", earlier.ID, err)
		}
		if repays(other, p) {
			found[p.ID] = other
			return nil
		}
	}
	return nil
}

// repays reports whether a payout that came, or was corrected, after another failed may
// have sent the same money. What came before the failure was meant beside it: two people
// may have one name.
func repays(other, failed ledger.Payout) bool {
	if other.ID == failed.ID || !other.MayHavePaid() {
		return false
	}
	came := other.QueuedAt
	if other.Accepted() != other.Terms && other.SubmittedAt.After(came) {
		came = other.SubmittedAt
	}
	return came.After(failed.QueuedAt) && came.After(ended(failed))
}

// ended is when a payout ended in its first attempt: a retry in between changes nothing
// about what was paid since.
func ended(p ledger.Payout) time.Time {
	if len(p.Earlier) > 0 && !p.Earlier[0].SettledAt.IsZero() {
		return p.Earlier[0].SettledAt
	}
	if p.SettledAt.IsZero() {
		return p.QueuedAt
	}
	return p.SettledAt
}
