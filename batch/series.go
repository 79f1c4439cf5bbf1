package batch

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"payrun/batch/input"
	"payrun/ledger"
)

// The parts of an id that payrun makes: a prefix of up to prefixMax characters,
// and a sequence of at least sequenceMin digits, seven at most, which is more than
// a sheet has rows. Together they are 20 characters, what the provider takes.
const (
	prefixMax    = 13
	sequenceMin  = 4
	sequenceLast = 9_999_999
)

// What is wrong with a series of ids.
var (
	// ErrPrefix is returned for a prefix that cannot begin an id.
	ErrPrefix = errors.New("a prefix is 1 to 13 letters without accents, digits, \"-\", \"_\" or \".\"")
	// ErrNoPrefix is returned when a file's name gives no prefix.
	ErrNoPrefix = errors.New("the file's name gives no prefix for its ids")
	// ErrSeriesFull is returned when there are more rows than numbers.
	ErrSeriesFull = errors.New("more rows than a series of ids has numbers")
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

// Series gives rows their ids: a prefix and the next number. The same rows get
// the same ids each time. It is not safe for concurrent use.
type Series struct {
	prefix string
	// taken is the last number that the rows have already, last the last given.
	taken, last int
}

// NewSeries returns the series of a prefix, from 1.
func NewSeries(prefix string) (*Series, error) {
	if prefix == "" || len(prefix) > prefixMax || !ValidID(strings.TrimRight(prefix, "-.")) {
		return nil, fmt.Errorf("%q: %w", prefix, ErrPrefix)
	}
	return &Series{prefix: prefix}, nil
}

// Skip keeps the series from giving an id that a row has, and those before it. It
// comes before the first Next.
func (s *Series) Skip(id string) {
	if n, ours := s.number(id); ours {
		s.taken = max(s.taken, n)
		s.last = s.taken
	}
}

// number returns an id's number, if it has the prefix and one that a series can
// reach.
func (s *Series) number(id string) (n int, ours bool) {
	digits, ours := strings.CutPrefix(id, s.prefix)
	n, err := strconv.Atoi(digits)
	return n, ours && err == nil && n > 0 && n <= sequenceLast
}

// Next returns the next id.
func (s *Series) Next() (ledger.TransactionID, error) {
	if s.last == sequenceLast {
		return "", ErrSeriesFull
	}
	s.last++
	return ledger.TransactionID(fmt.Sprintf("%s%0*d", s.prefix, sequenceMin, s.last)), nil
}

// Gives reports whether an id is one that Next gives, now or later. It may be
// called while Next is.
func (s *Series) Gives(id string) bool {
	n, ours := s.number(id)
	return ours && n > s.taken
}

// Identified is a file whose rows have ids: their own, or the next of a series.
type Identified struct {
	File   File
	Series *Series
}

// Rows yields the file's rows with their ids. One pass uses the series up.
func (f Identified) Rows(ctx context.Context) iter.Seq2[input.Row, error] {
	return func(yield func(input.Row, error) bool) {
		for row, err := range f.File.Rows(ctx) {
			if err == nil && row.TransactionID == (input.Cell{}) {
				var id ledger.TransactionID
				id, err = f.Series.Next()
				row.TransactionID.Text = string(id)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
