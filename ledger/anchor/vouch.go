package anchor

import (
	"context"
	"fmt"
)

// Standing is a ledger's standing by its anchors.
type Standing int

// The standings. Only Vouched says that the ledger is the newest one; after any other
// the provider is asked before anything is sent.
const (
	// Vouched: the ledger contains what its anchor names, lies where it lay, and no
	// other ledger of the account was advanced since.
	Vouched Standing = iota
	// New: no anchor is known, of this ledger or of another for the account.
	New
	// Older: the anchor names events that the ledger does not have. It is a copy of
	// before, or its log was changed.
	Older
	// Moved: the ledger has all that its anchor names and lies elsewhere, or was
	// last written by another user or on another machine.
	Moved
	// OtherLedger: another ledger of the same account is known, and was advanced
	// later than this one.
	OtherLedger
	// Unwritable: no folder for anchors can be written, so nothing can be vouched
	// for, now or later.
	Unwritable
)

// String names the standing as logs do.
func (s Standing) String() string {
	switch s {
	case Vouched:
		return "vouched"
	case New:
		return "new"
	case Older:
		return "older"
	case Moved:
		return "moved"
	case OtherLedger:
		return "other_ledger"
	case Unwritable:
		return "unwritable"
	default:
		return fmt.Sprintf("standing %d", int(s))
	}
}

// Verdict is a standing and what it rests on.
type Verdict struct {
	Standing Standing
	// Own is the ledger's anchor, the zero value if there is none.
	Own Anchor
	// Others are the other ledgers known for the account, the one advanced last
	// first.
	Others []Anchor
	// Damaged are anchor files that could not be understood. They count as none.
	Damaged []string
	// Reason is why no folder can be written, for Unwritable.
	Reason error
}

// Log tells what hash the event with a number has in a ledger's audit log, empty if
// the log is shorter.
type Log interface {
	HashAt(ctx context.Context, event uint64) (string, error)
}

// Vouch says what is known of a ledger that stands as now says. It changes nothing.
// The error is the log's.
func (f *Folder) Vouch(ctx context.Context, now Anchor, log Log) (Verdict, error) {
	own, known, damaged, err := f.Of(now.Ledger)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Own: own, Damaged: damaged}
	others, _ := f.Ledgers(now.Account)
	for _, other := range others {
		if other.Ledger != now.Ledger {
			verdict.Others = append(verdict.Others, other)
		}
	}
	contained := true
	if known {
		if contained, err = contains(ctx, own.Head, now.Head, log); err != nil {
			return Verdict{}, fmt.Errorf("compare the ledger with its anchor: %w", err)
		}
	}
	_, verdict.Reason = f.Writable()
	verdict.Standing = verdict.judge(now, known, contained)
	return verdict, nil
}

// judge takes the gravest of what holds.
func (v *Verdict) judge(now Anchor, known, contained bool) Standing {
	overtaken := len(v.Others) > 0 && (!known || !v.Others[0].At.Before(v.Own.At))
	switch {
	case !contained:
		return Older
	case overtaken:
		return OtherLedger
	case known && (v.Own.Path != now.Path || v.Own.Host != now.Host || v.Own.User != now.User || v.Own.Account != now.Account):
		return Moved
	case v.Reason != nil:
		return Unwritable
	case !known:
		return New
	default:
		return Vouched
	}
}

// contains reports whether a log that stands at now has the event that was anchored.
func contains(ctx context.Context, anchored, now Head, log Log) (bool, error) {
	switch {
	case anchored.Events > now.Events:
		return false, nil
	case anchored.Events == 0:
		return true, nil
	case anchored.Events == now.Events:
		return anchored.Hash == now.Hash, nil
	}
	hash, err := log.HashAt(ctx, anchored.Events)
	return hash == anchored.Hash, err
}
