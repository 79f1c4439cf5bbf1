package engine

import (
	"errors"
	"fmt"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// Why nothing, or nothing more, was sent although the provider answers.
var (
	// ErrNotNewest: the provider has a transfer that the ledger would send for the
	// first time. It is what a *HitError is.
	ErrNotNewest = errors.New("the provider already has a payout that this ledger never sent")
	// ErrAtWork is an ErrNotNewest: another ledger paid after this one was adopted.
	ErrAtWork = errors.New("another ledger pays what this one was adopted for")
	// ErrNoControl: payouts are left open because nothing shows that the provider's
	// "not found" can be believed.
	ErrNoControl = errors.New("nothing shows that the provider's \"not found\" can be believed")
	// ErrHidden is an ErrNoControl: the account is known to have paid, and shows
	// nothing of it.
	ErrHidden = fmt.Errorf("%w: another ledger paid from this account lately, and the provider shows nothing of it", ErrNoControl)
	// ErrFirstPayday: nothing vouches for the ledger, and the account has nothing
	// that could be looked up: a person has to say that it is new.
	ErrFirstPayday = errors.New("nothing vouches for this ledger, and the account shows nothing to compare it with")
	// ErrUnproven: the machine that asked the provider about the ledger, and that this one
	// waited for, ended before it knew. What it left has to be read.
	ErrUnproven = errors.New("the machine that asked the provider about the ledger ended before it knew")
	// ErrRefusals: several payouts in a row were refused and none was taken.
	ErrRefusals = errors.New("the provider refuses one payout after the other")
	// ErrUnconfirmed: payouts were not sent because the provider did not confirm
	// that an earlier attempt was not paid.
	ErrUnconfirmed = errors.New("the provider does not confirm that an earlier attempt was not paid")
)

// HitError names a queued payout that the provider knows.
type HitError struct {
	ID        ledger.TransactionID
	Reference ledger.Reference
	// Said is the class of the provider's answer; Unknown for one that speaks of
	// another number or amount.
	Said provider.Class
	// At is the time at which the provider took it, UTC; zero if it did not say.
	At time.Time
	// Adopted is set if that was after a person had said that this ledger goes on alone.
	Adopted bool
}

func (e *HitError) Error() string {
	found, at := ErrNotNewest, ""
	if e.Adopted {
		found = ErrAtWork
	}
	if !e.At.IsZero() {
		at = ", of " + e.At.Format(time.DateTime)
	}
	return fmt.Sprintf("%v: %q, as %q (%s%s)", found, e.ID, e.Reference, e.Said, at)
}

// Is makes errors.Is(err, ErrNotNewest) hold, and ErrAtWork where it is that.
func (e *HitError) Is(target error) bool {
	return target == ErrNotNewest || (e.Adopted && target == ErrAtWork)
}

// Trust is the knowledge, from outside, of the ledger being the newest of its account.
// The zero value knows nothing: the provider is asked before the first transfer.
type Trust struct {
	// Vouched: an anchor outside the ledger names its newest events.
	Vouched bool
	// AtWork is the last time at which another payrun may have been at work for this
	// account; zero if nothing suggests that one was. The probe waits for the grace after it.
	AtWork time.Time
	// Doubted: an anchor speaks against the ledger, or for another one of the account. No
	// other machine's word outweighs that.
	Doubted bool
	// Used: another ledger paid from this account lately. That the provider shows
	// nothing of it is then no proof that there is nothing.
	Used bool
	// Since is the beginning of the command. What was queued before may have been paid
	// meanwhile from a copy of the ledger on another machine, which no anchor here
	// tells of. Zero means that nothing was.
	Since time.Time
	// Rehearsal: the account is on this machine, and nobody is asked for a word.
	Rehearsal bool
	// New: a person said that the account never paid anything, or nobody else can
	// have used it.
	New bool
}
