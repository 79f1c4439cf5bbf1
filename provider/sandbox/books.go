package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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
	// Unread is why the books are not whole: their file cannot be read.
	Unread error `json:"-"`
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
	transfers := []Transfer{}
	books, err := s.tally(func(entry Transfer) error {
		transfers = append(transfers, entry)
		return nil
	})
	books.Transfers, books.Unread = transfers, err
	return books
}

// showBooks answers with the books. They are written as they are read, some at a time, so
// that a long history takes no memory.
func (s *Sandbox) showBooks(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	out := bufio.NewWriter(w)
	if err := s.writeBooks(out); err != nil {
		cut()
	}
	_ = out.Flush() // a reader that left does not want it
}

func (s *Sandbox) writeBooks(w io.Writer) error {
	const begun, indent = "{\n  \"transfers\": [", "    "
	between, end := begun+"\n"+indent, begun
	books, err := s.tally(func(entry Transfer) error {
		text, err := json.MarshalIndent(entry, indent, "  ") //nolint:gosec // a key that opens nothing else
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s%s", between, text)
		between, end = ",\n"+indent, "\n  "
		return err
	})
	if err != nil {
		return err
	}
	books.Transfers = []Transfer{}
	text, err := json.MarshalIndent(books, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", end, bytes.TrimPrefix(text, []byte(begun)))
	return err
}

// tally hands out the books' transfers in order and returns the rest of the books. Both are
// of one instant. The lock is held for some transfers at a time.
func (s *Sandbox) tally(each func(Transfer) error) (Books, error) {
	s.mu.Lock()
	now, end := time.Now(), s.archive.end()
	books := Books{PaidTwice: []string{}}
	for of := range s.books {
		books.Balance += s.balanceOf(of, now)
	}
	if len(s.books) == 0 {
		books.Balance = s.scenario.Balance.InCentimes()
	}
	s.mu.Unlock()
	for at := int64(0); at < end; {
		entries, next, err := s.tallyPage(&books, at, end, now)
		if err != nil {
			return books, err
		}
		for _, entry := range entries {
			if err := each(entry); err != nil {
				return books, err
			}
		}
		at = next
	}
	return books, nil
}

// tallyPage counts some transfers and returns those that are accepted.
func (s *Sandbox) tallyPage(books *Books, at, end int64, now time.Time) (entries []Transfer, next int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	some, next, err := s.archive.page(at, end)
	for _, t := range some {
		if !t.accepted(now) {
			books.InTheAir++
			continue
		}
		books.count(t, now)
		again, failed := s.creditedAgain(t, now)
		if again {
			books.PaidTwice = append(books.PaidTwice, t.TransactionID)
		}
		entry := t.entry(now)
		var unread error
		entry.Attempts, unread = s.attempts(t.TransactionID)
		err = errors.Join(err, failed, unread)
		entries = append(entries, entry)
	}
	return entries, next, err
}

// creditedAgain reports whether a transfer is the second credit under its transaction id.
// The first request for one never is, which saves looking for others. The caller holds the
// lock.
func (s *Sandbox) creditedAgain(t *transfer, now time.Time) (bool, error) {
	if t.Nth == 1 || !t.credited(now) {
		return false, nil
	}
	known, err := s.archive.named(t.TransactionID)
	credits := slices.DeleteFunc(slices.Clone(known), func(t2 *transfer) bool {
		return t2.TransactionID != t.TransactionID || !t2.credited(now)
	})
	again := slices.IndexFunc(credits, func(t2 *transfer) bool { return t2.Nth > 1 })
	return len(credits) > 1 && credits[again].Ref == t.Ref, err
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
