package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"payrun/ledger"
)

const (
	folderMode fs.FileMode = 0o700
	fileMode   fs.FileMode = 0o600
)

// ErrOtherBatch is returned when a file of the report's name belongs to
// something else.
var ErrOtherBatch = errors.New("the file is the report of something else")

// Options say how reports look.
type Options struct {
	// French chooses the language of the page and of the workbook's summary;
	// English otherwise. Column names are the same in both.
	French bool
	// FrenchCSV writes the CSV as a French spreadsheet expects it: semicolons,
	// and a byte order mark so that accents are read rightly.
	FrenchCSV bool
}

// Written is what Write left behind.
type Written struct {
	Summary Summary
	// Files are the paths, in the order CSV, XLSX, JSON, HTML.
	Files []string
}

// format is one form of a report while it is being written: every line, then
// the summary.
type format interface {
	line(l line) error
	finish(s *Summary) error
}

// formats lists the forms with their file extensions.
//
//nolint:gochecknoglobals // a table that nothing writes to
var formats = []struct {
	extension string
	begin     func(w io.Writer, h Header, o Options) (format, error)
}{
	{".csv", beginCSV},
	{".xlsx", beginXLSX},
	{".json", beginJSON},
	{".html", beginHTML},
}

// Check says whether Write may write the reports of a batch into a folder. It
// returns ErrOtherBatch for a file of the same name that is not a report of this
// batch: the beneficiaries' own file, for one. Ask before anything is paid.
func Check(folder string, batch ledger.BatchID) error {
	return ours(basePath(folder, batch), batch)
}

// basePath is the path of a batch's reports without their extensions.
func basePath(folder string, batch ledger.BatchID) string {
	return filepath.Join(folder, filepath.Base(string(batch)))
}

// Write reads the batch once and writes its report in every format into the
// folder, which it makes if need be. Older reports of the same batch are
// replaced, each in one step, when all new ones are complete; on an error none
// is. It returns ErrDoesNotAddUp, or ErrOtherBatch for a file of the same name
// that is not a report of this batch.
func Write(ctx context.Context, folder string, source Source, h Header, o Options) (_ Written, err error) {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return Written{}, fmt.Errorf("make the folder for reports: %w", err)
	}
	base := basePath(folder, h.Batch)
	if err := ours(base, h.Batch); err != nil {
		return Written{}, err
	}
	var written Written
	var pending []*renameio.PendingFile
	var begun []format
	defer func() {
		for _, file := range pending {
			err = errors.Join(err, file.Cleanup())
		}
	}()
	for _, form := range formats {
		file, err := renameio.NewPendingFile(base+form.extension, renameio.WithPermissions(fileMode))
		if err != nil {
			return Written{}, fmt.Errorf("write the report: %w", err)
		}
		pending = append(pending, file)
		started, err := form.begin(file, h, o)
		if err != nil {
			return Written{}, fmt.Errorf("write the report %s%s: %w", base, form.extension, err)
		}
		begun = append(begun, started)
		written.Files = append(written.Files, base+form.extension)
	}
	summary, err := fill(ctx, source, h, begun)
	if err != nil {
		return Written{}, fmt.Errorf("write the report of batch %q: %w", h.Batch, err)
	}
	for _, file := range pending {
		if err := file.CloseAtomicallyReplace(); err != nil {
			return Written{}, fmt.Errorf("write the report: %w", err)
		}
	}
	written.Summary = *summary
	return written, nil
}

// fill gives every line to every format, and the summary once it adds up.
func fill(ctx context.Context, source Source, h Header, into []format) (*Summary, error) {
	summary := newSummary(h)
	for l, err := range lines(ctx, source, h.Batch) {
		if err != nil {
			return nil, err
		}
		if err := summary.add(l); err != nil {
			return nil, err
		}
		for _, form := range into {
			if err := form.line(l); err != nil {
				return nil, err
			}
		}
	}
	if err := summary.check(); err != nil {
		return nil, err
	}
	for _, form := range into {
		if err := form.finish(summary); err != nil {
			return nil, err
		}
	}
	return summary, nil
}

// Summarise counts a batch without writing anything.
func Summarise(ctx context.Context, source Source, h Header) (Summary, error) {
	summary, err := fill(ctx, source, h, nil)
	if err != nil {
		return Summary{}, err
	}
	return *summary, nil
}

// ours refuses to replace files that are no report of this batch. The JSON tells;
// without it, nothing of the report's name may be there.
func ours(base string, batch ledger.BatchID) error {
	text, err := os.ReadFile(base + ".json")
	if err == nil {
		var report struct {
			Summary struct {
				Batch ledger.BatchID `json:"batch"`
			} `json:"summary"`
		}
		if err := json.Unmarshal(text, &report); err != nil || report.Summary.Batch != batch {
			return fmt.Errorf("%s.json: %w", base, ErrOtherBatch)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the report that is there: %w", err)
	}
	for _, form := range formats {
		if _, err := os.Lstat(base + form.extension); err == nil {
			return fmt.Errorf("%s%s: %w", base, form.extension, ErrOtherBatch)
		}
	}
	return nil
}
