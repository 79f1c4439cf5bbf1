package changes

import (
	"iter"

	"payrun/ledger/phone"
)

// List is an earlier batch to compare with.
type List struct {
	Batch  string
	Payees []Payee
}

// Comparable returns the first of some earlier batches, given from the latest to the
// oldest, with which a list can sensibly be compared: at least half of the numbers of
// the longer one are on both. A bonus to three people is not compared with a payroll.
func Comparable(now []Payee, earlier iter.Seq[List]) (List, bool) {
	numbers := numbersOf(now)
	for list := range earlier {
		others := numbersOf(list.Payees)
		var shared int
		for number := range numbers {
			if _, there := others[number]; there {
				shared++
			}
		}
		if longer := max(len(numbers), len(others)); longer > 0 && 2*shared >= longer {
			return list, true
		}
	}
	return List{}, false
}

// Numbers counts the numbers that a list pays to.
func Numbers(payees []Payee) int { return len(numbersOf(payees)) }

func numbersOf(payees []Payee) map[phone.E164]struct{} {
	numbers := make(map[phone.E164]struct{}, len(payees))
	for _, p := range payees {
		numbers[p.Number] = struct{}{}
	}
	return numbers
}
