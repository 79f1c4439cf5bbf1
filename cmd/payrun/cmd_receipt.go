package main

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/ledger"
	"payrun/reports"
)

func (a *app) receiptCommand() *cobra.Command {
	var o settings.ReportOptions
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "receipt BATCH [ID]",
		Short: "Write receipts for beneficiaries who were paid",
		Long: `Writes a receipt for the payout with the transaction_id ID, or one for everybody who
is paid, each on a page of its own, as one file that prints: BATCH.receipts.html, or
BATCH.receipt.ID.html. A receipt says whom the provider reported as paid, how much,
when and under which reference, and what it is evidence of. There is none for what
failed, is open, or is contradicted by the provider.

Numbers are masked unless --numbers is given.

Exit status: 0, or 2 if there is nothing to write a receipt of.`,
		Example: "  payrun receipt payroll PAY-0001 --company Textile --logo logo.png",
		Args:    settings.Args(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Formats = []string{reports.FormatReceipts}
			if len(args) > 1 {
				o.Receipt = ledger.TransactionID(args[1])
			}
			id := ledger.BatchID(args[0])
			if asks, err := a.Remote(cmd, "report", "numbers"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error { return a.receiptAt(cmd.Context(), desk, id, o) })
			}
			return a.report(cmd.Context(), id, a.LedgerPath(sandboxed), o)
		},
	}
	o.AddReceiptFlags(cmd.Flags())
	a.AddLedgerFlags(cmd.Flags(), &sandboxed)
	a.AddServerFlags(cmd.Flags())
	return cmd
}
