package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a folder",
		Long: `Writes a manual page for every command, made from the same definitions as --help.
The pages carry the date in SOURCE_DATE_EPOCH if it is set.`,
		Example: "  payrun man ~/.local/share/man/man1 && man payrun-run",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.writeManual(cmd.Root(), args[0]) },
	}
}

func (a *app) writeManual(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // manual pages are for everybody
		return advise(fmt.Errorf("make the folder for manual pages: %w", err), exitUsage)
	}
	header := &doc.GenManHeader{Section: "1", Source: "payrun " + version, Manual: "payrun"}
	if err := doc.GenManTree(root, header, folder); err != nil {
		return advise(fmt.Errorf("write the manual pages: %w", err), exitUsage)
	}
	pages, err := filepath.Glob(filepath.Join(folder, "payrun*.1"))
	if err != nil {
		return fmt.Errorf("list the manual pages: %w", err)
	}
	if a.global.json() {
		return a.printJSON(map[string][]string{"pages": pages})
	}
	for _, page := range pages {
		if err := a.say("%s", page); err != nil {
			return err
		}
	}
	return nil
}
