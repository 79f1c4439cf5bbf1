package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"payrun/batch/engine"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// TestTheGravestOutcomeIsTold holds what a batch comes to against everything that can be
// true of it at once.
func TestTheGravestOutcomeIsTold(t *testing.T) {
	held := func(codes ...retry.HeldCode) []retry.Held {
		var all []retry.Held
		for _, code := range codes {
			all = append(all, retry.Held{Code: code})
		}
		return all
	}
	for name, test := range map[string]struct {
		ending service.Ending
		want   service.Outcome
	}{
		"all paid":                      {service.Ending{}, service.AllPaid},
		"one failed":                    {service.Ending{Unpaid: 1}, service.SomeFailed},
		"one open, one failed":          {service.Ending{Open: 1, Unpaid: 1}, service.StillOpen},
		"the balance ran out":           {service.Ending{Stopped: engine.ErrBalance, Open: 3}, service.Stopped},
		"an outage and a difference":    {service.Ending{Stopped: engine.ErrOutage, Differences: 1}, service.Conflict},
		"interrupted with a difference": {service.Ending{Stopped: engine.ErrInterrupted, Differences: 1}, service.Interrupted},
		"nobody foresaw it":             {service.Ending{Stopped: errors.New("strange"), Differences: 1}, service.Broken},
		"not the newest ledger":         {service.Ending{Stopped: &engine.HitError{ID: "A"}, Open: 1}, service.Conflict},
		"a conflict":                    {service.Ending{Conflicts: 1, Unpaid: 1}, service.Conflict},
		"a correction too soon":         {service.Ending{Conflicts: 1, Unpaid: 1, Uncorrected: held(retry.HeldTooSoon)}, service.StillOpen},
		"a correction contradicted":     {service.Ending{Conflicts: 1, Unpaid: 1, Uncorrected: held(retry.HeldContradicted)}, service.Conflict},
		"a retry without an answer":     {service.Ending{Unpaid: 1, Held: held(retry.HeldUnanswered)}, service.Stopped},
		"a retry without a page":        {service.Ending{Unpaid: 1, Held: held(retry.HeldNoPage)}, service.Stopped},
		"a retry that nothing controls": {service.Ending{Unpaid: 1, Held: held(retry.HeldNoControl)}, service.StillOpen},
		"a retry that is forgotten":     {service.Ending{Unpaid: 1, Held: held(retry.HeldForgotten)}, service.SomeFailed},
	} {
		if got := test.ending.Outcome(); got != test.want {
			t.Errorf("%s: outcome %d, want %d", name, got, test.want)
		}
	}
}

func TestAnErrorComesToAnOutcomeHoweverItIsWrapped(t *testing.T) {
	for _, test := range []struct {
		err  error
		want service.Outcome
	}{
		{nil, service.AllPaid},
		{fmt.Errorf("pay: %w", context.Canceled), service.Interrupted},
		{engine.ErrHidden, service.StillOpen},
		{engine.ErrFirstPayday, service.StillOpen},
		{&provider.Error{Class: provider.Unauthorized}, service.Stopped},
		{fmt.Errorf("record: %w", ledger.ErrStopped), service.Stopped},
		{&service.ShortfallError{Missing: money.XOF.Of(5)}, service.Stopped},
		{ledger.ErrCorrupt, service.Broken},
	} {
		if got := service.OutcomeOf(test.err); got != test.want {
			t.Errorf("%v: outcome %d, want %d", test.err, got, test.want)
		}
	}
}

// TestMoneyThatMayBeLostComesFirst orders what is to be done next.
func TestMoneyThatMayBeLostComesFirst(t *testing.T) {
	failed := []ledger.Payout{{Terms: ledger.Terms{ID: "A"}}}
	for name, test := range map[string]struct {
		ending service.Ending
		step   service.Step
		about  ledger.TransactionID
	}{
		"nothing":             {service.Ending{}, service.Nothing, ""},
		"failed":              {service.Ending{Failures: failed}, service.RetryIt, ""},
		"failed and open":     {service.Ending{Failures: failed, Open: 1}, service.ResumeIt, ""},
		"everything":          {service.Ending{Failures: failed, Open: 1, Disputed: failed}, service.ResolveIt, "A"},
		"not the newest":      {service.Ending{Failures: failed, Open: 1, Stopped: engine.ErrNotNewest}, service.Nothing, ""},
		"held corrections":    {service.Ending{Failures: failed, Uncorrected: []retry.Held{{}}}, service.SubmitIt, ""},
		"held, and open ones": {service.Ending{Open: 1, Uncorrected: []retry.Held{{}}}, service.ResumeIt, ""},
	} {
		if step, about := test.ending.Next(); step != test.step || about != test.about {
			t.Errorf("%s: step %d about %q, want %d about %q", name, step, about, test.step, test.about)
		}
	}
}
