package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"sync/atomic"

	"payrun/batch/intake"
	"payrun/batch/intake/findings"
	"payrun/batch/intake/mapping"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// The phases in which a file is read.
const (
	phaseValidating = "validating"
	phaseRecording  = "recording"
)

// fileService is the use cases of files. The ledger may be nil.
func (a *app) fileService(set *rules.Set, store ledger.Store) *service.Service {
	return service.New(service.Config{Rules: set, Ledger: store, Answers: a.answers(), Log: *a.Logger()})
}

// answers returns where this user's answers about columns are kept.
func (a *app) answers() *mapping.Store {
	return mapping.Open(a.ConfigFolder("columns"), func(info fs.FileInfo) bool {
		return fsx.OwnedByUser(info) && !fsx.OthersMayWrite(info)
	})
}

// openFile opens a beneficiary file.
func (a *app) openFile(path string, o settings.InputOptions) (*table.File, error) {
	if err := o.Validate(path); err != nil {
		return nil, err
	}
	return a.openFileAs(path, o.Reading())
}

// openFileAs opens a beneficiary file and has it settled which column is which.
func (a *app) openFileAs(path string, o table.Options) (*table.File, error) {
	file, err := a.openUndecided(path, o)
	if err != nil {
		return nil, err
	}
	if err := a.decideColumns(path, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// openUndecided opens a beneficiary file of which it may be open which column is
// which.
func (a *app) openUndecided(path string, o table.Options) (*table.File, error) {
	o.Stdin, o.Undecided = a.Stdin, true
	file, err := table.Open(path, o)
	return file, a.WordFileError(path, intake.FileFailure(err))
}

// decideColumns settles which column is which where the file leaves that open: by what
// was answered about these titles before, or by asking a person. What a person says
// now, here or with --map, is kept for the next file of that shape.
func (a *app) decideColumns(path string, file *table.File) error {
	s := a.fileService(nil, nil)
	if _, err := s.RecallColumns(file); err != nil {
		a.Remark(a.Text("columns.not_recalled", "reason", err.Error()))
	}
	told := a.askColumns(s, path, file)
	switch where, err := s.RememberColumns(file, filepath.Base(path)); {
	case err != nil && !errors.Is(err, mapping.ErrNotTrusted):
		a.Remark(a.Text("columns.not_remembered", "reason", err.Error()))
	case where != "":
		a.Remark(a.Text("columns.remembered", "file", where))
	}
	return told
}

// askColumns asks about every field that is open, or says how to answer if nobody is
// there.
func (a *app) askColumns(s *service.Service, path string, file *table.File) error {
	questions, err := s.ColumnQuestions(a.Accepting, file)
	if err != nil {
		return a.WordFileError(path, err)
	}
	asking := a.StdinTerminal && a.StderrTerminal && !a.JSON() && path != "-"
	for _, q := range questions {
		if !asking || q.Misleading() {
			continue
		}
		column, err := a.AskColumn(path, q)
		if err != nil {
			return err
		}
		if column < 0 {
			break
		}
		file.Choose(map[table.Field]int{q.Field: column})
	}
	if undecided := file.Undecided(); undecided != nil {
		return a.unanswered(path, s, file)
	}
	return nil
}

// unanswered says which columns are in question and, for each, the command that
// settles it.
func (a *app) unanswered(path string, s *service.Service, file *table.File) error {
	undecided := file.Undecided()
	told := a.WordFileError(path, intake.FileFailure(undecided))
	questions, err := s.ColumnQuestions(a.Accepting, file)
	advised := (*ui.AdvisedError)(nil)
	if err != nil || !errors.As(told, &advised) {
		return told
	}
	answering := a.Command.Name()
	if answering == "columns" {
		answering = "validate" // which keeps the answer
	}
	hints := a.ColumnHints(questions, func(words []string) string { return a.ForFile(answering, path, words...) })
	if errors.Is(undecided, table.ErrNoIDs) {
		hints = append(advised.Hints, hints...)
	}
	advised.Hints = hints
	return told
}

// checkOptions are what the flags say of a check.
func (a *app) checkOptions(path string, id ledger.BatchID, o settings.InputOptions) service.CheckOptions {
	options := service.CheckOptions{
		Batch: id, Strict: o.Strict, RestoreZero: o.RestoreZero, Repeats: o.Repeats.Count(),
		SheetNamed: o.Sheet != "", Once: path == "-", Each: o.Details || a.JSON(),
	}
	if o.Annotate != "" || o.Problems != "" {
		options.Findings = findings.New(findings.Options{
			Copy: o.Annotate, List: o.Problems, CopyTitle: a.Text("annotate.column"),
			Separator: a.Separator(), ForExcel: a.Language == catalogue.French,
			Words: func(p rules.Problem) (message, hint string) {
				words := a.Word(p)
				return words.Message, words.Hint
			},
			Annotation: a.Annotation,
		})
	}
	return options
}

// checkFile reads the whole file and compares it with the ledger, if there is one, while
// a person sees how far it was read.
func (a *app) checkFile(ctx context.Context, s *service.Service, path string, file *table.File, id ledger.BatchID, o settings.InputOptions) (*service.Checked, error) {
	options := a.checkOptions(path, id, o)
	options.Read = new(atomic.Int64)
	stop := a.ShowReading(phaseValidating, options.Read)
	checked, err := s.Check(ctx, file, options)
	stop()
	return checked, a.WordFileError(path, a.WordCopyError(err))
}

// showChecked prints what was found in a file.
func (a *app) showChecked(path string, c *service.Checked, o settings.InputOptions, next string) error {
	return a.ShowChecked(path, c.File.Info(), c, ui.Written{Annotated: o.Annotate, Listed: o.Problems}, next)
}

// verdictError is the exit code of a file that may not be paid, nil for one that may.
func verdictError(v service.Verdict) error {
	switch v {
	case service.Payable:
		return nil
	case service.Conflicting:
		return exitError(exitConflict)
	case service.Refused:
	}
	return exitError(exitFile)
}

// remedy is the command that helps with a file that may not be paid as it is, empty for
// none.
func (a *app) remedy(ctx context.Context, s *service.Service, path string, o settings.InputOptions, c *service.Checked) (string, error) {
	remedy, err := s.Remedy(ctx, c)
	if err != nil {
		return "", a.WordFileError(path, err)
	}
	return a.RemedyCommand(remedy, a.Command.Name(), path, o.Annotate), nil
}
