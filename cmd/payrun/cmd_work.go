package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/batch/worker"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/ledger/pgledger"
)

func (a *app) workCommand() *cobra.Command {
	var o settings.PayOptions
	var once bool
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Pay every batch that is released, from a ledger that machines share",
		Long: `Pays what people have released, by run's confirmation, --yes or approval, and
asks nothing. It goes on until it is stopped, and takes its share of a batch that others
pay as well. Where several are released they take turns, so that a small one does not wait for
the end of a large one. Ctrl-C ends this machine's part alone: what it had claimed and not sent is
given back.

With --once it ends when nothing is left to do, with the exit code of what it did.`,
		Example: "  payrun work --ledger postgres://payrun@db.example/payrun",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Rehearse(cmd.Flags())
			if !once && !pgledger.Is(a.LedgerPath(o.Provider.Sandbox)) {
				return ui.Mistaken("work_file")
			}
			a.StdinTerminal = false // it asks nothing
			return a.work(cmd.Context(), o, once)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "end when nothing is left to do")
	o.AddFlags(cmd.Flags(), &a.Settings)
	return cmd
}

// A worker looks for batches this often, and leaves one alone for a while that it could not
// bring to its end.
const (
	lookEach = time.Second
	restFor  = 30 * time.Second
)

func (a *app) work(ctx context.Context, o settings.PayOptions, once bool) error {
	s, err := a.startPaying(ctx, o, false)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.record(ctx); err != nil {
		return err
	}
	if _, err := s.Called(); err != nil { // nobody calls here, and others pass on what they hear
		return err
	}
	heeding, enough := context.WithCancel(ctx)
	var heeds sync.WaitGroup
	heeds.Go(func() { s.Heed(heeding) })
	defer heeds.Wait()
	defer enough()
	m := &station{paying: s, worst: service.AllPaid}
	err = worker.New(worker.Config{
		Desk: m, By: s.actor(), Approved: true, Once: once, Again: restFor, Idle: lookEach, Wait: o.Wait,
		Watch: a.WatchBatch, Told: m.told, Log: *a.Logger(),
	}).Run(ctx, a.Accepting)
	if err != nil {
		return err
	}
	if once || m.worst == service.Interrupted {
		return concluded(m.worst, nil)
	}
	return nil
}

// station is where a worker pays whatever batches come, and the gravest that became of one.
type station struct {
	*paying
	worst service.Outcome
}

// Pay pays a batch, unless its reports would replace those of another one.
func (m *station) Pay(ctx context.Context, by service.Actor, p service.Payment) (service.Paid, error) {
	if err := m.app.CheckReports(m.options.Report, p.Batch.ID, p.Batch.Account.Place); err != nil {
		return service.Paid{}, err
	}
	return m.Service.Pay(ctx, by, p)
}

// told writes the reports of a batch and tells how far it was paid. Its error is one that nobody
// foresaw: it ends the worker, for whoever started it to start another.
func (m *station) told(ctx context.Context, paid service.Paid, err error) error {
	outcome := service.Broken
	if err == nil {
		outcome, err = m.tell(ctx, paid, ui.Ending{})
	}
	switch {
	case errors.Is(err, ledger.ErrAccount):
		outcome = service.AllPaid // it is another machine's to pay
	case err != nil && outcome == service.Broken && service.TroubleOf(err).Name == "":
		return err
	case err != nil && outcome == service.Broken:
		outcome = service.Stopped
	}
	if err != nil {
		m.app.PrintError(err, int(codeOf(err)))
	}
	m.worst = service.Gravest(m.worst, outcome)
	return nil
}
