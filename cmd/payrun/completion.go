package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

// completionExamples are how each shell loads what cobra generates for it.
//
//nolint:gochecknoglobals // a table that nothing writes to
var completionExamples = map[string]string{
	"completion": "  source <(payrun completion bash)",
	"bash":       "  payrun completion bash > ~/.local/share/bash-completion/completions/payrun",
	"zsh":        "  payrun completion zsh > \"${fpath[1]}/_payrun\"",
	"fish":       "  payrun completion fish > ~/.config/fish/completions/payrun.fish",
	"powershell": "  payrun completion powershell | Out-String | Invoke-Expression",
}

// addCompletionCommands adds cobra's commands for shells, with an example as every
// other command has one.
func addCompletionCommands(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range settings.Descendants(root) {
		if cmd.Name() == "completion" || cmd.Parent().Name() == "completion" {
			cmd.Example = completionExamples[cmd.Name()]
		}
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Args = settings.Args(cobra.NoArgs)
		cmd.RunE = func(*cobra.Command, []string) error {
			return ui.Mistaken("no_shell")
		}
	}
}

// completeArguments says what a shell may offer after each command and each flag
// below root, which has all its commands by then.
func (a *app) completeArguments(root *cobra.Command) error {
	for _, cmd := range append([]*cobra.Command{root}, settings.Descendants(root)...) {
		if cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = a.argumentsOf(cmd)
		}
		if err := a.CompleteFlags(cmd); err != nil {
			return fmt.Errorf("complete the flags of %s: %w", cmd.CommandPath(), err)
		}
	}
	return nil
}

// argumentsOf chooses by the usage line what a command's argument can be.
func (a *app) argumentsOf(cmd *cobra.Command) cobra.CompletionFunc {
	switch argument := strings.Trim(strings.TrimPrefix(cmd.Use, cmd.Name()+" "), "[]"); {
	case argument == "BATCH":
		return a.batches
	case strings.HasPrefix(argument, "FILE") && cmd.Name() != "backup":
		return onlyFirst(cobra.FixedCompletions([]string{"csv", "tsv", "txt", "xlsx"}, cobra.ShellCompDirectiveFilterFileExt))
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

// batches offers the ledger's batches. A ledger that a run is using, or that is
// not there, offers none: a key pressed in a shell waits for nobody.
func (a *app) batches(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 || a.configure(cmd) != nil {
		return nil, nothing
	}
	sandboxed := cmd.Flags().Lookup("sandbox")
	store, err := a.OpenLedger(a.LedgerPath(sandboxed != nil && sandboxed.Value.String() == "true"))
	if err != nil {
		return nil, nothing
	}
	defer a.CloseLedger(store)
	found, err := store.Batches(cmd.Context())
	if err != nil {
		return nil, nothing
	}
	ids := make([]cobra.Completion, 0, len(found))
	for _, b := range found {
		ids = append(ids, cobra.CompletionWithDesc(string(b.ID), b.File))
	}
	return ids, nothing
}
