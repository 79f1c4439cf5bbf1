package main

import (
	"errors"
	"strconv"

	"payrun/batch/intake"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger/money"
)

// check compares the control totals with the rows that may be paid. Unasked is set where
// no person confirms the plan.
func (a *app) check(c settings.ControlTotals, review intake.Inspection, unasked bool) error {
	err := c.Said().Check(review.Valid, len(review.Corrections), unasked)
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
	return ui.Advise(ui.Worded(sentence, err), hint)
}
