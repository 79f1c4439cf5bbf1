package digitalpaye

import (
	"strings"

	"payrun/provider"
)

// dialect is one form of the API's transfers.
type dialect interface {
	transferPath() string
	// transfer returns what is encoded as the JSON of a request whose Scheme is the
	// API's name.
	transfer(request provider.Request) any
}

// v2 is the dialect of the transfers page in snake_case.
type v2 struct{}

func (v2) transferPath() string { return "/v2/transfers/mobile-money" }

type v2Transfer struct {
	CodeCountry   string `json:"code_country"`
	Currency      string `json:"currency"`
	CustomerID    string `json:"customer_id"`
	Name          string `json:"name"`
	Amount        int64  `json:"amount"`
	Operator      string `json:"operator"`
	TransactionID string `json:"transaction_id"`
}

func (v2) transfer(request provider.Request) any {
	return v2Transfer{
		CodeCountry:   request.Country,
		Currency:      string(request.Amount.Currency),
		CustomerID:    national(request.Number.Reveal()),
		Name:          request.Name,
		Amount:        request.Amount.Minor,
		Operator:      request.Scheme,
		TransactionID: request.Reference,
	}
}

// v1 is the dialect in camelCase.
type v1 struct{}

func (v1) transferPath() string { return "/v1/transfers/mobile-money" }

type v1Transfer struct {
	TransactionID string     `json:"transactionId"`
	Customer      v1Customer `json:"customer"`
	Recipient     string     `json:"recipient"`
	Amount        string     `json:"amount"`
	Currency      string     `json:"currency"`
	Operator      string     `json:"operator"`
}

// v1Customer says who is paid. The page also has an e-mail address and a street,
// which payrun does not know and does not make up.
type v1Customer struct {
	LastName  string    `json:"lastName"`
	FirstName string    `json:"firstName"`
	Phone     string    `json:"phone"`
	Address   v1Address `json:"address"`
}

type v1Address struct {
	CountryCode string `json:"countryCode"`
}

func (v1) transfer(request provider.Request) any {
	last, first := splitName(request.Name)
	return v1Transfer{
		TransactionID: request.Reference,
		Customer: v1Customer{
			LastName: last, FirstName: first, Phone: national(request.Number.Reveal()),
			Address: v1Address{CountryCode: request.Country},
		},
		Recipient: national(request.Number.Reveal()),
		Amount:    request.Amount.Plain(),
		Currency:  string(request.Amount.Currency),
		Operator:  request.Scheme,
	}
}

// splitName takes a name's first word for the family name, as Ivorian files
// write it, and the rest for the given names. A single word is both, because the
// page wants both.
func splitName(name string) (last, first string) {
	last, first, _ = strings.Cut(strings.TrimSpace(name), " ")
	if first = strings.TrimSpace(first); first == "" {
		first = last
	}
	return last, first
}
