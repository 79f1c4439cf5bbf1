package boltledger

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

func drawTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" set") {
		return time.Unix(0, rapid.Int64Range(1, 1<<62).Draw(t, label)).UTC()
	}
	return time.Time{}
}

func drawCurrency(t *rapid.T) money.Currency {
	return money.Currency(rapid.SampledFrom([]string{"XOF", "EUR", "TND", ""}).Draw(t, "currency"))
}

func drawAmount(t *rapid.T, label string) money.Amount {
	return drawCurrency(t).Of(rapid.Int64().Draw(t, label))
}

func drawAnswer(t *rapid.T) ledger.Answer {
	return ledger.Answer{
		ProviderRef: rapid.String().Draw(t, "provider ref"), Code: rapid.String().Draw(t, "code"),
		Message: rapid.String().Draw(t, "message"), Fees: drawCurrency(t).Fine(rapid.Int64().Draw(t, "fees")),
		FeesKnown: rapid.Bool().Draw(t, "fees known"),
	}
}

func drawTerms(t *rapid.T) ledger.Terms {
	return ledger.Terms{
		ID: ledger.TransactionID(rapid.String().Draw(t, "id")), Number: phone.E164(rapid.String().Draw(t, "number")),
		Name: rapid.String().Draw(t, "name"), Amount: drawAmount(t, "amount"),
		Country: rapid.String().Draw(t, "country"), Operator: ledger.Operator(rapid.String().Draw(t, "operator")), Note: rapid.String().Draw(t, "note"),
	}
}

func drawSaid(t *rapid.T) ledger.Said { return ledger.Said(rapid.Byte().Draw(t, "said")) }

func drawAttempt(t *rapid.T) ledger.Attempt {
	return ledger.Attempt{
		Number: rapid.Int().Draw(t, "number of attempt"), Reference: ledger.Reference(rapid.String().Draw(t, "earlier reference")),
		Terms: drawTerms(t), State: rapid.SampledFrom(ledger.States()).Draw(t, "ended"), Intents: rapid.Int().Draw(t, "intents"),
		FirstIntent: drawTime(t, "first intent"), Said: drawSaid(t), Answered: drawSaid(t), Answer: drawAnswer(t),
		SettledAt: drawTime(t, "ended at"),
	}
}

func drawDifference(t *rapid.T) ledger.Difference {
	return ledger.Difference{
		Code: rapid.String().Draw(t, "difference"), Recorded: rapid.SampledFrom(ledger.States()).Draw(t, "recorded"),
		Said: rapid.String().Draw(t, "class"), ProviderCode: rapid.String().Draw(t, "their code"),
		ProviderRef: rapid.String().Draw(t, "their ref"), Reference: ledger.Reference(rapid.String().Draw(t, "of")),
		Amount: drawAmount(t, "amount there"), At: drawTime(t, "found at"),
	}
}

func drawPerson(t *rapid.T) ledger.Person {
	return ledger.Person{
		Name: rapid.String().Draw(t, "person"), Host: rapid.String().Draw(t, "host"), Confirmed: rapid.String().Draw(t, "confirmed"),
	}
}

func drawResolution(t *rapid.T) ledger.Resolution {
	return ledger.Resolution{
		Paid: rapid.Bool().Draw(t, "paid"), Because: rapid.String().Draw(t, "because"), By: drawPerson(t), At: drawTime(t, "resolved at"),
	}
}

func drawOptional[T any](t *rapid.T, draw func(*rapid.T) T) *T {
	if !rapid.Bool().Draw(t, "there") {
		return nil
	}
	value := draw(t)
	return &value
}

func drawMany[T any](t *rapid.T, draw func(*rapid.T) T) []T {
	var values []T
	for range rapid.IntRange(0, 3).Draw(t, "how many") {
		values = append(values, draw(t))
	}
	return values
}

func TestAPayoutIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := record{position: rapid.Uint32().Draw(t, "position"), event: rapid.Uint64().Draw(t, "event"), Payout: ledger.Payout{
			Terms: drawTerms(t),
			Batch: ledger.BatchID(rapid.String().Draw(t, "batch")), Row: rapid.Int().Draw(t, "row"),
			State: rapid.SampledFrom(ledger.States()).Draw(t, "state"), Attempt: rapid.Int().Draw(t, "attempt"),
			Reference: ledger.Reference(rapid.String().Draw(t, "reference")), Doubted: rapid.Bool().Draw(t, "doubted"),
			Intents: rapid.Int().Draw(t, "intents"), FirstIntent: drawTime(t, "first intent"),
			Said: drawSaid(t), Answered: drawSaid(t), Answer: drawAnswer(t),
			Earlier: drawMany(t, drawAttempt), Differences: drawMany(t, drawDifference), Resolution: drawOptional(t, drawResolution),
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
			Answer: drawAnswer(t), Said: drawSaid(t), About: ledger.Reference(rapid.String().Draw(t, "about")),
			Unused: rapid.Bool().Draw(t, "unused"), Terms: drawOptional(t, drawTerms),
			Difference: drawOptional(t, drawDifference), Resolution: drawOptional(t, drawResolution),
			First: rapid.Int().Draw(t, "first"), Act: ledger.ActCode(rapid.String().Draw(t, "act")), By: drawPerson(t),
			Count: ledger.Total{Count: rapid.Int().Draw(t, "count"), Amount: drawAmount(t, "sum")},
			Text:  rapid.String().Draw(t, "text"),
			Batch: ledger.BatchID(rapid.String().Draw(t, "batch")), Enrolled: rapid.Int().Draw(t, "enrolled"),
			Digest: rapid.String().Draw(t, "digest"), Place: rapid.Uint64().Draw(t, "place"),
			Worker: rapid.String().Draw(t, "worker"), Epoch: rapid.Uint64().Draw(t, "epoch"),
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
	f.Add(encodeBatch(ledger.Batch{ID: "may", Release: &ledger.Release{}}))
	f.Add(encodeRejected(ledger.Entry{Row: 2, Rejections: []ledger.Rejection{{Code: "a", Details: map[string]string{"b": "c"}}}}))
	f.Fuzz(func(t *testing.T, value []byte) {
		if r, err := decodeRecord(value); err == nil {
			if again, err := decodeRecord(r.encode()); err != nil || !reflect.DeepEqual(again, r) {
				t.Errorf("payout %+v came back as %+v, %v", r, again, err)
			}
		}
		if event, err := decodeEvent(value); err == nil {
			if again, err := decodeEvent(encodeEvent(event)); err != nil || !reflect.DeepEqual(again, event) {
				t.Errorf("event %+v came back as %+v, %v", event, again, err)
			}
		}
		if batch, err := decodeBatch(nil, value); err == nil {
			if again, err := decodeBatch(nil, encodeBatch(batch)); err != nil || !reflect.DeepEqual(again, batch) {
				t.Errorf("batch %+v came back as %+v, %v", batch, again, err)
			}
		}
		if row, err := decodeRejected(nil, value); err == nil {
			if again, err := decodeRejected(nil, encodeRejected(row)); err != nil || !reflect.DeepEqual(again, row) {
				t.Errorf("rejected row %+v came back as %+v, %v", row, again, err)
			}
		}
	})
}

func TestABatchReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := func(of string) ledger.Total {
			return ledger.Total{Count: rapid.Int().Draw(t, of), Amount: drawAmount(t, of+" amount")}
		}
		want := ledger.Batch{
			ID: ledger.BatchID(rapid.String().Draw(t, "id")), File: rapid.String().Draw(t, "file"), SHA256: rapid.String().Draw(t, "digest"),
			Account:  ledger.Account{Place: rapid.String().Draw(t, "place"), Key: rapid.String().Draw(t, "key")},
			Currency: drawCurrency(t), CreatedAt: drawTime(t, "created"),
			State: rapid.SampledFrom(ledger.BatchStates()).Draw(t, "state"), Sealed: rapid.Bool().Draw(t, "sealed"), Accepted: count("accepted"), Rejected: count("rejected"),
		}
		if rapid.Bool().Draw(t, "released") {
			want.Release = &ledger.Release{At: drawTime(t, "released at"), By: drawPerson(t), Count: count("released count"), Digest: rapid.String().Draw(t, "list")}
		}
		got, err := decodeBatch(nil, encodeBatch(want))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestARejectedRowReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := ledger.Entry{Row: rapid.Int().Draw(t, "row"), Terms: drawTerms(t)}
		for range rapid.IntRange(0, 3).Draw(t, "rejections") {
			r := ledger.Rejection{Code: rapid.String().Draw(t, "code"), Value: rapid.String().Draw(t, "value")}
			if rapid.Bool().Draw(t, "detailed") {
				r.Details = rapid.MapOfN(rapid.String(), rapid.String(), 1, 3).Draw(t, "details")
			}
			want.Rejections = append(want.Rejections, r)
		}
		if rapid.Bool().Draw(t, "reserved") {
			want.Reserved = new(drawTerms(t))
		}
		got, err := decodeRejected(nil, encodeRejected(want))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// TestWhatIsCutShortIsNotRead, wherever it ends: what is missing is not zero.
func TestWhatIsCutShortIsNotRead(t *testing.T) {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	terms := ledger.Terms{ID: "A-1", Number: "+2250700000001", Name: "Awa", Amount: money.XOF.Of(100), Country: "CI", Operator: "MTN"}
	payout := ledger.NewPayout(terms, "may", 2, at)
	payout.Earlier = []ledger.Attempt{{Number: 1, Reference: "A-1", Terms: terms, FirstIntent: at}}
	var counts ledger.Counts
	counts.Add(payout)
	for name, of := range map[string]struct {
		whole  []byte
		decode func(value []byte) error
	}{
		"payout": {record{Payout: payout, position: 7, event: 9}.encode(), func(value []byte) error { _, err := decodeRecord(value); return err }},
		"event": {
			encodeEvent(ledger.Event{Sequence: 9, Place: 3, At: at, Payout: "A-1", From: ledger.Queued, To: ledger.Submitting}),
			func(value []byte) error { _, err := decodeEvent(value); return err },
		},
		"batch": {
			encodeBatch(ledger.Batch{ID: "may", CreatedAt: at, Release: &ledger.Release{At: at}}),
			func(value []byte) error { _, err := decodeBatch(nil, value); return err },
		},
		"rejected row": {
			encodeRejected(ledger.Entry{Row: 2, Rejections: []ledger.Rejection{{Code: "amount.zero"}}, Reserved: &terms}),
			func(value []byte) error { _, err := decodeRejected(nil, value); return err },
		},
		"counts": {encodeCounts(counts), func(value []byte) error { _, err := decodeCounts(value); return err }},
	} {
		for size := range of.whole {
			if err := of.decode(of.whole[:size]); !errors.Is(err, errEncoding) {
				t.Errorf("%s, %d of %d bytes: %v", name, size, len(of.whole), err)
			}
		}
		if err := of.decode(of.whole); err != nil {
			t.Errorf("%s, whole: %v", name, err)
		}
	}
}
