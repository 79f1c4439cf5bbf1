// Package moneytest reads what package money writes, for tests.
package moneytest

import (
	"strings"

	"github.com/go-json-experiment/json"

	"payrun/ledger/money"
)

// In reads JSON numbers as amounts of a currency, which they do not name themselves.
// Nothing is read as the zero value, which is in none.
func In(currency money.Currency) json.Options {
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFunc(func(text []byte, amount *money.Amount) error {
			fine, err := money.ParseFine(currency, string(text))
			*amount = money.Amount{}
			if !fine.IsZero() {
				*amount = fine.Whole()
			}
			return err
		}),
		json.UnmarshalFunc(func(text []byte, fine *money.Fine) (err error) {
			if strings.Trim(string(text), "0.") == "" {
				*fine = money.Fine{}
				return nil
			}
			*fine, err = money.ParseFine(currency, string(text))
			return err
		}),
	))
}
