package engine_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// since makes the command begin at a moment, with a ledger that its anchor vouches for.
func since(at time.Time) func(*engine.Config) {
	return func(c *engine.Config) { c.Trust = engine.Trust{Vouched: true, Since: at} }
}

// TestWhatACopyPaidElsewhereIsNoticed: an anchor vouches for the ledger, and a copy of
// it was paid from on another machine, from the first queued payout on.
func TestWhatACopyPaidElsewhereIsNoticed(t *testing.T) {
	for name, paid := range map[string][]string{
		"everything":                       references30(),
		"one window of it":                 {"T-001", "T-002", "T-003"},
		"the first answer never arrived":   {"T-002", "T-003"},
		"from the end, of another machine": {"T-030"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, batch := &bank{}, newSmall(t, 30)
				for _, id := range paid {
					b.take(batch, id, id)
				}
				<-time.After(time.Minute)
				tally, err := batch.pay(t, b, since(time.Now()))
				if !errors.Is(err, engine.ErrNotNewest) || len(b.sends) > 0 || tally.In(ledger.Queued).Count != 30 {
					t.Errorf("error %v, sent %v, tally %+v, want nothing sent", err, b.sends, tally)
				}
			})
		})
	}
}

func references30() []string {
	var all []string
	for id := range references(30) {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// TestAGlanceIsCheapAndStopsNobodyForNothing: rows of this command cost no look-up,
// those of an earlier one five at most, and a page that shows or says nothing is no
// reason to stop where an anchor vouches.
func TestAGlanceIsCheapAndStopsNobodyForNothing(t *testing.T) {
	for name, test := range map[string]struct {
		bank *bank
		// before is the age of the queued rows.
		before time.Duration
		looks  int
	}{
		"rows of this command":   {&bank{}, 0, 0},
		"rows of an earlier one": {&bank{}, time.Minute, 5},
		"a page that is blind":   {&bank{blind: true}, time.Minute, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				batch := newSmall(t, 30)
				<-time.After(test.before)
				tally, err := batch.pay(t, test.bank, since(time.Now()))
				if err != nil || tally.In(ledger.Successful).Count != 30 {
					t.Fatalf("error %v, tally %+v", err, tally)
				}
				if len(test.bank.looks) != test.looks {
					t.Errorf("looked up %v, want %d", test.bank.looks, test.looks)
				}
			})
		})
	}
	t.Run("a page that is down", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			batch := newSmall(t, 30)
			<-time.After(time.Minute)
			p := &scripted{send: always(provider.Successful), lookUp: always(provider.Unknown)}
			tally, err := batch.run(t, p, since(time.Now()))
			if err != nil || tally.In(ledger.Successful).Count != 30 || len(p.looks) != 10 {
				t.Errorf("error %v, tally %+v, %d look-ups, want each of five tried twice", err, tally, len(p.looks))
			}
		})
	})
}

// TestAnAccountThatWasUsedIsNoNewOne: anchors tell of another ledger that paid from the
// account lately. That the provider shows nothing then proves nothing; on this machine,
// where a simulator begins anew as often as it is started, an empty list lets one out.
func TestAnAccountThatWasUsedIsNoNewOne(t *testing.T) {
	for name, test := range map[string]struct {
		bank  *bank
		trust engine.Trust
		sent  int
	}{
		"an empty list":                   {&bank{lists: true}, engine.Trust{Used: true}, 0},
		"no list, on this machine":        {&bank{blind: true}, engine.Trust{Used: true, Rehearsal: true}, 0},
		"an empty list, on this machine":  {&bank{blind: true, lists: true}, engine.Trust{Used: true, Rehearsal: true}, 1},
		"a person says new":               {&bank{blind: true}, engine.Trust{Used: true, New: true}, 0},
		"a simulator that was begun anew": {&bank{blind: true}, engine.Trust{Used: true, New: true, Rehearsal: true}, 1},
		"nobody says so, on this machine": {&bank{blind: true}, engine.Trust{Rehearsal: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tally, err := newSmall(t, 20).pay(t, test.bank, func(c *engine.Config) { c.Trust = test.trust })
				if !errors.Is(err, engine.ErrNoControl) || len(test.bank.sends) != test.sent {
					t.Errorf("error %v, sent %v, tally %+v, want %d sent", err, test.bank.sends, tally, test.sent)
				}
			})
		})
	}
}

// TestAnAdoptedLedgerOfAUsedAccountWaitsForProof: --adopt takes an empty list for no
// proof either.
func TestAnAdoptedLedgerOfAUsedAccountWaitsForProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{lists: true}, newSmall(t, 5)
		batch.adopt(t)
		_, err := batch.pay(t, b, func(c *engine.Config) { c.Trust = engine.Trust{Used: true, Rehearsal: true} })
		if !errors.Is(err, engine.ErrNoControl) || len(b.sends) > 0 {
			t.Errorf("error %v, sent %v, want nothing", err, b.sends)
		}
	})
}
