package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"payrun/ledger"
	"payrun/ledger/phone"
	"payrun/reports/page"
)

// bufferSize makes one write of what the default buffer would make sixteen.
const bufferSize = 64 << 10

// Options say how reports look.
type Options struct {
	// French chooses the language of the page and of the workbook's summary;
	// English otherwise. Column names are the same in both.
	French bool
	// FrenchCSV writes the CSV as a French spreadsheet expects it: semicolons,
	// decimal commas, CRLF, and a byte order mark so that accents are read
	// rightly.
	FrenchCSV bool
	// Ledger is the value of --ledger by which a command finds the batch, as it is
	// typed; empty if it finds it anyway. The page proposes such commands.
	Ledger string
	// Formats are those to write, by name; none means all but the journal.
	Formats []string
	// Journal has the accounts of FormatJournal.
	Journal Journal
	// Letterhead is who the page, the workbook and the receipts are from.
	Letterhead page.Letterhead
	// Payees lists everybody at the end of the page, which may be long.
	Payees bool
	// Numbers shows telephone numbers in full where people read them on paper: in that
	// list, on the workbook's sheet to print, and on receipts. They are masked otherwise.
	Numbers bool
	// Receipt is the only payout of which FormatReceipts has a receipt; empty is all.
	Receipt ledger.TransactionID
}

// number shows a number as the options say.
func (o Options) number(n phone.E164) string {
	if o.Numbers {
		return n.National().Reveal()
	}
	return n.String()
}

// The formats, by the names that Options.Formats knows.
const (
	FormatCSV      = "csv"
	FormatXLSX     = "xlsx"
	FormatJSON     = "json"
	FormatHTML     = "html"
	FormatJournal  = "journal"
	FormatReceipts = "receipts"
)

// Formats lists the formats in the order in which they are written. FormatJournal and
// FormatReceipts are written only if they are asked for.
func Formats() []string {
	names := make([]string, len(formats))
	for i, kind := range formats {
		names[i] = kind.name
	}
	return names
}

// chosen are the formats to write.
func (o Options) chosen() []formatKind {
	return slices.DeleteFunc(slices.Clone(formats), func(kind formatKind) bool {
		if len(o.Formats) == 0 {
			return kind.name == FormatJournal || kind.name == FormatReceipts
		}
		return !slices.Contains(o.Formats, kind.name)
	})
}

// format is one form of a report while it is being written: every line, then
// the summary. Close follows in any case and gives up what the form still holds.
type format interface {
	line(l line) error
	finish(s *Summary) error
	close() error
}

// formatKind is a form of a report: how its files' names end, and the check that
// a file is one of ours about a batch.
type formatKind struct {
	name, ending string
	begin        func(w io.Writer, h Header, o Options) (format, error)
	owns         func(file *os.File, h Header) error
}

//nolint:gochecknoglobals // a table that nothing writes to
var formats = []formatKind{
	{FormatCSV, ".csv", beginCSV, oursCSV},
	{FormatXLSX, ".xlsx", beginXLSX, oursXLSX},
	{FormatJSON, ".json", beginJSON, oursJSON},
	{FormatHTML, ".html", beginHTML, oursHTML},
	{FormatJournal, ".journal.csv", beginJournal, oursJournal},
	{FormatReceipts, ".receipts.html", beginReceipts, oursHTML},
}

// Ending is how the names of a format's files end, without the first point: "journal.csv".
// It is empty for a format that there is none of.
func Ending(format string) string {
	for _, kind := range formats {
		if kind.name == format {
			return strings.TrimPrefix(kind.ending, ".")
		}
	}
	return ""
}

// Place is the path of a batch's report in a format.
func (o Options) Place(folder string, batch ledger.BatchID, format string) string {
	if format == FormatReceipts && o.Receipt != "" {
		return basePath(folder, batch+".receipt."+ledger.BatchID(o.Receipt)) + ".html"
	}
	return basePath(folder, batch) + "." + Ending(format)
}

// Chosen are the formats to write, by name.
func (o Options) Chosen() []string {
	var names []string
	for _, kind := range o.chosen() {
		names = append(names, kind.name)
	}
	return names
}

// Output is the destination of one format of a report.
type Output struct {
	// Format is one of Formats.
	Format string
	To     io.Writer
	// Receipts takes how many were written, for FormatReceipts. It may be nil.
	Receipts *int
}

// ErrFormat is returned for a format that there is none of.
var ErrFormat = errors.New("not a format of reports")

// Render reads the batch once and writes its report to each output, all in one pass, so
// that they cannot disagree. Without outputs it only adds up. What was written is a
// whole report only if the error is nil; it is ErrDoesNotAddUp where the totals do not.
func Render(ctx context.Context, source Source, h Header, o Options, outputs ...Output) (_ Summary, err error) {
	forms := make([]format, 0, len(outputs))
	defer func() {
		for _, form := range forms {
			err = errors.Join(err, form.close())
		}
	}()
	for _, output := range outputs {
		at := slices.IndexFunc(formats, func(kind formatKind) bool { return kind.name == output.Format })
		if at < 0 {
			return Summary{}, fmt.Errorf("%q: %w", output.Format, ErrFormat)
		}
		form, err := formats[at].begin(output.To, h, o)
		if err != nil {
			return Summary{}, fmt.Errorf("begin the report of batch %q as %s: %w", h.Batch, output.Format, err)
		}
		forms = append(forms, form)
	}
	summary, err := add(ctx, source, h, o, forms)
	for i, output := range outputs {
		if output.Receipts != nil {
			*output.Receipts = receiptsIn(forms[i])
		}
	}
	return summary, err
}

// add gives the whole batch to forms that have begun.
func add(ctx context.Context, source Source, h Header, o Options, forms []format) (Summary, error) {
	word, err := wordingIn(o.French)
	if err != nil {
		return Summary{}, err
	}
	summary, err := fanOut(ctx, source, h, word, forms)
	if err != nil {
		return Summary{}, fmt.Errorf("report batch %q: %w", h.Batch, err)
	}
	return *summary, nil
}
