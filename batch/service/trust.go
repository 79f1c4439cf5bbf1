package service

import (
	"context"
	"fmt"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/anchor"
)

// Vouching says whether, at the start, the ledger is known to be the newest of its account.
type Vouching struct {
	anchor.Verdict
	// Now is where the ledger stands.
	Now anchor.Anchor
}

// CheckLedger replays, once, what was recorded since the ledger's last checkpoint. It
// comes before whatever pays: what a disk lost must be damage here and not a payout that
// seems new.
func (s *Service) CheckLedger(ctx context.Context) error {
	if s.checked {
		return nil
	}
	if err := s.config.Ledger.Check(ctx); err != nil {
		return err
	}
	s.checked = true
	return nil
}

// Vouch checks the ledger and holds it against its anchor. It comes before whatever pays,
// which does it if the caller did not. The process is what anchors call the writer.
func (s *Service) Vouch(ctx context.Context, process Actor) (Vouching, error) {
	if err := s.CheckLedger(ctx); err != nil {
		return Vouching{}, err
	}
	store := s.config.Ledger
	identity, err := store.Identity(ctx)
	if err != nil {
		return Vouching{}, err
	}
	folder := s.config.Anchors
	if folder == nil {
		folder = anchor.Open()
	}
	known := anchor.Anchor{
		Ledger: identity.ID, Account: s.config.Account.Place(), Path: s.config.Path, Host: process.Host, User: process.Person,
	}
	anchored := &anchoredStore{
		Store: store, watch: folder.Watch(known), known: known, failed: s.config.Unanchored, clock: s.config.Clock,
	}
	if s.config.Shared {
		anchored.watch.Shared(store)
	}
	now, err := anchored.stands(ctx)
	if err != nil {
		return Vouching{}, err
	}
	verdict, err := folder.Vouch(ctx, now, store)
	if err != nil {
		return Vouching{}, err
	}
	s.paying, s.here, s.verdict = s.config.Paying(anchored), known, verdict
	return Vouching{Verdict: verdict, Now: now}, nil
}

// trust tells the engine whether the ledger is known to be the newest of its account.
func (s *Service) trust() engine.Trust {
	return engine.Trust{
		Vouched: s.verdict.Standing == anchor.Vouched, Doubted: s.doubted(), AtWork: s.atWork(), Used: s.used(), Since: s.began,
		Rehearsal: s.config.Account.Loopback(), New: s.begun || s.config.Account.Simulated,
	}
}

// doubted reports whether an anchor speaks against the ledger, or for another one.
func (s *Service) doubted() bool {
	return s.verdict.Standing == anchor.Older || s.verdict.Standing == anchor.OtherLedger
}

// atWork is when another payrun may last have been at work for the account, as far as
// anchors tell: one that used another ledger, or this one in another place. Nobody else
// is ever at work for the built-in simulator, which lives in this process alone.
func (s *Service) atWork() time.Time {
	if s.config.Account.Simulated {
		return time.Time{}
	}
	var latest time.Time
	own, here := s.verdict.Own, s.here
	elsewhere := own.Path != here.Path || own.Host != here.Host || own.User != here.User
	if s.verdict.Standing == anchor.Older || elsewhere {
		latest = own.At
	}
	for _, other := range s.verdict.Others {
		if other.At.After(latest) {
			latest = other.At
		}
	}
	return latest
}

// used reports whether another ledger paid from this account so lately that a look-up
// page, or a list, may still be behind, as far as anchors tell.
func (s *Service) used() bool {
	const behind = 24 * time.Hour
	at := s.atWork()
	return !at.IsZero() && s.now().Sub(at) < behind
}

// graceFloor is the shortest look-up grace of a provider behind a network. What lies on
// the way may hold a request back, and a look-up page may lag, for about as long.
const graceFloor = time.Minute

// GraceError is a look-up grace in which a "not found" would prove nothing.
type GraceError struct{ Given, Floor time.Duration }

func (e *GraceError) Error() string {
	return fmt.Sprintf("a look-up grace of %s proves nothing before %s", e.Given, e.Floor)
}

// CheckGrace returns a *GraceError for a look-up grace that is shorter than what lies on
// the way to a provider may take, or than a request may. A provider on this machine,
// loopback, may have any, so that a bad day is rehearsed in seconds.
func CheckGrace(grace, request time.Duration, loopback bool) error {
	if floor := max(graceFloor, request); !loopback && grace < floor {
		return &GraceError{Given: grace, Floor: floor}
	}
	return nil
}

// Adopt records, once, that the ledger may not know everything that was paid: what is
// queued by now is looked up before it is sent. It reports whether it recorded anything.
func (s *Service) Adopt(ctx context.Context, by Actor) (bool, error) {
	if s.adopted {
		return false, nil
	}
	s.adopted = true
	return true, s.config.Ledger.Record(ctx, ledger.Act{Code: ledger.ActAdopted, At: s.now(), By: by.person()})
}

// BeginAccount records, once, that a person said that the account never paid anybody,
// where nothing vouches for the ledger and the account has nothing to compare it with.
func (s *Service) BeginAccount(ctx context.Context, by Actor) error {
	if s.begun {
		return nil
	}
	s.begun = true
	return s.config.Ledger.Record(ctx, ledger.Act{Code: ledger.ActNewAccount, At: s.now(), By: by.person()})
}
