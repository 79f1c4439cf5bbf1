package table

import (
	"io"
	"slices"
)

// chunk is the part of a text that gocsv is given at a time. gocsv's own
// streaming sends every row through a channel from a goroutine, which costs more
// than the decoding and outlives a reader who stops early.
type chunk struct {
	reader *rowReader
	layout *layout
	header []string
	tally  *tally
	other  otherHeader
	// under is set below titles that put the fields into other columns.
	under bool
	// thousands is the column of amounts in a text whose separator may stand within
	// an amount, -1 for any other.
	thousands int
	// loose is scratch.
	loose []looseCell
	// table is the header and the fields of rows; rows has their numbers.
	table [][]string
	rows  []cutRow
	// err ended the text, and is told after the rows before it.
	err error
}

func newChunk(r *rowReader, l *layout, t *tally, other otherHeader) *chunk {
	c := &chunk{reader: r, layout: l, tally: t, other: other, thousands: -1, header: make([]string, len(l.fields))}
	for i, field := range l.fields {
		c.header[i] = string(field)
	}
	if r.csv.Comma == ',' {
		c.thousands = other.amount
	}
	return c
}

// Read is there for gocsv's interface; it takes chunks by ReadAll.
func (c *chunk) Read() ([]string, error) { return nil, io.EOF }

// ReadAll returns the header and the next rows below it.
func (c *chunk) ReadAll() ([][]string, error) {
	c.rows = c.rows[:0]
	if c.table == nil {
		c.table = make([][]string, 1, chunkRows+1)
		c.table[0] = c.header
	}
	n := 1
	for len(c.rows) < chunkRows {
		next, err := c.reader.read()
		if err != nil {
			c.err = err
			break
		}
		if !c.judge(&next) {
			continue
		}
		if len(c.table) == n {
			c.table = append(c.table, make([]string, 0, len(c.header)))
		}
		c.table[n] = append(c.table[n][:0], next.fields...)
		next.fields = nil
		c.rows = append(c.rows, next)
		n++
	}
	return c.table[:n], nil
}

// judge says what kind of row was cut, and counts it; false is for a row that is not
// given. The row keeps the fields that are to be decoded.
func (c *chunk) judge(r *cutRow) bool {
	switch {
	case r.number <= c.layout.row:
		return c.above(r)
	case c.under || r.problem == "" && c.titles(r):
		if isBlank(r.fields) && r.problem == "" {
			return false
		}
		c.underOther(r)
		return true
	}
	c.cutToWidth(r)
	c.thousandsCut(r)
	r.mark = c.tally.row(r.number, r.problem == "" && c.blank(r.fields), c.besides(r.fields))
	return true
}

// underOther gives a row for its problem alone. Of other titles the first is kept, for
// a person to find them.
func (c *chunk) underOther(r *cutRow) {
	c.tally.read++
	if c.under {
		r.problem, r.fields = problemUnderOther, nil
		return
	}
	r.problem, c.under = problemOtherHeader, true
	fields := make([]string, len(c.header))
	if at := slices.Index(c.layout.fields, FieldName); at >= 0 {
		fields[at] = firstOf(r.fields)
	}
	r.fields = fields
}

// firstOf returns the first text that is not blank.
func firstOf(texts []string) string {
	for _, text := range texts {
		if text = trim(text); text != "" {
			return text
		}
	}
	return ""
}

// above counts the header and what stands above it. A row that looks like a payment
// is given: the header has passed it over.
func (c *chunk) above(r *cutRow) bool {
	if r.number < c.layout.row && r.problem == "" && looksPaid(r.fields) {
		r.problem, r.fields = problemAbove, nil
		c.tally.read++
		return true
	}
	if r.problem != "" || !isBlank(r.fields) {
		c.tally.above(r.number, r.fields)
	}
	return false
}

// titles reports whether the row is a header of its own.
func (c *chunk) titles(r *cutRow) bool {
	amount := ""
	if c.other.amount >= 0 && c.other.amount < len(r.fields) {
		amount = r.fields[c.other.amount]
	}
	return c.other.worth(amount) && c.other.is(r.number, r.fields)
}

func isBlank(fields []string) bool {
	return !slices.ContainsFunc(fields, func(text string) bool { return trim(text) != "" })
}

// blank reports whether the columns that are read hold nothing.
func (c *chunk) blank(fields []string) bool {
	for i, text := range fields {
		if c.layout.fields[i] != "" && trim(text) != "" {
			return false
		}
	}
	return true
}

// besides returns the cells of the columns that are not read.
func (c *chunk) besides(fields []string) []looseCell {
	c.loose = c.loose[:0]
	for _, column := range c.tally.unread {
		if column < len(fields) {
			c.loose = append(c.loose, looseCell{column, trim(fields[column])})
		}
	}
	return c.loose
}

// cutToWidth leaves the fields that have a column, and complains of more that are not
// empty: they are a separator too many somewhere, and the cells after it are in
// the wrong columns.
func (c *chunk) cutToWidth(r *cutRow) {
	width := len(c.header)
	if len(r.fields) <= width {
		return
	}
	if r.problem == "" && !isBlank(r.fields[width:]) {
		r.problem = problemWidth
	}
	r.fields = r.fields[:width]
}

// thousandsCut complains of an amount that its own commas have cut: 150,000 without
// quotes is 150 in its column and 000 in the next.
func (c *chunk) thousandsCut(r *cutRow) {
	const group = 3
	at := c.thousands
	if at < 0 || at+1 >= len(r.fields) || r.problem == problemQuotes {
		return
	}
	amount, next := trim(r.fields[at]), trim(r.fields[at+1])
	if amount == "" || len(amount) > group || len(next) != group || amount[0] == '0' {
		return
	}
	if len(digitsIn(amount)) == len(amount) && len(digitsIn(next)) == group {
		r.problem = problemThousands
	}
}
