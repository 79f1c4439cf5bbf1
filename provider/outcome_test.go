package provider_test

import (
	"strings"
	"testing"

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
		case provider.NotSent, provider.Throttled, provider.Unauthorized, provider.NoBalance:
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
