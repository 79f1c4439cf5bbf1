package retry

import (
	"context"
	"fmt"
	"math"
	"slices"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// never is a place that nothing comes after.
const never evidence.Place = math.MaxUint64

// accepted is a transfer that the account certainly has.
type accepted struct {
	payout ledger.Payout
	begun  evidence.Place
}

func (a accepted) query() provider.Query {
	return provider.Query{Reference: string(a.payout.Reference), Number: a.payout.Number, Amount: a.payout.Amount}
}

// order is when requests were begun: the last ones of what is in doubt, and the first
// of the youngest payments.
type order struct {
	posts map[evidence.Try]evidence.Place
	// paid are payments that nobody contradicts, the youngest last.
	paid []accepted
}

// last is the place of an attempt's last request.
func (o *order) last(d doubt) evidence.Place {
	if found, known := o.posts[evidence.Try{ID: d.payout.ID, Attempt: d.attempt.Number}]; known {
		return found
	}
	return never
}

// known reports whether the account has paid anything.
func (o *order) known() bool { return len(o.paid) > 0 }

// candidates are the payments by which look-ups are tried for what was posted at a
// place: the youngest, and the oldest that was begun after it, which is the likelier to
// be shown already. Without regard to age it is the youngest of all.
func (o *order) candidates(after evidence.Place, anyAge bool) []accepted {
	if len(o.paid) == 0 {
		return nil
	}
	youngest := o.paid[len(o.paid)-1]
	if anyAge {
		return []accepted{youngest}
	}
	first, _ := slices.BinarySearchFunc(o.paid, after, func(a accepted, at evidence.Place) int {
		if a.begun > at {
			return 1
		}
		return -1
	})
	switch left := o.paid[first:]; len(left) {
	case 0, 1:
		return left
	default:
		return []accepted{youngest, left[0]}
	}
}

// paidMax is how many of the youngest payments are looked at.
const paidMax = 256

// order reads when what was begun, by the audit log.
func (q Retrier) order(ctx context.Context, ids map[ledger.TransactionID]bool, account ledger.Account) (*order, error) {
	here, err := q.batchesOf(ctx, account)
	if err != nil {
		return nil, err
	}
	begun, err := evidence.ReadBegun(ctx, q.Store, func(id ledger.TransactionID) bool { return ids[id] }, paidMax)
	if err != nil {
		return nil, err
	}
	paid, err := q.certain(ctx, begun, here)
	return &order{posts: begun.Last, paid: paid}, err
}

// certain keeps those payments of the account that nobody contradicts.
func (q Retrier) certain(ctx context.Context, begun evidence.Begun, here map[ledger.BatchID]bool) ([]accepted, error) {
	var paid []accepted
	for _, key := range begun.Paid {
		payout, err := q.Store.Payout(ctx, key.ID)
		if err != nil {
			return nil, fmt.Errorf("read payout %q: %w", key.ID, err)
		}
		if certain(payout) && payout.Attempt == key.Attempt && here[payout.Batch] {
			paid = append(paid, accepted{payout, begun.Places[key]})
		}
	}
	return paid, nil
}

// certain reports whether the provider certainly has the payout's transfer.
func certain(p ledger.Payout) bool {
	return p.State == ledger.Successful && p.Resolution == nil && len(p.Unresolved()) == 0
}

// batchesOf returns the batches that are paid from an account.
func (q Retrier) batchesOf(ctx context.Context, account ledger.Account) (map[ledger.BatchID]bool, error) {
	batches, err := q.Store.Batches(ctx)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	here := map[ledger.BatchID]bool{}
	for _, b := range batches {
		here[b.ID] = b.Account == account
	}
	return here, nil
}
