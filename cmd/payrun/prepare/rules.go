package prepare

import (
	"fmt"

	"github.com/spf13/cobra"

	"payrun/batch/rules"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

func (c Commands) rules() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rules",
		Short:   "Show the rules that rows are checked against",
		Example: "  payrun rules show",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			return ui.Mistaken("no_rules_command")
		},
	}
	cmd.AddCommand(c.rulesShow())
	return cmd
}

func (c Commands) rulesShow() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the rules in force, as a file to change",
		Long: `Prints the built-in rules, or those of --rules FILE once they were found to make
sense. What is printed is a rules file: save it, change it, and give it to --rules.`,
		Example: "  payrun rules show > rules.yaml",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return c.showRules(path) },
	}
	settings.AddRulesFlag(cmd.Flags(), &path)
	return cmd
}

// shownRules is the result of rules show for scripts. Its keys are documented in
// docs/json.md.
type shownRules struct {
	// Rules are the rules as they are written, in YAML.
	Rules string `json:"rules"`
	// File is their path, empty for the built-in ones.
	File string `json:"file"`
}

func (c Commands) showRules(path string) error {
	if _, err := session.ReadRules(path); err != nil {
		return err
	}
	text := rules.BuiltIn()
	if path != "" {
		var err error
		if text, err = fsx.ReadFile(path); err != nil {
			return ui.UsageOf(fmt.Errorf("read the rules: %w", err))
		}
	}
	if c.JSON() {
		return c.PrintObject("rules", shownRules{Rules: string(text), File: path})
	}
	if _, err := ui.Verbatim(c.Stdout).Write(text); err != nil {
		return fmt.Errorf("print the rules: %w", err)
	}
	return nil
}
