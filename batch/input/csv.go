package input

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gocarina/gocsv"
)

// chunkRows is how many rows are decoded at a time: enough that the set-up of a
// chunk costs nothing, few enough to stay in the cache.
const chunkRows = 256

// csvTable reads the rows of a text under its header.
type csvTable struct {
	source  *source
	dialect dialect
	layout  *layout
}

// openCSV recognises the text and finds its header.
func openCSV(s *source, v *survey, m *matcher) (*csvTable, Info, error) {
	encoding, err := v.encoding()
	if err != nil {
		return nil, Info{}, err
	}
	sample, err := decodedSample(encoding, s)
	if err != nil {
		return nil, Info{}, err
	}
	d, l, err := detect(encoding, sample, m)
	if err != nil {
		return nil, Info{}, err
	}
	info := Info{Format: FormatCSV, Encoding: encoding, Separator: string(d.separator)}
	return &csvTable{source: s, dialect: d, layout: l}, info, nil
}

func (t *csvTable) header() *layout { return t.layout }

// close has nothing to release: the source is the file's.
func (t *csvTable) close() error { return nil }

// errStopped says that whoever reads wants no more rows.
var errStopped = errors.New("stopped")

// pass cuts the text from its beginning. The digest is taken of the bytes as
// they are read, so a pass over other bytes than the first cannot end well.
func (t *csvTable) pass(ctx context.Context, read func(*cutter) error) error {
	hash := sha256.New()
	raw := io.TeeReader(t.source.reader(), hash)
	cut, err := newCutter(t.dialect, decode(t.dialect.encoding, raw))
	if err != nil {
		return err
	}
	cut.columns = len(t.layout.titles)
	err = read(cut)
	switch {
	case errors.Is(err, errStopped):
		return nil
	case errors.Is(err, io.EOF):
		err = nil
	case ctx.Err() != nil:
		return err
	}
	if _, rest := io.Copy(io.Discard, raw); rest != nil {
		return errors.Join(err, rest)
	}
	// Bytes that changed explain any other complaint.
	if changed := t.source.unchanged(hash.Sum(nil)); changed != nil {
		return changed
	}
	return err
}

func (t *csvTable) rows(ctx context.Context, yield func(Row) bool) error {
	return t.pass(ctx, func(cut *cutter) error {
		c := newChunk(cut, t.layout)
		decoded := make([]beneficiary, chunkRows)
		for c.err == nil {
			if err := ctx.Err(); err != nil {
				return err //nolint:wrapcheck // the caller's own
			}
			if err := gocsv.UnmarshalCSV(c, &decoded); err != nil {
				return fmt.Errorf("decode rows: %w", err)
			}
			for i, r := range c.rows {
				row := decoded[i].row(r.number, r.problem)
				if !row.blank() && !yield(row) {
					return errStopped
				}
			}
		}
		return c.err
	})
}

func (t *csvTable) records(ctx context.Context, yield func(Record) bool) error {
	return t.pass(ctx, func(cut *cutter) error {
		cut.keepRaw()
		for {
			if err := ctx.Err(); err != nil {
				return err //nolint:wrapcheck // the caller's own
			}
			next, err := cut.read()
			if err != nil {
				return err
			}
			record := Record{Number: next.number, Cells: slices.Clone(next.fields), Problem: next.problem}
			if next.problem != "" {
				record.Cells = []string{next.raw}
			}
			if !yield(record) {
				return errStopped
			}
		}
	})
}

// beneficiary is a row as gocsv decodes it, by the canonical names that chunk
// puts in place of the file's titles.
type beneficiary struct {
	TransactionID string `csv:"transaction_id"`
	Number        string `csv:"customer_id"`
	Name          string `csv:"name"`
	GivenName     string `csv:"given_name"`
	Amount        string `csv:"amount"`
	Operator      string `csv:"operator"`
	Currency      string `csv:"currency"`
	Country       string `csv:"code_country"`
	Note          string `csv:"note"`
}

// UnmarshalCSVWithFields sets the field of a column. It spares gocsv the
// reflection, which at a million rows is most of the time.
func (b *beneficiary) UnmarshalCSVWithFields(column, value string) error {
	switch Field(column) {
	case FieldTransactionID:
		b.TransactionID = value
	case FieldNumber:
		b.Number = value
	case FieldName:
		b.Name = value
	case fieldGivenName:
		b.GivenName = value
	case FieldAmount:
		b.Amount = value
	case FieldOperator:
		b.Operator = value
	case FieldCurrency:
		b.Currency = value
	case FieldCountry:
		b.Country = value
	case FieldNote:
		b.Note = value
	}
	return nil
}

func (b *beneficiary) row(number int, problem string) Row {
	name := textCell(b.Name)
	if b.GivenName != "" {
		name = joinNames(name, textCell(b.GivenName))
	}
	return Row{
		Number: number, Problem: problem,
		TransactionID: textCell(b.TransactionID),
		Beneficiary:   textCell(b.Number),
		Name:          name,
		Amount:        textCell(b.Amount),
		Operator:      textCell(b.Operator),
		Currency:      textCell(b.Currency),
		Country:       textCell(b.Country),
		Note:          textCell(b.Note),
	}
}

// chunk is the part of a text that gocsv is given at a time. gocsv's own
// streaming sends every row through a channel from a goroutine, which costs more
// than the decoding and outlives a reader who stops early.
type chunk struct {
	cutter *cutter
	header []string
	below  int
	// table is the header and the fields of rows; rows has their numbers.
	table [][]string
	rows  []cutRow
	// err is what ended the text, to be told after the rows before it.
	err error
}

func newChunk(r *cutter, l *layout) *chunk {
	c := &chunk{cutter: r, below: l.row, header: make([]string, len(l.fields))}
	for i, field := range l.fields {
		c.header[i] = string(field)
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
		next, err := c.cutter.read()
		if err != nil {
			c.err = err
			break
		}
		if next.number <= c.below {
			continue
		}
		if len(c.table) == n {
			c.table = append(c.table, make([]string, 0, len(c.header)))
		}
		c.table[n] = c.keep(c.table[n][:0], &next)
		c.rows = append(c.rows, next)
		n++
	}
	return c.table[:n], nil
}

// keep copies the fields that have a column, and complains of more that are not
// empty: they are a separator too many somewhere, and the cells after it are in
// the wrong columns.
func (c *chunk) keep(fields []string, r *cutRow) []string {
	width := len(c.header)
	if len(r.fields) > width {
		for _, extra := range r.fields[width:] {
			if trim(extra) != "" && r.problem == "" {
				r.problem = problemWidth
			}
		}
		r.fields = r.fields[:width]
	}
	fields = append(fields, r.fields...)
	r.fields = nil
	return fields
}
