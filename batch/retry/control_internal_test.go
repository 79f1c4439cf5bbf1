package retry

import (
	"testing"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
)

// TestAControlShowsNothingOfWhatIsYounger: only one that was found counts, and only for a doubt
// that was begun before it, or that is a day old.
func TestAControlShowsNothingOfWhatIsYounger(t *testing.T) {
	for name, test := range map[string]struct {
		found bool
		begun evidence.Place
		old   bool
		shows bool
	}{
		"younger than the doubt":               {true, 8, false, true},
		"begun with it":                        {true, 7, false, false},
		"older than the doubt":                 {true, 6, false, false},
		"older, of a doubt that is a day old":  {true, 6, true, true},
		"not found":                            {false, 8, false, false},
		"not found, of a doubt of a day's age": {false, 8, true, false},
	} {
		c := &control{found: test.found, shown: test.begun}
		if got := c.shows(doubt{old: test.old}, 7); got != test.shows {
			t.Errorf("%s: it shows: %t", name, got)
		}
	}
	now := time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)
	for age, old := range map[time.Duration]bool{24*time.Hour - 1: false, 24 * time.Hour: true} {
		if d := doubtOf(ledger.Payout{}, ledger.Attempt{SettledAt: now.Add(-age)}, now); d.old != old {
			t.Errorf("after %s it is old: %t", age, d.old)
		}
	}
}

// TestOnlyAPaymentThatNobodyContestsIsAControl: what a person said, or the provider contradicts,
// may not be there.
func TestOnlyAPaymentThatNobodyContestsIsAControl(t *testing.T) {
	contested := []ledger.Difference{{Code: ledger.DifferencePaidThere, At: time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)}}
	for name, test := range map[string]struct {
		payout  ledger.Payout
		certain bool
	}{
		"paid":                     {ledger.Payout{State: ledger.Successful}, true},
		"paid, by a person's word": {ledger.Payout{State: ledger.Successful, Resolution: &ledger.Resolution{Paid: true}}, false},
		"paid, and contradicted":   {ledger.Payout{State: ledger.Successful, Differences: contested}, false},
		"pending":                  {ledger.Payout{State: ledger.Pending}, false},
		"failed":                   {ledger.Payout{State: ledger.Failed}, false},
	} {
		if got := certain(test.payout); got != test.certain {
			t.Errorf("%s: it is certain: %t", name, got)
		}
	}
}

// TestAnAttemptIsOverWithItsLastAnswer and one that a person ended when it was last sent: their
// word came long after.
func TestAnAttemptIsOverWithItsLastAnswer(t *testing.T) {
	sent := time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)
	settled := sent.Add(time.Hour)
	word := func(at time.Time) *ledger.Resolution { return &ledger.Resolution{At: at} }
	for name, test := range map[string]struct {
		payout  ledger.Payout
		attempt int
		want    time.Time
	}{
		"answered":                             {ledger.Payout{Attempt: 1, SubmittedAt: sent}, 1, settled},
		"ended by a person":                    {ledger.Payout{Attempt: 1, SubmittedAt: sent, Resolution: word(settled)}, 1, sent},
		"answered, and a person spoke later":   {ledger.Payout{Attempt: 1, SubmittedAt: sent, Resolution: word(settled.Add(1))}, 1, settled},
		"an earlier one":                       {ledger.Payout{Attempt: 2, SubmittedAt: sent, Resolution: word(settled)}, 1, settled},
		"ended by a person, when sent is lost": {ledger.Payout{Attempt: 1, Resolution: word(settled)}, 1, settled},
	} {
		if got := posted(test.payout, ledger.Attempt{Number: test.attempt, SettledAt: settled}); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
