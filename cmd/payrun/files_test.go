package main

import (
	"errors"
	"fmt"
	"testing"

	"payrun/ledger"
)

// TestDamageOfTheLedgerIsNotBlamedOnTheFile, wherever in reading the file it was met.
func TestDamageOfTheLedgerIsNotBlamedOnTheFile(t *testing.T) {
	a := &app{}
	err := a.WordFileError("may.csv", fmt.Errorf("list batches: %w", &ledger.CorruptError{}))
	if !errors.Is(err, ledger.ErrCorrupt) || codeOf(err) != exitInternal {
		t.Errorf("%v ends with %d, want damage and %d", err, codeOf(err), exitInternal)
	}
}
