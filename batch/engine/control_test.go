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

// TestLookUpsThatCannotSeeReleaseNothing takes worlds that break what a "not found"
// is taken for. Answers are lost although the payouts are paid; nobody may be paid
// twice, and what stays open is said.
func TestLookUpsThatCannotSeeReleaseNothing(t *testing.T) {
	for name, test := range map[string]struct {
		bank *bank
		rows int
		// open is the number of payouts that stay unknown, says the error that the run ends
		// with.
		open int
		says error
	}{
		"a page that finds nothing":              {&bank{blind: true, loses: references(3)}, 10, 3, engine.ErrNoControl},
		"a page that lags by far":                {&bank{lag: 5 * time.Minute, loses: references(3)}, 10, 0, nil},
		"a page that lags less than the grace":   {&bank{lag: 20 * time.Second, loses: references(3)}, 10, 0, nil},
		"a page that shows nothing new":          {&bank{frozen: 500 * time.Millisecond, loses: map[string]bool{"T-009": true, "T-010": true}}, 10, 2, engine.ErrNoControl},
		"a batch of one whose answer is lost":    {&bank{blind: true, loses: references(1)}, 1, 1, engine.ErrNoControl},
		"the last of a batch, one after another": {&bank{blind: true, loses: map[string]bool{"T-010": true}}, 10, 1, engine.ErrNoControl},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := test.bank
				tally, err := newSmall(t, test.rows).pay(t, b, func(c *engine.Config) { c.Workers, c.Rate = 1, 5 })
				if !errors.Is(err, test.says) || tally.In(ledger.Unknown).Count != test.open {
					t.Errorf("tally %+v, error %v, want %d unknown and %v", tally, err, test.open, test.says)
				}
				if twice := b.twice(); len(twice) > 0 {
					t.Errorf("paid twice: %v", twice)
				}
			})
		})
	}
}

// TestWhatNeverArrivedIsSentAgainBesideAControl: with look-ups that work, everybody is
// paid, once.
func TestWhatNeverArrivedIsSentAgainBesideAControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{refuses: func(reference string, nth int) *provider.Outcome {
			if nth == 1 && (reference == "T-002" || reference == "T-003") {
				return &provider.Outcome{Code: provider.CodeBroken}
			}
			return nil
		}}
		tally, err := newSmall(t, 10).pay(t, b, nil)
		if err != nil || tally.In(ledger.Successful).Count != 10 || len(b.twice()) > 0 {
			t.Errorf("tally %+v, error %v, twice %v", tally, err, b.twice())
		}
	})
}

// TestADoubtOfTheDayBeforeNeedsNoYoungerControl: the last row of yesterday's batch.
func TestADoubtOfTheDayBeforeNeedsNoYoungerControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := true
		b := &bank{refuses: func(reference string, _ int) *provider.Outcome {
			if lost && reference == "T-003" {
				return &provider.Outcome{Code: provider.CodeTimeout}
			}
			return nil
		}}
		batch := newSmall(t, 3)
		slow := func(c *engine.Config) { c.Workers, c.Rate = 1, 1 }
		if _, err := batch.pay(t, b, slow); !errors.Is(err, engine.ErrNoControl) {
			t.Fatalf("the first day: %v, want ErrNoControl", err)
		}
		<-time.After(25 * time.Hour)
		lost = false
		tally, err := batch.pay(t, b, slow)
		if err != nil || tally.In(ledger.Successful).Count != 3 || len(b.twice()) > 0 {
			t.Errorf("the next day: tally %+v, error %v, twice %v", tally, err, b.twice())
		}
	})
}

// TestAQuietRunAsksNothing: a ledger that is vouched for costs no request more than
// its transfers.
func TestAQuietRunAsksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{}
		tally, err := newSmall(t, 50).pay(t, b, nil)
		if err != nil || tally.In(ledger.Successful).Count != 50 || len(b.looks) > 0 || len(b.sends) != 50 {
			t.Errorf("tally %+v, error %v, %d transfers, looked up %v", tally, err, len(b.sends), b.looks)
		}
	})
}

// TestTheLastSweepTellsWhatCameTooLate: a transfer that is accepted long after the
// grace was not there when it was looked for. Nothing can prevent that it is paid
// twice; it is found and recorded before the run ends.
func TestTheLastSweepTellsWhatCameTooLate(t *testing.T) {
	for name, lists := range map[string]bool{"by its ref": false, "by the list": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bank{loses: references(1), late: 90 * time.Second, lists: lists}
				batch := newSmall(t, 20)
				tally, err := batch.pay(t, b, func(c *engine.Config) { c.Workers, c.Rate = 1, 0.2 })
				if err != nil || tally.In(ledger.Successful).Count != 20 {
					t.Fatalf("tally %+v, error %v", tally, err)
				}
				if !slices.Equal(b.twice(), []string{"T-001"}) {
					t.Skip("nothing came too late")
				}
				if found := batch.differences(t); found["paid_twice"] != 1 {
					t.Errorf("differences %v, want it told", found)
				}
			})
		})
	}
}

// TestAnOldTransferIsNoAnswer: a provider that replays last month's under a repeated
// reference pays nothing, and clocks that differ are no reason to think so.
func TestAnOldTransferIsNoAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		dated   time.Duration
		unknown int
	}{
		"last month's":  {30 * 24 * time.Hour, 5},
		"two hours old": {2 * time.Hour, 5},
		"minutes old":   {10 * time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				batch := newSmall(t, 5)
				tally, err := batch.pay(t, &bank{dated: test.dated}, nil)
				if err != nil || tally.In(ledger.Unknown).Count != test.unknown {
					t.Errorf("tally %+v, error %v, want %d unknown", tally, err, test.unknown)
				}
				if found := batch.differences(t)["older_transfer"]; found != test.unknown {
					t.Errorf("%d differences, want %d", found, test.unknown)
				}
			})
		})
	}
}
