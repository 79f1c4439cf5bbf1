package ui

import (
	"strings"
	"unicode"

	"payrun/batch/intake/table"
)

// ShellWord writes a word such that a shell takes it as it is.
func ShellWord(text string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:", r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// MapWords are the flag by which a person names a column.
func MapWords(field table.Field, title string) []string {
	return []string{"--map", ShellWord(string(field) + "=" + title)}
}
