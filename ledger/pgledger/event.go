package pgledger

import (
	"encoding/hex"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// rest is the part of an event that has no columns of its own.
type rest struct {
	Reference  ledger.Reference   `json:",omitzero"`
	Answer     *ledger.Answer     `json:",omitzero"`
	Said       uint8              `json:",omitzero"`
	About      ledger.Reference   `json:",omitzero"`
	Unused     bool               `json:",omitzero"`
	Terms      *ledger.Terms      `json:",omitzero"`
	Difference *ledger.Difference `json:",omitzero"`
	Resolution *ledger.Resolution `json:",omitzero"`
	By         *ledger.Person     `json:",omitzero"`
	Enrolled   int                `json:",omitzero"`
	First      int                `json:",omitzero"`
	Digest     string             `json:",omitzero"`
	Count      *ledger.Total      `json:",omitzero"`
	Text       string             `json:",omitzero"`
	Signature  string             `json:",omitzero"`
}

// nonzero returns a pointer to a value that says something.
func nonzero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func value[T any](pointer *T) (value T) {
	if pointer != nil {
		value = *pointer
	}
	return value
}

// restOf returns the rest of an event as its column has it, nil if there is none: of most
// intents.
func restOf(e *ledger.Event) (*string, error) {
	r := rest{
		Reference: e.Reference, Answer: nonzero(e.Answer), Said: uint8(e.Said), About: e.About, Unused: e.Unused,
		Terms: e.Terms, Difference: e.Difference, Resolution: e.Resolution, By: nonzero(e.By),
		Enrolled: e.Enrolled, First: e.First, Digest: e.Digest, Count: nonzero(e.Count), Text: e.Text, Signature: e.Signature,
	}
	return toOptionalJSON(r != rest{}, r)
}

// into gives an event what was not in columns.
func (r *rest) into(e *ledger.Event) {
	e.Reference, e.Answer, e.Said, e.About, e.Unused = r.Reference, value(r.Answer), ledger.Said(r.Said), r.About, r.Unused
	e.Terms, e.Difference, e.Resolution, e.By = r.Terms, r.Difference, r.Resolution, value(r.By)
	e.Enrolled, e.First, e.Digest = r.Enrolled, r.First, r.Digest
	e.Count, e.Text, e.Signature = value(r.Count), r.Text, r.Signature
}

// eventColumns are read by scanEvent: of events e and batches b, which the ledger's own do not
// have.
const eventColumns = `e.sequence, coalesce(b.id, ''), e.place, e.at, e.actor, e.payout, e.from_state, e.to_state, e.attempt,
	e.act, e.worker, e.epoch, e.rest, e.hash`

func scanEvent(row pgx.CollectableRow) (e ledger.Event, err error) {
	var sequence, place, at, epoch int64
	var from, to int16
	var batch, payout, act string
	var more *string
	var hash []byte
	err = row.Scan(&sequence, &batch, &place, &at, &e.Actor, &payout, &from, &to, &e.Attempt, &act, &e.Worker, &epoch, &more, &hash)
	if err != nil {
		return e, err
	}
	var r rest
	if err := fromOptionalJSON(more, &r); err != nil {
		return e, err
	}
	r.into(&e)
	e.Sequence, e.Place, e.Epoch = uint64(sequence), uint64(place), uint64(epoch) //nolint:gosec // written from the same
	e.At, e.Actor, e.Worker = fromTime(at), fromText(e.Actor), fromText(e.Worker)
	e.From, e.To = ledger.State(from), ledger.State(to) //nolint:gosec // written from states
	e.Batch, e.Payout, e.Act = ledger.BatchID(fromText(batch)), ledger.TransactionID(fromText(payout)), ledger.ActCode(fromText(act))
	e.Hash = hex.EncodeToString(hash)
	return e, nil
}
