package anchor

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOvertaken is the kind of an *OvertakenError.
var ErrOvertaken = errors.New("another payrun pays from this account")

// OvertakenError names the ledger, or the copy of this one, that somebody else
// advanced.
type OvertakenError struct{ By Anchor }

func (e *OvertakenError) Error() string {
	return fmt.Sprintf("%v: from the ledger %q, by %s on %s, at %s",
		ErrOvertaken, e.By.Path, e.By.User, e.By.Host, e.By.At.Local().Format(time.TimeOnly))
}

// Is makes errors.Is(err, ErrOvertaken) hold.
func (e *OvertakenError) Is(target error) bool { return target == ErrOvertaken }

// Watch advances the anchor of one ledger for as long as a process pays from it, and
// notices who else pays from the account meanwhile: two ledgers that are at work
// together do not know what the other one sends. Whoever was at work first goes on.
// It is not safe for concurrent use.
type Watch struct {
	folder *Folder
	ledger string
	// own is the ledger's anchor as this process read or wrote it last; known is
	// false while there was nothing to understand.
	own   Anchor
	known bool
	// log is that of a ledger which several processes share, nil for any other.
	log Log
	// others are the anchors of the account's other ledgers when the watch began.
	others map[string]Anchor
}

// Watch begins to watch an account. What Vouch is asked after that, or the provider,
// is known to hold until the ledger's first advance.
func (f *Folder) Watch(now Anchor) *Watch {
	w := &Watch{folder: f, ledger: now.Ledger, others: map[string]Anchor{}}
	if f.written != "" {
		if path, err := pathOf(f.written, now.Ledger); err == nil {
			w.own, err = read(path)
			w.known = err == nil
		}
	}
	for _, other := range w.elsewhere(now.Account) {
		w.others[other.Ledger] = other
	}
	return w
}

// Shared says that several processes pay from the ledger, whose log they have in common:
// whoever advanced its anchor to an event of that log is one of them. It returns the watch.
func (w *Watch) Shared(log Log) *Watch {
	w.log = log
	return w
}

// Check returns an *OvertakenError if somebody else advanced an anchor of the account
// since the watch began, or since this ledger's was advanced last.
func (w *Watch) Check(ctx context.Context, now Anchor) error {
	if err := w.checkOthers(now.Account); err != nil || w.folder.written == "" {
		return err
	}
	path, err := pathOf(w.folder.written, w.ledger)
	if err != nil {
		return err
	}
	newest, err := read(path)
	return w.unchanged(ctx, newest, err)
}

func (w *Watch) checkOthers(account string) error {
	for _, other := range w.elsewhere(account) {
		if before, known := w.others[other.Ledger]; !known || !before.same(other) {
			return &OvertakenError{By: other}
		}
	}
	return nil
}

// unchanged returns an *OvertakenError if what is recorded of the ledger is neither
// what was there at first nor this process's own. What cannot be read says nothing.
func (w *Watch) unchanged(ctx context.Context, newest Anchor, err error) error {
	if err == nil && !(w.known && newest.same(w.own)) && !w.ours(ctx, newest) {
		return &OvertakenError{By: newest}
	}
	return nil
}

// ours reports whether an anchor was advanced by a process that shares the ledger: its log
// has the event. That of a copy has not, once something was paid from it.
func (w *Watch) ours(ctx context.Context, newest Anchor) bool {
	if w.log == nil || newest.Ledger != w.ledger {
		return false
	}
	hash, err := w.log.HashAt(ctx, newest.Head.Events)
	return err == nil && hash == newest.Head.Hash
}

// lost reports whether an anchor tells of events that are not in the ledger's log: what was known
// when the watch began, of a shared ledger that lost its last events to a failover, or of one of which
// only this process knows. Where nobody can tell, it is not.
func (w *Watch) lost(ctx context.Context, newest Anchor) bool {
	if w.log == nil {
		return true
	}
	hash, err := w.log.HashAt(ctx, newest.Head.Events)
	return err == nil && hash != newest.Head.Hash
}

// errAhead says that another process has advanced a shared ledger's anchor further.
var errAhead = errors.New("the anchor is further already")

// Advance records where the ledger stands, durably: once it returns nil the anchor
// survives a power cut. What was known of the ledger when the watch began gives way,
// however far ahead it was: it was compared with the provider since, and an old copy
// that a person took back into use would be an old copy for ever.
//
// After an *OvertakenError nothing may be sent. After any other error the anchor
// vouches for nothing: it is removed as far as that is possible.
func (w *Watch) Advance(ctx context.Context, now Anchor) error {
	err := w.folder.record(ctx, now, func(newest Anchor, err error) error {
		if changed := w.unchanged(ctx, newest, err); changed != nil {
			return changed
		}
		if err == nil && newest.Head.Events > now.Head.Events && !w.lost(ctx, newest) {
			return errAhead
		}
		return nil
	})
	if err != nil && !errors.Is(err, errAhead) {
		return err
	}
	w.own, w.known = now, true
	// Of two who did not see each other before they wrote, one at least does now. What
	// it wrote must not vouch for its ledger when that is opened next.
	if err := w.checkOthers(now.Account); err != nil {
		return errors.Join(err, w.folder.Forget(w.ledger))
	}
	return nil
}

// same reports whether two anchors say the same.
func (a Anchor) same(b Anchor) bool {
	at := a.At.Equal(b.At)
	a.At, b.At = time.Time{}, time.Time{}
	return at && a == b
}

// elsewhere returns the anchors of the account's other ledgers.
func (w *Watch) elsewhere(account string) []Anchor {
	all, _ := w.folder.Ledgers(account)
	var others []Anchor
	for _, one := range all {
		if one.Ledger != w.ledger {
			others = append(others, one)
		}
	}
	return others
}
