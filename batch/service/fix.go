package service

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"payrun/batch/intake"
	"payrun/batch/intake/annotate"
	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
	"payrun/internal/fsx"
)

// FixOptions say how a file is fixed.
type FixOptions struct {
	fix.Options

	Copy CopyOptions
	// Title heads a field's column, as a template has it.
	Title func(table.Field) string
}

// Fix writes a clean copy of a file that can be paid as it is, and reads it back. The
// plan tells what was changed. If something is in doubt, the plan has problems and nothing
// is written. A copy that is there is not replaced by another: fsx.ErrTaken. The other
// errors are *intake.FileError, *fsx.CreateError and those of packages annotate and fix.
func (s *Service) Fix(ctx context.Context, file *table.File, o FixOptions) (*fix.Plan, error) {
	format, err := annotate.FormatOf(o.Copy.Path)
	if err != nil {
		return nil, err
	}
	plan, err := fix.Prepare(ctx, file, s.config.Rules, o.Options)
	if err != nil {
		return nil, intake.FileFailure(err)
	}
	if len(plan.Problems) > 0 {
		return plan, nil
	}
	out, err := writeFixed(ctx, file, plan, format, o)
	if err != nil {
		return plan, err
	}
	defer out.Discard() //nolint:errcheck // what is complete has its name
	return plan, out.CompleteNew()
}

// writeFixed writes the copy and reads it back: as the file has its columns, or, where
// those would have to be explained again, with the columns alone that are paid by. It
// does not have its name yet.
func writeFixed(ctx context.Context, file *table.File, plan *fix.Plan, format annotate.Format, o FixOptions) (*fsx.PendingFile, error) {
	out, err := writeLayout(ctx, file, plan, plan.Full(), format, o.Copy)
	if err == nil || !errors.Is(err, errNotRead) && !errors.Is(err, fix.ErrCopy) {
		return out, err
	}
	layout, changes := plan.Plain(o.Title)
	plan.Changes = append(changes, plan.Changes...)
	return writeLayout(ctx, file, plan, layout, format, o.Copy)
}

// errNotRead is returned for a copy whose columns are not recognised.
var errNotRead = errors.New("the copy's columns are not recognised")

func writeLayout(ctx context.Context, file *table.File, plan *fix.Plan, layout fix.Layout, format annotate.Format, o CopyOptions) (_ *fsx.PendingFile, err error) {
	out, err := fsx.NewPendingFile(o.Path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = out.Discard()
		}
	}()
	separator := o.Separator
	if own := []rune(file.Info().Separator); len(own) == 1 {
		separator = own[0]
	}
	rows, err := annotate.NewTable(out, len(layout.Titles), annotate.TableOptions{
		Format: format, Separator: separator, Folder: filepath.Dir(o.Path), Whole: plan.Whole(layout),
	})
	if err != nil {
		return nil, annotate.Failure(err)
	}
	defer rows.Close() //nolint:errcheck // finished, or given up
	if err := plan.Write(ctx, rows, layout); err != nil {
		return nil, annotate.Failure(err)
	}
	if err := errors.Join(rows.Finish(), out.Flush()); err != nil {
		return nil, annotate.Failure(fmt.Errorf("write %s: %w", o.Path, err))
	}
	return out, readBack(ctx, plan, out.Name())
}

// readBack reads the copy as it will be read when it is paid.
func readBack(ctx context.Context, plan *fix.Plan, path string) (err error) {
	written, err := table.Open(path, table.Options{})
	if err != nil {
		return errors.Join(errNotRead, err)
	}
	defer func() { err = errors.Join(err, written.Close()) }()
	return plan.Check(ctx, written)
}
