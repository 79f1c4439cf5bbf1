package provider_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"payrun/provider"
)

func TestALaterAttemptIsNamedAfterTheFirst(t *testing.T) {
	t.Parallel()
	wordy := provider.Capabilities{ReferenceLength: 20, ReferenceAlphabet: provider.ASCIILettersDigits + "-_."}
	digits := provider.Capabilities{ReferenceLength: 12, ReferenceAlphabet: provider.Digits}
	for _, test := range []struct {
		can           provider.Capabilities
		first         string
		attempt, salt int
		want          string
	}{
		{wordy, "PAY-0001", 2, 0, "PAY-0001-2"},
		{wordy, "PAY-0001", 11, 0, "PAY-0001-11"},
		{wordy, "A23456789012345678", 2, 0, "A23456789012345678-2"},
		{wordy, "A234567890123456789", 2, 0, "A23456789012VQRPCA-2"},
		{wordy, "PAY-0001", 2, 1, "PAY-0001R5U7T7-2"},
		{digits, "000000000001", 2, 0, "006026259382"},
		{digits, "1", 2, 0, "19202618962"},
	} {
		if got := test.can.Derive(test.first, test.attempt, test.salt); got != test.want {
			t.Errorf("Derive(%q, %d, %d) = %q, want %q", test.first, test.attempt, test.salt, got, test.want)
		}
	}
}

func TestADerivedReferenceIsTakenAndDiffersFromItsNeighbours(t *testing.T) {
	t.Parallel()
	for _, alphabet := range []string{provider.Digits, provider.Digits + "-", provider.ASCIILettersDigits, provider.ASCIILettersDigits + "-_."} {
		rapid.Check(t, func(t *rapid.T) {
			can := provider.Capabilities{
				ReferenceLength:   rapid.IntRange(provider.ReferenceLengthMin, 40).Draw(t, "length"),
				ReferenceAlphabet: alphabet,
			}
			first := rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), 1, can.ReferenceLength, -1).Draw(t, "first")
			attempt := rapid.IntRange(2, 99).Draw(t, "attempt")
			seen := map[string]bool{first: true}
			for salt := range 4 {
				reference := can.Derive(first, attempt, salt)
				if !can.TakesReference(reference) {
					t.Fatalf("%q is not taken by %+v", reference, can)
				}
				if seen[reference] {
					t.Fatalf("salt %d gives %q again", salt, reference)
				}
				seen[reference] = true
			}
		})
	}
}

func TestReferencesThatShareTheirBeginningStayApart(t *testing.T) {
	t.Parallel()
	for _, alphabet := range []string{provider.Digits, provider.ASCIILettersDigits + "-"} {
		can := provider.Capabilities{ReferenceLength: 20, ReferenceAlphabet: alphabet}
		head := strings.Repeat("7", can.ReferenceLength-1)
		if one, two := can.Derive(head+"1", 2, 0), can.Derive(head+"2", 2, 0); one == two {
			t.Errorf("both get %q", one)
		}
	}
}
