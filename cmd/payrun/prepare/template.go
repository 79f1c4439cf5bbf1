package prepare

import (
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch/intake/annotate"
	"payrun/batch/intake/template"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

func (c Commands) template() *cobra.Command {
	var rulesPath string
	cmd := &cobra.Command{
		Use:   "template OUT",
		Short: "Write an empty file to fill in, XLSX or CSV",
		Long: `Writes an empty file with the right columns, in the language of --lang. A workbook
keeps the zeros of numbers, offers the operators to choose from and refuses amounts
that cannot be paid; a CSV is only its header. A file that is there is never
replaced.`,
		Example: "  payrun template november.xlsx --lang fr",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, args []string) error { return c.writeTemplate(args[0], rulesPath) },
	}
	settings.AddRulesFlag(cmd.Flags(), &rulesPath)
	c.AddProviderFlag(cmd.Flags())
	return cmd
}

// writtenTemplate is the result of template for scripts. Its keys are documented in
// docs/json.md.
type writtenTemplate struct {
	Template string   `json:"template"`
	Columns  []string `json:"columns"`
}

func (c Commands) writeTemplate(path, rulesPath string) error {
	if _, err := annotate.FormatOf(path); err != nil {
		return ui.Usage(c.Text("copy.format", "file", path), "payrun template november.xlsx")
	}
	set, err := c.Rules(rulesPath)
	if err != nil {
		return err
	}
	err = c.FileService(set, nil).Template(service.CopyOptions{Path: path, Separator: c.Separator()}, c.Text)
	switch {
	case errors.Is(err, fsx.ErrTaken):
		return ui.Usage(c.Text("taken.any", "file", path), c.Text("taken.remove_hint"))
	case err != nil:
		return c.WordCopyError(err)
	case c.JSON():
		return c.PrintObject("template", writtenTemplate{Template: path, Columns: template.Titles(c.Text)})
	}
	if err := c.Say("%s", c.Text("template.written", "file", path)); err != nil {
		return err
	}
	for _, line := range template.Notice(set, c.Text) {
		if err := c.Say("  %s", line); err != nil {
			return err
		}
	}
	return nil
}
