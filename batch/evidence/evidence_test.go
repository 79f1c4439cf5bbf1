package evidence_test

import (
	"testing"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// TestEachClassOfAnswerHasOneMeaning walks through every class that there is: a new
// one must be given its meaning here.
func TestEachClassOfAnswerHasOneMeaning(t *testing.T) {
	type meaning struct {
		said  ledger.Said
		there bool
	}
	known := map[provider.Class]meaning{
		provider.Successful: {ledger.SaidSuccessful, true},
		provider.Pending:    {ledger.SaidPending, true},
		provider.Failed:     {ledger.SaidFailed, true},
		provider.NotFound:   {ledger.SaidNotFound, false},
		// What was turned away was never a transfer of this attempt, whatever the
		// refusal was called.
		provider.Refused:   {ledger.SaidRefused, false},
		provider.Forbidden: {ledger.SaidRefused, false},
		// These say nothing of what the provider has.
		provider.Unknown: {}, provider.NotSent: {}, provider.Exists: {}, provider.Throttled: {},
		provider.Unauthorized: {}, provider.NoBalance: {}, provider.Expired: {},
	}
	for _, class := range provider.Classes() {
		want, listed := known[class]
		if !listed {
			t.Errorf("%s has no meaning in this table", class)
		}
		o := provider.Outcome{Class: class}
		if got := evidence.Of(o); got != want.said {
			t.Errorf("%s adds %q, want %q", class, got, want.said)
		}
		if got := evidence.IsThere(o); got != want.there {
			t.Errorf("%s shows the transfer: %t", class, got)
		}
		o.Mismatch = true
		if got := evidence.Of(o); got != 0 || evidence.IsThere(o) {
			t.Errorf("%s about something else adds %q", class, got)
		}
	}
}

func TestAnOldTransferIsNotTheAnswer(t *testing.T) {
	first := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	here := func(at time.Time) provider.Outcome {
		return provider.Outcome{Class: provider.Successful, Described: provider.Described{At: at}, Received: first, Clock: first}
	}
	timeless := func(at time.Time) provider.Outcome {
		return provider.Outcome{Class: provider.Successful, Described: provider.Described{At: at}}
	}
	for name, test := range map[string]struct {
		answer provider.Outcome
		first  time.Time
		want   bool
	}{
		"a minute after":              {here(first.Add(time.Minute)), first, false},
		"within what clocks differ":   {here(first.Add(-59 * time.Minute)), first, false},
		"more than an hour before":    {here(first.Add(-61 * time.Minute)), first, true},
		"without the provider's time": {timeless(first.Add(-25 * time.Hour)), first, false},
		"a month before, without it":  {timeless(first.AddDate(0, -1, 0)), first, true},
		"no date":                     {provider.Outcome{Class: provider.Successful}, first, false},
		"never sent":                  {here(first.AddDate(0, -1, 0)), time.Time{}, false},
		"not there":                   {provider.Outcome{Class: provider.NotFound, Described: provider.Described{At: first.AddDate(0, -1, 0)}}, first, false},
	} {
		if got := evidence.AboutAnother(test.first, test.answer); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
