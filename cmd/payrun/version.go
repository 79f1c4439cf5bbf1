package main

import (
	"github.com/spf13/cobra"
)

// version is stamped by the build: -ldflags "-X main.version=1.2.3".
var version = "dev"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  payrun version",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if a.global.json() {
				return a.printJSON(map[string]string{"version": version})
			}
			writeLine(a.stdout, "payrun "+version)
			return nil
		},
	}
}
