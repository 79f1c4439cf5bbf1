package approval

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"slices"

	"payrun/ledger/canonical"
	"payrun/ledger/phone"
)

// Payout is a line of the canonical list: the terms on which somebody is paid. The
// amount is in minor units.
type Payout = canonical.Payout

// OperatorSum is the sum of the payouts to one operator.
type OperatorSum struct {
	Scheme  string
	Payouts int
	Amount  int64
}

// NumberSum is the sum of all payouts to one number.
type NumberSum struct {
	Number phone.E164
	Amount int64
}

// Tally makes a summary's figures of its payouts, given one after the other in the
// file's order. It keeps a sum for each number.
type Tally struct {
	digest    hash.Hash
	line      []byte
	currency  Currency
	payouts   int
	total     int64
	operators map[string]OperatorSum
	numbers   map[phone.E164]int64
	// beside are the sums that go to numbers beside the list.
	beside map[phone.E164]int64
}

// NewTally begins a list in one currency.
func NewTally(currency Currency) *Tally {
	return &Tally{
		digest: sha256.New(), currency: currency,
		operators: map[string]OperatorSum{}, numbers: map[phone.E164]int64{}, beside: map[phone.E164]int64{},
	}
}

// Add counts a payout. It returns an error, and counts nothing, for a payout that no
// text could say exactly.
func (t *Tally) Add(p Payout) error {
	switch {
	case p.Currency != t.currency.Code:
		return fmt.Errorf("%w: a payout in %s within a list in %s", ErrText, p.Currency, t.currency.Code)
	case p.Amount <= 0 || p.Amount > amountMax-t.total:
		return fmt.Errorf("%w: an amount of %d behind a total of %d", ErrText, p.Amount, t.total)
	case !textOK(p.ID, p.Number.Reveal(), p.Name, p.Country, p.Scheme, p.Note):
		return fmt.Errorf("%w: a payout that is not UTF-8", ErrText)
	case !schemeOK(p.Scheme) || p.Number == "":
		return fmt.Errorf("%w: a payout without number or operator", ErrText)
	}
	t.line = p.AppendLine(t.line[:0])
	t.digest.Write(t.line)
	t.payouts++
	t.total += p.Amount
	sum := t.operators[p.Scheme]
	t.operators[p.Scheme] = OperatorSum{Scheme: p.Scheme, Payouts: sum.Payouts + 1, Amount: sum.Amount + p.Amount}
	t.numbers[p.Number] += p.Amount
	return nil
}

// Beside counts an amount of the same batch that went to a number already. It is not in the
// list, but in the sum to that number if the list has it: whoever is paid in two parts is
// approved for both.
func (t *Tally) Beside(number phone.E164, amount int64) { t.beside[number] += amount }

// Fill writes the figures into a summary: the list's digest, count, total, operators
// and the highest sum to one number.
func (t *Tally) Fill(s *Summary) {
	s.Currency, s.Payouts, s.Total = t.currency, t.payouts, t.total
	s.List = Digest(t.digest.Sum(nil))
	s.Operators = slices.SortedFunc(maps.Values(t.operators), func(a, b OperatorSum) int { return cmp.Compare(a.Scheme, b.Scheme) })
	s.Highest = NumberSum{}
	for number, amount := range t.numbers {
		amount += t.beside[number]
		// Of two numbers with the same sum the first in order, so that a list has one text.
		if amount > s.Highest.Amount || amount == s.Highest.Amount && number < s.Highest.Number {
			s.Highest = NumberSum{Number: number, Amount: amount}
		}
	}
}

// schemeOK wants capitals, digits and underscores, as operators are called.
func schemeOK(scheme string) bool {
	for _, r := range scheme {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return scheme != ""
}
