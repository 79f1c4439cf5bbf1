package ledger

import (
	"time"
)

// Event is one line of the audit log: either a group of rows that entered the
// ledger, or one move of one payout. Events are numbered from 1 without gaps,
// and each carries a SHA-256 over itself and the event before.
type Event struct {
	Sequence uint64    `json:"sequence"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`

	// Of a move. From and To are equal for an observation.
	Payout     TransactionID `json:"transaction_id,omitempty"`
	From       State         `json:"from,omitzero"`
	To         State         `json:"to,omitzero"`
	Attempt    int           `json:"attempt,omitempty"`
	Reference  Reference     `json:"reference,omitempty"`
	Answer     Answer        `json:"answer,omitzero"`
	Difference string        `json:"difference,omitempty"`

	// Of an enrolment: how many payouts entered, and a digest of their terms.
	Batch    BatchID `json:"batch,omitempty"`
	Enrolled int     `json:"enrolled,omitempty"`
	Digest   string  `json:"digest,omitempty"`

	// Hash is the SHA-256, in hex, of the event's encoding and the previous
	// event's hash.
	Hash string `json:"hash"`
}
