package settings

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"payrun/batch/service"
	"payrun/ledger/money"
)

// ControlTotal is a flag's whole number as people write it, "1 500". It is not given until
// it is set.
type ControlTotal struct {
	value int64
	given bool
	unit  string
}

var errControlTotal = errors.New("want a whole number, for example 1500")

// NewControlTotal returns one that help texts and messages call by its unit.
func NewControlTotal(unit string) ControlTotal { return ControlTotal{unit: unit} }

// Set implements pflag.Value.
func (c *ControlTotal) Set(text string) error {
	digits := strings.Join(strings.Fields(text), "")
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || value < 0 || digits[0] == '+' { // an empty one would control nothing
		return fmt.Errorf("%q: %w", text, errControlTotal)
	}
	c.value, c.given = value, true
	return nil
}

// String implements pflag.Value: nothing is no expectation.
func (c *ControlTotal) String() string {
	if !c.given {
		return ""
	}
	return strconv.FormatInt(c.value, 10)
}

// Type implements pflag.Value.
func (c *ControlTotal) Type() string { return c.unit }

// Count is the number as an answer, nil if none was given.
func (c *ControlTotal) Count() *int {
	if !c.given {
		return nil
	}
	count := int(c.value)
	return &count
}

// ControlTotals are counts and sums as the person who made the file gives them.
type ControlTotals struct {
	Count, Corrections ControlTotal
	Amount             ControlAmount
}

// NewControlTotals returns three that are not given.
func NewControlTotals() ControlTotals {
	return ControlTotals{Count: NewControlTotal("N"), Corrections: NewControlTotal("N")}
}

// Said are the totals as they were given, of a file in a currency. The error is a mistake
// of whoever gave the amount: it is none of that currency, or could be two.
func (c *ControlTotals) Said(in money.Currency) (service.ControlTotals, error) {
	amount, err := c.Amount.In(in)
	return service.ControlTotals{Count: c.Count.Count(), Amount: amount, Corrections: c.Corrections.Count()}, err
}
