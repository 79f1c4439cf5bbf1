package service

import (
	"context"
	"errors"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
)

// Reading says how a file is read, as far as a person said it.
type Reading struct {
	Sheet  string
	Hidden table.Hidden
	// Columns, counted from 0, are taken for fields.
	Columns map[table.Field]int
}

// UnderstandOptions are a person's word about a file so far.
type UnderstandOptions struct {
	Reading Reading
	Check   CheckOptions
	// SkipInvalid takes the rows that are right without the others.
	SkipInvalid bool
	// Against is the batch to compare with, empty for the last comparable one.
	Against ledger.BatchID
	// Progress is kept up to date while the file is read. May be nil.
	Progress *Progress
}

// Understood is a file as payrun understands it, for its maker to confirm or change. It holds
// nothing open.
type Understood struct {
	// Unreadable says why nothing can be read of the file, nil if it can.
	Unreadable *rules.Problem
	// Sheets are those of a workbook to choose from, where it is open which is meant.
	Sheets []string

	Info    table.Info
	Columns Columns
	// Undecided is set while it is open which column is meant; nothing is checked until then.
	Undecided bool

	// Checked is the result of a check, nil if it came to none. Its File is nil.
	Checked *Checked
	// Verdict and Remedy are about it, with SkipInvalid as it was asked for.
	Verdict Verdict
	Remedy  Remedy
	// Refused says why it cannot become the batch that was named, nil if it can: one of the errors
	// of Admissible.
	Refused error
	// Changes are those against an earlier batch, nil where nothing was checked.
	Changes *Diff
	// Uncompared says why it could not be compared with the batch that was named, nil if it was.
	Uncompared error
}

// OpenRead opens a file as a person said that it is to be read, or, of whose columns nobody said
// anything, as somebody answered about such a file before. Columns may still be open.
// The error is a *intake.FileError, or the system's.
func (s *Service) OpenRead(path string, r Reading) (*table.File, error) {
	file, err := table.Open(path, table.Options{Sheet: r.Sheet, Hidden: r.Hidden, Undecided: true})
	if err != nil {
		return nil, intake.FileFailure(err)
	}
	if len(r.Columns) == 0 {
		if _, err := s.RecallColumns(file); err != nil {
			s.config.Log.Warn().Err(err).Msg("what was answered about such files does not count")
		}
	}
	file.Choose(r.Columns)
	return file, nil
}

// Understand reads a file as far as it can be understood. It records nothing. What is wrong with
// the file is in the result; the error is the ledger's, or the system's.
func (s *Service) Understand(ctx context.Context, path string, o UnderstandOptions) (u Understood, err error) {
	if o.Progress == nil {
		o.Progress = new(Progress) // which nobody looks at
	}
	file, err := s.OpenRead(path, o.Reading)
	if err != nil {
		return unreadable(err)
	}
	defer file.Close() //nolint:errcheck // only read
	o.Check.SheetNamed, o.Check.Read = o.Reading.Sheet != "", &o.Progress.read
	u.Info = file.Info()
	o.Progress.enter(StageColumns)
	if u.Columns, err = s.columns(ctx, file, &o.Progress.read); err != nil {
		return unreadable(err)
	}
	if undecided := file.Undecided(); undecided != nil {
		u.Undecided = true
		u.Unreadable, err = wholeFile(intake.FileFailure(undecided))
		return u, err
	}
	o.Progress.enter(StageCheck)
	checked, err := s.Check(ctx, file, o.Check)
	if err != nil {
		u.Unreadable, err = wholeFile(err)
		return u, err
	}
	err = s.assess(ctx, &u, checked, o)
	return u, err
}

// assess says what a checked file comes to, and lets go of the file.
func (s *Service) assess(ctx context.Context, u *Understood, c *Checked, o UnderstandOptions) (err error) {
	u.Verdict = c.Verdict(o.SkipInvalid)
	if u.Verdict != Payable {
		if u.Remedy, err = s.Remedy(ctx, c); err != nil {
			return err
		}
	} else if s.config.Ledger != nil {
		u.Refused = s.Admissible(ctx, c)
		if TroubleOf(u.Refused).Name == "" && u.Refused != nil {
			return u.Refused
		}
	}
	o.Progress.enter(StageComparison)
	changed, err := s.Diff(ctx, c, o.Against)
	if _, other := errors.AsType[*CurrencyError](err); other || errors.Is(err, ledger.ErrNotFound) {
		u.Uncompared, err = err, nil
	}
	if err != nil {
		return err
	}
	closed := *c
	closed.File = nil
	u.Checked, u.Changes = &closed, &changed
	return nil
}

// unreadable is a file of which nothing can be read, or the error if that is not the file's.
func unreadable(err error) (u Understood, other error) {
	if sheet, is := errors.AsType[*table.SheetError](err); is {
		u.Sheets = sheet.Sheets
	}
	u.Unreadable, other = wholeFile(err)
	return u, other
}

// wholeFile is an error about a file as a whole in the form of a problem, or any other error as it
// is.
func wholeFile(err error) (*rules.Problem, error) {
	wrong, is := errors.AsType[*intake.FileError](err)
	if !is {
		return nil, err
	}
	p := &rules.Problem{Code: table.Code(wrong), Severity: rules.Error, Details: map[string]string{"reason": "", "detail": table.Detail(wrong)}}
	return p, nil
}
