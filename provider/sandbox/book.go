package sandbox

import (
	"container/heap"
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

// book holds every transfer of an account in the order of receipt. It is not safe
// for concurrent use.
type book struct {
	transfers []*transfer
	byRef     map[string]*transfer
	byID      map[string][]*transfer
	available Centimes
	refunds   refundQueue
}

func newBook(balance Francs) *book {
	return &book{
		byRef:     map[string]*transfer{},
		byID:      map[string][]*transfer{},
		available: balance.InCentimes(),
	}
}

// enter takes the transfer's cost at once, also when it is only accepted later.
func (b *book) enter(t *transfer) {
	b.transfers = append(b.transfers, t)
	b.byRef[t.Ref] = t
	b.byID[t.TransactionID] = append(b.byID[t.TransactionID], t)
	b.available -= t.cost()
	if at, ok := t.refund(); ok {
		heap.Push(&b.refunds, refund{at, t.cost()})
	}
}

// balance returns what the merchant can spend, refunds due by now included.
func (b *book) balance(now time.Time) Centimes {
	for len(b.refunds) > 0 && !now.Before(b.refunds[0].at) {
		b.available += heap.Pop(&b.refunds).(refund).cost //nolint:errcheck,forcetypeassert // holds nothing else
	}
	return b.available
}

// find looks a transfer up by the provider's ref, else, if those are known to the
// page, by the merchant's transaction id, of which the most recent one counts. What
// look-ups cannot see yet is not found.
func (b *book) find(reference string, finds Choice, now time.Time) *transfer {
	if t := b.byRef[reference]; t != nil && t.visible(now) && finds != FindsNothing {
		return t
	}
	if finds == FindsRef || finds == FindsNothing {
		return nil
	}
	var latest *transfer
	for _, t := range b.byID[reference] {
		if t.visible(now) && (latest == nil || !t.AcceptedAt.Before(latest.AcceptedAt)) {
			latest = t
		}
	}
	return latest
}

// refund is money that comes back to the merchant.
type refund struct {
	at   time.Time
	cost Centimes
}

type refundQueue []refund

func (q refundQueue) Len() int           { return len(q) }
func (q refundQueue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
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
