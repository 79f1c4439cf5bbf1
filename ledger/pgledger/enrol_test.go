package pgledger_test

import (
	"testing"

	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
)

// TestALongFileIsEnteredInGroups, of which those that were whole are there when it is cut short.
func TestALongFileIsEnteredInGroups(t *testing.T) {
	ledgertest.InGroups(t, open(t, begin(t)), pgledger.EnrolFirst)
}
