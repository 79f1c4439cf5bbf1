package pgledger_test

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

func TestMain(m *testing.M) {
	// Each history takes a schema of its own.
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	os.Exit(pgtest.Main(m)) //nolint:forbidigo // how TestMain ends
}

// options are those of the tests: the server keeps nothing over a power cut, and leases end
// soon.
func options() pgledger.Options {
	return pgledger.Options{NoSync: true, Lease: 2 * time.Second, OutageMax: 20 * time.Second}
}

// begin makes a ledger in a schema of its own and returns its address.
func begin(tb testing.TB) string {
	tb.Helper()
	address := pgtest.Address(tb)
	if begun, err := pgledger.Init(tb.Context(), address); err != nil || !begun {
		tb.Fatalf("begun %v, %v", begun, err)
	}
	return address
}

func open(tb testing.TB, address string) *pgledger.Store {
	tb.Helper()
	store, err := pgledger.Open(tb.Context(), address, options())
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

// verified is a store that proves itself when it is closed, so that every test is also a test
// for damage.
type verified struct {
	*pgledger.Store
	t *testing.T
}

func (v verified) Close() error {
	if err := v.Check(context.Background()); err != nil {
		v.t.Errorf("check: %v", err)
	}
	if _, err := v.Verify(context.Background()); err != nil {
		v.t.Errorf("verify: %v", err)
	}
	return v.Store.Close()
}

func TestThePostgresLedgerKeepsTheContract(t *testing.T) {
	t.Parallel()
	pgtest.Shared(t)
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		t.Helper()
		return verified{open(t, begin(t)), t}
	})
}

func TestAnyHistoryEndsLikeThePlainModel(t *testing.T) {
	t.Parallel()
	pgtest.Shared(t)
	ledgertest.Model(t, func(t *testing.T) func() ledger.Store {
		t.Helper()
		address := begin(t)
		return func() ledger.Store { return open(t, address) }
	}, func() ledger.Store { return memledger.New() })
}
