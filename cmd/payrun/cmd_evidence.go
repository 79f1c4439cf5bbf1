package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

func (a *app) evidenceCommand() *cobra.Command {
	var o service.EvidenceOptions
	var anchors settings.ReportOptions
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "evidence BATCH",
		Short: "Write a folder that shows what happened to a batch",
		Long: `Writes a folder for somebody who trusts nobody's word: the payments as they were
accepted, everything that happened to them, the reports, and VERIFY.md, which says how
to check all of that with sha256sum, jq and ssh-keygen, without payrun. It is signed
with the key that signs reports.

The ledger does not keep the file of beneficiaries, only its SHA-256. The file is put
into the folder if it lies in the working folder unchanged, or --file names it.

Names and numbers are in full. The folder appears whole, and replaces nothing. A server
(--server) puts the file into it that was brought in there; its key signs.`,
		Example: "  payrun evidence november -o november-evidence --file payroll/november.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Folder == "" {
				return ui.Mistaken("no_out")
			}
			id := ledger.BatchID(args[0])
			if asks, err := a.Remote(cmd, "out"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error { return a.evidenceAt(cmd.Context(), desk, id, o.Folder) })
			}
			return a.evidence(cmd.Context(), id, a.LedgerPath(sandboxed), o, anchors)
		},
	}
	cmd.Flags().StringVarP(&o.Folder, "out", "o", "", "make this `FOLDER`")
	cmd.Flags().StringVar(&o.File, "file", "", "put this `FILE` into it, which must be the one that was accepted")
	anchors.AddAnchorsFlag(cmd.Flags())
	a.AddLedgerFlags(cmd.Flags(), &sandboxed)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (a *app) evidence(ctx context.Context, id ledger.BatchID, path string, o service.EvidenceOptions, anchors settings.ReportOptions) error {
	store, done, err := a.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	found, err := store.Batch(ctx, id)
	if err != nil {
		return err
	}
	o.Version, o.French = version, a.Language == catalogue.French
	written, err := a.Books(store, a.ReportAnchors(found, anchors)).Evidence(ctx, id, o)
	if err != nil {
		return a.WordEvidence(err)
	}
	return a.ShowEvidence(o.Folder, written)
}

func (a *app) verifyCommand() *cobra.Command {
	var earlier []string
	cmd := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Check a folder that evidence wrote, without a ledger",
		Long: `Does what the folder's VERIFY.md says, and more: replays its log, and holds what
comes of that against the list and the reports. It names the first thing that is
wrong, and what was not there to be checked.

Whose key signed, and that the log is the one that you were shown before, only an
earlier report can say: --report takes the JSON report of any batch of the ledger.

Exit status: 0 everything that is there holds, 2 it is no such folder, 7 something does
not hold.`,
		Example: "  payrun verify november-evidence --report october.json",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			past, err := session.ReadReportHeads(earlier)
			if err != nil {
				return err
			}
			result, err := service.VerifyEvidence(cmd.Context(), args[0], past)
			return a.ShowVerification(args[0], result, err, exitConflict)
		},
	}
	cmd.Flags().StringArrayVar(&earlier, "report", nil, "an earlier JSON report, of which the log must be: `FILE`; can be repeated")
	// Elsewhere it is the folder that reports go to.
	cmd.Flags().Lookup("report").Annotations = map[string][]string{settings.TypedOnly: {}}
	return cmd
}
