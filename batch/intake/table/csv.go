package table

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gocarina/gocsv"
)

// chunkRows bounds the rows that are decoded at a time: enough that the set-up of a
// chunk costs nothing, few enough to stay in the cache.
const chunkRows = 256

// csvTable reads the rows of a text under its header.
type csvTable struct {
	source  *source
	dialect dialect
	layout  *layout
	matcher *matcher
	words   markWords
	// tally is that of the last whole pass over the rows.
	tally *tally
}

// openCSV recognises the text and finds its header.
func openCSV(s *source, v *sniffer, m *matcher) (*csvTable, Info, error) {
	encoding, err := v.encoding()
	if err != nil {
		return nil, Info{}, err
	}
	sample, err := decodedSample(encoding, s)
	if err != nil {
		return nil, Info{}, err
	}
	d := dialect{encoding: encoding, loose: v.loose || encoding == encodingUTF16LE || encoding == encodingUTF16BE}
	d, l, err := detect(d, sample, m)
	if err != nil {
		return nil, Info{}, err
	}
	words, err := knownMarks()
	if err != nil {
		return nil, Info{}, err
	}
	info := Info{Format: FormatCSV, Encoding: encoding, Separator: string(d.separator)}
	return &csvTable{source: s, dialect: d, layout: l, matcher: m, words: words}, info, nil
}

func (t *csvTable) header() *layout { return t.layout }

// close has nothing to release: the source is the file's.
// errStopped says that whoever reads wants no more rows.
var errStopped = errors.New("stopped")

// pass cuts the text from its beginning. The digest is taken of the bytes as
// they are read, so a pass over other bytes than the first cannot end well.
func (t *csvTable) pass(ctx context.Context, read func(*rowReader) error) error {
	hash := sha256.New()
	raw := io.TeeReader(t.source.reader(), hash)
	cut, err := newRowReader(t.dialect, decode(t.dialect.encoding, raw))
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

func (t *csvTable) counted() *tally { return t.tally }

func (t *csvTable) rows(ctx context.Context, yield func(Row) bool) error {
	counting := newTally(t.words, t.layout)
	err := t.pass(ctx, func(cut *rowReader) error {
		c := newChunk(cut, t.layout, counting, newOtherHeader(t.matcher, t.layout))
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
				if row.blank() {
					continue
				}
				row.Mark = counting.marked(row, r.mark)
				if !yield(row) {
					counting.stopped = true
					return errStopped
				}
			}
		}
		return c.err
	})
	if err == nil && !counting.stopped {
		t.tally = counting
	}
	return err
}

func (t *csvTable) records(ctx context.Context, yield func(Record) bool) error {
	return t.pass(ctx, func(cut *rowReader) error {
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
