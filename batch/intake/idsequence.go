package intake

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
)

// The parts of an id that payrun makes: a prefix of up to prefixMax characters, and a
// sequence of at least sequenceMin digits and at most sequenceMax, which is more than a
// sheet has rows.
const (
	prefixMax    = 13
	sequenceMin  = 4
	sequenceMax  = 7
	sequenceLast = 9_999_999
)

// What is wrong with a sequence of ids.
var (
	// ErrPrefix is returned for a prefix that cannot begin an id.
	ErrPrefix = errors.New("a prefix is 1 to 13 letters without accents, digits, \"-\", \"_\" or \".\"")
	// ErrNoPrefix is returned when a file's name gives no prefix.
	ErrNoPrefix = errors.New("the file's name gives no prefix for its ids")
	// ErrSequenceFull is returned when there are more rows than numbers.
	ErrSequenceFull = errors.New("more rows than a series of ids has numbers")
)

// PrefixFromFile derives the beginning of a file's ids from its name, "NOVEMBER-"
// for november.xlsx. Names that are too long are told apart by a digest. The mark
// of a second download, "november (1).xlsx", does not count: it is the same file
// until the ledger says otherwise.
func PrefixFromFile(path string) (string, error) {
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	stem = secondCopy.ReplaceAllString(stem, "")
	name := cleanID(stem)
	if path == "-" || name == cleanID("") && !strings.EqualFold(stem, name) {
		return "", ErrNoPrefix
	}
	name = strings.ToUpper(dashes.ReplaceAllString(name, "-"))
	if len(name) < prefixMax {
		return name + "-", nil
	}
	const kept, digest = 6, 5
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(name[:kept], "-_.") + "-" + base32.HexEncoding.EncodeToString(sum[:])[:digest] + "-", nil
}

var (
	secondCopy = regexp.MustCompile(`[\s_]*\(\d+\)$`)
	dashes     = regexp.MustCompile(`-{2,}`)
)

// IDSequence gives rows their ids: a prefix and the next number. The same rows get
// the same ids each time. It is not safe for concurrent use.
type IDSequence struct {
	prefix string
	// digits is the least number of digits, and end the last number that leaves an
	// id short enough.
	digits, end int
	// taken is the last number that the rows have already, last the last given.
	taken, last int
}

// NewIDSequence returns the sequence of a prefix, from 1, whose ids the rules take.
func NewIDSequence(prefix string, set *rules.Set) (*IDSequence, error) {
	if len(prefix) > prefixMax || !ValidID(strings.TrimRight(prefix, "-.")) {
		return nil, fmt.Errorf("%q: %w", prefix, ErrPrefix)
	}
	if !set.TakesID(prefix + strings.Repeat("9", sequenceMax)) {
		return nil, fmt.Errorf("%q: %w, and the provider takes no ids that begin so", prefix, ErrPrefix)
	}
	return &IDSequence{prefix: prefix, digits: sequenceMin, end: sequenceLast}, nil
}

// Reserve keeps the sequence from giving an id that a row has, and those before it. It
// comes before the first Next.
func (s *IDSequence) Reserve(id string) {
	if n, ours := s.number(id); ours {
		s.taken = max(s.taken, n)
		s.last = s.taken
	}
}

// SequenceFinder finds the sequence that the ids of a file are of. The zero value has seen
// none.
type SequenceFinder struct {
	// seen counts the ids of each prefix; digits is how many the number of the first
	// has.
	seen   map[string]int
	digits map[string]int
}

// prefixesMax bounds how many prefixes are told apart: ids that share none are of no
// sequence.
const prefixesMax = 1000

// Add shows an id that a row has.
func (s *SequenceFinder) Add(id string) {
	prefix := strings.TrimRight(id, "0123456789")
	digits := len(id) - len(prefix)
	if digits == 0 || prefix == "" {
		return
	}
	if s.seen == nil {
		s.seen, s.digits = make(map[string]int), make(map[string]int)
	}
	if s.seen[prefix] == 0 {
		if len(s.seen) == prefixesMax {
			return
		}
		s.digits[prefix] = digits
	}
	s.seen[prefix]++
}

// Sequence returns the sequence that most ids are of, and false if there is none that
// could go on under the rules: a second prefix in one column would look like another
// payment's.
func (s *SequenceFinder) Sequence(set *rules.Set) (*IDSequence, bool) {
	best := ""
	for _, prefix := range slices.Sorted(maps.Keys(s.seen)) {
		if s.seen[prefix] > s.seen[best] {
			best = prefix
		}
	}
	room := set.IDLengthMax() - len(best)
	if best == "" || s.digits[best] > room || !set.TakesID(best+"9") || !ValidID(strings.TrimRight(best, "-.")) {
		return nil, false
	}
	end := 1
	for range min(room, sequenceMax) {
		end *= 10
	}
	return &IDSequence{prefix: best, digits: s.digits[best], end: end - 1}, true
}

// number returns an id's number, if it has the prefix and one that a sequence can
// reach.
func (s *IDSequence) number(id string) (n int, ours bool) {
	digits, ours := strings.CutPrefix(id, s.prefix)
	n, err := strconv.Atoi(digits)
	return n, ours && err == nil && n > 0 && n <= s.end
}

// Next returns the next id.
func (s *IDSequence) Next() (ledger.TransactionID, error) {
	if s.last == s.end {
		return "", ErrSequenceFull
	}
	s.last++
	return ledger.TransactionID(fmt.Sprintf("%s%0*d", s.prefix, s.digits, s.last)), nil
}

// Owns reports whether an id is one that Next gives, now or later. It may be
// called while Next is.
func (s *IDSequence) Owns(id string) bool {
	n, ours := s.number(id)
	return ours && n > s.taken
}

// WithIDs is a file whose payments have ids: their own, or the next of a sequence.
type WithIDs struct {
	File File
	IDs  *IDSequence
	// Pays says which rows are payments; the others get none.
	Pays func(row table.Row) bool
}

// Lacks reports whether a row is a payment without an id.
func (f WithIDs) Lacks(row table.Row) bool {
	return row.TransactionID == (table.Cell{}) && f.Pays(row)
}

// Rows yields the file's rows with their ids. One pass uses the sequence up.
func (f WithIDs) Rows(ctx context.Context) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		for row, err := range f.File.Rows(ctx) {
			if err == nil && f.Lacks(row) {
				var id ledger.TransactionID
				id, err = f.IDs.Next()
				row.TransactionID.Text = string(id)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
