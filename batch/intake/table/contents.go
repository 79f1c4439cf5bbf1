package table

import (
	"context"
	"strings"
	"time"
	"unicode"
)

// look describes the cells of a field.
type look string

const (
	looksAmount look = "amount"
	looksNumber look = "number"
	looksID     look = "id"
)

// contentsRows bounds the rows that are looked at to see what a column holds. It is
// more than most files have, and few enough to cost nothing beside a full pass.
const contentsRows = 10_000

// contents sums up the columns of a table, as far as was looked.
type contents struct {
	columns []column
	// whole is set if every row was seen.
	whole bool
}

// column counts the cells of one column that are not blank, and those of them that
// look like each kind of field. In someAmounts are also the ones that would be odd
// as an amount, such as 12.
type column struct {
	filled                    int
	amounts, numbers, ids     int
	someAmounts, somethingIDs int
	last                      int64
	ascending                 int
	years                     int
	seen                      map[string]bool
}

// surveyContents looks at the first rows under the header. Rows in which every
// column of beside is blank are left out: they are not those of the table.
func surveyContents(ctx context.Context, t table, beside []int) (*contents, error) {
	header := t.header()
	found := &contents{columns: make([]column, len(header.titles)), whole: true}
	rows := 0
	err := t.records(ctx, func(r Record) bool {
		if r.Number <= header.row || r.Problem != "" || !r.filledIn(beside) {
			return true
		}
		if rows++; rows > contentsRows {
			found.whole = false
			return false
		}
		for i := range found.columns {
			if i < len(r.Cells) {
				found.columns[i].look(textCell(r.Cells[i]).Text, r.doubts[i] != "")
			}
		}
		return true
	})
	return found, err
}

// filledIn reports whether one of the columns has something in this row; no columns
// stand for all.
func (r *Record) filledIn(columns []int) bool {
	for _, i := range columns {
		if i < len(r.Cells) && trim(r.Cells[i]) != "" {
			return true
		}
	}
	return len(columns) == 0
}

// look takes a cell in. One that is doubtful only counts as filled.
func (c *column) look(text string, doubtful bool) {
	if text == "" {
		return
	}
	c.filled++
	if doubtful {
		return
	}
	if looksLikeNumber(text) {
		c.numbers++
	} else if value, ok := amountIn(text); ok {
		c.lookAtAmount(value)
	}
	c.lookAtID(text)
}

// The amounts that people are paid lie between these, in francs.
const (
	amountLeast = 100
	amountMost  = 100_000_000
)

func (c *column) lookAtAmount(value int64) {
	const firstYear, lastYear = 1940, 2100
	c.someAmounts++
	if value >= amountLeast && value <= amountMost && !isDay(value) {
		c.amounts++
	}
	if value >= firstYear && value <= lastYear {
		c.years++
	}
	if value == c.last+1 {
		c.ascending++
	}
	c.last = value
}

// isDay recognises a date written as one number, 20261130.
func isDay(value int64) bool {
	const first, last = 1940_01_01, 2100_12_31
	if value < first || value > last {
		return false
	}
	month, day := value/100%100, value%100
	return month >= 1 && month <= int64(time.December) && day >= 1 && day <= 31
}

func (c *column) lookAtID(text string) {
	const longest = 64
	letters, digits := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		case !strings.ContainsRune("._/#:-", r):
			return
		}
	}
	if len(text) > longest || digits == 0 || c.seen[text] {
		return
	}
	if c.seen == nil {
		c.seen = make(map[string]bool)
	}
	c.seen[strings.Clone(text)] = true
	c.somethingIDs++
	if letters > 0 && letters+digits > 2 {
		c.ids++
	}
}

// looks reports whether the column could be a field of that look by its cells: if
// its title says so one cell is enough, else most of them must be like it.
func (c *column) looks(kind look, titled bool) bool {
	counting := c.filled > 1 && c.ascending >= c.filled-1
	switch {
	case kind == looksAmount && titled:
		return c.someAmounts > 0
	case kind == looksAmount:
		return c.most(c.amounts) && !counting && c.years < c.filled
	case kind == looksNumber && titled:
		return c.numbers > 0
	case kind == looksNumber:
		return c.most(c.numbers)
	case kind == looksID && titled:
		return c.filled > 0 && c.somethingIDs == c.filled && !counting && c.numbers == 0
	case kind == looksID:
		return c.filled > 0 && c.ids == c.filled && c.numbers == 0
	default:
		return false
	}
}

// most reports whether so many of the cells are more than half.
func (c *column) most(count int) bool { return count > 0 && count*2 > c.filled }

// currencyWords stand beside the figure of an amount.
//
//nolint:gochecknoglobals // a table
var currencyWords = map[string]bool{
	"": true, "f": true, "fcfa": true, "cfa": true, "xof": true, "frs": true, "francs": true,
	"eur": true, "euro": true, "euros": true, "€": true, "usd": true, "$": true,
}

// amountIn returns the whole part of what looks like an amount. It only tells
// columns apart; what is paid is read by the rules.
func amountIn(text string) (value int64, ok bool) {
	const digitsMost, decimalsMost = 9, 2
	var figures, words strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9', r == '.', r == ',':
			figures.WriteRune(r)
		case unicode.IsLetter(r), unicode.Is(unicode.Sc, r):
			words.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r), r == '-', r == '+', r == '\'', r == '’', r == '_':
		default:
			return 0, false
		}
	}
	if !currencyWords[words.String()] {
		return 0, false
	}
	whole := strings.Trim(figures.String(), ".,")
	if at := strings.LastIndexAny(whole, ".,"); at >= 0 && len(whole)-at-1 <= decimalsMost {
		whole = whole[:at]
	}
	whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
	if whole == "" || len(whole) > digitsMost || len(whole) > 1 && whole[0] == '0' {
		return 0, false
	}
	for _, r := range whole {
		value = value*10 + int64(r-'0')
	}
	return value, true
}

// looksLikeNumber recognises a telephone number by its beginning: a zero, a plus, the
// country's code, or the first digit of a mobile number whose zero a spreadsheet
// dropped. It only tells columns apart; what is paid is read by the rules.
func looksLikeNumber(text string) bool {
	const (
		national      = 10
		longest       = 15
		international = 13
	)
	plus := strings.HasPrefix(text, "+")
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-()/+\u00a0\u202f", r) {
			return -1
		}
		return r
	}, text)
	if len(digits) < national-1 || len(digits) > longest || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	switch {
	case plus, strings.HasPrefix(digits, "00"):
		return true
	case len(digits) == international:
		return strings.HasPrefix(digits, "225")
	case len(digits) == national-1:
		return strings.ContainsAny(digits[:1], "157")
	default:
		return len(digits) == national && digits[0] == '0'
	}
}
