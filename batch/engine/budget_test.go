package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// refusing answers some references always alike.
func refusing(class provider.Class, references ...string) func(string, int) *provider.Outcome {
	return func(reference string, _ int) *provider.Outcome {
		if slices.Contains(references, reference) {
			return &provider.Outcome{Class: class, Code: "HTTP_404", Message: "no account", Documented: class != provider.Unknown}
		}
		return nil
	}
}

func everyReference(rows int) []string {
	all := make([]string, rows)
	for i := range all {
		all[i] = fmt.Sprintf("T-%03d", i+1)
	}
	return all
}

// TestARefusalIsTheRowsOrTheAccounts: by whether others are taken meanwhile.
func TestARefusalIsTheRowsOrTheAccounts(t *testing.T) {
	for name, test := range map[string]struct {
		class          provider.Class
		refused        []string
		rows           int
		failed, queued int
		says           error
	}{
		"one row is refused":                   {provider.Refused, []string{"T-004"}, 20, 1, 0, nil},
		"one row is forbidden":                 {provider.Forbidden, []string{"T-004"}, 20, 1, 0, nil},
		"four in a row":                        {provider.Refused, everyReference(4), 20, 4, 0, nil},
		"everything, in whatever words":        {provider.Refused, everyReference(20), 20, 0, 20, engine.ErrRefusals},
		"everything is forbidden":              {provider.Forbidden, everyReference(20), 20, 0, 20, engine.ErrCredentials},
		"all of a small batch":                 {provider.Refused, everyReference(3), 3, 3, 0, nil},
		"all of a small batch, for access":     {provider.Forbidden, everyReference(3), 3, 0, 3, engine.ErrCredentials},
		"the account is empty from row ten on": {provider.Refused, everyReference(20)[9:], 20, 0, 11, engine.ErrRefusals},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bank{refuses: refusing(test.class, test.refused...)}
				tally, err := newSmall(t, test.rows).pay(t, b, func(c *engine.Config) { c.Workers, c.Rate = 1, 10 })
				if !errors.Is(err, test.says) || tally.In(ledger.Failed).Count != test.failed || tally.In(ledger.Queued).Count != test.queued {
					t.Errorf("tally %+v, error %v, want %d failed, %d queued and %v", tally, err, test.failed, test.queued, test.says)
				}
				if paid := tally.In(ledger.Successful).Count; paid != test.rows-test.failed-test.queued {
					t.Errorf("%d paid", paid)
				}
			})
		})
	}
}

// TestWhatWasRefusedInARowIsTriedLast: five bad rows do not keep the others from being
// paid for ever.
func TestWhatWasRefusedInARowIsTriedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{refuses: refusing(provider.Refused, everyReference(5)...)}
		batch, one := newSmall(t, 20), func(c *engine.Config) { c.Workers, c.Rate = 1, 10 }
		if _, err := batch.pay(t, b, one); !errors.Is(err, engine.ErrRefusals) {
			t.Fatalf("error %v, want ErrRefusals", err)
		}
		tally, err := batch.pay(t, b, one)
		if tally.In(ledger.Successful).Count != 15 {
			t.Errorf("tally %+v, error %v, want the other fifteen paid", tally, err)
		}
	})
}

// TestTheSamePageThreeTimesIsTheEnd: each time it is shown that nothing was taken.
func TestTheSamePageThreeTimesIsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{refuses: refusing(provider.Unknown, "T-002")}
		batch := newSmall(t, 400)
		tally, err := batch.pay(t, b, func(c *engine.Config) { c.Workers, c.Rate = 1, 1 })
		if err != nil || tally.In(ledger.Failed).Count != 1 || tally.In(ledger.Successful).Count != 399 {
			t.Errorf("tally %+v, error %v", tally, err)
		}
		if failed := batch.payouts(t)["T-002"]; failed.Answer.Message != "no account" || b.asked["T-002"] != 3 {
			t.Errorf("failed with %+v after %d transfers, want the provider's words after three", failed.Answer, b.asked["T-002"])
		}
	})
}

// TestPagesInsteadOfAnswersAreAnOutage although look-ups work all the while.
func TestPagesInsteadOfAnswersAreAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{refuses: refusing(provider.Unknown, everyReference(100)...)}
		tally, err := newSmall(t, 100).pay(t, b, func(c *engine.Config) {
			c.Workers, c.Rate, c.OutageMax = 1, 0.2, 5*time.Minute
		})
		if !errors.Is(err, engine.ErrOutage) || tally.In(ledger.Queued).Count == 0 {
			t.Errorf("tally %+v, error %v, want ErrOutage and rows left", tally, err)
		}
		if took := time.Since(b.began); took > 7*time.Minute {
			t.Errorf("gave up after %s, want about five minutes", took)
		}
	})
}

// TestTheWaitIsCountedFromTheLastFirstSend: what is sent again and again does not
// prolong it.
func TestTheWaitIsCountedFromTheLastFirstSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		b := &bank{refuses: func(reference string, _ int) *provider.Outcome {
			if calls++; reference == "T-001" {
				return &provider.Outcome{Code: provider.CodeBroken, Message: fmt.Sprint(calls)}
			}
			return nil
		}}
		_, err := newSmall(t, 100).pay(t, b, func(c *engine.Config) {
			c.Workers, c.Rate, c.Wait, c.LookupGrace = 1, 1, 10*time.Minute, time.Second
		})
		if took := time.Since(b.began); took > 13*time.Minute {
			t.Errorf("error %v after %s, want ten minutes after the last row's first send", err, took)
		}
	})
}
