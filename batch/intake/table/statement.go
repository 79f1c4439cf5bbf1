package table

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/goccy/go-yaml"
)

// The fields of a statement besides those of a beneficiary file.
const (
	FieldProviderRef Field = "provider_ref"
	FieldFees        Field = "fees"
	// FieldCredit is the amount that came in, where that has a column of its own.
	FieldCredit Field = "credit"
	FieldStatus Field = "status"
	FieldType   Field = "type"
	FieldDate   Field = "date"
)

// statementFields are the fields of a statement; the first three it must have,
// and FieldProviderRef will do for the first.
//
//nolint:gochecknoglobals // a table
var statementFields = []Field{
	FieldTransactionID, FieldAmount, FieldStatus,
	FieldProviderRef, FieldNumber, FieldCredit, FieldFees, FieldType, FieldDate,
}

const statementRequired = 3

// StatementForm is a provider's form of statements: the titles of the columns,
// what each status means, and the types of rows that are no transfers. It is not
// changed after loading and may be used concurrently.
type StatementForm struct {
	titles   *vocabulary
	statuses map[string]string
	others   map[string]bool
}

// LoadStatementForm reads a form as a provider's profile has it, in YAML.
func LoadStatementForm(text []byte) (StatementForm, error) {
	var data struct {
		Titles   vocabularyFile      `yaml:"titles"`
		Statuses map[string][]string `yaml:"statuses"`
		Others   []string            `yaml:"others"`
	}
	known := StatementForm{statuses: map[string]string{}}
	if err := yaml.UnmarshalWithOptions(text, &data, yaml.Strict()); err != nil {
		return known, fmt.Errorf("read the form of statements: %w", err)
	}
	known.titles, known.others = data.Titles.vocabulary(), folded(data.Others)
	for status, words := range data.Statuses {
		for _, word := range words {
			known.statuses[fold(word)] = status
		}
	}
	return known, nil
}

// Statement is a list of transfers that a provider's dashboard exported, open. It
// may be read by one goroutine at a time.
type Statement struct {
	file *File
	form StatementForm
}

// OpenStatement recognises a statement of that form and finds its header, as Open does
// for a file of beneficiaries; Options.WithoutIDs means nothing for it.
func OpenStatement(path string, form StatementForm, opts Options) (*Statement, error) {
	m := &matcher{
		required: statementFields[:statementRequired], known: statementFields,
		instead: map[Field]Field{FieldTransactionID: FieldProviderRef},
		words:   form.titles, given: opts.Map,
	}
	if err := m.checkGiven(); err != nil {
		return nil, err
	}
	file, err := open(path, opts, m)
	if err != nil {
		return nil, err
	}
	return &Statement{file: file, form: form}, nil
}

// Info returns what was recognised.
func (s *Statement) Info() Info { return s.file.Info() }

// Ignored is a column of a statement that is not read.
type Ignored struct {
	// Title is the column's title, and Fields are those that it could be: the one whose
	// title it is, then the ones without a column; none for a title like no field's.
	Title  string
	Fields []Field
}

// Ignored returns the columns that have a title and are not read.
func (s *Statement) Ignored() []Ignored {
	info := s.file.Info()
	var ignored []Ignored
	for _, title := range info.Unknown {
		one := Ignored{Title: title}
		known := s.form.titles.read(title).field
		var with []Field
		for _, field := range statementFields {
			switch {
			case field == known || !s.form.titles.could(field, title):
			case info.Headers[field] == "":
				one.Fields = append(one.Fields, field)
			default:
				with = append(with, field)
			}
		}
		one.Fields = append(one.Fields, with...)
		if known != "" {
			one.Fields = append([]Field{known}, one.Fields...)
		}
		ignored = append(ignored, one)
	}
	return ignored
}

// Repeats reports whether a row has the titles once more, as a statement of several
// pages does.
func (s *Statement) Repeats(row StatementRow) bool {
	own := 0
	for field, title := range s.file.Info().Headers {
		if text := row.Cell(field).Text; text != "" && fold(text) == fold(title) {
			own++
		}
	}
	return own > 1
}

// Close ends the reading.
func (s *Statement) Close() error { return s.file.Close() }

// Transfer reports whether a row of this type may be a transfer to a beneficiary:
// any that is not known to be something else.
func (s *Statement) Transfer(kind string) bool {
	return !s.form.others[fold(kind)]
}

// Status returns what a status means, "successful", "failed" or "pending", and
// whether the word is known.
func (s *Statement) Status(word string) (meaning string, known bool) {
	meaning, known = s.form.statuses[fold(word)]
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
