package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// Operators are those of the rules, in their order.
func (s *Service) Operators() []ledger.Operator { return s.config.Rules.Operators() }

// serves returns a *ledger.CurrencyError if the provider does not pay in the batch's
// currency, and a *CountryError if it does not pay to one of the countries.
func (s *Service) serves(b ledger.Batch, countries []string) error {
	can := s.config.Provider.Capabilities()
	if !slices.Contains(can.Currencies, b.Currency) {
		return otherCurrency(b, can)
	}
	for _, country := range countries {
		if !slices.Contains(can.Countries, country) {
			return &CountryError{Batch: b.ID, Country: country, Served: can.Countries}
		}
	}
	return nil
}

func otherCurrency(b ledger.Batch, can provider.Capabilities) error {
	given := money.Mixed
	if len(can.Currencies) == 1 {
		given = can.Currencies[0]
	}
	return &ledger.CurrencyError{Batch: b.ID, Recorded: b.Currency, Given: given}
}

// ErrCountry matches every *CountryError.
var ErrCountry = errors.New("the provider does not pay to this country")

// CountryError says that payouts of a batch are for a country to which the provider does
// not pay. Nothing was sent.
type CountryError struct {
	Batch ledger.BatchID
	// Country and Served are ISO 3166-1 codes.
	Country string
	Served  []string
}

func (e *CountryError) Error() string {
	return fmt.Sprintf("batch %q has payouts to %s, and the provider pays to %s", e.Batch, e.Country, strings.Join(e.Served, ", "))
}

// Is makes errors.Is(err, ErrCountry) hold.
func (e *CountryError) Is(target error) bool { return target == ErrCountry }
