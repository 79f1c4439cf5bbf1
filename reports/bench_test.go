package reports_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// manyPayouts is a batch of any length that is in memory nowhere.
type manyPayouts int

func (m manyPayouts) Payouts(context.Context, ledger.BatchID, ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		operators := []ledger.Operator{"ORANGE", "MTN", "MOOV", "WAVE"}
		for i := range int(m) {
			id := fmt.Sprintf("PAY-202611-%07d", i)
			p := payout(i+2, id, operators[i%len(operators)], fmt.Sprintf("07%08d", i), "Kouamé Ahou Solange", money.XOF.Of(int64(100+i%99_900)), ledger.Successful)
			p.Answer = ledger.Answer{ProviderRef: fmt.Sprintf("DGP-%08d", i), Code: "SUCCESSFUL", Fees: money.XOF.Fine(int64(100 + i%1000)), FeesKnown: true}
			if i%50 == 0 {
				p.State, p.Answer.Code, p.Answer.Message = ledger.Failed, "PAYMENT_FAILED_TRY_AGAINST", "Compte plafonné"
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (m manyPayouts) RejectedRows(context.Context, ledger.BatchID, int) iter.Seq2[ledger.Entry, error] {
	return func(func(ledger.Entry, error) bool) {}
}

func (m manyPayouts) Payout(_ context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	return ledger.Payout{}, &ledger.NotFoundError{ID: id}
}

// BenchmarkReport writes all four formats and says what a row costs and how much
// memory was in use at most. Repeat the figures of docs/performance.md with
//
//	go test ./reports -run '^$' -bench Report -benchtime 1x
func BenchmarkReport(b *testing.B) {
	for _, rows := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			if testing.Short() && rows > 100_000 {
				b.Skip("a million rows")
			}
			folder := b.TempDir()
			watched := &watch{Source: manyPayouts(rows)}
			for b.Loop() {
				if _, err := reports.Write(b.Context(), folder, watched, header(), reports.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(watched.highest)/(1<<20), "MiB-heap")
		})
	}
}

// watch looks at the heap while a report is written.
type watch struct {
	reports.Source
	highest uint64
}

func (w *watch) Payouts(ctx context.Context, batch ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	const every = 10_000
	return func(yield func(ledger.Payout, error) bool) {
		seen := 0
		for payout, err := range w.Source.Payouts(ctx, batch, states...) {
			if seen++; seen%every == 0 {
				w.look()
			}
			if !yield(payout, err) {
				return
			}
		}
	}
}

func (w *watch) look() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	w.highest = max(w.highest, stats.HeapInuse)
}
