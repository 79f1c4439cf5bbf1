package table

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
