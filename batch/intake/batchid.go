package intake

import (
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"payrun/ledger"
)

// idLengthMax keeps batch ids short enough for file names everywhere.
const idLengthMax = 64

// IDFromFile derives a batch's id from the name of its file: without folder and
// extension, accents removed, and every other character than letters, digits,
// "-", "_" and "." replaced by "-". It returns "batch" when nothing is left, as
// for standard input.
func IDFromFile(path string) ledger.BatchID {
	name := filepath.Base(path)
	name = strings.TrimSuffix(name, filepath.Ext(name))
	return ledger.BatchID(cleanID(name))
}

// ValidID reports whether an id given by a person can name a batch and its
// report files as it is.
func ValidID(id string) bool { return id != "" && cleanID(id) == id }

func cleanID(name string) string {
	unaccented, _, err := transform.String(
		transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), name)
	if err == nil {
		name = unaccented
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		default:
			return '-'
		}
	}, name)
	name = strings.Trim(name, "-.")
	if len(name) > idLengthMax {
		name = strings.Trim(name[:idLengthMax], "-.")
	}
	if name == "" {
		return "batch"
	}
	return name
}
