package input

import (
	"context"
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed statement.yaml
var statementYAML []byte

// The fields of a statement besides those of a beneficiary file.
const (
	FieldProviderRef Field = "provider_ref"
	FieldFees        Field = "fees"
	FieldStatus      Field = "status"
	FieldType        Field = "type"
	FieldDate        Field = "date"
)

// statementFields are the fields of a statement; the first three it must have,
// and FieldProviderRef will do for the first.
//
//nolint:gochecknoglobals // a table
var statementFields = []Field{
	FieldTransactionID, FieldAmount, FieldStatus,
	FieldProviderRef, FieldNumber, FieldFees, FieldType, FieldDate,
}

const statementRequired = 3

// statementWords are what statement.yaml says, folded.
type statementWords struct {
	titles   map[string]Field
	statuses map[string]string
	others   map[string]bool
}

// knownStatements reads statement.yaml, once.
//
//nolint:gochecknoglobals // never changes
var knownStatements = sync.OnceValues(func() (statementWords, error) {
	var data struct {
		Fields   map[Field][]string  `yaml:"fields"`
		Statuses map[string][]string `yaml:"statuses"`
		Others   []string            `yaml:"others"`
	}
	known := statementWords{map[string]Field{}, map[string]string{}, map[string]bool{}}
	if err := yaml.UnmarshalWithOptions(statementYAML, &data, yaml.Strict()); err != nil {
		return known, fmt.Errorf("read the columns of statements: %w", err)
	}
	for field, titles := range data.Fields {
		known.titles[fold(string(field))] = field
		for _, title := range titles {
			known.titles[fold(title)] = field
		}
	}
	for status, words := range data.Statuses {
		for _, word := range words {
			known.statuses[fold(word)] = status
		}
	}
	for _, word := range data.Others {
		known.others[fold(word)] = true
	}
	return known, nil
})

// Statement is a list of transfers that a provider's dashboard exported, open. It
// may be read by one goroutine at a time.
type Statement struct {
	file  *File
	words statementWords
}

// OpenStatement recognises a statement and finds its header, as Open does for a
// file of beneficiaries; Options.WithoutIDs means nothing for it.
func OpenStatement(path string, opts Options) (*Statement, error) {
	words, err := knownStatements()
	if err != nil {
		return nil, err
	}
	m := &matcher{
		required: statementFields[:statementRequired], known: statementFields,
		instead: map[Field]Field{FieldTransactionID: FieldProviderRef},
		aliases: words.titles, mapped: make(map[string]Field), given: opts.Map,
	}
	if err := m.mapColumns(opts.Map); err != nil {
		return nil, err
	}
	file, err := open(path, opts, m)
	if err != nil {
		return nil, err
	}
	return &Statement{file: file, words: words}, nil
}

// Info returns what was recognised.
func (s *Statement) Info() Info { return s.file.Info() }

// Close ends the reading.
func (s *Statement) Close() error { return s.file.Close() }

// Transfer reports whether a row of this type may be a transfer to a beneficiary:
// any that is not known to be something else.
func (s *Statement) Transfer(kind string) bool {
	return !s.words.others[fold(kind)]
}

// Status returns what a status means, "successful", "failed" or "pending", and
// whether the word is known.
func (s *Statement) Status(word string) (meaning string, known bool) {
	meaning, known = s.words.statuses[fold(word)]
	return meaning, known
}

// StatementRow is one row of a statement.
type StatementRow struct {
	// Number and Problem are as in Row.
	Number  int
	Problem string
	cells   map[Field]Cell
}

// Cell returns the cell of a field, an empty one for a column that is not there.
func (r StatementRow) Cell(field Field) Cell { return r.cells[field] }

// Rows makes a pass over the rows under the header, blank ones left out. It ends
// as File.Rows does.
func (s *Statement) Rows(ctx context.Context) iter.Seq2[StatementRow, error] {
	header := s.file.table.header()
	return func(yield func(StatementRow, error) bool) {
		for record, err := range s.file.Records(ctx) {
			if err != nil {
				yield(StatementRow{}, err)
				return
			}
			if record.Number <= header.row || record.blank() {
				continue
			}
			if !yield(record.under(header), nil) {
				return
			}
		}
	}
}

func (r *Record) blank() bool {
	return r.Problem == "" && !slices.ContainsFunc(r.Cells, func(text string) bool { return trim(text) != "" })
}

// doubt keeps what is wrong with a cell.
func (r *Record) doubt(column int, code string) {
	if r.doubts == nil {
		r.doubts = map[int]string{}
	}
	r.doubts[column] = code
}

// under puts the cells of a record into their fields.
func (r *Record) under(header *layout) StatementRow {
	row := StatementRow{Number: r.Number, Problem: r.Problem, cells: make(map[Field]Cell, len(header.fields))}
	if r.Problem != "" {
		return row
	}
	for column, text := range r.Cells {
		switch {
		case column >= len(header.fields):
			if trim(text) != "" && row.Problem == "" {
				row.Problem = problemWidth
			}
		case header.fields[column] != "":
			cell := textCell(text)
			if doubt := r.doubts[column]; doubt != "" {
				cell = Cell{Text: text, Problem: doubt}
			}
			row.cells[header.fields[column]] = cell
		}
	}
	return row
}
