package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// retryOptions say whom a retry is about.
type retryOptions struct {
	pay          settings.PayOptions
	only, except []string
	removed      bool
	cancelled    bool
}

func (a *app) retryCommand() *cobra.Command {
	var o retryOptions
	cmd := &cobra.Command{
		Use:   "retry BATCH",
		Short: "Pay the failed payouts of a batch again",
		Long: `Shows who would be paid again and why each was not paid, and asks. Then every
attempt of each is looked up once more: if the provider confirms that none was paid,
the payout gets a new attempt under a new reference, and the batch is paid on; what is
still queued is sent as well. A payout that the provider says was paid after all is
left alone, recorded as a difference, and waits for payrun resolve.

Left out, too, is whoever was paid the same amount since under another id, by number or
by name, unless --only names them. Rows that are no longer in the batch's file are left out unless --only names them or
--removed takes them in. What was withdrawn and never sent comes back with --cancelled.
To pay somebody at another number, correct the row in the file and run the file again.`,
		Example: "  payrun retry payroll --only NOV-0017\n  payrun retry payroll --yes",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asks, err := a.Remote(cmd, "yes", "allow-partial", "report", "only", "except", "removed", "cancelled"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error {
					return a.endAt(cmd.Context())(desk.Retry(cmd.Context(), ledger.BatchID(args[0]), o.again(), o.pay))
				})
			}
			o.pay.Rehearse(cmd.Flags())
			return a.retry(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	o.pay.AddFlags(cmd.Flags(), &a.Settings)
	a.AddServerFlags(cmd.Flags())
	cmd.Flags().StringSliceVar(&o.only, "only", nil, "try only the payouts with these `IDS`")
	cmd.Flags().StringSliceVar(&o.except, "except", nil, "leave out the payouts with these `IDS`")
	cmd.Flags().BoolVar(&o.removed, "removed", false, "also try rows that are no longer in the batch's file")
	cmd.Flags().BoolVar(&o.cancelled, "cancelled", false, "also bring back what was withdrawn and never sent")
	return cmd
}

func (o retryOptions) choice() retry.Choice {
	return retry.Choice{Only: idsOf(o.only), Except: idsOf(o.except), Removed: o.removed, Cancelled: o.cancelled}
}

// again is the same for a server.
func (o retryOptions) again() httpapi.Again {
	return httpapi.Again{Only: idsOf(o.only), Except: idsOf(o.except), Removed: o.removed, Cancelled: o.cancelled}
}

func idsOf(words []string) []ledger.TransactionID {
	ids := make([]ledger.TransactionID, 0, len(words))
	for _, word := range words {
		ids = append(ids, ledger.TransactionID(word))
	}
	return ids
}

func (a *app) retry(ctx context.Context, id ledger.BatchID, o retryOptions) error {
	s, err := a.startPaying(ctx, o.pay, false)
	if err != nil {
		return err
	}
	defer s.Close()
	found, err := s.Open(ctx, s.actor(), id)
	if err != nil {
		return err
	}
	if err := s.timed(ctx, id); err != nil {
		return err
	}
	prepared, err := s.PrepareRetry(ctx, found, o.choice())
	if err != nil {
		return a.WordNotRetriable(err)
	}
	if err := s.clearRetry(ctx, prepared); err != nil {
		return err
	}
	done, err := s.Retry(a.Accepting, s.actor(), prepared)
	if err != nil {
		return err
	}
	e := ui.Ending{Retried: &ui.Retried{Retriable: prepared, Retried: done}}
	e.Held = done.Held
	if err := a.SayRetried(*e.Retried); err != nil {
		return err
	}
	return concluded(s.pay(ctx, found, e))
}

// clearRetry shows who would be paid and who is left out, and asks before money moves.
// What is queued goes out together with the new attempts.
func (s *paying) clearRetry(ctx context.Context, prepared service.Retriable) error {
	if err := s.app.ShowRetriable(prepared); err != nil {
		return err
	}
	total := prepared.Released()
	if total.Count == 0 {
		return nil
	}
	balance, err := s.Balance(ctx)
	if err != nil {
		return err
	}
	if err := s.covered(service.Covers(balance, total.Amount, prepared.Fees)); err != nil {
		return err
	}
	return s.app.ConfirmRetry(s.options.Yes, prepared, s.Place())
}
