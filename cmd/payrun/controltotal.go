package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"payrun/batch"
	"payrun/ledger/money"
)

// controlTotal is a flag's number as people write it, "8 545 500 XOF". It is not
// given until it is set.
type controlTotal struct {
	value int64
	given bool
	unit  string
}

var errControlTotal = errors.New("want a whole number, for example 8545500")

// Set implements pflag.Value.
func (c *controlTotal) Set(text string) error {
	digits := strings.TrimSuffix(strings.ToUpper(strings.Join(strings.Fields(text), "")), "XOF")
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || value < 0 || digits[0] == '+' { // an empty one would control nothing
		return fmt.Errorf("%q: %w", text, errControlTotal)
	}
	c.value, c.given = value, true
	return nil
}

// String implements pflag.Value: nothing is no expectation.
func (c *controlTotal) String() string {
	if !c.given {
		return ""
	}
	return strconv.FormatInt(c.value, 10)
}

// Type implements pflag.Value.
func (c *controlTotal) Type() string { return c.unit }

// controlTotals are what the person who made the file says it comes to.
type controlTotals struct{ count, amount controlTotal }

// check compares the control totals with the rows that may be paid.
func (a *app) check(c controlTotals, review batch.Review) error {
	if c.count.given && c.count.value != int64(review.Valid.Count) {
		return advise(errors.New(a.text("control.count", "count", number(review.Valid.Count), "expected", c.count.String())),
			exitFile, a.text("control.count_hint"))
	}
	if expected := money.XOF(c.amount.value); c.amount.given && expected != review.Valid.Amount {
		return advise(errors.New(a.text("control.total", "amount", review.Valid.Amount.String(), "expected", expected.String())),
			exitFile, a.text("control.total_hint"))
	}
	return nil
}
