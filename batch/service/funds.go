package service

import (
	"context"
	"fmt"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Balance asks what the account holds; nil is the answer of a provider that cannot be
// asked. It is the first thing the provider hears of a run, so it also tells whether it
// can be reached and whether the credentials are right.
func (s *Service) Balance(ctx context.Context) (*money.Amount, error) {
	balance, err := s.balance(ctx)
	if err != nil {
		return nil, fmt.Errorf("nothing was sent: %w", err)
	}
	return balance, nil
}

func (s *Service) balance(ctx context.Context) (*money.Amount, error) {
	if !s.config.Provider.Capabilities().Balance {
		return nil, nil
	}
	balance, err := s.config.Provider.Balance(ctx)
	return &balance, err
}

// ShortfallError is a balance that does not cover what would be sent.
type ShortfallError struct {
	Balance, Amount money.Amount
	// Fees is the estimate for Amount.
	Fees money.Fine
	// Missing is the sum that the account lacks, rounded up to whole minor units.
	Missing money.Amount
}

func (e *ShortfallError) Error() string {
	return fmt.Sprintf("the balance of %s does not cover %s and fees: %s are missing", e.Balance, e.Amount, e.Missing)
}

// Covers returns a *ShortfallError if a balance cannot finish what it begins. Of one that
// is not told nothing is known.
func Covers(balance *money.Amount, amount money.Amount, fees money.Fine) error {
	if balance == nil {
		return nil
	}
	if missing := shortfall(*balance, amount, fees); missing.Minor > 0 {
		return &ShortfallError{Balance: *balance, Amount: amount, Fees: fees, Missing: missing}
	}
	return nil
}

// shortfall returns what is missing, rounded up to whole minor units.
func shortfall(balance, amount money.Amount, fees money.Fine) money.Amount {
	missing := amount.Fine().Plus(fees).Minus(balance.Fine())
	if missing.Hundredths <= 0 {
		return money.Amount{}
	}
	return missing.Whole()
}

// RanDryError is a run that ended because the provider said that the balance is too low.
type RanDryError struct {
	// Queued is the part that was not sent.
	Queued ledger.Total
	// Asked tells that the balance could be asked for: it is Balance then. Missing is
	// what it lacks for Queued without fees; none if the provider's word is not the
	// account's.
	Asked            bool
	Balance, Missing money.Amount

	err error
}

func (e *RanDryError) Error() string {
	return fmt.Sprintf("%v; %d payouts, %s, are still queued", e.err, e.Queued.Count, e.Queued.Amount)
}

// Unwrap returns why the run ended.
func (e *RanDryError) Unwrap() error { return e.err }

// ranDry adds to the reason how much the account lacks to finish.
func (s *Service) ranDry(ctx context.Context, queued ledger.Total, stopped error) error {
	dry := &RanDryError{Queued: queued, err: stopped}
	if balance, err := s.balance(ctx); err == nil && balance != nil {
		dry.Asked, dry.Balance, dry.Missing = true, *balance, shortfall(*balance, queued.Amount, money.Fine{})
	}
	return dry
}
