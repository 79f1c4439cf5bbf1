package sandbox

import (
	"container/heap"
	"encoding/json"
	"fmt"
	"time"

	"payrun/ledger/phone"
)

// Status is a transfer's state in the provider's words.
type Status string

// The statuses. The first four are documented; StatusProcessing stands for any
// word that is not.
const (
	StatusSuccessful Status = "SUCCESSFUL"
	StatusPending    Status = "PENDING"
	StatusFailed     Status = "FAILED"
	StatusCancel     Status = "CANCEL"
	StatusProcessing Status = "PROCESSING"
)

const basisPoints = 10_000

// account keys the books: each merchant has some for each value
// of the X-Environment header.
type account struct {
	Key         string `json:"api_key,omitempty"`
	Environment string `json:"environment,omitempty"`
}

// transfer is an accepted transfer with its whole future: its state is a
// function of the time, so nothing has to run for it to settle. It is also a
// line of the journal.
type transfer struct {
	account
	Ref           string       `json:"ref"`
	TransactionID string       `json:"transaction_id"`
	Number        phone.Number `json:"number"`
	Name          string       `json:"name"`
	LastName      string       `json:"last_name,omitempty"`
	FirstName     string       `json:"first_name,omitempty"`
	Amount        Francs       `json:"amount"`
	Fees          Centimes     `json:"fees"`
	Operator      string       `json:"operator"`
	Nth           int          `json:"nth"` // request for this transaction_id

	ReceivedAt time.Time  `json:"received_at"`
	AcceptedAt time.Time  `json:"accepted_at"` // later than received when late
	VisibleAt  time.Time  `json:"visible_at"`  // to look-ups
	SettledAt  time.Time  `json:"settled_at"`
	ReversedAt *time.Time `json:"reversed_at,omitempty"`
	Interim    Status     `json:"interim"` // until SettledAt
	Final      Status     `json:"final"`
	Course     Fault      `json:"course,omitempty"`
	Lagging    bool       `json:"lagging,omitempty"`
}

func (t *transfer) accepted(now time.Time) bool { return !now.Before(t.AcceptedAt) }
func (t *transfer) settled(now time.Time) bool  { return !now.Before(t.SettledAt) }
func (t *transfer) visible(now time.Time) bool  { return t.accepted(now) && !now.Before(t.VisibleAt) }

func (t *transfer) reversed(now time.Time) bool {
	return t.ReversedAt != nil && !now.Before(*t.ReversedAt)
}

func (t *transfer) credited(now time.Time) bool {
	return t.settled(now) && t.Final == StatusSuccessful
}

func (t *transfer) status(now time.Time) Status {
	switch {
	case !t.settled(now):
		return t.Interim
	case t.reversed(now):
		return StatusCancel
	default:
		return t.Final
	}
}

// updated returns the time at which the status last changed.
func (t *transfer) updated(now time.Time) *time.Time {
	switch {
	case !t.settled(now):
		return nil
	case t.reversed(now):
		return t.ReversedAt
	default:
		return &t.SettledAt
	}
}

// cost returns what the transfer takes from the merchant's balance.
func (t *transfer) cost() Centimes { return t.Amount.InCentimes() + t.Fees }

// refund returns when the merchant gets the cost back, if ever.
func (t *transfer) refund() (at time.Time, ok bool) {
	if t.ReversedAt != nil {
		return *t.ReversedAt, true
	}
	return t.SettledAt, t.Final != StatusSuccessful
}

// book is the sum of an account's transfers. It holds none of them but the money that is
// still to come back, and is not safe for concurrent use. The zero value is empty.
type book struct {
	// spent is the cost of all transfers without what was given back.
	spent   Centimes
	refunds refundQueue
}

// enter takes the transfer's cost at once, also when it is only accepted later.
func (b *book) enter(t *transfer) {
	b.spent += t.cost()
	if at, ok := t.refund(); ok {
		heap.Push(&b.refunds, refund{at, t.cost()})
	}
}

// taken returns what the account has spent, without the refunds due by now.
func (b *book) taken(now time.Time) Centimes {
	for len(b.refunds) > 0 && !now.Before(b.refunds[0].At) {
		b.spent -= heap.Pop(&b.refunds).(refund).Cost //nolint:errcheck,forcetypeassert // holds nothing else
	}
	return b.spent
}

// bookState is a book in the index of a journal.
type bookState struct {
	account
	Spent   Centimes    `json:"spent"`
	Refunds refundQueue `json:"refunds,omitempty"` // a heap
}

// state encodes what all books come to. The caller holds the lock.
func (s *Sandbox) state() ([]byte, error) {
	states := make([]bookState, 0, len(s.books))
	now := time.Now()
	for of, b := range s.books {
		states = append(states, bookState{of, b.taken(now), b.refunds})
	}
	return json.Marshal(states)
}

// restore is the reverse of state.
func (s *Sandbox) restore(state []byte) error {
	var states []bookState
	if err := json.Unmarshal(state, &states); err != nil {
		return fmt.Errorf("the state of the books: %w", err)
	}
	for _, one := range states {
		s.books[one.account] = &book{one.Spent, one.Refunds}
	}
	return nil
}

// refund is money that comes back to the merchant.
type refund struct {
	At   time.Time `json:"at"`
	Cost Centimes  `json:"cost"`
}

type refundQueue []refund

func (q refundQueue) Len() int           { return len(q) }
func (q refundQueue) Less(i, j int) bool { return q[i].At.Before(q[j].At) }
func (q refundQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *refundQueue) Push(x any)        { *q = append(*q, x.(refund)) } //nolint:errcheck,forcetypeassert // as above
func (q *refundQueue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	*q = (*q)[:last]
	return r
}

// check refuses a transfer read from a journal that no sandbox wrote.
func (t *transfer) check() error {
	if t.Ref == "" || t.TransactionID == "" || t.Amount <= 0 || t.Final == "" || t.AcceptedAt.IsZero() {
		return fmt.Errorf("not a transfer of these books: ref %q, transaction_id %q", t.Ref, t.TransactionID)
	}
	return nil
}
