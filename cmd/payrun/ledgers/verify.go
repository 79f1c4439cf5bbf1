package ledgers

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/ledger/anchor"
)

func (c Commands) verify(path func() string, sandboxed *bool) *cobra.Command {
	var expected, report string
	var o settings.ReportOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that the ledger holds together",
		Long: `Walks the audit log from its first event, checks the chain of digests, derives
every payout's state again and compares it with what is recorded, the indexes too.

Somebody who can write to the file can recompute the chain. It is held against the
anchor that payrun keeps outside the ledger, and can be held against what was handed
out before: --report takes the JSON report of any batch, whose signed
checkpoint the log must contain, and --expect-head a number of events and the hash
of the last, "1234:9f86d0…", as reports and an earlier verify show them.`,
		Example: "  payrun ledger verify --ledger payrun.db --report payrun-report/payroll.json",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var past []service.PastHead
			if expected != "" {
				head, err := settings.ParseHead(expected)
				if err != nil {
					return err
				}
				past = append(past, service.PastHead{Source: "--expect-head", Head: head})
			}
			if report != "" {
				head, err := session.ReadReportHead(report)
				if err != nil {
					return err
				}
				past = append(past, head)
			}
			anchors := anchor.Reading(c.AnchorFolders(path(), o.Anchors, *sandboxed)...)
			return c.prove(cmd.Context(), path(), anchors, past)
		},
	}
	cmd.Flags().StringVar(&expected, "expect-head", "", "the log must contain this: `EVENTS:HASH`")
	cmd.Flags().StringVar(&report, "report", "", "the log must contain what this JSON report says of it: `FILE`")
	o.AddAnchorsFlag(cmd.Flags())
	// Elsewhere it is the folder that reports go to.
	cmd.Flags().Lookup("report").Annotations = map[string][]string{settings.TypedOnly: {}}
	return cmd
}

func (c Commands) prove(ctx context.Context, path string, anchors *anchor.Folder, past []service.PastHead) error {
	store, done, err := c.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	books := c.Books(store, anchors)
	own, anchored, older, err := books.Anchored(ctx)
	if err != nil {
		return err
	}
	if anchored && !older {
		past = append(past, own)
	}
	verification, err := books.Verify(ctx, past...)
	if err != nil {
		return c.WordRewritten(err)
	}
	if older {
		c.SayOlder(own)
	}
	return c.ShowVerified(verification, past)
}
