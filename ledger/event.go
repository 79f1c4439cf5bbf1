package ledger

import (
	"time"
)

// Event is one line of the audit log: a group of rows that entered the ledger, one
// move of one payout, or an act upon a batch or the ledger. Events are numbered from 1
// without gaps, in the order in which they became part of the ledger.
type Event struct {
	// Sequence is the event's number: its place in the chain of heads. Place is that in
	// the chain of its batch, see Linker.
	Sequence uint64    `json:"sequence"`
	Place    uint64    `json:"place"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`

	// Of a move. From and To are equal for an observation.
	Payout     TransactionID `json:"transaction_id,omitempty"`
	From       State         `json:"from,omitzero"`
	To         State         `json:"to,omitzero"`
	Attempt    int           `json:"attempt,omitempty"`
	Reference  Reference     `json:"reference,omitempty"`
	Answer     Answer        `json:"answer,omitzero"`
	Said       Said          `json:"said,omitzero"`
	About      Reference     `json:"about,omitempty"`
	Unused     bool          `json:"unused,omitempty"`
	Terms      *Terms        `json:"terms,omitempty"`
	Difference *Difference   `json:"difference,omitempty"`
	Resolution *Resolution   `json:"resolution,omitempty"`
	// Worker and Epoch are the claim under which the move was made, empty for a
	// person's.
	Worker string `json:"worker,omitempty"`
	Epoch  uint64 `json:"epoch,omitempty"`

	// Batch is the batch that the event is about; of a move it is the one that brought
	// the payout in. Empty for an act upon the ledger.
	Batch BatchID `json:"batch,omitempty"`

	// By is the person who asked for a move or an act, or brought payouts in, zero where
	// none did.
	By Person `json:"by,omitzero"`

	// Of an enrolment: how many payouts entered, the position of the first in
	// its batch, and the SHA-256 of the canonical list of them.
	Enrolled int    `json:"enrolled,omitempty"`
	First    int    `json:"first,omitempty"`
	Digest   string `json:"digest,omitempty"`

	// Of an act.
	Act       ActCode `json:"act,omitempty"`
	Count     Total   `json:"count,omitzero"`
	Text      string  `json:"text,omitempty"`
	Signature string  `json:"signature,omitempty"`

	// Hash is the SHA-256, in hex, of the event's line of the chain of heads.
	Hash string `json:"hash"`
}

// EventOf returns the event of a change that made the payout what it is after it.
func EventOf(c Change, after Payout) Event {
	return Event{
		At: c.At, Actor: c.Actor, By: c.By, Batch: after.Batch, Payout: c.ID, From: c.From, To: c.To, Attempt: attemptOf(c, after), Reference: c.Reference,
		Answer: c.Answer, Said: c.Said, About: c.About, Unused: c.Unused,
		Terms: c.Terms, Difference: c.Difference, Resolution: c.Resolution,
		Worker: c.Claim.Worker, Epoch: c.Claim.Epoch,
	}
}

// attemptOf returns the attempt that a change was about.
func attemptOf(c Change, after Payout) int {
	if c.Attempt != 0 {
		return c.Attempt
	}
	return after.Attempt
}

// Change returns the change that the event of a move records.
func (e Event) Change() Change {
	c := Change{
		ID: e.Payout, From: e.From, To: e.To, At: e.At, Actor: e.Actor, By: e.By, Reference: e.Reference,
		Answer: e.Answer, Said: e.Said, About: e.About, Unused: e.Unused,
		Terms: e.Terms, Difference: e.Difference, Resolution: e.Resolution,
		Claim: Claim{Worker: e.Worker, Epoch: e.Epoch},
	}
	if !c.Claim.IsZero() {
		c.Attempt = e.Attempt
	}
	return c
}

// EventOfAct returns the event of an act.
func EventOfAct(a Act) Event {
	actor := actActor
	if a.Code == ActSealed {
		actor = EnrolActor
	}
	return Event{
		At: a.At, Actor: actor, Batch: a.Batch, Act: a.Code, By: a.By,
		Count: a.Count, Digest: a.Digest, Text: a.Text, Signature: a.Signature,
	}
}

// actActor is the audit log's name for a person who acts upon a batch or the ledger.
const actActor = "person"

// EnrolActor is the audit log's name for whatever enters a file.
const EnrolActor = "enrol"

// AsAct returns the act that the event records.
func (e Event) AsAct() Act {
	return Act{
		Code: e.Act, Batch: e.Batch, At: e.At, By: e.By,
		Count: e.Count, Digest: e.Digest, Text: e.Text, Signature: e.Signature,
	}
}
