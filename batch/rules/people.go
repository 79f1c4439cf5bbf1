package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"payrun/ledger"
	"payrun/ledger/money"
)

// nameKey stands for the words of a name in any order, so that "KONE Awa" is "Awa Koné".
type nameKey uint64

// namePlace records a name's first row, its number there, and how often it was told: the
// row takes thirty bits and the count two, since there may be a million of them.
type namePlace struct{ number, rowAndTold uint32 }

const (
	nameRowBits = 30
	nameRowMask = 1<<nameRowBits - 1
)

func (p namePlace) row() uint32 { return p.rowAndTold & nameRowMask }
func (p namePlace) told() int   { return int(p.rowAndTold >> nameRowBits) }

// nameToldMax is after how many numbers a name says nothing any more.
const nameToldMax = 3

// name returns the row in which a name first was, with another number; 0 for none.
func (r repetitions) name(key nameKey, number uint64, row uint32) uint32 {
	if key == 0 {
		return 0
	}
	place, known := r.names[key]
	switch {
	case !known:
		r.names[key] = namePlace{short(number), row & nameRowMask}
		return 0
	case place.number == short(number), place.told() == nameToldMax:
		return 0
	}
	place.rowAndTold += 1 << nameRowBits
	r.names[key] = place
	return place.row()
}

// short tells numbers apart in half the room; the numbers of one plan never share one.
func short(number uint64) uint32 { return uint32(number) ^ uint32(number>>32) } //nolint:gosec,mnd // both halves

// FNV-1a of 64 bits.
const fnvOffset, fnvPrime = 14695981039346656037, 1099511628211

// keyOfName returns what stands for a name, 0 for one without a word.
func keyOfName(name string) nameKey {
	var sum uint64
	hash, inWord := uint64(fnvOffset), false
	for i := 0; i < len(name); {
		c := name[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(name[i:])
			base := westernLetter(r)
			if base == 0 && r != '\u2019' {
				return keyOf(sortedWords(name))
			}
			if base != 0 {
				hash, inWord = (hash^uint64(base))*fnvPrime, true
			}
			i += size
			continue
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			hash, inWord = (hash^uint64(c))*fnvPrime, true
		case c == '\'', c == '`':
		case inWord:
			sum += spread(hash)
			hash, inWord = fnvOffset, false
		}
		i++
	}
	if inWord {
		sum += spread(hash)
	}
	return nameKey(sum)
}

// spread changes the hash of a word (the finalizer of MurmurHash3), without which words
// that trade letters would come to the same sum.
func spread(hash uint64) uint64 {
	hash ^= hash >> 33
	hash *= 0xff51afd7ed558ccd
	hash ^= hash >> 33
	hash *= 0xc4ceb9fe1a85ec53
	return hash ^ hash>>33
}

// westernBases are the letters below the accents of U+00C0 to U+00FF, a point for those
// that have none below them.
const westernBases = "aaaaaa.ceeeeiiii.nooooo..uuuuy.." + "aaaaaa.ceeeeiiii.nooooo..uuuuy.y"

// westernLetter returns the letter below the accent of one in Western Europe's
// alphabets, as folding would, and 0 for any other rune.
func westernLetter(r rune) byte {
	const first, last = 0xc0, 0xff
	if r < first || r > last || westernBases[r-first] == '.' {
		return 0
	}
	return westernBases[r-first]
}

func keyOf(words []string) nameKey {
	var sum uint64
	for _, word := range words {
		hash := uint64(fnvOffset)
		for i := range len(word) {
			hash = (hash ^ uint64(word[i])) * fnvPrime
		}
		sum += spread(hash)
	}
	return nameKey(sum)
}

// sortedWords are the words of a name, folded and in order. An apostrophe is part of a
// word: N'Guessan is one.
func sortedWords(name string) []string {
	folded := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		case r == '\'', r == '\u2019', r == '\u2018', r == '`', r == '\u00b4', unicode.Is(unicode.Mn, r):
			return -1
		default:
			return ' '
		}
	}, norm.NFD.String(name))
	found := strings.Fields(folded)
	slices.Sort(found)
	return found
}

func sortedName(name string) string { return strings.Join(sortedWords(name), " ") }

// Payee tells who comes again on another number: by name and amount.
type Payee struct {
	name   nameKey
	amount money.Amount
}

// PayeeOf returns whom terms pay. Those of one name, as SameName compares names, and of
// one amount are equal.
func PayeeOf(t ledger.Terms) Payee { return Payee{keyOfName(t.Name), t.Amount} }

// SameName reports whether two texts name the same person as people write names: in any
// order and case, with accents or without.
func SameName(a, b string) bool { return sortedName(a) == sortedName(b) }
