package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/boltledger"
)

func (a *app) ledgerRestoreCommand(path func() string) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Put a backup in the ledger's place",
		Long: `Verifies a copy made with payrun ledger backup and puts it in the ledger's place, in
one step. What lay there is kept under another name. The ledger is marked as
restored: what is queued in it is looked up at the provider before it is sent, since
it may have been paid after the copy was made.

A ledger that holds together and knows more than the backup is not replaced, unless
--yes says so.`,
		Example: "  payrun ledger restore payrun-2026-11-30.db",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ledgerRestore(cmd.Context(), path(), args[0], yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "replace a ledger that holds together, too")
	return cmd
}

func (a *app) ledgerRestore(ctx context.Context, path, backup string, yes bool) error {
	if fsx.SameFile(path, backup) {
		return ui.Usage(a.Text("restore.itself", "file", backup))
	}
	// First the backup: there is no point in giving anything up for what is none.
	if err := boltledger.Look(backup); err != nil {
		return err
	}
	if err := a.refuseHealthy(ctx, path, yes); err != nil {
		return err
	}
	by := actor(service.Unconfirmed)
	done, err := boltledger.Restore(ctx, path, backup, ledger.Person{Name: by.Person, Host: by.Host}, time.Now().UTC())
	if err != nil {
		return fmt.Errorf("restore the ledger: %w", err)
	}
	if a.JSON() {
		return a.PrintJSON(struct {
			Ledger string `json:"ledger"`
			Backup string `json:"backup"`
			Kept   string `json:"kept"`
			Events uint64 `json:"events"`
		}{path, backup, done.Kept, done.Backup.Events})
	}
	if err := a.Say("%s", a.Text("restore.done", "file", path, "backup", backup,
		"payouts", strconv.Itoa(done.Backup.Payouts), "batches", strconv.Itoa(done.Backup.Batches))); err != nil {
		return err
	}
	if done.Kept != "" {
		if err := a.Say("%s", a.Text("restore.kept", "file", done.Kept)); err != nil {
			return err
		}
	}
	return a.Say("%s", a.Text("restore.next"))
}

// refuseHealthy refuses to put a copy in the place of a ledger that holds together,
// which certainly knows of payments that the copy does not.
func (a *app) refuseHealthy(ctx context.Context, path string, yes bool) error {
	if yes || fsx.Missing(path) {
		return nil
	}
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		if errors.Is(err, ledger.ErrLocked) {
			return err
		}
		return nil // it is what a backup is for
	}
	defer a.closeLedger(store)
	found, err := store.Verify(ctx)
	if err != nil {
		return ctx.Err() // damaged, unless nobody waits for the answer any more
	}
	return ui.Usage(a.Text("restore.healthy", "file", path, "events", strconv.FormatUint(found.Events, 10)), a.Text("restore.healthy_hint"))
}
