package prepare

import (
	"strings"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
)

func (c Commands) manual() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a folder",
		Long: `Writes a manual page for every command, made from the same definitions as --help.
The same program writes the same pages: they are dated by SOURCE_DATE_EPOCH or,
without it, by the commit that payrun was built from.`,
		Example: "  payrun man ~/.local/share/man/man1 && man payrun-run",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			pages, err := c.WriteManual(cmd.Root(), args[0], c.Version)
			if err != nil {
				return err
			}
			if c.JSON() {
				return c.PrintObject("manual", struct {
					Pages []string `json:"pages"`
				}{pages})
			}
			return c.Say("%s", strings.Join(pages, "\n"))
		},
	}
}
