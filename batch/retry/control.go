package retry

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// clocksApart is how far the provider's clock may be from this one. What its list
// dates is younger than a request only beyond it.
const clocksApart = time.Hour

// control is the positive control of look-ups: a "not found" proves something only
// beside a transfer that the account certainly has, begun after the request that is
// in doubt, asked for by our own reference in the same command before the "not
// found" was, and found. It is looked for once somebody needs it. It is safe for
// concurrent use.
type control struct {
	retrier Retrier
	batch   ledger.Batch
	// ids are the payouts that are in doubt.
	ids map[ledger.TransactionID]bool

	mu sync.Mutex
	// order is when what was begun, read once it is needed.
	order *order
	// found is set once look-ups were shown to work; shown is the youngest transfer
	// that they showed.
	found bool
	shown evidence.Place
	// asked are the candidates that were looked up, and what that came to.
	asked map[ledger.Reference]HeldCode
	// listed are the transfers of the provider's list by reference; list says what it
	// proves. Both are nil until it was needed.
	listed map[string][]provider.Transaction
	list   *listed
}

// listed is the result of reading the provider's list.
type listed struct {
	// empty: it was read to its end, and has nothing.
	empty bool
	// youngest is the last transfer that it names by our reference, if there is one.
	youngest provider.Transaction
}

// doubt is an attempt of which a "not found" is to be weighed.
type doubt struct {
	payout  ledger.Payout
	attempt ledger.Attempt
	// posted is the last moment at which its request can have been under way.
	posted time.Time
	// old is set for one that needs no control younger than itself.
	old bool
}

func doubtOf(payout ledger.Payout, attempt ledger.Attempt, now time.Time) doubt {
	d := doubt{payout: payout, attempt: attempt, posted: posted(payout, attempt)}
	d.old = now.Sub(d.posted) >= evidence.DoubtOld
	return d
}

// posted is the last moment at which a request of the attempt can have been under way.
// An attempt ends when its last answer came; one that a person ended was over before.
func posted(payout ledger.Payout, attempt ledger.Attempt) time.Time {
	byPerson := payout.Resolution != nil && payout.Resolution.At.Equal(attempt.SettledAt)
	if byPerson && attempt.Number == payout.Attempt && !payout.SubmittedAt.IsZero() {
		return payout.SubmittedAt
	}
	return attempt.SettledAt
}

// missed says why a "not found" about the attempt proves nothing, HeldNot if it does.
// It must be asked before the look-up is.
func (c *control) missed(ctx context.Context, d doubt) (HeldCode, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.order == nil {
		found, err := c.retrier.order(ctx, c.ids, c.batch.Account)
		if err != nil {
			return "", err
		}
		c.order = found
	}
	missing, err := c.find(ctx, d, c.order.last(d))
	if err == nil && missing == HeldNot && len(c.listed[string(d.attempt.Reference)]) > 0 {
		return HeldBlind, nil
	}
	return missing, err
}

// find looks for a control that was begun after a place: in this ledger, the youngest
// and then the oldest, and then in the provider's list.
func (c *control) find(ctx context.Context, d doubt, after evidence.Place) (HeldCode, error) {
	if c.shows(d, after) {
		return HeldNot, nil
	}
	missing := HeldNot
	for _, candidate := range c.order.candidates(after, d.old) {
		code, err := c.ask(ctx, candidate.query())
		if err != nil {
			return "", err
		}
		if code == HeldNot {
			c.found, c.shown = true, max(c.shown, candidate.begun)
			return HeldNot, nil
		}
		if missing == HeldNot {
			missing = code
		}
	}
	if missing != HeldNot {
		return missing, nil
	}
	return c.askList(ctx, d)
}

// shows reports whether what was found is younger than a place.
func (c *control) shows(d doubt, after evidence.Place) bool {
	return c.found && (d.old || c.shown > after)
}

// ask looks a transfer up that is certainly there, once.
func (c *control) ask(ctx context.Context, query provider.Query) (HeldCode, error) {
	reference := ledger.Reference(query.Reference)
	if code, known := c.asked[reference]; known {
		return code, nil
	}
	said, err := c.retrier.LookUp(ctx, query)
	if err != nil {
		return "", err
	}
	code := withoutAnswer(said)
	switch {
	case evidence.IsThere(said):
		code = HeldNot
	case said.Class == provider.NotFound:
		code = HeldBlind
	}
	if c.asked == nil {
		c.asked = map[ledger.Reference]HeldCode{}
	}
	c.asked[reference] = code
	return code, nil
}

// askList has the provider's list decide, where the ledger has nothing that was begun
// after the doubt. An account whose list is empty never paid anything, if the ledger
// and the anchors know of nothing else: nothing can be hidden there. Otherwise its
// youngest transfer is the control, if it is younger than the doubt on whatever clock.
func (c *control) askList(ctx context.Context, d doubt) (HeldCode, error) {
	if err := c.readOnce(ctx); err != nil {
		return "", err
	}
	youngest := c.list.youngest
	switch {
	case c.list.empty && !c.order.known() && !c.retrier.UsedElsewhere:
		return HeldNot, nil
	case youngest.Reference != "" && (d.old || youngest.At.After(d.posted.Add(clocksApart))):
		return c.ask(ctx, provider.Query{Reference: youngest.Reference, Number: youngest.Number, Amount: youngest.Amount})
	case youngest.Reference != "" || c.order.known():
		return HeldNoYoungControl, nil
	default:
		return HeldNoControl, nil
	}
}

// beside returns a transfer of the list that is under the attempt's reference and not one
// of those that were shown as failed, the zero Transaction for none.
func (c *control) beside(ctx context.Context, attempt ledger.Attempt, failed []provider.Outcome) (provider.Transaction, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.readOnce(ctx); err != nil {
		return provider.Transaction{}, err
	}
	for _, t := range c.listed[string(attempt.Reference)] {
		if !slices.ContainsFunc(failed, func(o provider.Outcome) bool { return !t.Beside(o) }) {
			return t, nil
		}
	}
	return provider.Transaction{}, nil
}

func (c *control) readOnce(ctx context.Context) error {
	if c.list == nil {
		c.list, c.listed = c.readList(ctx)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("list the provider's transactions: %w", err)
	}
	return nil
}

// readList reads the provider's list. One that is not there, or cannot be read to its
// end, has nothing and is not empty.
func (c *control) readList(ctx context.Context) (*listed, map[string][]provider.Transaction) {
	lister, can := provider.AsLister(c.retrier.Provider)
	if !can {
		return &listed{}, nil
	}
	found, entries, all := listed{}, 0, map[string][]provider.Transaction{}
	for t, err := range lister.Transactions(ctx) {
		if err != nil {
			return &listed{}, nil
		}
		entries++
		if t.Reference == "" {
			continue
		}
		all[t.Reference] = append(all[t.Reference], t)
		if found.youngest.Reference == "" || !t.At.Before(found.youngest.At) {
			found.youngest = t
		}
	}
	found.empty = entries == 0
	return &found, all
}
