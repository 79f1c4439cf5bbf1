package prepare

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

func (c Commands) config() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration file",
		Long: `Writes payrun.yaml, or FILE, with every setting, its default and what it is for,
all commented out. A file that exists is never touched.`,
		Example: "  payrun init && payrun config",
		Args:    settings.Args(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			path := settings.File
			if len(args) > 0 {
				path = args[0]
			}
			return c.writeConfig(path)
		},
	}
}

func (c Commands) writeConfig(path string) error {
	err := fsx.CreateFile(path, []byte(c.Template()))
	if errors.Is(err, fs.ErrExist) {
		return ui.Mistaken("settings_exist", "file", path)
	}
	if err != nil {
		return ui.UsageOf(fmt.Errorf("write the configuration: %w", err))
	}
	if c.JSON() {
		return c.PrintObject("configuration", struct {
			Config string `json:"config"`
		}{path})
	}
	return c.Say("%s", path)
}
