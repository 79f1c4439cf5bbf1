package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"payrun/batch"
	"payrun/ledger"
)

func (a *app) retryCommand() *cobra.Command {
	var o payOptions
	cmd := &cobra.Command{
		Use:   "retry BATCH",
		Short: "Pay the failed payouts of a batch again",
		Long: `Each failed payout is looked up once more. If the provider confirms that it
was not paid, it gets a new attempt under a new reference, and the batch is paid
on: what is still queued is sent as well. A payout that the provider says was paid
after all is left alone and shown as a difference.`,
		Example: "  payrun retry payroll --yes",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.sandboxDefaults(cmd, &o)
			return a.retry(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (a *app) retry(ctx context.Context, id ledger.BatchID, o payOptions) error {
	s, err := a.startSession(ctx, o, false)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.existing(ctx, id)
	if err != nil {
		return err
	}
	// What is queued goes out together with the new attempts.
	toPay, err := countIn(ctx, s.store, id, ledger.Failed, ledger.Queued)
	if err != nil {
		return err
	}
	if toPay.Count > 0 {
		if err := a.confirm(o.yes, toPay, s.connection.environment); err != nil {
			return err
		}
	}
	done, err := s.inquiry().Retry(a.accepting, id)
	if err != nil {
		return err
	}
	a.tellRetried(done)
	return s.pay(ctx, found)
}

func (a *app) tellRetried(done batch.Retried) {
	log := a.logger()
	log.Info().Int("count", done.Queued.Count).Int64("amount_xof", int64(done.Queued.Amount)).
		Msg("failed payouts get a new attempt")
	for _, payout := range done.Contradicted {
		log.Warn().Str("transaction_id", string(payout.ID)).
			Msg("not retried: the provider no longer says that it failed")
	}
	for _, payout := range done.Unconfirmed {
		log.Warn().Str("transaction_id", string(payout.ID)).
			Msg("not retried: the provider did not confirm that it failed")
	}
}

// inquiry asks the provider at the pace of a run.
func (s *session) inquiry() batch.Inquiry {
	return batch.Inquiry{
		Store: s.store, Provider: s.connection.provider,
		Limiter: perSecond(s.options.provider.rate), Workers: s.options.provider.workers,
	}
}

// perSecond returns a limiter of that many requests a second, 0 for no limit.
func perSecond(requests float64) *rate.Limiter {
	if requests <= 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(requests), 1)
}

func countIn(ctx context.Context, store ledger.Store, id ledger.BatchID, states ...ledger.State) (ledger.Count, error) {
	var count ledger.Count
	for payout, err := range store.Payouts(ctx, id) {
		if err != nil {
			return ledger.Count{}, err
		}
		if slices.Contains(states, payout.State) {
			count.Add(payout.Amount)
		}
	}
	return count, nil
}
