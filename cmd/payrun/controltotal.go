package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"payrun/batch/intake"
	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
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
type controlTotals struct{ count, amount, corrections controlTotal }

// said are the totals as they were given.
func (c controlTotals) said() service.ControlTotals {
	var said service.ControlTotals
	if c.count.given {
		said.Count = new(int(c.count.value))
	}
	if c.amount.given {
		said.Amount = new(money.XOF(c.amount.value))
	}
	if c.corrections.given {
		said.Corrections = new(int(c.corrections.value))
	}
	return said
}

// check compares the control totals with the rows that may be paid. Unasked is set where
// no person confirms the plan.
func (a *app) check(c controlTotals, review intake.Inspection, unasked bool) error {
	err := c.said().Check(review.Valid, len(review.Corrections), unasked)
	differs, is := errors.AsType[*service.ControlError](err)
	if !is {
		return err
	}
	found, expected := strconv.FormatInt(differs.Found, 10), strconv.FormatInt(differs.Expected, 10)
	var sentence, hint string
	switch differs.Code {
	case service.ControlCount:
		sentence, hint = a.Text("control.count", "count", found, "expected", expected), a.Text("control.count_hint")
	case service.ControlAmount:
		sentence = a.Text("control.total", "amount", money.XOF(differs.Found).String(), "expected", money.XOF(differs.Expected).String())
		hint = a.Text("control.total_hint")
	case service.ControlCorrections:
		sentence, hint = a.Text("correct.differs", "count", found, "expected", expected), a.Text("correct.hint", "count", found)
	default:
		sentence, hint = a.Text("correct.unexpected", "count", found), a.Text("correct.hint", "count", found)
	}
	return advise(ui.Worded(sentence, err), exitFile, hint)
}

// count is the number as an answer, nil if none was given.
func (c *controlTotal) count() *int {
	if !c.given {
		return nil
	}
	count := int(c.value)
	return &count
}
