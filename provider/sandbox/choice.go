package sandbox

import (
	"fmt"
	"slices"
)

// Choice is a setting of a scenario that holds for all requests alike, by its
// text in a scenario file.
type Choice string

// Ways to treat a repeated transaction_id. The provider's documents do not say,
// so the default is the one that costs money.
const (
	RepeatPay    Choice = "pay"
	RepeatRefuse Choice = "refuse"
	RepeatTaken  Choice = "refuse_taken"
	RepeatUnique Choice = "refuse_unique"
	RepeatVague  Choice = "refuse_vague"
	RepeatIgnore Choice = "ignore"
)

// What the look-up page finds transfers by.
const (
	FindsBoth    Choice = "both"
	FindsRef     Choice = "ref"
	FindsNothing Choice = "nothing"
)

// How look-ups say that they do not know a transfer.
const (
	NotFoundDocumented Choice = "documented"
	NotFoundAWS        Choice = "aws"
	NotFoundAzure      Choice = "azure"
	NotFoundKong       Choice = "kong"
	NotFoundPage       Choice = "page"
	NotFoundRoute      Choice = "route"
)

// What the list of all transactions holds.
const (
	ListWhole   Choice = "whole"
	ListNewest  Choice = "newest"
	ListCut     Choice = "cut"
	ListFails   Choice = "fails"
	ListMissing Choice = "missing"
)

// How a balance that is too low is told.
const (
	BalanceDocumented Choice = "documented"
	BalanceFrench     Choice = "french"
	BalanceEnglish    Choice = "english"
	BalancePayment    Choice = "payment_required"
	BalancePage       Choice = "page"
)

// How transfers are written in answers.
const (
	WritingDocumented Choice = "documented"
	WritingPeople     Choice = "people"
)

// Setting describes one choice.
type Setting struct {
	// Key is the scenario's, Choice one of its values; the first of a key is
	// the default.
	Key    string
	Choice Choice
	// Means says in a sentence what the provider then does.
	Means string
	// Beyond names what a client takes for granted and this breaks, as in Entry.
	Beyond string
}

// Settings lists every choice of every key.
func Settings() []Setting { return slices.Clone(settings) }

// The assumptions that worlds break.
const (
	assumesLookUps = "a look-up by transaction_id finds what was accepted"
	assumesRefusal = "a documented refusal without data means that nothing was done"
	assumesEnd     = "every payout can be paid in the end"
	assumesFinal   = "what failed stays failed"
)

//nolint:gochecknoglobals // table
var settings = []Setting{
	{"repeated_reference", RepeatPay, "pays a transaction_id again", ""},
	{"repeated_reference", RepeatRefuse, "409 TRANSACTION_ALREADY_EXISTS", ""},
	{"repeated_reference", RepeatTaken, "400 \"Cette référence est déjà prise\"", ""},
	{"repeated_reference", RepeatUnique, "422 \"must be unique\"", ""},
	{"repeated_reference", RepeatVague, "400 \"Requête invalide\", which does not say why", ""},
	{"repeated_reference", RepeatIgnore, "replays the first transfer, with its old date, and pays nobody", ""},

	{"lookup_finds", FindsBoth, "by the provider's ref and by transaction_id", ""},
	{"lookup_finds", FindsRef, "only by the provider's ref", assumesLookUps},
	{"lookup_finds", FindsNothing, "never", assumesLookUps},

	{"not_found", NotFoundDocumented, "404 NotFoundError with a reason", ""},
	{"not_found", NotFoundAWS, "a gateway's 404 {\"message\":\"Not Found\"}", assumesLookUps},
	{"not_found", NotFoundAzure, "a gateway's 404 {\"statusCode\":404,\"message\":\"Resource not found\"}", assumesLookUps},
	{"not_found", NotFoundKong, "a gateway's 404 \"no Route matched with those values\"", assumesLookUps},
	{"not_found", NotFoundPage, "404 with an HTML page", assumesLookUps},
	{"not_found", NotFoundRoute, "404 NotFoundError about a route", assumesLookUps},

	{"list", ListWhole, "every transfer that look-ups see", ""},
	{"list", ListNewest, "only the newest ten", ""},
	{"list", ListCut, "JSON that stops half-way", ""},
	{"list", ListFails, "500 InternalServerError", ""},
	{"list", ListMissing, "404 with an HTML page", ""},

	{"balance_words", BalanceDocumented, "412 AMOUNT_INSUFFISANT", ""},
	{"balance_words", BalanceFrench, "400 \"Le solde de votre compte est insuffisant\"", ""},
	{"balance_words", BalanceEnglish, "422 \"Insufficient funds\"", ""},
	{"balance_words", BalancePayment, "402 with no more than a vague reason", ""},
	{"balance_words", BalancePage, "402 with an HTML page", assumesEnd},

	{"writing", WritingDocumented, "\"150000\", \"+2250701020304\", SUCCESSFUL", ""},
	{"writing", WritingPeople, "\"150 000,00 FCFA\", \"(+225) 07****0304\", Réussi", ""},
}

// chosen returns the scenario's choices by key.
func (s *Scenario) chosen() map[string]Choice {
	return map[string]Choice{
		"repeated_reference": s.RepeatedReference, "lookup_finds": s.LookupFinds, "not_found": s.NotFound,
		"list": s.List, "balance_words": s.BalanceWords, "writing": s.Writing,
	}
}

// choiceComplaint checks the choices, in the table's order. Left empty, a choice is
// the default.
func (s *Scenario) choiceComplaint() *valueError {
	chosen := s.chosen()
	known := map[string][]Choice{}
	for _, setting := range settings {
		known[setting.Key] = append(known[setting.Key], setting.Choice)
	}
	for _, setting := range settings {
		choice := chosen[setting.Key]
		if choice != "" && !slices.Contains(known[setting.Key], choice) {
			return &valueError{setting.Key, fmt.Sprintf("%q is not one of %v", choice, known[setting.Key])}
		}
	}
	return nil
}
