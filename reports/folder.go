package reports

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"

	"payrun/internal/fsx"
	"payrun/ledger"
)

const folderMode fs.FileMode = 0o700

// Written lists the files that Write left behind, and what they add up to.
type Written struct {
	Summary Summary
	// Files are the paths, in the order of Formats.
	Files []string
	// Receipts counts the receipts, if FormatReceipts was written.
	Receipts int
}

// Write reads the batch once and writes its report in the chosen formats into the
// folder, which it makes if need be. Older reports of the same batch are
// replaced, each in one step, when all new ones are complete and on the disk; on
// an error before that none is. It returns ErrDoesNotAddUp, or ErrOtherBatch for
// a file of the same name that is not a report of this batch.
func Write(ctx context.Context, folder string, source Source, h Header, o Options) (_ Written, err error) {
	if err := check(folder, h, o); err != nil {
		return Written{}, err
	}
	d := &staged{folder: folder}
	defer func() { err = errors.Join(err, d.discard()) }()
	if err := d.begin(h, o); err != nil {
		return Written{}, fmt.Errorf("begin the report of batch %q: %w", h.Batch, err)
	}
	summary, err := add(ctx, source, h, o, d.forms)
	if err != nil {
		return Written{}, err
	}
	if err := d.publish(); err != nil {
		return Written{}, fmt.Errorf("put the report of batch %q in place: %w", h.Batch, err)
	}
	return Written{Summary: summary, Files: d.paths, Receipts: d.receipts()}, nil
}

// staged is a report under temporary names.
type staged struct {
	folder string
	paths  []string
	files  []*fsx.PendingFile
	forms  []format
}

func (d *staged) begin(h Header, o Options) error {
	for _, kind := range o.chosen() {
		path := o.Place(d.folder, h.Batch, kind.name)
		file, err := fsx.NewPendingFile(path)
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

// receipts counts those that were written.
func (d *staged) receipts() int {
	count := 0
	for _, form := range d.forms {
		if s, is := form.(synced); is {
			count += receiptsIn(s.format)
		}
	}
	return count
}

// synced is a form whose file is on the disk once it is finished, so that a full
// disk is met while the old report is still whole.
type synced struct {
	format
	file *fsx.PendingFile
}

func (s synced) finish(summary *Summary) error {
	if err := s.format.finish(summary); err != nil {
		return err
	}
	return s.file.Sync()
}

// publish renames the files, all of which are on the disk.
func (d *staged) publish() error {
	for _, file := range d.files {
		if err := file.Complete(); err != nil {
			return err
		}
	}
	return fsx.Sync(d.folder)
}

func (d *staged) discard() error {
	var errs []error
	for _, form := range d.forms {
		errs = append(errs, form.close())
	}
	for _, file := range d.files {
		errs = append(errs, file.Discard())
	}
	return errors.Join(errs...)
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
