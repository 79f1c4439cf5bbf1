package main

import "github.com/spf13/cobra"

// batches offers the ledger's batches. A ledger that a run is using, or that is
// not there, offers none: a key pressed in a shell waits for nobody.
func (a *app) batches(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 || a.configure(cmd) != nil {
		return nil, nothing
	}
	sandboxed := cmd.Flags().Lookup("sandbox")
	store, err := a.OpenLedger(cmd.Context(), a.LedgerPath(sandboxed != nil && sandboxed.Value.String() == "true"))
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
