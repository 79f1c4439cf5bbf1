package service_test

import (
	"errors"
	"testing"
	"time"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// TestABalanceCoversAmountAndFees to the centime, and is short by whole francs.
func TestABalanceCoversAmountAndFees(t *testing.T) {
	for _, test := range []struct {
		balance, amount money.Amount
		fees            money.Fine
		missing         money.Amount
	}{
		{money.XOF.Of(100), money.XOF.Of(100), money.Fine{}, money.Amount{}},
		{money.XOF.Of(100), money.XOF.Of(99), money.XOF.Fine(100), money.Amount{}},
		{money.XOF.Of(100), money.XOF.Of(99), money.XOF.Fine(101), money.XOF.Of(1)},
		{money.XOF.Of(100), money.XOF.Of(150), money.Fine{}, money.XOF.Of(50)},
		{money.Amount{}, money.Amount{}, money.Fine{}, money.Amount{}},
		{money.Amount{}, money.XOF.Of(100), money.XOF.Fine(250), money.XOF.Of(103)},
	} {
		err := service.Covers(&test.balance, test.amount, test.fees)
		short, is := errors.AsType[*service.ShortfallError](err)
		if is != (test.missing.Minor > 0) || is && short.Missing != test.missing {
			t.Errorf("%s for %s and %s: %v, want %s missing", test.balance, test.amount, test.fees, err, test.missing)
		}
	}
}

func TestControlTotalsRefuseWhatWasNotSaid(t *testing.T) {
	payable := ledger.Total{Count: 3, Amount: money.XOF.Of(300)}
	for name, test := range map[string]struct {
		said        service.ControlTotals
		corrections int
		unasked     bool
		code        string
	}{
		"nothing said":                {service.ControlTotals{}, 0, true, ""},
		"all as said":                 {service.ControlTotals{Count: new(3), Amount: new(money.XOF.Of(300)), Corrections: new(1)}, 1, true, ""},
		"another count":               {service.ControlTotals{Count: new(4)}, 0, false, service.ControlCount},
		"another amount":              {service.ControlTotals{Amount: new(money.XOF.Of(299))}, 0, false, service.ControlAmount},
		"other corrections":           {service.ControlTotals{Corrections: new(0)}, 1, false, service.ControlCorrections},
		"corrections nobody is shown": {service.ControlTotals{}, 1, true, service.ControlUnexpected},
		"corrections that are shown":  {service.ControlTotals{}, 1, false, ""},
	} {
		err := test.said.Check(payable, test.corrections, test.unasked)
		differs, is := errors.AsType[*service.ControlError](err)
		if is != (test.code != "") || is && differs.Code != test.code {
			t.Errorf("%s: %v, want %q", name, err, test.code)
		}
	}
}

func TestAGraceIsAsLongAsTheWayToTheProvider(t *testing.T) {
	for _, test := range []struct {
		grace, request time.Duration
		loopback, ok   bool
	}{
		{time.Minute, 30 * time.Second, false, true},
		{59 * time.Second, 30 * time.Second, false, false},
		{time.Minute, 2 * time.Minute, false, false},
		{time.Millisecond, 2 * time.Minute, true, true},
	} {
		if err := service.CheckGrace(test.grace, test.request, test.loopback); (err == nil) != test.ok {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
