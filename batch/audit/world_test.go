package audit_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"payrun/batch/audit"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// submitted is the file that the batch of world was made of, as far as anybody looks.
const submitted = "transaction_id,customer_id,name,amount,operator\nthe rest\n"

var day = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

// world is a ledger with the batch november, to which everything happened that can, between
// two others.
func world(t *testing.T) ledger.Store {
	t.Helper()
	store := memledger.New()
	record := func(act ledger.Act) {
		t.Helper()
		act.At = day
		if err := store.Record(t.Context(), act); err != nil {
			t.Fatal(err)
		}
	}
	awa := ledger.Person{Name: "awa", Host: "caisse", Confirmed: "typed"}
	record(ledger.Act{Code: ledger.ActWriter, By: awa})
	enrol(t, store, "october", ledgertest.Entries("OCT", 2))
	record(ledger.Act{Code: ledger.ActProven})
	entries := ledgertest.Entries("NOV", 6)
	entries[1].Name = "Awa \"Koné\", =1+1\u202e"
	entries[5].Rejections = []ledger.Rejection{{Code: "number.length", Value: "07", Details: map[string]string{"want": "10"}}}
	enrol(t, store, "november", entries)
	release(t, store, "november", awa)
	november := func(i int) ledger.TransactionID { return entries[i].ID }
	paid := ledgertest.Move(november(0), ledger.Submitting, ledger.Successful)
	paid.Answer = ledger.Answer{ProviderRef: "DP-1", Code: "SUCCESSFUL", Fees: money.XOF.Fine(750), FeesKnown: true}
	failed := ledgertest.Move(november(1), ledger.Submitting, ledger.Failed)
	failed.Answer = ledger.Answer{Code: "FAILED", Message: "solde\ninsuffisant"}
	contrary := ledgertest.Move(november(1), ledger.Failed, ledger.Failed)
	contrary.Said = ledger.SaidSuccessful
	contrary.Difference = &ledger.Difference{Code: ledger.DifferencePaidThere, Recorded: ledger.Failed, Said: "successful", At: contrary.At}
	word := ledgertest.Move(november(1), ledger.Failed, ledger.Failed)
	word.At = contrary.At.Add(time.Hour)
	word.Resolution = &ledger.Resolution{Because: "seen in their books", By: awa, At: word.At}
	corrected := entries[1].Terms
	corrected.Number, corrected.Amount = "+2250700000099", money.XOF.Of(999)
	again := ledgertest.Move(november(1), ledger.Failed, ledger.Queued)
	again.Reference, again.Terms, again.By = "NOV-R-2", &corrected, awa
	ledgertest.Apply(t, store,
		ledgertest.Move(november(0), ledger.Queued, ledger.Submitting), paid,
		ledgertest.Move(november(1), ledger.Queued, ledger.Submitting), failed, contrary, word, again,
		ledgertest.Move(november(2), ledger.Queued, ledger.Submitting),
		ledgertest.Move(november(3), ledger.Queued, ledger.Submitting), ledgertest.Move(november(3), ledger.Submitting, ledger.Pending),
		ledgertest.Move(november(4), ledger.Queued, ledger.Cancelled),
	)
	release(t, store, "november", awa)
	ledgertest.Apply(t, store,
		ledgertest.Move(november(1), ledger.Queued, ledger.Submitting), ledgertest.Move(november(1), ledger.Submitting, ledger.Successful))
	enrol(t, store, "december", ledgertest.Entries("DEC", 2))
	record(ledger.Act{Code: ledger.ActAdopted, By: awa})
	return store
}

func enrol(t *testing.T, store ledger.Store, id ledger.BatchID, entries []ledger.Entry) {
	t.Helper()
	batch := ledgertest.Batch(id)
	batch.File, batch.SHA256, batch.CreatedAt = "november.csv", digestOf([]byte(submitted)), day
	if _, err := store.Enrol(t.Context(), batch, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
}

// release releases whatever may be sent, as the service does.
func release(t *testing.T, store ledger.Store, id ledger.BatchID, by ledger.Person) {
	t.Helper()
	list, count := ledger.NewListDigest(), ledger.Total{}
	for p, err := range store.Payouts(t.Context(), id, ledger.Queued, ledger.Submitting, ledger.Unknown) {
		if err != nil {
			t.Fatal(err)
		}
		list.Add(&p.Terms)
		count.Add(p.Amount)
	}
	err := store.Record(t.Context(), ledger.Act{Code: ledger.ActReleased, Batch: id, At: day, By: by, Count: count, Digest: list.Hex()})
	if err != nil {
		t.Fatal(err)
	}
}

// options are those of evidence about november, signed if there is a key.
func options(t *testing.T, store ledger.Store, key *anchor.Key) audit.Options {
	t.Helper()
	batch, err := store.Batch(t.Context(), "november")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "november.csv")
	if err := os.WriteFile(file, []byte(submitted), 0o600); err != nil {
		t.Fatal(err)
	}
	o := audit.Options{
		Folder: filepath.Join(t.TempDir(), "evidence"), Batch: batch, Key: key, Version: "test", MadeAt: day,
		Files: []string{filepath.Join(t.TempDir(), "absent.csv"), file},
	}
	o.Header = reports.Header{
		Batch: batch.ID, File: batch.File, SHA256: batch.SHA256, Environment: batch.Account.Place, Currency: batch.Currency, CreatedAt: batch.CreatedAt,
	}
	if o.Header.Events, o.Header.Head, err = store.Head(t.Context()); err != nil {
		t.Fatal(err)
	}
	if key == nil {
		return o
	}
	identity, err := store.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.Header.CheckpointKey = key.Public()
	if o.Header.Checkpoint, err = key.Sign(identity.ID, anchor.Head{Events: o.Header.Events, Hash: o.Header.Head}); err != nil {
		t.Fatal(err)
	}
	return o
}

func newKey(t *testing.T) *anchor.Key {
	t.Helper()
	key, err := anchor.Open(t.TempDir()).Key()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// exported is a folder with signed evidence.
func exported(t *testing.T) (folder string, key *anchor.Key) {
	t.Helper()
	key = newKey(t)
	store := world(t)
	o := options(t, store, key)
	if _, err := audit.Export(t.Context(), store, o); err != nil {
		t.Fatal(err)
	}
	return o.Folder, key
}

func verify(t *testing.T, folder string, past ...audit.Past) (audit.Result, error) {
	t.Helper()
	return audit.Verify(context.WithoutCancel(t.Context()), folder, audit.Known{Past: past})
}
