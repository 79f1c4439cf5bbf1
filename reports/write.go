package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/google/renameio/v2"

	"payrun/ledger"
)

const (
	folderMode fs.FileMode = 0o700
	fileMode   fs.FileMode = 0o600
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
	// Ledger is what a command needs after --ledger to find the batch, as it is
	// typed; empty if it finds it anyway. The page proposes such commands.
	Ledger string
	// Formats are those to write, by name; none means all but the journal.
	Formats []string
	// Journal is how FormatJournal books.
	Journal Journal
}

// The formats, by the names that Options.Formats knows.
const (
	FormatCSV     = "csv"
	FormatXLSX    = "xlsx"
	FormatJSON    = "json"
	FormatHTML    = "html"
	FormatJournal = "journal"
)

// Formats lists the formats in the order in which they are written. The last is
// written only if it is asked for.
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
			return kind.name == FormatJournal
		}
		return !slices.Contains(o.Formats, kind.name)
	})
}

// Written is what Write left behind.
type Written struct {
	Summary Summary
	// Files are the paths, in the order of Formats.
	Files []string
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
	ours         func(file *os.File, h Header) error
}

//nolint:gochecknoglobals // a table that nothing writes to
var formats = []formatKind{
	{FormatCSV, ".csv", beginCSV, oursCSV},
	{FormatXLSX, ".xlsx", beginXLSX, oursXLSX},
	{FormatJSON, ".json", beginJSON, oursJSON},
	{FormatHTML, ".html", beginHTML, oursHTML},
	{FormatJournal, ".journal.csv", beginJournal, oursJournal},
}

// Write reads the batch once and writes its report in the chosen formats into the
// folder, which it makes if need be. Older reports of the same batch are
// replaced, each in one step, when all new ones are complete and on the disk; on
// an error before that none is. It returns ErrDoesNotAddUp, or ErrOtherBatch for
// a file of the same name that is not a report of this batch.
func Write(ctx context.Context, folder string, source Source, h Header, o Options) (_ Written, err error) {
	if err := check(folder, h, o.chosen()); err != nil {
		return Written{}, err
	}
	d := &draft{folder: folder}
	defer func() { err = errors.Join(err, d.discard()) }()
	if err := d.begin(h, o); err != nil {
		return Written{}, fmt.Errorf("begin the report of batch %q: %w", h.Batch, err)
	}
	summary, err := fill(ctx, source, h, d.forms)
	if err != nil {
		return Written{}, fmt.Errorf("write the report of batch %q: %w", h.Batch, err)
	}
	if err := d.publish(); err != nil {
		return Written{}, fmt.Errorf("put the report of batch %q in place: %w", h.Batch, err)
	}
	return Written{Summary: *summary, Files: d.paths}, nil
}

// Summarise counts a batch without writing anything.
func Summarise(ctx context.Context, source Source, h Header) (Summary, error) {
	summary, err := fill(ctx, source, h, nil)
	if err != nil {
		return Summary{}, fmt.Errorf("add up batch %q: %w", h.Batch, err)
	}
	return *summary, nil
}

// draft is a report under temporary names.
type draft struct {
	folder string
	paths  []string
	files  []*renameio.PendingFile
	forms  []format
}

func (d *draft) begin(h Header, o Options) error {
	for _, kind := range o.chosen() {
		path := basePath(d.folder, h.Batch) + kind.ending
		file, err := renameio.NewPendingFile(path, renameio.WithPermissions(fileMode), renameio.WithTempDir(d.folder))
		if err != nil {
			return err
		}
		d.files = append(d.files, file)
		form, err := kind.begin(file, h, o)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		d.forms, d.paths = append(d.forms, synced{form, file}), append(d.paths, path)
	}
	return nil
}

// synced is a form whose file is on the disk once it is finished, so that a full
// disk is met while the old report is still whole.
type synced struct {
	format
	file *renameio.PendingFile
}

func (s synced) finish(summary *Summary) error {
	if err := s.format.finish(summary); err != nil {
		return err
	}
	return s.file.Sync()
}

// publish renames the files, all of which are on the disk.
func (d *draft) publish() error {
	for _, file := range d.files {
		if err := file.CloseAtomicallyReplace(); err != nil {
			return err
		}
	}
	return syncFolder(d.folder)
}

func (d *draft) discard() error {
	var errs []error
	for _, form := range d.forms {
		errs = append(errs, form.close())
	}
	for _, file := range d.files {
		errs = append(errs, file.Cleanup())
	}
	return errors.Join(errs...)
}

// syncFolder makes the new names as durable as what they name.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // G304: the folder that the caller chose for reports
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// basePath is the path of a batch's reports without their extensions. Whatever
// could lead out of the folder becomes a dash.
func basePath(folder string, batch ledger.BatchID) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, string(batch))
	if name = strings.Trim(name, "."); name == "" {
		name = "batch"
	}
	return filepath.Join(folder, name)
}
