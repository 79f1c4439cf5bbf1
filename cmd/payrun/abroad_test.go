package main

import (
	"context"
	"errors"
	"os"

	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/providertest"
)

// abroad is payrun of a build that pays in currencies of two and of three decimals, through
// a provider that pays at once. Its books are gone with the process.
func abroad() {
	env := system()
	env.providers = append(installed(), provider.Driver{
		Name: "abroad", Title: "Abroad", URL: "http://127.0.0.1:9", Hosts: []string{"127.0.0.1"},
		Capabilities: decimals{}.Capabilities(),
		Open: func(c provider.Config) (provider.Client, error) {
			account := provider.Account{Scheme: "http", Host: "localhost", Port: "9"}
			account.Key = provider.Fingerprint(account.Host, string(c.Credentials.Key))
			return decimals{providertest.AlwaysPays(), account}, nil
		},
	})
	os.Exit(run(os.Args[1:], env)) //nolint:forbidigo // the end of a process
}

// decimals pays in France and in Tunisia.
type decimals struct {
	*providertest.Double
	account provider.Account
}

func (decimals) Capabilities() provider.Capabilities {
	can := providertest.Capabilities()
	can.Countries, can.Currencies, can.Balance = []string{"FR", "TN"}, []money.Currency{"EUR", "TND"}, false
	return can
}

func (c decimals) Account() provider.Account { return c.account }

func (decimals) Balance(context.Context) (money.Amount, error) {
	return money.Amount{}, errors.New("asked for a balance that it does not tell")
}
