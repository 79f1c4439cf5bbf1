package table

import "slices"

// TitleOf returns the field of which a text is a title, empty for none. It is for rows
// under the header that have titles once more.
func TitleOf(text string) Field {
	if len(text) > maxTitle {
		return ""
	}
	known, err := knownTitles()
	if err != nil {
		return "" // the file could not have been opened
	}
	return known.read(text).field
}

// UnitSaid returns the words by which a line outside of the table says that its figures
// are no francs to be paid as they stand, "en milliers de FCFA", empty for none.
func UnitSaid(text string) string {
	if len(text) > cellMax {
		return ""
	}
	known, err := knownTitles()
	if err != nil {
		return ""
	}
	unit, _ := holds(wordsOf(text), known.said)
	return unit
}

// OtherCurrency returns the currency that the title of a column of amounts names instead of
// one, both by their ISO 4217 codes: "EUR" for "Montant (EUR)" where XOF is paid. It is
// empty for a title that names none, or that one as well.
func OtherCurrency(title, instead string) string {
	known, err := knownTitles()
	if err != nil || len(title) > cellMax {
		return ""
	}
	other, words := "", wordsOf(title)
	for _, named := range known.named {
		if _, found := holds(words, named.phrases); !found {
			continue
		}
		if slices.Contains(named.codes, instead) {
			return ""
		}
		if other == "" {
			other = named.codes[0]
		}
	}
	return other
}
