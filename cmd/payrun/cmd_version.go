package main

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

// version is stamped by the build: -ldflags "-X main.version=1.2.3".
var version = "dev"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  payrun version",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if a.JSON() {
				return a.PrintObject("version", struct {
					Version string `json:"version"`
				}{version})
			}
			ui.WriteLine(a.Stdout, "payrun "+version)
			return nil
		},
	}
}
