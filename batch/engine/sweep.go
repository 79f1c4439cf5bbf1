package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// sweepTries bounds the questions about a payout in the last sweep.
const sweepTries = 3

// sweep looks once more, before the run ends, for what was ever released after a
// "not found": whoever was paid twice in spite of everything is told. It costs
// nothing if nothing was released.
func (r *run) sweep(ctx context.Context, drain <-chan struct{}, earlier []ledger.TransactionID) error {
	released, err := r.everReleased(ctx, earlier)
	if err != nil || len(released) == 0 {
		return err
	}
	r.config.Log.Info().Int("payouts", len(released)).Msg("last sweep: looking for what was released after a \"not found\"")
	list := insistOnList(ctx, drain, r.config.Lister, r.config.Log)
	err = r.asker().lookUp(ctx, drain, released, func(p *payment, o provider.Outcome, now time.Time) (bool, error) {
		if change, found := swept(p.payout, o, list, now); found {
			r.config.Log.Error().Str("transaction_id", string(p.payout.ID)).Str("provider_code", o.Code).
				Msg("the last sweep found what was not there before")
			r.record(p, change)
			return false, nil
		}
		if p.tries++; evidence.IsThere(o) || o.Class == provider.NotFound || p.tries >= sweepTries {
			return false, nil
		}
		p.due = now.Add(retryMin)
		return true, nil
	})
	if storeErr := r.flushNow(ctx); storeErr != nil {
		return storeErr
	}
	return err
}

// everReleased lists the payments to sweep, each ready to be asked about by our own
// reference.
func (r *run) everReleased(ctx context.Context, earlier []ledger.TransactionID) ([]*payment, error) {
	var all []*payment
	mine := map[ledger.TransactionID]bool{}
	add := func(payout ledger.Payout) {
		if mine[payout.ID] {
			return
		}
		mine[payout.ID] = true
		all = append(all, &payment{payout: payout, memory: memory{names: []name{nameOf(payout)}}})
	}
	for _, p := range r.released {
		add(p.payout)
	}
	for _, id := range earlier {
		payout, err := r.config.Store.Payout(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read what was released: %w", err)
		}
		add(payout)
	}
	return all, nil
}

// swept returns the change that the last sweep's answer makes of a payout, and whether
// there is one.
func swept(p ledger.Payout, o provider.Outcome, list listing, now time.Time) (ledger.Change, bool) {
	against := func(code string, o provider.Outcome) (ledger.Change, bool) {
		d := evidence.Difference(code, p, p.Reference, o, now)
		for _, known := range p.Differences {
			if known.Same(*d) {
				return ledger.Change{}, false
			}
		}
		return ledger.Change{To: p.State, Said: evidence.Of(o), Difference: d}, true
	}
	alive := o.Class == provider.Successful || o.Class == provider.Pending
	other := o.ProviderRef != "" && p.Answer.ProviderRef != "" && o.ProviderRef != p.Answer.ProviderRef
	there := list.entries[string(p.Reference)]
	open := p.State == ledger.Queued || p.State == ledger.Unknown
	failed := provider.Outcome{ProviderRef: cmp.Or(o.ProviderRef, p.Answer.ProviderRef)}
	switch {
	case there.alive > 1:
		return against(ledger.DifferencePaidTwice, o)
	case (p.State == ledger.Failed || open && o.Class == provider.Failed) && there.alive > 0 && there.last.Beside(failed):
		return against(ledger.DifferencePaidThere, there.last.Outcome())
	case !evidence.IsThere(o):
		return ledger.Change{}, false
	case open:
		return ledger.Change{To: stateOf(o.Class), Answer: answerOf(o)}, true
	case p.State == ledger.Failed && alive:
		return against(ledger.DifferencePaidThere, o)
	case (p.State == ledger.Successful || p.State == ledger.Pending) && alive && other:
		return against(ledger.DifferencePaidTwice, o)
	default:
		return ledger.Change{}, false
	}
}
