package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"payrun/ledger"
)

func (a *app) ledgerCommand() *cobra.Command {
	var sandboxed bool
	path := func() string { return a.ledgerPath(sandboxed) }
	cmd := &cobra.Command{
		Use:     "ledger",
		Short:   "Check, copy or export the ledger",
		Example: "  payrun ledger verify",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("no ledger command given", "usage: payrun ledger verify|backup|export")
		},
	}
	cmd.PersistentFlags().BoolVar(&sandboxed, "sandbox", false, "use the ledger of rehearsals, "+defaultSandboxLedger)
	cmd.AddCommand(a.ledgerVerifyCommand(path), a.ledgerBackupCommand(path), a.ledgerExportCommand(path))
	return cmd
}

func (a *app) ledgerVerifyCommand(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Prove that the ledger holds together",
		Long: `Walks the audit log from its first event, checks the chain of digests, derives
every payout's state again and compares it with what is recorded.`,
		Example: "  payrun ledger verify --ledger payrun.db",
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.ledgerVerify(cmd.Context(), path()) },
	}
}

func (a *app) ledgerVerify(ctx context.Context, path string) error {
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	verification, err := store.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verify the ledger: %w", err)
	}
	if a.global.json() {
		return a.printJSON(verification)
	}
	return a.say("%s", a.text("ledger.verified", "events", strconv.FormatUint(verification.Events, 10),
		"payouts", number(verification.Payouts), "batches", number(verification.Batches), "head", verification.Head))
}

func (a *app) ledgerBackupCommand(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:     "backup FILE",
		Short:   "Write a consistent copy of the ledger",
		Example: "  payrun ledger backup payrun-2026-11-30.db",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.ledgerBackup(cmd.Context(), path(), args[0]) },
	}
}

// ledgerBackup never replaces a file: the copy that a person is about to
// overwrite may be the only good one.
func (a *app) ledgerBackup(ctx context.Context, path, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Sprintf("%q exists already", to), "name a file that does not")
	}
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	pending, err := renameio.NewPendingFile(to, renameio.WithPermissions(0o600))
	if err != nil {
		return fmt.Errorf("back up the ledger: %w", err)
	}
	defer pending.Cleanup() //nolint:errcheck // after the replacement there is nothing to clean up
	if err := store.Backup(ctx, pending); err != nil {
		return fmt.Errorf("back up the ledger: %w", err)
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("back up the ledger: %w", err)
	}
	if a.global.json() {
		return a.printJSON(map[string]string{"backup": to})
	}
	return a.say("%s", a.text("ledger.copied", "file", to))
}

func (a *app) ledgerExportCommand(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Print every batch, payout and event as JSON lines",
		Long: `Prints one JSON object per line. Its key "kind" is batch, payout, rejected or
event. Numbers are printed in full.`,
		Example: "  payrun ledger export > ledger.jsonl",
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.ledgerExport(cmd.Context(), path()) },
	}
}

func (a *app) ledgerExport(ctx context.Context, path string) error {
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	if err := exportLedger(ctx, store, a.stdout); err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}

// exportable is what an export reads.
type exportable interface {
	ledger.Store
	ledger.Auditor
}

func exportLedger(ctx context.Context, store exportable, w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	batches, err := store.Batches(ctx)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := encoder.Encode(batchLine{"batch", b}); err != nil {
			return err
		}
		for payout, err := range store.Payouts(ctx, b.ID) {
			if err := errors.Join(err, encoder.Encode(payoutLine{"payout", b.ID, payout})); err != nil {
				return err
			}
		}
		for entry, err := range store.RejectedRows(ctx, b.ID) {
			if err := errors.Join(err, encoder.Encode(rejectedLine{"rejected", b.ID, entry})); err != nil {
				return err
			}
		}
	}
	for event, err := range store.Events(ctx) {
		if err := errors.Join(err, encoder.Encode(eventLine{"event", event})); err != nil {
			return err
		}
	}
	return nil
}

type batchLine struct {
	Kind string `json:"kind"`
	ledger.Batch
}

type payoutLine struct {
	Kind     string         `json:"kind"`
	MemberOf ledger.BatchID `json:"member_of"`
	ledger.Payout
}

type rejectedLine struct {
	Kind     string         `json:"kind"`
	MemberOf ledger.BatchID `json:"member_of"`
	ledger.Entry
}

type eventLine struct {
	Kind string `json:"kind"`
	ledger.Event
}
