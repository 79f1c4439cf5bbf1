package prepare

import (
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch/intake/table"
	"payrun/cmd/payrun/settings"
)

const columnsLong = `Shows every column of a file: what it is taken for and why, what it holds, and what
the amounts in it would come to. Where two columns could be meant, both are named.
Nothing is sent and nothing is recorded.

A column is taken by its title, by --map, or by what was answered before about a file
with the same titles. --forget takes such answers back.

Exit status: 0, or 3 if the file cannot be read or it is open which column is meant.`

// columnsOptions are those of columns.
type columnsOptions struct {
	input  settings.InputOptions
	forget bool
}

func (c Commands) columns() *cobra.Command {
	var o columnsOptions
	cmd := &cobra.Command{
		Use:     "columns FILE",
		Short:   "Show which column of a file is taken for what, and why",
		Long:    columnsLong,
		Example: "  payrun columns november.xlsx\n  payrun columns november.xlsx --forget",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, args []string) error { return c.showColumns(args[0], o) },
	}
	o.input.AddReadingFlags(cmd.Flags())
	cmd.Flags().BoolVar(&o.forget, "forget", false, "take back what was answered about files with these titles")
	return cmd
}

func (c Commands) showColumns(path string, o columnsOptions) error {
	file, err := c.OpenUndecided(path, o.input.Reading())
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	s := c.FileService(nil, nil)
	if o.forget {
		forgotten, where, err := s.ForgetColumns(file.Info())
		if err != nil {
			return err
		}
		return c.ShowForgotten(forgotten, where)
	}
	remembered, err := s.RecallColumns(file)
	if err != nil {
		c.Remark(c.Text("columns.not_recalled", "reason", err.Error()))
	}
	columns, err := s.Columns(c.Accepting, file)
	if err != nil {
		return c.WordFileError(path, err)
	}
	err = c.ShowColumns(path, file.Info(), columns, remembered)
	switch undecided := file.Undecided(); {
	case err != nil || undecided == nil:
		return err
	case errors.Is(undecided, table.ErrNoIDs) && c.JSON():
		return nil // which column is which is clear
	case errors.Is(undecided, table.ErrNoIDs):
		return c.SayNext(c.Identifying(path))
	case c.JSON():
		return ErrRefused
	default:
		return c.Unanswered(path, s, file)
	}
}
