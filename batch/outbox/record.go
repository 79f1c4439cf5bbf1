package outbox

import (
	"encoding/json"
	"fmt"
	"time"

	"payrun/ledger"
)

// step is the kind of a record about a fact and a channel.
type step string

const (
	// began: the channel is told of facts after the event, and of none before.
	began step = "began"
	// taken: a process is about to tell it, until a time.
	taken step = "taken"
	// sent: it was taken in.
	sent step = "sent"
	// failed: it was not. Next is when it is tried again; without it a person has to.
	failed step = "failed"
	// again: a person wants it told once more.
	again step = "again"
)

// record is the text of a ledger.ActNotice.
type record struct {
	Step    step   `json:"step"`
	Channel string `json:"channel"`
	// Event is the number of the fact in the audit log.
	Event   uint64    `json:"event"`
	Attempt int       `json:"attempt,omitempty"`
	Process string    `json:"process,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Next    time.Time `json:"next,omitzero"`
	Reason  string    `json:"reason,omitempty"`
	// Kinds are those of which the channel is told, of a channel that began.
	Kinds []ledger.ActCode `json:"kinds,omitempty"`
}

// act is the record as the ledger keeps it.
func (r record) act(at time.Time, by ledger.Person) (ledger.Act, error) {
	text, err := json.Marshal(r)
	return ledger.Act{Code: ledger.ActNotice, At: at.UTC(), By: by, Text: string(text)}, err
}

func readRecord(event ledger.Event) (record, error) {
	var r record
	if err := json.Unmarshal([]byte(event.Text), &r); err != nil {
		return r, fmt.Errorf("event %d is no notice: %w", event.Sequence, err)
	}
	return r, nil
}

// State is where telling a fact stands.
type State string

// The states.
const (
	// Waiting: it is to be told, or told again.
	Waiting State = "waiting"
	// Sent: it was taken in.
	Sent State = "sent"
	// Dead: nobody took it in for so long that a person has to have it told again.
	Dead State = "dead"
)

// telling is the sum of the records about one fact and channel.
type telling struct {
	state    State
	attempts int
	// holder has taken the attempt, until a time; empty for nobody.
	holder string
	until  time.Time
	// next is when it is due, zero for at once.
	next   time.Time
	at     time.Time
	reason string
}

// with is the telling after a record of that time. Of several that took it at once the first
// has it.
func (t telling) with(r record, at time.Time) telling {
	switch r.Step {
	case taken:
		if t.holder != "" && at.Before(t.until) {
			return t
		}
		t.holder, t.until, t.attempts = r.Process, r.Until, r.Attempt
	case sent:
		t.state, t.holder, t.at, t.reason = Sent, "", at, ""
	case failed:
		if t.state == Sent {
			return t // somebody else told it meanwhile
		}
		t.state, t.holder, t.next, t.at, t.reason = Waiting, "", r.Next, at, r.Reason
		if r.Next.IsZero() {
			t.state = Dead
		}
	case again:
		t = telling{state: Waiting, at: at}
	case began:
	}
	return t
}

// due reports whether somebody should tell it now, and dueAt when.
func (t telling) due(now time.Time) bool { return t.state == Waiting && !now.Before(t.dueAt()) }

func (t telling) dueAt() time.Time {
	if t.holder != "" && t.until.After(t.next) {
		return t.until
	}
	return t.next
}
