package service

import (
	"fmt"

	"payrun/ledger"
	"payrun/ledger/money"
)

// ControlTotals are a file's count and sum by the person who made it. Nil is not said.
type ControlTotals struct {
	Count       *int
	Amount      *money.Amount
	Corrections *int
}

// ControlError is a file that comes to something else than was said.
type ControlError struct {
	// Code is one of ControlCount, ControlAmount, ControlCorrections and
	// ControlUnexpected.
	Code string
	// Found and Expected are counts, or amounts in minor units of Currency.
	Found, Expected int64
	Currency        money.Currency
}

// The control totals that can differ.
const (
	ControlCount       = "count"
	ControlAmount      = "total"
	ControlCorrections = "corrections"
	// ControlUnexpected: rows come back with other terms, and nobody said how many.
	ControlUnexpected = "unexpected"
)

func (e *ControlError) Error() string {
	return fmt.Sprintf("control total %s: found %d, expected %d", e.Code, e.Found, e.Expected)
}

// Check compares the control totals with the rows that may be paid, and with those of
// them that come back with other terms. Unasked is set where no person will be shown the
// corrections: their number has to be said then. The error is a *ControlError.
func (c ControlTotals) Check(payable ledger.Total, corrections int, unasked bool) error {
	switch {
	case c.Count != nil && *c.Count != payable.Count:
		return &ControlError{Code: ControlCount, Found: int64(payable.Count), Expected: int64(*c.Count)}
	case c.Amount != nil && !c.Amount.Minus(payable.Amount).IsZero():
		return &ControlError{ControlAmount, payable.Amount.Minor, c.Amount.Minor, c.Amount.Currency}
	case c.Corrections != nil && *c.Corrections != corrections:
		return &ControlError{Code: ControlCorrections, Found: int64(corrections), Expected: int64(*c.Corrections)}
	case c.Corrections == nil && corrections > 0 && unasked:
		return &ControlError{Code: ControlUnexpected, Found: int64(corrections)}
	default:
		return nil
	}
}
