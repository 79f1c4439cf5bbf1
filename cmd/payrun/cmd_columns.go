package main

import (
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/ledger/money"
)

const columnsLong = `Shows every column of a file: what it is taken for and why, what it holds, and what
the amounts in it would come to. Where two columns could be meant, both are named.
Nothing is sent and nothing is recorded.

A column is taken by its title, by --map, or by what was answered before about a file
with the same titles. --forget takes such answers back.

Exit status: 0, or 3 if the file cannot be read or it is open which column is meant.`

// columnsOptions are those of columns.
type columnsOptions struct {
	input  inputOptions
	forget bool
}

// columnsResult is what columns prints. Its keys are documented in docs/json.md.
type columnsResult struct {
	File      string `json:"file"`
	Format    string `json:"format"`
	Sheet     string `json:"sheet"`
	HeaderRow int    `json:"header_row"`
	Shape     string `json:"shape"`
	// Remembered is the file in which answers about this shape are kept, empty if
	// there are none.
	Remembered string        `json:"remembered"`
	Columns    []columnShown `json:"columns"`
	// Open are the fields of which it is open which column is meant, Missing those
	// that no title names.
	Open    []table.Field `json:"open"`
	Missing []table.Field `json:"missing"`
}

// columnShown is one column of a file.
type columnShown struct {
	Column string `json:"column"`
	Title  string `json:"title"`
	// Field is what the column is taken for, or could be taken for if Taken is false;
	// empty for one that is ignored.
	Field table.Field `json:"field"`
	Taken bool        `json:"taken"`
	Why   table.Why   `json:"why"`
	Unit  string      `json:"unit"`
	// Filled counts the rows with something in the column, Amounts those among them
	// that are amounts, and Sum is what these come to.
	Samples []string  `json:"samples"`
	Filled  int       `json:"filled"`
	Amounts int       `json:"amounts"`
	Sum     money.XOF `json:"sum"`
}

func (a *app) columnsCommand() *cobra.Command {
	var o columnsOptions
	cmd := &cobra.Command{
		Use:     "columns FILE",
		Short:   "Show which column of a file is taken for what, and why",
		Long:    columnsLong,
		Example: "  payrun columns november.xlsx\n  payrun columns november.xlsx --forget",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, args []string) error { return a.columns(args[0], o) },
	}
	o.input.addReadingFlags(cmd.Flags())
	cmd.Flags().BoolVar(&o.forget, "forget", false, "take back what was answered about files with these titles")
	return cmd
}

func (a *app) columns(path string, o columnsOptions) error {
	file, err := a.openUndecided(path, o.input.reading())
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	s := a.fileService(nil, nil)
	if o.forget {
		return a.forgetColumns(s, file.Info())
	}
	remembered, err := s.RecallColumns(file)
	if err != nil {
		a.Remark(a.Text("columns.not_recalled", "reason", err.Error()))
	}
	columns, err := s.Columns(a.Accepting, file)
	if err != nil {
		return a.fileError(path, err)
	}
	if a.JSON() {
		err = a.PrintJSON(newColumnsResult(path, file.Info(), columns, remembered))
	} else {
		err = a.showColumns(file.Info(), columns, remembered)
	}
	switch undecided := file.Undecided(); {
	case err != nil || undecided == nil:
		return err
	case errors.Is(undecided, table.ErrNoIDs) && a.JSON():
		return nil // which column is which is clear
	case errors.Is(undecided, table.ErrNoIDs):
		return a.SayNext(a.Identifying(path))
	case a.JSON():
		return exitError(exitFile)
	default:
		return a.unanswered(path, s, file)
	}
}

func newColumnsResult(path string, info table.Info, found service.Columns, remembered string) columnsResult {
	r := columnsResult{
		File: path, Format: info.Format, Sheet: info.Sheet, HeaderRow: info.HeaderRow, Shape: info.Shape,
		Remembered: remembered, Columns: []columnShown{}, Open: append([]table.Field{}, found.Open...), Missing: append([]table.Field{}, found.Missing...),
	}
	for _, c := range found.List {
		r.Columns = append(r.Columns, columnShown{
			Column: c.Name, Title: c.Title, Field: c.Field, Taken: c.Taken, Why: c.Why, Unit: c.Unit,
			Samples: append([]string{}, c.Samples...), Filled: c.Filled, Amounts: c.Amounts, Sum: c.Sum,
		})
	}
	return r
}

// showColumns prints a line for each column.
func (a *app) showColumns(info table.Info, found service.Columns, remembered string) error {
	if err := errors.Join(a.SayReading(info), a.SayColumns(found.List)); err != nil || remembered == "" {
		return err
	}
	return a.Say("%s", a.Text("columns.where", "file", remembered))
}

// forgetColumns takes back what was answered about a shape.
func (a *app) forgetColumns(s *service.Service, info table.Info) error {
	forgotten, where, err := s.ForgetColumns(info)
	if err != nil {
		return err
	}
	if a.JSON() {
		return a.PrintJSON(map[string]any{"forgotten": forgotten, "remembered": where})
	}
	if !forgotten {
		return a.Say("%s", a.Text("columns.nothing"))
	}
	return a.Say("%s", a.Text("columns.forgotten", "file", where))
}
