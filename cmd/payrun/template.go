package main

import (
	"github.com/spf13/cobra"

	"payrun/batch/amend"
	"payrun/batch/template"
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
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, args []string) error { return a.template(args[0], rulesPath) },
	}
	addRulesFlag(cmd.Flags(), &rulesPath)
	return cmd
}

// writtenTemplate is what template prints. Its keys are documented in
// docs/json.md.
type writtenTemplate struct {
	Template string   `json:"template"`
	Columns  []string `json:"columns"`
}

func (a *app) template(path, rulesPath string) error {
	format, err := amend.FormatOf(path)
	if err != nil {
		return usage(err.Error(), "payrun template november.xlsx")
	}
	if !isMissing(path) {
		return usage(a.text("taken.any", "file", path), a.text("taken.remove_hint"))
	}
	set, err := loadRules(rulesPath)
	if err != nil {
		return err
	}
	out, err := newPendingFile(path)
	if err != nil {
		return err
	}
	defer out.Cleanup() //nolint:errcheck // what is complete has its name
	if format == amend.XLSX {
		err = template.XLSX(out.buffered, set, a.text)
	} else {
		err = template.CSV(out.buffered, a.text, a.separator())
	}
	if err != nil {
		return err
	}
	if err := out.complete(); err != nil {
		return err
	}
	if a.global.json() {
		return a.printJSON(writtenTemplate{Template: path, Columns: template.Titles(a.text)})
	}
	if err := a.say("%s", a.text("template.written", "file", path)); err != nil {
		return err
	}
	for _, line := range template.Notice(set, a.text) {
		if err := a.say("  %s", line); err != nil {
			return err
		}
	}
	return nil
}
