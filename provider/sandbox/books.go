package sandbox

import (
	"time"

	"payrun/ledger/phone"
)

// Books are the provider's record of what it did: the truth to hold a ledger
// or a report against. Amounts are whole XOF, times UTC.
type Books struct {
	// Transfers holds every accepted transfer in the order of receipt.
	Transfers []Transfer `json:"transfers"`
	// Accepted counts all of them; each is also in exactly one of Credited,
	// Failed and Open.
	Accepted Total `json:"accepted"`
	// Credited counts the transfers that reached a beneficiary, reversed since or not.
	Credited Total `json:"credited"`
	// Failed counts the transfers that were accepted and ended without a credit.
	Failed Total `json:"failed"`
	// Open counts the transfers that are not final yet.
	Open Total `json:"open"`
	// Reversed is the part of Credited that was taken back.
	Reversed Total `json:"reversed"`
	// Fees are those of Credited.
	Fees Centimes `json:"fees"`
	// PaidTwice lists each transaction_id that was credited more than once, by
	// one account or by several.
	PaidTwice []string `json:"paid_twice"`
	// InTheAir counts late transfers that are not accepted yet. They are not
	// in Transfers.
	InTheAir int `json:"in_the_air"`
	// Balance is the merchant's; that of all accounts together, if
	// several were used.
	Balance Centimes `json:"balance"`
}

// Total is a number of transfers and the sum of their amounts.
type Total struct {
	Count  int    `json:"count"`
	Amount Francs `json:"amount"`
}

func (t *Total) add(amount Francs) {
	t.Count++
	t.Amount += amount
}

// Transfer is one accepted transfer.
type Transfer struct {
	// APIKey and Environment say which account paid.
	APIKey        string       `json:"api_key"`
	Environment   string       `json:"environment"`
	Ref           string       `json:"ref"`
	TransactionID string       `json:"transaction_id"`
	Number        phone.Number `json:"number"` // JSON holds the digits
	Name          string       `json:"name"`
	Amount        Francs       `json:"amount"`
	Fees          Centimes     `json:"fees"`
	Operator      string       `json:"operator"`
	Status        Status       `json:"status"`
	// Credited reports that the beneficiary got the money, even if it was
	// taken back since.
	Credited   bool       `json:"credited"`
	ReceivedAt time.Time  `json:"received_at"`
	AcceptedAt time.Time  `json:"accepted_at"`
	SettledAt  *time.Time `json:"settled_at"`
	ReversedAt *time.Time `json:"reversed_at"`
	// Attempts counts the requests that came for this transaction_id, accepted or
	// not.
	Attempts int `json:"attempts"`
}

// Books returns the books as they are now. It is safe for concurrent use.
func (s *Sandbox) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	books := Books{Transfers: make([]Transfer, 0, len(s.transfers)), PaidTwice: []string{}}
	credits := make(map[string]int, len(s.transfers))
	for _, t := range s.transfers {
		if !t.accepted(now) {
			books.InTheAir++
			continue
		}
		books.count(t, now)
		if t.credited(now) {
			if credits[t.TransactionID]++; credits[t.TransactionID] == 2 {
				books.PaidTwice = append(books.PaidTwice, t.TransactionID)
			}
		}
		entry := t.entry(now)
		entry.Attempts = s.counters[counter{transferSubject, t.TransactionID}]
		books.Transfers = append(books.Transfers, entry)
	}
	for _, b := range s.books {
		books.Balance += b.balance(now)
	}
	if len(s.books) == 0 {
		books.Balance = s.scenario.Balance.InCentimes()
	}
	return books
}

func (b *Books) count(t *transfer, now time.Time) {
	b.Accepted.add(t.Amount)
	switch {
	case t.credited(now):
		b.Credited.add(t.Amount)
		b.Fees += t.Fees
	case t.settled(now):
		b.Failed.add(t.Amount)
	default:
		b.Open.add(t.Amount)
	}
	if t.reversed(now) {
		b.Reversed.add(t.Amount)
	}
}

func (t *transfer) entry(now time.Time) Transfer {
	entry := Transfer{
		APIKey: t.Key, Environment: t.Environment,
		Ref: t.Ref, TransactionID: t.TransactionID, Number: t.Number, Name: t.Name,
		Amount: t.Amount, Fees: t.Fees, Operator: t.Operator,
		Status: t.status(now), Credited: t.credited(now),
		ReceivedAt: t.ReceivedAt, AcceptedAt: t.AcceptedAt,
	}
	if t.settled(now) {
		at := t.SettledAt
		entry.SettledAt = &at
	}
	if t.reversed(now) {
		at := *t.ReversedAt
		entry.ReversedAt = &at
	}
	return entry
}
