package boltledger_test

import (
	"context"
	"path/filepath"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// verified is a store that proves itself when it is closed, so that every test
// is also a test for damage.
type verified struct {
	*boltledger.Store
	t *testing.T
}

func (v verified) Close() error {
	if _, err := v.Verify(context.Background()); err != nil {
		v.t.Errorf("verify: %v", err)
	}
	return v.Store.Close()
}

func open(t *testing.T, path string) *boltledger.Store {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestTheBoltLedgerKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		t.Helper()
		return verified{open(t, filepath.Join(t.TempDir(), "ledger.db")), t}
	})
}

func TestAnyHistoryEndsLikeThePlainModel(t *testing.T) {
	ledgertest.Model(t, func(t *testing.T) func() ledger.Store {
		t.Helper()
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() ledger.Store { return open(t, path) }
	}, func() ledger.Store { return memledger.New() })
}
