package input

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
	ErrNoRows       = errors.New("the file has a header but no rows under it")
	ErrLegacyExcel  = errors.New("an old Excel workbook (.xls): save it as .xlsx or CSV")
	ErrEncrypted    = errors.New("the workbook is protected by a password: save a copy without one")
	ErrOpenDocument = errors.New("an OpenDocument spreadsheet (.ods): save it as .xlsx or CSV")
	ErrNotTable     = errors.New("neither CSV text nor an .xlsx workbook")
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
	switch {
	case errors.As(err, new(*HeaderError)), errors.As(err, new(*MapError)):
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
	{ErrOpenDocument, "file.open_document"},
	{ErrNotTable, "file.not_table"},
	{ErrEncoding, "file.encoding"},
	{ErrDamaged, "file.damaged"},
	{ErrTooLarge, "file.too_large"},
	{ErrUnclosedQuote, "file.unclosed_quote"},
}

// HeaderError says why no row of the file is the header.
type HeaderError struct {
	// Sheet is empty for text.
	Sheet string
	// Row is the row that comes nearest to a header, as a spreadsheet numbers
	// it, and Found its titles.
	Row   int
	Found []string
	// Missing are the required fields without a column, Doubled the fields with
	// more than one and their titles.
	Missing []Field
	Doubled map[Field][]string
	// Guesses are titles that look like a missing field's.
	Guesses map[Field]string
}

func (e *HeaderError) Error() string {
	var parts []string
	if len(e.Missing) > 0 {
		parts = append(parts, "no column for "+joinFields(e.Missing))
	}
	for _, field := range sortedFields(e.Doubled) {
		parts = append(parts, fmt.Sprintf("%d columns for %s: %s",
			len(e.Doubled[field]), field, quoteAll(e.Doubled[field])))
	}
	if e.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d%s has %s", e.Row, onSheet(e.Sheet), quoteAll(e.Found)))
	}
	for _, field := range sortedFields(e.Guesses) {
		parts = append(parts, fmt.Sprintf("if %q is the %s, say --map '%s=%s'",
			e.Guesses[field], field, field, e.Guesses[field]))
	}
	return strings.Join(parts, "; ")
}

// Is reports whether ids are all that is missing.
func (e *HeaderError) Is(target error) bool {
	return target == ErrNoIDs && len(e.Doubled) == 0 && slices.Equal(e.Missing, []Field{FieldTransactionID})
}

// MapError says that a column given by hand is not what the file has.
type MapError struct {
	Field  Field
	Header string
	// Reason is what is wrong with the pair.
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
