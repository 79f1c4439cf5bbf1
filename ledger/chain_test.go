package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
)

// example is a log with something of everything in it.
func example() []ledger.Event {
	at := time.Date(2026, 11, 29, 10, 0, 0, 5_000_000, time.UTC)
	entries := ledgertest.Entries("SAL", 2)
	payout := ledger.Payout{Attempt: 1, Batch: "november"}
	by := ledger.Claim{Worker: "caisse", Epoch: 3}
	move := func(from, to ledger.State, change ledger.Change) ledger.Event {
		change.ID, change.From, change.To, change.At = "SAL-00000", from, to, at
		return ledger.EventOf(change, payout)
	}
	terms := entries[0].Terms
	terms.Name = "Awa \"Koné\"\u202e"
	return []ledger.Event{
		ledger.EventOfAct(ledger.Act{Code: ledger.ActWriter, At: at, By: ledger.Person{Name: "awa", Host: "caisse"}}),
		{At: at, Actor: "enrol", Batch: "november", Enrolled: 2, First: 1, Digest: listOf(entries)},
		ledger.EventOfAct(ledger.Act{
			Code: ledger.ActReleased, Batch: "november", At: at, By: ledger.Person{Name: "awa", Host: "caisse", Confirmed: "typed"},
			Count: ledger.Total{Count: 2, Amount: money.XOF.Of(201)}, Text: "a text",
		}),
		move(ledger.Queued, ledger.Submitting, ledger.Change{Actor: "engine", Claim: by, Attempt: 1}),
		move(ledger.Submitting, ledger.Failed, ledger.Change{
			Actor: "engine", Claim: by, Attempt: 1, Said: ledger.SaidNotFound | ledger.SaidRefused,
			Answer: ledger.Answer{ProviderRef: "P-1", Code: "FAILED", Message: "solde\ninsuffisant", Fees: money.XOF.Fine(750), FeesKnown: true},
		}),
		move(ledger.Failed, ledger.Failed, ledger.Change{Actor: "reconcile", About: "SAL-00000", Difference: &ledger.Difference{
			Code: ledger.DifferencePaidThere, Recorded: ledger.Failed, Said: "successful", ProviderCode: "SUCCESSFUL",
			ProviderRef: "P-1", Reference: "SAL-00000", Amount: money.XOF.Of(100), At: at,
		}}),
		move(ledger.Failed, ledger.Failed, ledger.Change{Actor: "resolve", Resolution: &ledger.Resolution{
			Because: "seen in the books", By: ledger.Person{Name: "fanta"}, At: at,
		}}),
		move(ledger.Failed, ledger.Queued, ledger.Change{Actor: "retry", Reference: "SAL-00000-2", Terms: &terms}),
		move(ledger.Submitting, ledger.Queued, ledger.Change{Actor: "engine", Unused: true}),
		ledger.EventOfAct(ledger.Act{
			Code: ledger.ActDecided, Batch: "november", At: at, By: ledger.Person{Name: "koffi", Host: "caisse", Confirmed: "signature"},
			Digest: listOf(entries), Text: "payrun decision 1\nby: koffi\n", Signature: "-----BEGIN SSH SIGNATURE-----\n",
		}),
	}
}

// TestTheLinesOfTheLogAreThosePublished holds them against a file, byte for byte: they may
// never change once a ledger was handed out.
func TestTheLinesOfTheLogAreThosePublished(t *testing.T) {
	const golden = "testdata/chains.golden"
	events := example()
	var linker ledger.Linker
	chains := map[ledger.BatchID]*ledger.Chain{"": {}, "november": {}}
	published, err := os.ReadFile("../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(published)
	var text bytes.Buffer
	for i := range events {
		chain := chains[events[i].Batch]
		previous, before := chain.Hash, linker.Heads.Hash
		linker.Link(&events[i], chain)
		line := events[i].AppendLine(nil, previous)
		if sum := sha256.Sum256(line); sum != chain.Hash || !json.Valid(line) || bytes.Count(line, []byte("\n")) != 1 {
			t.Errorf("%s is no line of JSON with the hash %x", line, chain.Hash)
		}
		head := fmt.Sprintf("{\"event\":%d,\"batch\":%q,\"place\":%d,\"line\":\"%x\",\"previous\":\"%x\"}\n",
			i+1, events[i].Batch, chain.Count, chain.Hash, before)
		if sha256.Sum256([]byte(head)) != linker.Heads.Hash {
			t.Errorf("the head is not the hash of %s", head)
		}
		if events[i].To == ledger.Submitting && !(strings.Contains(page, string(line)) && strings.Contains(page, head)) {
			t.Errorf("docs/evidence.md shows other lines than\n%s%s", line, head)
		}
		text.Write(line)
		text.WriteString("    " + hex.EncodeToString(linker.Heads.Hash[:]) + "\n")
	}
	if *update {
		if err := os.WriteFile(golden, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), want) {
		t.Errorf("the lines are others than in %s:\n%s", golden, text.Bytes())
	}
}

// TestEachFieldOfAnEventChangesItsHash draws two events that differ in one thing.
func TestEachFieldOfAnEventChangesItsHash(t *testing.T) {
	hash := func(event ledger.Event) [sha256.Size]byte {
		var linker ledger.Linker
		var chain ledger.Chain
		linker.Link(&event, &chain)
		return linker.Heads.Hash
	}
	events := example()
	rapid.Check(t, func(r *rapid.T) {
		event := rapid.SampledFrom(events).Draw(r, "event")
		other := event
		text := rapid.StringN(1, 12, -1).Draw(r, "text")
		switch rapid.IntRange(0, 9).Draw(r, "field") {
		case 0:
			other.At = event.At.Add(time.Duration(rapid.IntRange(1, 1<<40).Draw(r, "later")))
		case 1:
			other.Actor += text
		case 2:
			other.Batch += ledger.BatchID(text)
		case 3:
			other.Text += text
		case 4:
			other.By.Host += text
		case 5:
			other.Count.Count++
		case 6:
			other.Count.Amount = money.Currency("EUR").Of(other.Count.Amount.Minor + 1)
		case 7:
			other.Digest += text
		case 8:
			other.Act += ledger.ActCode(text)
		case 9:
			other.First++
		}
		if hash(event) == hash(other) {
			r.Fatalf("%+v and %+v have one hash", event, other)
		}
	})
}
