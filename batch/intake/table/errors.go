package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What can be wrong with a file as a whole. Each says what to do about it; all
// are found with errors.Is.
var (
	// ErrNoIDs is matched by a HeaderError when transaction_id is the only
	// column missing.
	ErrNoIDs = errors.New("the file has no transaction_id column")
	// ErrChanged ends a pass over bytes that are no longer those of Open.
	ErrChanged = errors.New("the file was changed while it was being read: start again")
	ErrEmpty   = errors.New("the file is empty")
	// ErrNoRows is returned for a header with nothing under it.
	ErrNoRows      = errors.New("the file has a header but no rows under it")
	ErrLegacyExcel = errors.New("an old Excel workbook (.xls): save it as .xlsx or CSV")
	ErrEncrypted   = errors.New("the workbook is protected by a password: save a copy without one")
	// ErrLock is returned for the file that stands beside a workbook while it is open.
	ErrLock = errors.New("the note that a spreadsheet leaves beside an open workbook: close the workbook, and name the file without ~$")
	// ErrOneColumn is returned for a workbook of which each row stands in one cell.
	ErrOneColumn = errors.New("each row of the sheet stands in one cell: split it into columns (Data, Text to Columns), or give payrun the CSV it came from")
	ErrNotTable  = errors.New("neither CSV text nor a workbook (.xlsx, .ods)")
	// ErrEncoding is returned for text that is UTF-8 for the most part and
	// broken in places: reading it as anything else would garble names.
	ErrEncoding = errors.New("the text is UTF-8 with broken characters in it: save it again as CSV UTF-8")
	// ErrDamaged is returned for a workbook that is cut short or inconsistent.
	ErrDamaged = errors.New("the workbook is damaged or incomplete: fetch it again, or open it and save it anew")
	// ErrTooLarge is returned for what exceeds the documented bounds.
	ErrTooLarge = errors.New("larger than payrun reads")
	// ErrUnclosedQuote is returned for a quote that is opened and never closed,
	// so that everything after it would be one cell.
	ErrUnclosedQuote = errors.New("a quote is opened and not closed")
)

// Code returns the code that a script and a catalogue of messages know an error
// of Open or Rows by; it is "file.unreadable" for the ones of the system.
func Code(err error) string {
	for _, known := range fileCodes {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	header := (*HeaderError)(nil)
	switch {
	case errors.As(err, &header) && len(header.Missing) == 0:
		return "file.columns"
	case header != nil, errors.As(err, new(*MapError)):
		return "file.header"
	case errors.As(err, new(*SheetError)):
		return "file.sheet"
	default:
		return "file.unreadable"
	}
}

// Detail returns what an error of Open or Rows says beyond the sentence of its
// code: what is too large, where it is damaged. It is empty when there is no more.
func Detail(err error) string {
	for _, known := range fileCodes {
		if errors.Is(err, known.err) {
			_, detail, _ := strings.Cut(err.Error(), known.err.Error())
			detail = strings.TrimLeft(detail, ":, ")
			if inner, found := strings.CutPrefix(detail, "("); found {
				detail = strings.TrimSuffix(inner, ")")
			}
			return detail
		}
	}
	return ""
}

//nolint:gochecknoglobals // a table
var fileCodes = []struct {
	err  error
	code string
}{
	{ErrNoIDs, "file.no_ids"},
	{ErrChanged, "file.changed"},
	{ErrEmpty, "file.empty"},
	{ErrNoRows, "file.no_rows"},
	{ErrLegacyExcel, "file.legacy_excel"},
	{ErrEncrypted, "file.encrypted"},
	{ErrLock, "file.lock"},
	{ErrOneColumn, "file.one_column"},
	{ErrNotTable, "file.not_table"},
	{ErrEncoding, "file.encoding"},
	{ErrDamaged, "file.damaged"},
	{ErrTooLarge, "file.too_large"},
	{ErrUnclosedQuote, "file.unclosed_quote"},
}

// HeaderError says why no row of the file serves as its header.
type HeaderError struct {
	// Sheet is empty for text.
	Sheet string
	// Row is the row that comes nearest to a header, as a spreadsheet numbers
	// it, and Found its titles.
	Row   int
	Found []string
	// Missing are the required fields that no title names.
	Missing []Field
	// Open are the fields of which a person has to say which column is meant, the
	// missing ones among them for which there is a column that may be.
	Open []Decision
}

func (e *HeaderError) Error() string {
	var parts []string
	if len(e.Missing) > 0 {
		parts = append(parts, "no column for "+joinFields(e.Missing))
	}
	for _, d := range e.Open {
		if !slices.Contains(e.Missing, d.Field) {
			parts = append(parts, fmt.Sprintf("%d columns could be %s: %s", len(d.Candidates), d.Field, quoteAll(e.Names(d))))
		}
	}
	if e.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d%s has %s", e.Row, onSheet(e.Sheet), quoteAll(e.Found)))
	}
	for _, d := range e.Open {
		if slices.Contains(e.Missing, d.Field) {
			for _, name := range e.Names(d) {
				parts = append(parts, fmt.Sprintf("if %q is the %s, say --map '%s=%s'", name, d.Field, d.Field, name))
			}
		}
	}
	return strings.Join(parts, "; ")
}

// Names returns what Options.Map names the candidates of a decision by: their titles,
// with the column's letter where another column has the same one.
func (e *HeaderError) Names(d Decision) []string {
	names := make([]string, len(d.Candidates))
	for i, c := range d.Candidates {
		names[i] = nameOf(c, e.Found)
	}
	return names
}

// nameOf returns what Options.Map names a column by.
func nameOf(c Candidate, titles []string) string {
	same := 0
	for _, title := range titles {
		if fold(title) == fold(c.Title) {
			same++
		}
	}
	name := strings.Join(strings.Fields(c.Title), " ")
	if same > 1 || fold(name) == "" {
		name += "@" + ColumnName(c.Column)
	}
	return name
}

// Is reports whether ids are all that is missing.
func (e *HeaderError) Is(target error) bool {
	return target == ErrNoIDs && slices.Equal(e.Missing, []Field{FieldTransactionID}) &&
		!slices.ContainsFunc(e.Open, func(d Decision) bool { return d.Field != FieldTransactionID })
}

// MapError says that a column given by hand is not what the file has.
type MapError struct {
	Field  Field
	Header string
	// Reason tells why the pair cannot be used.
	Reason string
	// Found are the titles of the header, empty if it does not come to that.
	Found []string
}

func (e *MapError) Error() string {
	text := fmt.Sprintf("--map '%s=%s': %s", e.Field, e.Header, e.Reason)
	if len(e.Found) > 0 {
		text += "; the columns are " + quoteAll(e.Found)
	}
	return text
}

// SheetError says that it is not clear which sheet of a workbook is meant.
type SheetError struct {
	// Asked is Options.Sheet, empty if none was named.
	Asked string
	// Sheets are those to choose from.
	Sheets []string
}

func (e *SheetError) Error() string {
	if e.Asked != "" {
		return fmt.Sprintf("the workbook has no sheet %q; it has %s", e.Asked, quoteAll(e.Sheets))
	}
	return fmt.Sprintf("%d sheets have a header of beneficiaries, %s: choose one with --sheet",
		len(e.Sheets), quoteAll(e.Sheets))
}

// titlesShown keeps a message readable when the "header" is a row of data.
const titlesShown = 20

func quoteAll(titles []string) string {
	quoted := make([]string, 0, min(len(titles), titlesShown+1))
	for i, title := range titles {
		if i == titlesShown {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(titles)-i))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", shorten(title)))
	}
	return strings.Join(quoted, ", ")
}

func joinFields(fields []Field) string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = string(field)
	}
	return strings.Join(names, ", ")
}

func onSheet(sheet string) string {
	if sheet == "" {
		return ""
	}
	return fmt.Sprintf(" of sheet %q", sheet)
}
