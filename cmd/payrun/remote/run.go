package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"strconv"

	"payrun/batch/rules"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/internal/httpapi"
	"payrun/ledger"
	"payrun/ledger/money"
)

// ErrRefused is returned where the server does not take a file as it is, which has been said.
var ErrRefused = errors.New("the file is not taken as it is")

// Run has a file checked and brought in, and what it comes to paid, once a person has
// confirmed that. Of a file that is not taken it says what is wrong, and returns ErrRefused.
func (d *Desk) Run(ctx context.Context, path string, o settings.RunOptions) (ui.Ending, error) {
	id, err := o.ID(path)
	if err != nil {
		return ui.Ending{}, err
	}
	if err := d.settings.CheckReports(o.Pay.Report, id, ""); err != nil {
		return ui.Ending{}, err
	}
	text, err := d.read(path)
	if err != nil {
		return ui.Ending{}, err
	}
	query := queryOf(path, id, o)
	if err := d.check(ctx, path, text, query, id, o); err != nil {
		return ui.Ending{}, err
	}
	made, err := d.Submit(ctx, query, key(), bytes.NewReader(text))
	if err != nil {
		return ui.Ending{}, d.refusal(ctx, path, id, err)
	}
	return d.pay(ctx, *made.Batch, o.Pay, ui.Ending{})
}

// read is the file, whole: it is sent twice.
func (d *Desk) read(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(d.settings.Stdin)
	}
	text, err := fsx.ReadFile(path)
	return text, d.settings.WordFileError(path, err)
}

func queryOf(path string, id ledger.BatchID, o settings.RunOptions) url.Values {
	query := url.Values{"batch": {string(id)}, "file": {filepath.Base(path)}}
	for name, set := range map[string]bool{
		"strict": o.Input.Strict, "restore_leading_zero": o.Input.RestoreZero, "skip_invalid": o.SkipInvalid,
	} {
		if set {
			query.Set(name, "true")
		}
	}
	for name, value := range map[string]string{"sheet": o.Input.Sheet, "hidden": o.Input.Hidden} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for field, column := range o.Input.Columns {
		query.Add("map", string(field)+"="+column)
	}
	for name, count := range map[string]*int{"repeat_ok": o.Input.Repeats.Count(), "expect_corrections": o.Expected.Corrections.Count()} {
		if count != nil {
			query.Set(name, strconv.Itoa(*count))
		}
	}
	return query
}

// check has the file checked, shows what was found, and holds it to the control totals.
func (d *Desk) check(ctx context.Context, path string, text []byte, query url.Values, id ledger.BatchID, o settings.RunOptions) error {
	only := url.Values{"check": {"true"}}
	maps.Copy(only, query)
	checked, err := d.Submit(ctx, only, "", bytes.NewReader(text))
	if err != nil {
		return d.refusal(ctx, path, id, err)
	}
	if !d.settings.JSON() {
		if err := d.settings.ShowFound(foundOf(path, checked.Found)); err != nil {
			return err
		}
	}
	in := money.Currency(checked.Found.Currency)
	valid, err := totalIn(checked.Found.Valid, in)
	if err != nil {
		return err
	}
	said, err := o.Expected.Said(in)
	if err != nil {
		return err
	}
	return d.settings.WordControl(said.Check(valid, checked.Found.Changed, true))
}

// refusal shows what is wrong with a file that the server does not take.
func (d *Desk) refusal(ctx context.Context, path string, id ledger.BatchID, err error) error {
	problem, is := errors.AsType[*httpapi.Problem](err)
	if !is || problem.File == nil {
		return d.word(ctx, id, err)
	}
	return errors.Join(d.settings.ShowFound(foundOf(path, *problem.File)), ErrRefused)
}

func foundOf(path string, f httpapi.Findings) ui.Found {
	found := ui.Found{
		File: path, Rows: f.Rows, Rejected: f.Rejected, Warnings: f.Warnings, Currency: money.Currency(f.Currency),
	}
	if total, err := totalIn(f.Valid, found.Currency); err == nil {
		found.Valid = total
	}
	for _, g := range f.Groups {
		found.Groups = append(found.Groups, ui.ProblemGroup{
			Code: g.Code, Severity: rules.Severity(g.Severity), Column: g.Column, Count: g.Count, Rows: g.Rows, Message: g.Message, Hint: g.Hint,
		})
	}
	return found
}
