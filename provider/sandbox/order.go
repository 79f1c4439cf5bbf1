package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"payrun/ledger/phone"
)

// Limits the provider documents for every operator.
const (
	amountMin    = Francs(100)
	amountMax    = Francs(1_000_000)
	referenceMax = 20 // characters
	numberLength = 10 // digits, since 31 January 2021
)

// Verdicts of refused requests. Those of validation are not documented for v2;
// these are the sandbox's own.
const (
	codeBadRequest   = "BadRequestError"
	codeUnauthorized = "UnauthorizedError"
	codeNotFound     = "NotFoundError"
	codeInternal     = "InternalServerError"
	codeInvalid      = "INVALID_FIELD"
	codeConflict     = "TRANSACTION_ALREADY_EXISTS"
	codeTokenExpired = "TOKEN_EXPIRED"
	codeNoBalance    = "AMOUNT_INSUFFISANT"
	codeTooMany      = "TOO_MANY_REQUESTS"
	codeUnavailable  = "SERVICE_UNAVAILABLE"
	codeForbidden    = "ForbiddenError"
)

// environmentHeader must be on every request.
const environmentHeader = "X-Environment"

// refusal is a request the provider turns away, before it is put in a
// dialect's words.
type refusal struct {
	status     int
	code       string
	reason     string // in French, as the provider's are
	retryAfter string
}

func invalid(field, reason string) *refusal {
	return &refusal{status: http.StatusUnprocessableEntity, code: codeInvalid, reason: field + " : " + reason}
}

func unreadable() *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: codeBadRequest,
		reason: "Le corps de la requête n'est pas un JSON valide",
	}
}

func noEnvironment() *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: codeBadRequest,
		reason: "L'en-tête X-Environment est requis",
	}
}

func unavailable(retryAfter string) *refusal {
	return &refusal{
		status: http.StatusServiceUnavailable, code: codeUnavailable,
		reason: "Service momentanément indisponible", retryAfter: retryAfter,
	}
}

func noBalance() *refusal {
	return &refusal{
		status: http.StatusPreconditionFailed, code: codeNoBalance, reason: "Le solde du compte est insuffisant",
	}
}

func forbidden() *refusal {
	return &refusal{status: http.StatusForbidden, code: codeForbidden, reason: "Opération non autorisée pour ce bénéficiaire"}
}

func internal() *refusal {
	return &refusal{
		status: http.StatusInternalServerError, code: codeInternal,
		reason: "Une erreur interne est survenue",
	}
}

// order is a request for a transfer, whichever dialect it came in.
type order struct {
	transactionID string
	number        string
	name          string // lastName and firstName together in v1
	lastName      string // empty in v2
	firstName     string
	operator      string
	country       string
	currency      string
	amount        json.RawMessage
	amountQuoted  bool // the dialect writes amounts as strings
}

// field picks the dialect's spelling of a field's name, for refusals.
func (o order) field(old, recent string) string {
	if o.amountQuoted {
		return recent
	}
	return old
}

// prefixes holds, for every operator name the provider's pages and SDKs use,
// the number prefixes of the network. Wave accounts ride on any of them.
//
//nolint:gochecknoglobals // table
var prefixes = map[string][]string{
	"ORANGE_MONEY":    {"07"},
	"ORANGE_MONEY_CI": {"07"},
	"MTN_MONEY_CI":    {"05"},
	"MOOV_MONEY_CI":   {"01"},
	"WAVE_MONEY_CI":   {"01", "05", "07"},
	"WAVE_CI":         {"01", "05", "07"},
}

// check returns the order's amount, or the first thing wrong with it.
func (o order) check() (Francs, *refusal) {
	if length := utf8.RuneCountInString(o.transactionID); length < 1 || length > referenceMax {
		return 0, invalid(o.field("transaction_id", "transactionId"),
			fmt.Sprintf("doit contenir entre 1 et %d caractères", referenceMax))
	}
	if o.country != "CI" && (o.country != "" || !o.amountQuoted) {
		return 0, invalid(o.field("code_country", "countryCode"), "pays non pris en charge")
	}
	if o.currency != "XOF" {
		return 0, invalid("currency", "devise non prise en charge")
	}
	if strings.TrimSpace(o.name) == "" {
		return 0, invalid(o.field("name", "customer"), "le nom du bénéficiaire est requis")
	}
	allowed, known := prefixes[o.operator]
	if !known {
		return 0, invalid("operator", "opérateur inconnu")
	}
	number := o.field("customer_id", "recipient")
	if len(o.number) != numberLength || !onlyDigits(o.number) {
		return 0, invalid(number, fmt.Sprintf("doit contenir %d chiffres", numberLength))
	}
	if !slices.Contains(allowed, o.number[:2]) {
		return 0, invalid(number, "ce numéro n'appartient pas à l'opérateur")
	}
	return o.checkAmount()
}

func (o order) checkAmount() (Francs, *refusal) {
	digits := string(o.amount)
	if o.amountQuoted {
		var text string
		if json.Unmarshal(o.amount, &text) != nil {
			return 0, invalid("amount", "doit être une chaîne de caractères")
		}
		digits = text
	}
	if !onlyDigits(digits) {
		return 0, invalid("amount", "doit être un nombre entier de francs")
	}
	francs, err := strconv.ParseInt(digits, 10, 64)
	if amount := Francs(francs); err == nil && amount >= amountMin && amount <= amountMax {
		return amount, nil
	}
	return 0, invalid("amount", fmt.Sprintf("doit être compris entre %d et %d", amountMin, amountMax))
}

func onlyDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// v2Order is the v2 body.
type v2Order struct {
	CodeCountry   string          `json:"code_country"`
	Currency      string          `json:"currency"`
	CustomerID    string          `json:"customer_id"`
	Name          string          `json:"name"`
	Amount        json.RawMessage `json:"amount"`
	Operator      string          `json:"operator"`
	TransactionID string          `json:"transaction_id"`
}

// v1Order is the v1 body.
type v1Order struct {
	TransactionID string `json:"transactionId"`
	Customer      struct {
		LastName  string `json:"lastName"`
		FirstName string `json:"firstName"`
		Address   struct {
			CountryCode string `json:"countryCode"`
		} `json:"address"`
	} `json:"customer"`
	Recipient string          `json:"recipient"`
	Amount    json.RawMessage `json:"amount"`
	Currency  string          `json:"currency"`
	Operator  string          `json:"operator"`
}

func (v2) decode(body []byte) (order, *refusal) {
	var o v2Order
	if json.Unmarshal(body, &o) != nil {
		return order{}, unreadable()
	}
	return order{
		transactionID: o.TransactionID, number: o.CustomerID, name: o.Name, operator: o.Operator,
		country: o.CodeCountry, currency: o.Currency, amount: o.Amount,
	}, nil
}

func (v1) decode(body []byte) (order, *refusal) {
	var o v1Order
	if json.Unmarshal(body, &o) != nil {
		return order{}, unreadable()
	}
	return order{
		transactionID: o.TransactionID, number: o.Recipient, operator: o.Operator,
		name:     strings.TrimSpace(o.Customer.LastName + " " + o.Customer.FirstName),
		lastName: o.Customer.LastName, firstName: o.Customer.FirstName,
		country: o.Customer.Address.CountryCode, currency: o.Currency,
		amount: o.Amount, amountQuoted: true,
	}, nil
}

// dialectOfBody tells the dialect of a body sent to a v1 address, where the
// provider's code samples send the v2 body too.
func dialectOfBody(body []byte) dialect {
	var keys struct {
		TransactionID *json.RawMessage `json:"transaction_id"`
	}
	if bytes.Contains(body, []byte(`"transaction_id"`)) && json.Unmarshal(body, &keys) == nil && keys.TransactionID != nil {
		return v2{}
	}
	return v1{}
}

// international is a number as answers show it: mostly with the plus.
func international(number phone.Number, d draw) string {
	if d.oneIn(4, "plus sign") { // "sometimes" in the documents
		return "225" + number.Reveal()
	}
	return "+225" + number.Reveal()
}
