package outbox

import (
	"time"

	"payrun/ledger"
)

// NamedMax is how many of those who were not paid are named.
const NamedMax = 20

// Fact is something that happened to a batch, as the audit log has it. It names no person who is
// paid, and who was not only to a channel that asks for names.
type Fact struct {
	// ID is the same whenever the fact is told, and no other fact's: of any ledger.
	ID string
	// Event is its number in the audit log.
	Event uint64
	Kind  ledger.ActCode
	Batch ledger.Batch
	At    time.Time
	By    string
	Count ledger.Total
	// Code is why a batch stopped, or the reason that a person gave.
	Code string
	// States are the payouts of the batch by state when the fact is told.
	States ledger.ByState
	// Failed are the first of those who were not paid, in file order, NamedMax at most.
	Failed []ledger.Payout
}

// Kinds are the acts that others are told of.
func Kinds() []ledger.ActCode {
	return []ledger.ActCode{
		ledger.ActSubmitted, ledger.ActApproved, ledger.ActRejected, ledger.ActExpired, ledger.ActReleased,
		ledger.ActStopped, ledger.ActPaused, ledger.ActClosed, ledger.ActCancelled,
	}
}

// codeOf is the code of a fact beside its figures: not a text that people signed, nor one of
// anybody's that may be long.
func codeOf(event ledger.Event) string {
	switch event.Act { //nolint:exhaustive // the others say nothing
	case ledger.ActStopped, ledger.ActRejected, ledger.ActReleased:
		return event.Text
	}
	return ""
}
