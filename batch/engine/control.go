package engine

import (
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// lagShare is the factor by which the grace must exceed a lag that a control showed.
const lagShare = 3

// known is a transfer that the account certainly has.
type known struct {
	// id is the payout's, empty for one that only the provider's list has.
	id ledger.TransactionID
	// attempt is the one that the transfer is, as far as the ledger's snapshot tells.
	attempt   int
	reference ledger.Reference
	number    phone.E164
	amount    money.Amount
	// accepted is the time of its acceptance.
	accepted time.Time
}

// try names its attempt in the audit log.
func (k known) try() evidence.Try { return evidence.Try{ID: k.id, Attempt: k.attempt} }

func (k known) query() provider.Query {
	return provider.Query{Reference: string(k.reference), Number: k.number, Amount: k.amount}
}

// before returns the transfer as one that was taken before a moment, at which it was
// already there. A time that an earlier process recorded, or the provider's own, may be
// later: clocks are set, and differ.
func (k known) before(moment time.Time) known {
	if !k.accepted.Before(moment) {
		k.accepted = moment.Add(-time.Nanosecond)
	}
	return k
}

// control is the positive control of look-ups: a "not found" proves something only
// beside a transfer that is certainly there, asked for by our own reference in the
// same run, and found. It costs a request only once somebody needs it. It is used
// by the dispatcher alone.
type control struct {
	// candidate is the youngest transfer that the account has, next a younger one
	// that waits while candidate is still being looked for.
	candidate, next known
	has, hasNext    bool
	// needed is set while a "not found" waits for the control, asked while it is
	// being looked up. due is when to look it up (again).
	needed, asked bool
	due           time.Time
	// tries counts the look-ups of the candidate in vain, and hidden those of them
	// that did not know it.
	tries, hidden int
	// found reports that look-ups work, shown how young a transfer they showed, and
	// foundAt when the last of them was.
	found          bool
	shown, foundAt time.Time
	// lag is the longest time after its acceptance that a transfer was still not found.
	lag time.Duration
}

// accept takes in that the account has one transfer more.
func (c *control) accept(k known) {
	switch {
	case c.has && k.accepted.Before(c.candidate.accepted):
	case c.has && (c.tries > 0 || c.asked):
		c.next, c.hasNext = k, true
	default:
		c.candidate, c.has, c.due = k, true, time.Time{}
	}
}

// see takes in that a transfer, accepted no earlier than that moment, was found by
// our own reference.
func (c *control) see(accepted, now time.Time) {
	c.found, c.foundAt = true, now
	c.shown = later(c.shown, accepted)
}

// answered takes in what came of looking the candidate up.
func (c *control) answered(now time.Time, o provider.Outcome, retry time.Duration) {
	c.asked = false
	switch {
	case evidence.IsThere(o):
		if c.hidden > 0 {
			c.lag = max(c.lag, now.Sub(c.candidate.accepted))
		}
		c.see(c.candidate.accepted, now)
		c.tries, c.hidden = 0, 0
		c.promote()
		return
	case o.Class == provider.NotFound:
		c.hidden++
		// It lags by so much at least, whatever else is found meanwhile. What is a day
		// old and not found was forgotten.
		if since := now.Sub(c.candidate.accepted); since < evidence.DoubtOld {
			c.lag = max(c.lag, since)
		}
	case c.tries >= vainMax:
		c.promote()
	}
	c.tries++
	c.due = now.Add(retry)
}

// promote makes the younger transfer the one to look up.
func (c *control) promote() {
	if c.hasNext {
		c.candidate, c.hasNext = c.next, false
		c.tries, c.hidden, c.due = 0, 0, time.Time{}
	}
}

// useful reports whether finding the candidate would show more than is known.
func (c *control) useful() bool {
	return c.has && (!c.found || c.candidate.accepted.After(c.shown))
}

// isDue reports whether the candidate should be looked up now.
func (c *control) isDue(now time.Time) bool {
	return c.needed && !c.asked && c.useful() && !c.due.After(now)
}

// nextDue returns when the candidate is due, zero if it is not wanted.
func (c *control) nextDue() time.Time {
	if !c.needed || c.asked || !c.useful() {
		return time.Time{}
	}
	return c.due
}

// proves reports whether a "not found" that was asked for at a moment proves that a
// transfer posted before is not there.
func (c *control) proves(asked, posted time.Time, old bool) bool {
	return c.found && !asked.Before(c.foundAt) && (old || !c.shown.Before(posted))
}

// mayProve reports whether the control can still come to prove that, with what the
// account is known to have.
func (c *control) mayProve(posted time.Time, old bool) bool {
	youngest := c.candidate
	if c.hasNext {
		youngest = c.next
	}
	switch {
	case c.found && (old || !c.shown.Before(posted)):
		return true
	case !c.has:
		return false
	default:
		return old || !youngest.accepted.Before(posted)
	}
}

// blind reports whether the candidate stayed hidden for longer than the grace.
func (c *control) blind(now time.Time, grace time.Duration) bool {
	return c.has && !c.found && c.hidden > 1 && now.Sub(c.candidate.accepted) > grace
}

// acceptance returns the transfer of a payout that the provider is known to have
// had, and whether there is one. Its time is when the first intent was recorded:
// the provider cannot have taken it before.
func acceptance(p ledger.Payout) (known, bool) {
	had := p.State == ledger.Successful || p.State == ledger.Pending ||
		p.Said.Has(ledger.SaidPending|ledger.SaidSuccessful)
	if !had || p.Intents == 0 || len(p.Unresolved()) > 0 {
		return known{}, false
	}
	return known{id: p.ID, attempt: p.Attempt, reference: p.Reference, number: p.Number, amount: p.Amount, accepted: p.FirstIntent}, true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
