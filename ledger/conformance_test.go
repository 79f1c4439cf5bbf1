package ledger_test

import (
	"testing"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// TestThePlainestStoreKeepsTheContract is here as well as beside that store: what it
// shows is held by this package's own code, which a mutant would break here.
func TestThePlainestStoreKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return memledger.New() })
}
