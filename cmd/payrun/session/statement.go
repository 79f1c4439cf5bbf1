package session

import (
	"context"
	"errors"
	"io/fs"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/cmd/payrun/ui"
)

// ReadStatement reads what the chosen provider's dashboard exported.
func (o *Opener) ReadStatement(ctx context.Context, path string, reading table.Options, set *rules.Set) (*ui.StatementRead, error) {
	driver, err := o.Driver()
	if err != nil {
		return nil, err
	}
	if len(driver.Statement) == 0 {
		return nil, ui.Mistaken("provider_statement", "provider", driver.Name)
	}
	form, err := table.LoadStatementForm(driver.Statement)
	if err != nil {
		return nil, err
	}
	reading.Stdin = o.Stdin
	statement, err := table.OpenStatement(path, form, reading)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, err
	case errors.Is(err, table.ErrNoIDs):
		return nil, o.unnamedStatement(path, err)
	case err != nil:
		return nil, o.WordFileError(path, intake.FileFailure(err))
	}
	defer statement.Close() //nolint:errcheck // only read
	read, err := reconcile.ReadStatement(ctx, statement, set)
	if err != nil {
		return nil, o.WordFileError(path, intake.FileFailure(err))
	}
	return &ui.StatementRead{Path: path, Info: statement.Info(), Ignored: statement.Ignored(), StatementReading: read}, nil
}

// unnamedStatement tells of a statement without a column of references. Giving its
// rows ids, as helps a file of beneficiaries, would compare nothing.
func (o *Opener) unnamedStatement(path string, err error) error {
	told := o.WordFileError(path, intake.FileFailure(err))
	if advised := (*ui.AdvisedError)(nil); errors.As(told, &advised) {
		advised.Hints = []string{o.Text("notice.statement_ids")}
	}
	return told
}
