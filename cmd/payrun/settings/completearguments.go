package settings

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/ui"
)

// completionExamples hold, for each shell, the command that loads its completion.
//
//nolint:gochecknoglobals // a table that nothing writes to
var completionExamples = map[string]string{
	"completion": "  source <(payrun completion bash)",
	"bash":       "  payrun completion bash > ~/.local/share/bash-completion/completions/payrun",
	"zsh":        "  payrun completion zsh > \"${fpath[1]}/_payrun\"",
	"fish":       "  payrun completion fish > ~/.config/fish/completions/payrun.fish",
	"powershell": "  payrun completion powershell | Out-String | Invoke-Expression",
}

// AddCompletionCommands adds cobra's commands for shells, with an example as every
// other command has one.
func AddCompletionCommands(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range Descendants(root) {
		if cmd.Name() == "completion" || cmd.Parent().Name() == "completion" {
			cmd.Example = completionExamples[cmd.Name()]
		}
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Args = Args(cobra.NoArgs)
		cmd.RunE = func(*cobra.Command, []string) error {
			return ui.Mistaken("no_shell")
		}
	}
}

// CompleteArguments says what a shell may offer after each command and each flag
// below root, which has all its commands by then. Batches offers those of the ledger.
func (s *Settings) CompleteArguments(root *cobra.Command, batches cobra.CompletionFunc) error {
	for _, cmd := range append([]*cobra.Command{root}, Descendants(root)...) {
		if cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = argumentsOf(cmd, batches)
		}
		if err := s.completeFlags(cmd); err != nil {
			return fmt.Errorf("complete the flags of %s: %w", cmd.CommandPath(), err)
		}
	}
	return nil
}

// argumentsOf chooses by the usage line what a command's argument can be.
func argumentsOf(cmd *cobra.Command, batches cobra.CompletionFunc) cobra.CompletionFunc {
	switch argument := strings.Trim(strings.TrimPrefix(cmd.Use, cmd.Name()+" "), "[]"); {
	case argument == "BATCH" || argument == "BATCH [ID":
		return batches
	case strings.HasPrefix(argument, "FILE") && cmd.Name() != "backup":
		return onlyFirst(cobra.FixedCompletions([]string{"csv", "tsv", "txt", "xlsx", "ods"}, cobra.ShellCompDirectiveFilterFileExt))
	case argument == "DIR":
		return onlyFirst(cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
	case argument == "OUT" || cmd.Name() == "backup":
		return onlyFirst(cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault))
	}
	return cobra.NoFileCompletions
}

// onlyFirst offers nothing after the first argument.
func onlyFirst(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, prefix)
	}
}
