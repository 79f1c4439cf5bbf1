package rules

import (
	"crypto/sha256"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// digest stands for an id or a payment: 128 bits of SHA-256, so that two
// different ones are not taken for the same in the lifetime of the universe,
// and a million of them fit into little memory.
type digest [16]byte

func digestOf(text string) digest {
	sum := sha256.Sum256([]byte(text))
	return digest(sum[:len(digest{})])
}

// repetitions remembers in which row each id and each payment first was.
type repetitions struct {
	ids, payments map[digest]uint32
}

func newRepetitions() repetitions {
	return repetitions{ids: map[digest]uint32{}, payments: map[digest]uint32{}}
}

// id returns the row in which an id was before, 0 if in none.
func (r repetitions) id(id string, row int) int { return first(r.ids, digestOf(id), row) }

// payment returns the row in which the same amount went to the same number.
func (r repetitions) payment(number msisdn.Number, amount money.XOF, row int) int {
	return first(r.payments, digestOf(number.Reveal()+" "+amount.Plain()), row)
}

func first(seen map[digest]uint32, key digest, row int) int {
	if before, ok := seen[key]; ok {
		return int(before)
	}
	seen[key] = uint32(row) //nolint:gosec // a spreadsheet has a million rows
	return 0
}
