package boltledger

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

func drawTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" set") {
		return time.Unix(0, rapid.Int64Range(1, 1<<62).Draw(t, label)).UTC()
	}
	return time.Time{}
}

func drawAnswer(t *rapid.T) ledger.Answer {
	return ledger.Answer{
		ProviderRef: rapid.String().Draw(t, "provider ref"), Code: rapid.String().Draw(t, "code"),
		Message: rapid.String().Draw(t, "message"), Fees: money.Centimes(rapid.Int64().Draw(t, "fees")),
		FeesKnown: rapid.Bool().Draw(t, "fees known"),
	}
}

func TestAPayoutIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := record{position: rapid.Uint32().Draw(t, "position"), Payout: ledger.Payout{
			Terms: ledger.Terms{
				ID: ledger.TransactionID(rapid.String().Draw(t, "id")), Number: msisdn.Number(rapid.String().Draw(t, "number")),
				Name: rapid.String().Draw(t, "name"), Amount: money.XOF(rapid.Int64().Draw(t, "amount")),
				Operator: ledger.Operator(rapid.String().Draw(t, "operator")), Note: rapid.String().Draw(t, "note"),
			},
			Batch: ledger.BatchID(rapid.String().Draw(t, "batch")), Row: rapid.Int().Draw(t, "row"),
			State: rapid.SampledFrom(ledger.States()).Draw(t, "state"), Attempt: rapid.Int().Draw(t, "attempt"),
			Reference: ledger.Reference(rapid.String().Draw(t, "reference")), Doubted: rapid.Bool().Draw(t, "doubted"),
			Answer: drawAnswer(t), Difference: rapid.String().Draw(t, "difference"),
			QueuedAt: drawTime(t, "queued"), SubmittedAt: drawTime(t, "submitted"), SettledAt: drawTime(t, "settled"),
		}}
		got, err := decodeRecord(want.encode())
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); err != nil || diff != "" {
			t.Fatalf("%v (-written +read):\n%s", err, diff)
		}
	})
}

func TestAnEventIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := ledger.Event{
			Sequence: rapid.Uint64().Draw(t, "sequence"), At: drawTime(t, "at"), Actor: rapid.String().Draw(t, "actor"),
			Payout: ledger.TransactionID(rapid.String().Draw(t, "payout")),
			From:   rapid.SampledFrom(ledger.States()).Draw(t, "from"), To: rapid.SampledFrom(ledger.States()).Draw(t, "to"),
			Attempt: rapid.Int().Draw(t, "attempt"), Reference: ledger.Reference(rapid.String().Draw(t, "reference")),
			Answer: drawAnswer(t), Difference: rapid.String().Draw(t, "difference"),
			Batch: ledger.BatchID(rapid.String().Draw(t, "batch")), Enrolled: rapid.Int().Draw(t, "enrolled"),
			Digest: rapid.String().Draw(t, "digest"),
		}
		got, err := decodeEvent(encodeEvent(want))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%v (-written +read):\n%s", err, diff)
		}
	})
}

// FuzzDecode reads anything as a payout and as an event: it may be refused, and
// what is accepted must be written back as it was.
func FuzzDecode(f *testing.F) {
	f.Add(record{Payout: ledger.Payout{State: ledger.Queued}}.encode())
	f.Add(encodeEvent(ledger.Event{Sequence: 1, Payout: "A", From: ledger.Queued, To: ledger.Submitting}))
	f.Fuzz(func(t *testing.T, value []byte) {
		if r, err := decodeRecord(value); err == nil {
			if again, err := decodeRecord(r.encode()); err != nil || again != r {
				t.Errorf("payout %+v came back as %+v, %v", r, again, err)
			}
		}
		if event, err := decodeEvent(value); err == nil {
			if again, err := decodeEvent(encodeEvent(event)); err != nil || again != event {
				t.Errorf("event %+v came back as %+v, %v", event, again, err)
			}
		}
	})
}
