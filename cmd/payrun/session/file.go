package session

import (
	"errors"
	"io/fs"
	"path/filepath"

	"payrun/batch/intake"
	"payrun/batch/intake/mapping"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// FileService is the use cases of files. The ledger may be nil.
func (o *Opener) FileService(set *rules.Set, store ledger.Store) *service.Service {
	return service.New(service.Config{Rules: set, Ledger: store, Answers: o.answers(), Log: *o.Logger()})
}

// answers returns where this user's answers about columns are kept.
func (o *Opener) answers() *mapping.Store {
	return mapping.Open(o.ConfigFolder("columns"), func(info fs.FileInfo) bool {
		return fsx.OwnedByUser(info) && !fsx.OthersMayWrite(info)
	})
}

// OpenFile opens a beneficiary file.
func (o *Opener) OpenFile(path string, in settings.InputOptions) (*table.File, error) {
	if err := in.Validate(path); err != nil {
		return nil, err
	}
	return o.OpenFileAs(path, in.Reading())
}

// OpenFileAs opens a beneficiary file and has it decided which column is which.
func (o *Opener) OpenFileAs(path string, reading table.Options) (*table.File, error) {
	file, err := o.OpenUndecided(path, reading)
	if err != nil {
		return nil, err
	}
	if err := o.decideColumns(path, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// OpenUndecided opens a beneficiary file of which it may be open which column is
// which.
func (o *Opener) OpenUndecided(path string, reading table.Options) (*table.File, error) {
	reading.Stdin, reading.Undecided = o.Stdin, true
	file, err := table.Open(path, reading)
	return file, o.WordFileError(path, intake.FileFailure(err))
}

// decideColumns decides which column is which where the file leaves that open: by what
// was answered about these titles before, or by asking a person. What a person says
// now, here or with --map, is kept for the next file of that shape.
func (o *Opener) decideColumns(path string, file *table.File) error {
	s := o.FileService(nil, nil)
	if _, err := s.RecallColumns(file); err != nil {
		o.Remark(o.Text("columns.not_recalled", "reason", err.Error()))
	}
	told := o.askColumns(s, path, file)
	switch where, err := s.RememberColumns(file, filepath.Base(path)); {
	case err != nil && !errors.Is(err, mapping.ErrNotTrusted):
		o.Remark(o.Text("columns.not_remembered", "reason", err.Error()))
	case where != "":
		o.Remark(o.Text("columns.remembered", "file", where))
	}
	return told
}

// askColumns asks about every field that is open, or says how to answer if nobody is
// there.
func (o *Opener) askColumns(s *service.Service, path string, file *table.File) error {
	questions, err := s.ColumnQuestions(o.Accepting, file)
	if err != nil {
		return o.WordFileError(path, err)
	}
	asking := o.StdinTerminal && o.StderrTerminal && !o.JSON() && path != "-"
	for _, q := range questions {
		if !asking || q.Misleading() {
			continue
		}
		column, err := o.AskColumn(path, q)
		if err != nil {
			return err
		}
		if column < 0 {
			break
		}
		file.Choose(map[table.Field]int{q.Field: column})
	}
	if undecided := file.Undecided(); undecided != nil {
		return o.Unanswered(path, s, file)
	}
	return nil
}

// Unanswered says which columns are in question and, for each, the command that
// decides it.
func (o *Opener) Unanswered(path string, s *service.Service, file *table.File) error {
	undecided := file.Undecided()
	told := o.WordFileError(path, intake.FileFailure(undecided))
	questions, err := s.ColumnQuestions(o.Accepting, file)
	advised := (*ui.AdvisedError)(nil)
	if err != nil || !errors.As(told, &advised) {
		return told
	}
	answering := o.Command.Name()
	if answering == "columns" {
		answering = "validate" // which keeps the answer
	}
	hints := o.ColumnHints(questions, func(words []string) string { return o.ForFile(answering, path, words...) })
	if errors.Is(undecided, table.ErrNoIDs) {
		hints = append(advised.Hints, hints...)
	}
	advised.Hints = hints
	return told
}
