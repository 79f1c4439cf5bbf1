package rules

import (
	"encoding/binary"
	"strconv"
	"time"

	"payrun/batch/input"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// Ids and payments are short enough to be remembered as they are, without a
// digest that could be another one's.
type (
	idKey [ledger.ReferenceLengthMax]byte
	// paymentKey is a number and an amount, eight bytes each.
	paymentKey [16]byte
)

// repetitions remembers in which row each id and each payment first was.
type repetitions struct {
	ids      map[idKey]uint32
	payments map[paymentKey]uint32
}

func newRepetitions() repetitions {
	return repetitions{ids: make(map[idKey]uint32), payments: make(map[paymentKey]uint32)}
}

// id returns the row in which an id was before, 0 if in none. The id is no
// longer than a reference.
func (r repetitions) id(id ledger.TransactionID, row int) int {
	var key idKey
	copy(key[:], id)
	return first(r.ids, key, row)
}

// payment returns the row in which the same amount went to the same number. The
// number is right for the numbering plan: digits, as many as any other's, so
// that their value stands for them.
func (r repetitions) payment(number msisdn.Number, amount money.XOF, row int) int {
	const decimal = 10
	var value uint64
	for _, digit := range []byte(number.Reveal()) {
		value = value*decimal + uint64(digit-'0')
	}
	var key paymentKey
	binary.BigEndian.PutUint64(key[:8], value)
	binary.BigEndian.PutUint64(key[8:], uint64(amount)) //nolint:gosec // an amount that was read is positive
	return first(r.payments, key, row)
}

func first[K comparable](seen map[K]uint32, key K, row int) int {
	if before, ok := seen[key]; ok {
		return int(before)
	}
	seen[key] = uint32(row) //nolint:gosec // the reader's bounds keep rows far below
	return 0
}

// repeated warns of the same amount to the same number, in the file and lately.
// A row that is there twice with its id has been told of already.
func (c *check) repeated(entry ledger.Entry) {
	if c.wrong(input.FieldNumber) || c.wrong(input.FieldAmount) {
		return
	}
	if before := c.v.seen.payment(entry.Number, entry.Amount, entry.Row); before > 0 && before != c.sameAs {
		c.add(input.FieldNumber, CodeRepeated, map[string]string{"row": strconv.Itoa(before)})
	}
	if c.v.options.Paid == nil || c.v.set.repeatedWithin == 0 {
		return
	}
	since := c.v.options.Now.Add(-c.v.set.repeatedWithin)
	paid, err := c.v.options.Paid(entry.Number, entry.Amount, since, entry.ID)
	if err != nil {
		c.add("", CodeLedgerUnreadable, map[string]string{"reason": err.Error()})
		return
	}
	if last := latest(paid); last != nil {
		c.add(input.FieldNumber, CodeRepeatedRecently, map[string]string{
			"date":  last.QueuedAt.UTC().Format(time.DateOnly),
			"batch": string(last.Batch), "id": string(last.ID),
		})
	}
}

// latest returns the payout that was accepted last of those that sent money or
// still may, nil if there is none.
func latest(payouts []ledger.Payout) *ledger.Payout {
	var last *ledger.Payout
	for i, payout := range payouts {
		if payout.State == ledger.Failed || payout.State == ledger.Cancelled {
			continue
		}
		if last == nil || payout.QueuedAt.After(last.QueuedAt) {
			last = &payouts[i]
		}
	}
	return last
}
