package main

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

func (a *app) templateCommand() *cobra.Command {
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
		RunE:    func(_ *cobra.Command, args []string) error { return a.template(args[0], rulesPath) },
	}
	settings.AddRulesFlag(cmd.Flags(), &rulesPath)
	a.AddProviderFlag(cmd.Flags())
	return cmd
}

// writtenTemplate is the result of template for scripts. Its keys are documented in
// docs/json.md.
type writtenTemplate struct {
	Template string   `json:"template"`
	Columns  []string `json:"columns"`
}

func (a *app) template(path, rulesPath string) error {
	if _, err := annotate.FormatOf(path); err != nil {
		return ui.Usage(a.Text("copy.format", "file", path), "payrun template november.xlsx")
	}
	set, err := a.Rules(rulesPath)
	if err != nil {
		return err
	}
	err = a.FileService(set, nil).Template(service.CopyOptions{Path: path, Separator: a.Separator()}, a.Text)
	switch {
	case errors.Is(err, fsx.ErrTaken):
		return ui.Usage(a.Text("taken.any", "file", path), a.Text("taken.remove_hint"))
	case err != nil:
		return a.WordCopyError(err)
	case a.JSON():
		return a.PrintJSON(writtenTemplate{Template: path, Columns: template.Titles(a.Text)})
	}
	if err := a.Say("%s", a.Text("template.written", "file", path)); err != nil {
		return err
	}
	for _, line := range template.Notice(set, a.Text) {
		if err := a.Say("  %s", line); err != nil {
			return err
		}
	}
	return nil
}
