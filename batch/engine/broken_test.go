package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider/sandbox"
)

// TestBrokenWorldsAreStoppedOrShown plays worlds that break what is taken for granted,
// and holds every ledger of them against the provider's books: nobody is paid twice,
// whoever is reported paid is paid once, and where anything is wrong the run stopped or
// named it.
func TestBrokenWorldsAreStoppedOrShown(t *testing.T) {
	var happened seen
	t.Run("worlds", func(t *testing.T) {
		share := brokenShare
		if *simSeeds > 0 {
			share = 1
		}
		inWorlds(t, share, func(t *testing.T, seed uint64) {
			b := newBroken(t, seed, bug{})
			if err := b.judge(); err != nil {
				failWith(t, seed, "TestBrokenWorldsAreStoppedOrShown", fmt.Errorf("%s: %w", b.describe(), err))
			}
			happened.add(b.happened())
		})
	})
	if *simSeed != 0 || testing.Short() || *simSeeds > 0 && *simSeeds < seedsDefault/brokenShare {
		return
	}
	if missing := happened.missing(everythingBroken()); len(missing) > 0 {
		t.Errorf("what never happened: %v", missing)
	}
	t.Logf("what happened: %v", happened.counts)
}

// brokenShare is one in how many seeds is a broken world, where nobody says how many.
const brokenShare = 2

// paidThere are the transfers of a payout, as the provider's books have them.
type paidThere struct {
	alive, failed []sandbox.Transfer
}

// kept counts the transfers that were not taken back.
func (p paidThere) kept() int {
	count := 0
	for _, one := range p.alive {
		if one.ReversedAt == nil {
			count++
		}
	}
	return count
}

// books are the provider's, by payout, of the payday.
func (b *broken) books(refs map[string]ledger.TransactionID) map[ledger.TransactionID]*paidThere {
	all := map[ledger.TransactionID]*paidThere{}
	for _, transfer := range b.sandbox.Books().Transfers {
		if transfer.ReceivedAt.Before(b.began) {
			continue
		}
		id, known := refs[transfer.TransactionID]
		if !known {
			id = ledger.TransactionID(transfer.TransactionID)
		}
		if all[id] == nil {
			all[id] = &paidThere{}
		}
		if transfer.Credited || transfer.SettledAt == nil {
			all[id].alive = append(all[id].alive, transfer)
		} else {
			all[id].failed = append(all[id].failed, transfer)
		}
	}
	return all
}

// judge is the oracle.
func (b *broken) judge() error {
	// What the provider accepts late shows itself only then. The next day everybody is
	// asked once more: what could not be known in time has to be told by now.
	<-time.After(time.Hour)
	wrong := b.wrong
	refs := map[string]ledger.TransactionID{}
	ledgers := map[*desk]map[ledger.TransactionID]ledger.Payout{}
	for _, d := range b.desks {
		if !d.visited {
			continue
		}
		if !given(d.err) {
			_ = d.pay(visit{})
		}
		payouts, err := d.standing(context.Background(), b.plot != "a bad disk")
		if err != nil {
			if d.err == nil {
				wrong = append(wrong, fmt.Errorf("%s: %w, and the run did not say so", d, err))
			}
			continue
		}
		ledgers[d] = payouts
		for id, p := range payouts {
			for _, attempt := range p.Attempts() {
				refs[string(attempt.Reference)] = id
			}
		}
	}
	books := b.books(refs)
	for id, there := range books {
		if there.kept() > 1 && !b.excused(id, there.alive, ledgers) {
			wrong = append(wrong, fmt.Errorf("%s: %d transfers: %s", id, len(there.alive), times(there.alive)))
		}
	}
	for d, payouts := range ledgers {
		if complaint := b.barred(d, payouts); complaint != "" {
			wrong = append(wrong, fmt.Errorf("%s (%v): %s", d, d.err, complaint))
		}
		for id, p := range payouts {
			there := books[id]
			if there == nil {
				there = &paidThere{}
			}
			if complaint := b.complaint(d, p, *there); complaint != "" {
				wrong = append(wrong, fmt.Errorf("%s: %s (%s, %v): %s", d, id, p.State, d.err, complaint))
			}
		}
	}
	return errors.Join(wrong...)
}

func times(transfers []sandbox.Transfer) string {
	text := ""
	for _, one := range transfers {
		text += fmt.Sprintf("[%s as %q received %s accepted %s by %s] ", one.Ref, one.TransactionID,
			one.ReceivedAt.Format("15:04:05.000"), one.AcceptedAt.Format("15:04:05.000"), one.APIKey)
	}
	return text
}

// excused reports whether nothing could have prevented that somebody was paid twice, and
// it is shown as far as that is possible. These are the limits that docs/durability.md
// names: a request that is taken later than the grace is shown by the ledger that sent it,
// if the provider lists its transfers; another ledger's transfers are known if look-ups
// show them within the grace, and machines that share no anchors know nothing else of each
// other.
func (b *broken) excused(id ledger.TransactionID, transfers []sandbox.Transfer, ledgers map[*desk]map[ledger.TransactionID]ledger.Payout) bool {
	if b.unseen() {
		return true
	}
	late, beyond := false, false
	for _, one := range transfers {
		late = late || one.AcceptedAt.After(one.ReceivedAt)
		seen := one.AcceptedAt.Add(b.scenario.LookupLag.Max)
		beyond = beyond || seen.After(one.ReceivedAt.Add(b.config.LookupGrace))
	}
	little := b.breaks["look-ups that lag a little"] && beyond // than the grace, with a late acceptance
	if !late || !(little || b.breaks["late acceptance"] || b.breaks["look-ups that lag"]) {
		return false
	}
	for _, payouts := range ledgers {
		if len(payouts[id].Unresolved()) > 0 {
			return true
		}
	}
	return b.breaks["no list"]
}

// unseen reports whether ledgers could not know of each other's transfers in time.
func (b *broken) unseen() bool {
	lagging := b.scenario.Faults[sandbox.LookupLag] > 0 && b.scenario.LookupLag.Max > b.config.LookupGrace
	return b.copies && (lagging || b.breaks["late acceptance"] || b.hidden())
}

// hidden reports whether machines that share no anchors could not know of each other.
func (b *broken) hidden() bool { return b.apart && b.breaks["blind look-ups"] }

// barred returns the complaint about a batch of which the provider refuses every row: the
// account may be the reason, so that only those may fail that were refused before that
// could be known.
func (b *broken) barred(d *desk, payouts map[ledger.TransactionID]ledger.Payout) string {
	if !b.breaks["a barred account"] {
		return ""
	}
	failed := 0
	for _, p := range payouts {
		if p.State == ledger.Failed && p.Attempt == 1 {
			failed++
		}
	}
	if most := d.visits * (4 + b.config.Workers); failed > most && len(payouts) > most {
		return fmt.Sprintf("%d payouts failed although no other was taken, want %d at most", failed, most)
	}
	return ""
}

// complaint returns the complaint about a payout as a ledger has it, empty if it is right.
func (b *broken) complaint(d *desk, p ledger.Payout, there paidThere) string {
	shown := d.err != nil || len(p.Unresolved()) > 0
	switch p.State {
	case ledger.Successful:
		for _, one := range there.alive {
			if one.Credited && one.Amount.Money() == p.Amount && one.Number == p.Number.National() {
				return ""
			}
		}
		if len(p.Unresolved()) > 0 {
			return ""
		}
		return "nobody credited it"
	case ledger.Failed:
		refusedAndPaid := b.scenario.Faults[sandbox.ForbiddenAfter] > 0 && p.Said.Has(ledger.SaidRefused)
		if there.kept() > 0 && len(there.failed) == 0 && len(p.Unresolved()) == 0 && !refusedAndPaid && !b.unseen() {
			return "the provider has it"
		}
	case ledger.Queued:
		if !shown {
			return "left queued without a word"
		}
	case ledger.Submitting:
		if !errors.Is(d.err, ledger.ErrStopped) {
			return "left half-way by a run that ended by itself"
		}
	case ledger.Cancelled:
		return "nobody cancelled it"
	case ledger.Unknown, ledger.Pending:
	}
	return ""
}

// happened counts what the world did, for the test to see that everything was tried.
func (b *broken) happened() map[string]int {
	counts := map[string]int{"plot: " + b.plot: 1}
	for _, name := range b.broken() {
		counts["break: "+name]++
	}
	for _, d := range b.desks {
		for _, err := range d.errs {
			counts["end: "+endOf(err)]++
		}
		payouts, err := d.standing(context.Background(), false)
		if err != nil {
			continue
		}
		for _, p := range payouts {
			counts["state: "+p.State.String()]++
			for _, difference := range p.Differences {
				counts["difference: "+difference.Code]++
			}
		}
	}
	return counts
}

// ends names the ends of runs that have to come up.
var ends = []struct {
	name string
	is   error
}{
	{"not the newest", engine.ErrNotNewest},
	{"overtaken", anchor.ErrOvertaken},
	{"recording", ledger.ErrStopped},
	{"no control", engine.ErrNoControl},
	{"first payday", engine.ErrFirstPayday},
	{"refusals", engine.ErrRefusals},
	{"another account", ledger.ErrAccount},
	{"damaged", ledger.ErrCorrupt},
	{"unconfirmed", engine.ErrUnconfirmed},
	{"outage", engine.ErrOutage},
	{"credentials", engine.ErrCredentials},
	{"balance", engine.ErrBalance},
}

func endOf(err error) string {
	if err == nil {
		return "done"
	}
	for _, end := range ends {
		if errors.Is(err, end.is) {
			return end.name
		}
	}
	return "another: " + err.Error()
}

func everythingBroken() []string {
	var names []string
	for _, one := range breakings {
		names = append(names, "break: "+one.name)
	}
	for _, one := range plots {
		names = append(names, "plot: "+one.name)
	}
	return append(names, "end: done", "end: not the newest", "end: no control", "end: first payday", "end: another account",
		"end: damaged", "end: overtaken", "difference: "+ledger.DifferencePaidThere, "difference: "+ledger.DifferenceMismatch,
		"difference: "+ledger.DifferenceOlder)
}
