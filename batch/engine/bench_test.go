package engine_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// BenchmarkRun pays through a provider that costs nothing, so that what is left
// is the engine and its ledger: one operation is one payout.
func BenchmarkRun(b *testing.B) {
	for _, ledgers := range []struct {
		name string
		open func(b *testing.B) ledger.Store
	}{
		{"memory", func(*testing.B) ledger.Store { return memledger.New() }},
		{"bolt", func(b *testing.B) ledger.Store {
			b.Helper()
			store, err := boltledger.Open(filepath.Join(b.TempDir(), "bench.db"), boltledger.Options{})
			if err != nil {
				b.Fatal(err)
			}
			return store
		}},
	} {
		b.Run(ledgers.name, func(b *testing.B) { benchmarkRun(b, ledgers.open(b)) })
	}
}

func benchmarkRun(b *testing.B, store ledger.Store) {
	b.Helper()
	defer store.Close()
	batch := ledger.Batch{ID: "bench", Account: ledger.Account{Place: "loopback"}, Currency: money.XOF, CreatedAt: time.Now().UTC()}
	if _, err := store.Enrol(b.Context(), batch, rows(b.N)); err != nil {
		b.Fatal(err)
	}
	if err := proven(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	if err := ledgertest.Release(b.Context(), store, batch.ID); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	tally, err := run(b.Context(), engine.Config{
		Trust: engine.Trust{Vouched: true},
		Store: store, Provider: paysAtOnce{}, Workers: 64, Wait: time.Minute, Log: zerolog.Nop(),
		Request: func(p ledger.Payout) provider.Request {
			return provider.Request{Reference: string(p.Reference), Number: p.Number, Amount: p.Amount}
		},
	}, batch, nil)
	if err != nil || tally.In(ledger.Successful).Count != b.N {
		b.Fatalf("%d of %d paid: %v", tally.In(ledger.Successful).Count, b.N, err)
	}
}

// paysAtOnce keeps no books, unlike the doubles of providertest.
type paysAtOnce struct{ provider.Provider }

func (paysAtOnce) Send(_ context.Context, r provider.Request) provider.Outcome {
	return provider.Outcome{
		Class: provider.Successful, Code: "SUCCESSFUL", ProviderRef: "R" + r.Reference, Fees: money.XOF.Fine(150), FeesKnown: true,
	}
}

func rows(n int) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for i := range n {
			terms := ledger.Terms{
				ID: ledger.TransactionID(fmt.Sprintf("PAY-%010d", i)), Number: phone.E164(fmt.Sprintf("+22507%08d", i)),
				Name: "Kouassi Aya", Amount: money.XOF.Of(int64(1000 + i%1000)), Country: "CI", Operator: "ORANGE",
			}
			if !yield(ledger.Entry{Row: i + 2, Terms: terms}, nil) {
				return
			}
		}
	}
}
