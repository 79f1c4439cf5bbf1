package memledger_test

import (
	"testing"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

func TestTheMemoryLedgerKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return memledger.New() })
}
