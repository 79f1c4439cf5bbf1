package ui

import (
	"errors"
	"strconv"

	"payrun/batch/service"
)

// WordControl says how a file differs from a control total. Other errors stay as they are.
func (u *UI) WordControl(err error) error {
	differs, is := errors.AsType[*service.ControlError](err)
	if !is {
		return err
	}
	found, expected := strconv.FormatInt(differs.Found, 10), strconv.FormatInt(differs.Expected, 10)
	var sentence, hint string
	switch differs.Code {
	case service.ControlCount:
		sentence, hint = u.Text("control.count", "count", found, "expected", expected), u.Text("control.count_hint")
	case service.ControlAmount:
		sentence = u.Text("control.total", "amount", differs.Currency.Of(differs.Found).String(), "expected", differs.Currency.Of(differs.Expected).String())
		hint = u.Text("control.total_hint")
	case service.ControlCorrections:
		sentence, hint = u.Text("correct.differs", "count", found, "expected", expected), u.Text("correct.hint", "count", found)
	default:
		sentence, hint = u.Text("correct.unexpected", "count", found), u.Text("correct.hint", "count", found)
	}
	return Advise(Worded(sentence, err), hint)
}
