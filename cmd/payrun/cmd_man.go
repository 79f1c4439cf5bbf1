package main

import (
	"strings"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a folder",
		Long: `Writes a manual page for every command, made from the same definitions as --help.
The same program writes the same pages: they are dated by SOURCE_DATE_EPOCH or,
without it, by the commit that payrun was built from.`,
		Example: "  payrun man ~/.local/share/man/man1 && man payrun-run",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			pages, err := a.WriteManual(cmd.Root(), args[0], version)
			if err != nil {
				return err
			}
			if a.JSON() {
				return a.PrintJSON(map[string][]string{"pages": pages})
			}
			return a.Say("%s", strings.Join(pages, "\n"))
		},
	}
}
