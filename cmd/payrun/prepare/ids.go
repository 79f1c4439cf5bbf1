package prepare

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

const idsLong = `Copies a file that has no transaction_id, or gaps among them, and gives every payment
one: a prefix and a number, NOVEMBER-0001. Pay the copy, and keep it: the ids in it
are what makes a second run safe. Make corrections in the copy, too. Totals,
signatures and other rows that pay nobody get none.

Gaps are filled with the prefix that the ids in the file have. Otherwise the prefix
is the file's name, so the same file always gets the same ids, and a changed one that
was paid before is refused. A file of another month needs another
name, or a --prefix of its own. Nothing is sent and nothing is recorded.

Exit status: 0 the copy is written, 2 OUT is there already and differs, 3 the file
cannot be read, 7 the ledger knows an id with other content.`

// idsOptions are those of ids.
type idsOptions struct {
	input       settings.InputOptions
	out, prefix string
	rules       string
	sandboxed   bool
}

func (c Commands) ids() *cobra.Command {
	var o idsOptions
	cmd := &cobra.Command{
		Use:     "ids FILE --out OUT",
		Short:   "Copy a file and give each row the transaction_id it lacks",
		Long:    idsLong,
		Example: "  payrun ids november.xlsx -o november-ids.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.copyWithIDs(cmd.Context(), args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "out", "o", "", "write the copy to `OUT`.xlsx or .csv")
	flags.StringVar(&o.prefix, "prefix", "", "begin the ids with `PREFIX` (default: the file's name)")
	o.input.AddReadingFlags(flags)
	settings.AddRulesFlag(flags, &o.rules)
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	return cmd
}

func (c Commands) copyWithIDs(ctx context.Context, path string, o idsOptions) error {
	if err := c.CheckCopyName(path, o.out, "payrun ids "+ui.ShellWord(path)+" -o "+ui.ShellWord(c.IdentifiedName(path))); err != nil {
		return err
	}
	set, err := c.Rules(o.rules)
	if err != nil {
		return err
	}
	reading := o.input.Reading()
	reading.WithoutIDs = true
	file, err := c.OpenFileAs(path, reading)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := c.LedgerToCompare(ctx, o.sandboxed, "")
	if err != nil {
		return err
	}
	defer done()
	given, err := c.FileService(set, store).GiveIDs(ctx, file, service.GiveIDsOptions{
		Copy: service.CopyOptions{Path: o.out, Separator: c.Separator()}, Name: path, Prefix: o.prefix,
	})
	if err != nil {
		return c.WordIDsError(path, o.out, err)
	}
	return c.ShowIDs(path, o.out, given)
}
