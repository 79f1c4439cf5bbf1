package prepare

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch/intake/fix"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

const fixLong = `Copies a file into one that can be paid as it is: the zeros that a spreadsheet
dropped are back, numbers are ten digits without +225, numbers of eight digits have
the prefix of their operator, operators, currency and country have their own names,
amounts are plain whole numbers, names have single blanks, and an amount above what
the operator takes is split into rows with ids of their own, -a, -b and so on. Rows
that pay nobody, totals, titles, signatures and empty rows, are left out.

Each change is listed. What is in doubt is not fixed: then nothing is written, and
the rows are named. Payments that are repeated on purpose need --repeat-ok, as in run.
Pay the copy, and keep it. Nothing is sent and nothing is
recorded, and no file that is there is replaced.

Exit status: 0 the copy is written, 2 COPY is there already and differs, 3 the file
cannot be read or something in it is in doubt.`

// fixOptions are those of fix.
type fixOptions struct {
	input settings.InputOptions
	out   string
	rules string
}

func (c Commands) fix() *cobra.Command {
	var o fixOptions
	cmd := &cobra.Command{
		Use:     "fix FILE --out COPY",
		Short:   "Copy a file into a clean one that can be paid as it is",
		Long:    fixLong,
		Example: "  payrun fix november.xlsx -o november-clean.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.copyFixed(cmd.Context(), args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "out", "o", "", "write the copy to `COPY`.xlsx or .csv")
	o.input.AddReadingFlags(flags)
	o.input.AddRepeatFlag(flags)
	settings.AddDetailsFlag(flags, &o.input.Details)
	settings.AddRulesFlag(flags, &o.rules)
	c.AddProviderFlag(flags)
	return cmd
}

func (c Commands) copyFixed(ctx context.Context, path string, o fixOptions) error {
	if err := c.CheckCopyName(path, o.out, "payrun fix "+ui.ShellWord(path)+" -o "+ui.ShellWord(c.FixedName(path))); err != nil {
		return err
	}
	set, err := c.Rules(o.rules)
	if err != nil {
		return err
	}
	file, err := c.OpenFile(path, o.input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	plan, err := c.FileService(set, nil).Fix(ctx, file, service.FixOptions{
		Options: fix.Options{Sheet: o.input.Sheet != "", Repeats: o.input.Repeats.Count()},
		Copy:    service.CopyOptions{Path: o.out, Separator: c.Separator()}, Title: c.FieldTitle,
	})
	switch {
	case errors.Is(err, fsx.ErrTaken):
		return ui.Usage(c.Text("fix.differs", "file", o.out), c.Text("taken.remove_hint"))
	case err != nil:
		return c.WordFileError(path, c.WordCopyError(err))
	case len(plan.Problems) > 0:
		if err := c.ShowUnfixed(path, o.out, file.Info(), plan, o.input.Details); err != nil {
			return err
		}
		return ErrRefused
	default:
		// The copy needs none of these.
		next := c.ForFileWithout([]string{"map", "sheet", "hidden"}, "validate", o.out)
		return c.ShowFixed(path, o.out, plan, next)
	}
}
