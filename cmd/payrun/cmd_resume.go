package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (a *app) resumeCommand() *cobra.Command {
	var o settings.PayOptions
	cmd := &cobra.Command{
		Use:   "resume [BATCH]",
		Short: "Finish what is open, from the ledger alone",
		Long: `Sends what is queued, looks up what is in doubt or pending, and writes the
reports again. The file is not needed. Before anything is sent, what may be sent is shown
and its total asked for; --yes answers. Without BATCH that is done for every
unfinished batch, the oldest first.`,
		Example: "  payrun resume payroll",
		Args:    settings.Args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.NotBefore.Read(a.Zone()); err != nil {
				return err
			}
			if asks, err := a.Remote(cmd, "yes", "allow-partial", "report", "csv-locale", "not-before"); err != nil || asks {
				if err == nil && len(args) == 0 {
					err = ui.Mistaken("server_batch")
				}
				return a.atServer(err, func(desk *remote.Desk) error {
					return a.endAt(cmd.Context())(desk.Resume(cmd.Context(), ledger.BatchID(args[0]), o))
				})
			}
			o.Rehearse(cmd.Flags())
			return a.resume(cmd.Context(), args, o)
		},
	}
	o.AddFlags(cmd.Flags(), &a.Settings)
	settings.AddNotBeforeFlag(cmd.Flags(), &o.NotBefore)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (a *app) resume(ctx context.Context, args []string, o settings.PayOptions) error {
	s, err := a.startPaying(ctx, o, false)
	if err != nil {
		return err
	}
	defer s.Close()
	if len(args) == 1 {
		one, err := s.Open(ctx, s.actor(), ledger.BatchID(args[0]))
		if err != nil {
			return err
		}
		return s.resumeAll(ctx, []ledger.Batch{one}, false)
	}
	open, unread, err := s.Unfinished(ctx, s.actor())
	if err != nil {
		return err
	}
	for _, id := range unread {
		s.app.Logger().Warn().Str("batch", string(id)).Msg("not resumed: its file was not read to the end; run the file again")
	}
	if len(open) == 0 {
		return a.ShowNothingOpen()
	}
	return s.resumeAll(ctx, open, true)
}

// resumeAll finishes the batches one after the other and ends with the gravest
// of their exit codes. A stop of one is a stop of all: the next would meet the
// same empty account or silent provider. A batch that a person does not confirm is
// left as it is, and the next is asked about. Sweeping is set where no batch was named.
func (s *paying) resumeAll(ctx context.Context, batches []ledger.Batch, sweeping bool) error {
	worst := service.AllPaid
	for _, b := range batches {
		err := s.Clear(ctx, s.actor(), b.ID)
		if sweeping && errors.Is(err, clearance.ErrUnapproved) {
			s.app.Notices.Say("payrun: " + err.Error())
			worst = service.Gravest(worst, service.Unapproved)
			continue
		}
		if err != nil {
			return err
		}
		// One answer for all of them is none for what nobody ever let be paid, unless people
		// approved it.
		unreleased, err := s.Unreleased(ctx, b)
		if err != nil {
			return err
		}
		if unreleased && s.options.Yes && sweeping && b.State != ledger.BatchApproved {
			s.app.Remark(s.app.Text("resume.unreleased", "batch", string(b.ID), "command", s.app.ForBatch("resume", b.ID)))
			worst = service.Gravest(worst, service.StillOpen)
			continue
		}
		if err = s.release(ctx, b); err == nil {
			err = s.GoOn(ctx) // also where nothing is left to release
		}
		untimely := errors.Is(err, ledger.ErrNotYet) || errors.Is(err, service.ErrMissed)
		if untimely && sweeping {
			s.app.PrintError(err, int(codeOf(err)))
			worst = service.Gravest(worst, service.StillOpen)
			continue
		}
		if errors.Is(err, ui.ErrDeclined) && len(batches) > 1 {
			s.app.Notices.Say("payrun: " + string(b.ID) + ": " + err.Error())
			worst = service.Gravest(worst, service.StillOpen)
			continue
		}
		if err != nil {
			return err
		}
		ended, err := s.pay(ctx, b, ui.Ending{})
		if err != nil {
			return err
		}
		if worst = service.Gravest(worst, ended); worst == service.Stopped || worst == service.Interrupted {
			break
		}
	}
	return concluded(worst, nil)
}
