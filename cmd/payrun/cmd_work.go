package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/service"
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
pay as well. Ctrl-C ends this machine's part alone: what it had claimed and not sent is
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
	worst, resting := service.AllPaid, map[ledger.BatchID]time.Time{}
	for a.Accepting.Err() == nil {
		ended, idle, err := s.workOnce(ctx, resting)
		if err != nil {
			return err
		}
		worst = service.Gravest(worst, ended)
		if once && idle {
			return concluded(worst, nil)
		}
		if ended == service.Interrupted {
			return concluded(ended, nil)
		}
		if idle {
			select {
			case <-a.Accepting.Done():
			case <-time.After(lookEach):
			}
		}
	}
	return nil
}

// workOnce pays each batch that is released and not at rest. It reports the gravest outcome,
// and whether there was none.
func (s *paying) workOnce(ctx context.Context, resting map[ledger.BatchID]time.Time) (worst service.Outcome, idle bool, err error) {
	released, err := s.Released(ctx, s.actor())
	if err != nil {
		return service.Broken, false, err
	}
	worst, idle = service.AllPaid, true
	for _, b := range released {
		if time.Since(resting[b.ID]) < restFor {
			continue
		}
		idle = false
		ended, err := s.pay(ctx, b, ui.Ending{})
		if err != nil && ended == service.Broken {
			return ended, false, err
		}
		if err != nil {
			s.app.PrintError(err, int(codeOf(err)))
		}
		resting[b.ID] = time.Now()
		if worst = service.Gravest(worst, ended); ended == service.Interrupted {
			break
		}
	}
	return worst, idle, nil
}
