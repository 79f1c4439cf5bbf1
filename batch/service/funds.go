package service

import (
	"context"
	"fmt"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Balance asks what the account holds. It is the first thing the provider hears of a
// run, so it also tells whether it can be reached and whether the credentials are right.
func (s *Service) Balance(ctx context.Context) (money.XOF, error) {
	balance, err := s.config.Provider.Balance(ctx)
	if err != nil {
		return 0, fmt.Errorf("nothing was sent: %w", err)
	}
	return balance, nil
}

// ShortfallError is a balance that does not cover what would be sent.
type ShortfallError struct {
	Balance, Amount money.XOF
	// Fees is the estimate for Amount.
	Fees money.Centimes
	// Missing is what the account lacks, rounded up to whole francs.
	Missing money.XOF
}

func (e *ShortfallError) Error() string {
	return fmt.Sprintf("the balance of %s does not cover %s and fees: %s are missing", e.Balance, e.Amount, e.Missing)
}

// Covers returns a *ShortfallError if a balance cannot finish what it begins.
func Covers(balance, amount money.XOF, fees money.Centimes) error {
	if missing := shortfall(balance, amount, fees); missing > 0 {
		return &ShortfallError{Balance: balance, Amount: amount, Fees: fees, Missing: missing}
	}
	return nil
}

// shortfall returns how many francs are missing, rounded up.
func shortfall(balance, amount money.XOF, fees money.Centimes) money.XOF {
	missing := amount.InCentimes() + fees - balance.InCentimes()
	if missing <= 0 {
		return 0
	}
	const centimesPerFranc = 100
	return money.XOF((missing + centimesPerFranc - 1) / centimesPerFranc)
}

// RanDryError is a run that ended because the provider said that the balance is too low.
type RanDryError struct {
	// Queued is what was not sent.
	Queued ledger.Count
	// Asked tells that the balance could be asked for: it is Balance then. Missing is
	// what it lacks for Queued without fees; none if the provider's word is not the
	// account's.
	Asked            bool
	Balance, Missing money.XOF

	err error
}

func (e *RanDryError) Error() string {
	return fmt.Sprintf("%v; %d payouts, %s, are still queued", e.err, e.Queued.Count, e.Queued.Amount)
}

// Unwrap returns why the run ended.
func (e *RanDryError) Unwrap() error { return e.err }

// ranDry adds to the reason how much the account lacks to finish.
func (s *Service) ranDry(ctx context.Context, queued ledger.Count, stopped error) error {
	dry := &RanDryError{Queued: queued, err: stopped}
	if balance, err := s.config.Provider.Balance(ctx); err == nil {
		dry.Asked, dry.Balance, dry.Missing = true, balance, shortfall(balance, queued.Amount, 0)
	}
	return dry
}
