package ledger_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"payrun/ledger"
)

func TestALaterAttemptIsNamedAfterItsPayout(t *testing.T) {
	for _, test := range []struct {
		id      ledger.TransactionID
		attempt int
		want    ledger.Reference
	}{
		{"PAY-0001", 2, "PAY-0001-2"},
		{"PAY-0001", 11, "PAY-0001-11"},
		{"A23456789012345678", 2, "A23456789012345678-2"},
	} {
		if got := ledger.DeriveReference(test.id, test.attempt, 0); got != test.want {
			t.Errorf("DeriveReference(%q, %d, 0) = %q, want %q", test.id, test.attempt, got, test.want)
		}
	}
}

func TestADerivedReferenceAlwaysFitsAndDiffersFromItsNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := ledger.TransactionID(rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`).Draw(t, "id"))
		attempt := rapid.IntRange(2, 999).Draw(t, "attempt")
		seen := map[ledger.Reference]bool{ledger.Reference(id): true}
		for salt := range 4 {
			reference := ledger.DeriveReference(id, attempt, salt)
			if reference == "" || len(reference) > ledger.ReferenceLengthMax {
				t.Fatalf("%q has %d characters, want 1 to %d", reference, len(reference), ledger.ReferenceLengthMax)
			}
			if seen[reference] {
				t.Fatalf("salt %d gives %q again", salt, reference)
			}
			seen[reference] = true
		}
	})
}

func TestIdsThatShareTheirBeginningGetDifferentReferences(t *testing.T) {
	head := strings.Repeat("x", ledger.ReferenceLengthMax-1)
	one := ledger.DeriveReference(ledger.TransactionID(head+"1"), 2, 0)
	two := ledger.DeriveReference(ledger.TransactionID(head+"2"), 2, 0)
	if one == two {
		t.Errorf("both get %q", one)
	}
}
