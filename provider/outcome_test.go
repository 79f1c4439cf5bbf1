package provider_test

import (
	"strings"
	"testing"
	"time"

	"payrun/provider"
)

func TestForgettingToClassifyMeansItMayHaveBeenPaid(t *testing.T) {
	var forgotten provider.Outcome
	if forgotten.Class != provider.Unknown || forgotten.Class.NotProcessed() {
		t.Errorf("the zero outcome is %s", forgotten.Class)
	}
}

func TestOnlyWhatCertainlyWasNotProcessedMayBeSentAgain(t *testing.T) {
	for _, class := range provider.Classes() {
		want := false
		switch class {
		case provider.NotSent, provider.Throttled, provider.Unauthorized, provider.NoBalance,
			provider.Expired, provider.Forbidden:
			want = true
		case provider.Unknown, provider.Successful, provider.Pending, provider.Failed,
			provider.Refused, provider.Exists, provider.NotFound:
		}
		if got := class.NotProcessed(); got != want {
			t.Errorf("%s.NotProcessed() = %t, want %t", class, got, want)
		}
	}
}

func TestEachClassHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, class := range provider.Classes() {
		name := class.String()
		if seen[name] || strings.HasPrefix(name, "class(") {
			t.Errorf("class %d is called %q", class, name)
		}
		seen[name] = true
	}
	if unknown := provider.Class(200).String(); seen[unknown] {
		t.Errorf("what is no class is called %q", unknown)
	}
}

func TestAFailedCallSaysWhatWasBeingDone(t *testing.T) {
	for want, err := range map[string]*provider.Error{
		"ask for the balance: HTTP_500: try later":    {Op: "ask for the balance", Code: "HTTP_500", Message: "try later"},
		"ask for the balance: UNREACHABLE (not_sent)": {Op: "ask for the balance", Code: "UNREACHABLE", Class: provider.NotSent},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDatesAreComparedByTheProvidersClock(t *testing.T) {
	noon := time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		says    string
		at      time.Time
		span    time.Duration
		clock   time.Time // the answer's, which came at noon by ours
		instant time.Time
		want    bool
	}{
		{"an hour earlier", noon.Add(-time.Hour), 0, noon, noon, true},
		{"the same moment", noon, 0, noon, noon, false},
		{"later", noon.Add(time.Second), 0, noon, noon, false},
		{"no date", time.Time{}, 0, noon, noon, false},
		{"no clock to compare with", noon.Add(-time.Hour), 0, time.Time{}, noon, true},
		{"the provider's clock is three hours behind", noon.Add(-3 * time.Hour), 0, noon.Add(-3 * time.Hour), noon, false},
		{"behind, and the date is older still", noon.Add(-4 * time.Hour), 0, noon.Add(-3 * time.Hour), noon, true},
		{"ahead, and the date is of before", noon, 0, noon.Add(time.Hour), noon.Add(-30 * time.Minute), true},
		{"a date without a time may be the evening", noon.Add(-12 * time.Hour), 24 * time.Hour, noon, noon, false},
		{"yesterday's date is before noon", noon.Add(-36 * time.Hour), 24 * time.Hour, noon, noon, true},
	} {
		o := provider.Outcome{
			Described: provider.Described{At: test.at, Span: test.span}, Clock: test.clock, Received: noon,
		}
		if got := o.DatedBefore(test.instant); got != test.want {
			t.Errorf("%s: %t, want %t", test.says, got, test.want)
		}
	}
	if ahead, known := (provider.Outcome{Clock: noon.Add(time.Minute), Received: noon}).Ahead(); ahead != time.Minute || !known {
		t.Errorf("a minute ahead: %s, %t", ahead, known)
	}
	if _, known := (provider.Outcome{Received: noon}).Ahead(); known {
		t.Error("a clock that was not told is known")
	}
}
