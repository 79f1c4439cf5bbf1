package provider

import (
	"slices"
	"strings"
	"unicode/utf8"

	"payrun/ledger/money"
)

// Capabilities are the limits of a provider's API and what it can be asked, as its
// documents state them. What is zero is not limited, or cannot be asked.
type Capabilities struct {
	// ReferenceLength is how many characters a Reference may have, and
	// ReferenceAlphabet all that it may be made of: ASCII, Digits among them. The
	// length is at least ReferenceLengthMin. See Derive.
	ReferenceLength   int
	ReferenceAlphabet string
	// NameLength is how many characters a beneficiary's name may have, NoteLength
	// those of a text for the beneficiary; 0 if the API has no place for one.
	NameLength, NoteLength int
	// Countries and Currencies are the ISO 3166-1 and ISO 4217 codes that it pays
	// in: "CI", "XOF".
	Countries  []string
	Currencies []money.Currency
	// LookUp lists the fields that a look-up holds against the transfer that it finds.
	LookUp LookUpFields
	// List reports whether it is a Lister, Balance whether it tells its balance.
	List, Balance bool
}

// LookUpFields are the fields of a Query by which a transfer is found, and those that
// are compared with it, so that an answer about another is a Mismatch.
type LookUpFields struct {
	// By our reference a transfer is found, or by the provider's own.
	Reference, ProviderRef bool
	// Its number and amount are compared.
	Number, Amount bool
}

// TakesReference reports whether the provider takes a reference as it is.
func (c Capabilities) TakesReference(reference string) bool {
	return reference != "" && len(reference) <= c.ReferenceLength &&
		!strings.ContainsFunc(reference, func(r rune) bool { return !strings.ContainsRune(c.ReferenceAlphabet, r) })
}

// TakesName reports whether the provider takes a beneficiary's name as it is.
func (c Capabilities) TakesName(name string) bool {
	return name != "" && (c.NameLength == 0 || utf8.RuneCountInString(name) <= c.NameLength)
}

// Pays reports whether the provider pays in a country's currency.
func (c Capabilities) Pays(country string, currency money.Currency) bool {
	return slices.Contains(c.Countries, country) && slices.Contains(c.Currencies, currency)
}

// ASCIILettersDigits are the characters that every system takes in a name.
const ASCIILettersDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
