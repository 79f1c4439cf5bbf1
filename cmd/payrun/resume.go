package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/ledger"
)

func (a *app) resumeCommand() *cobra.Command {
	var o payOptions
	cmd := &cobra.Command{
		Use:   "resume [BATCH]",
		Short: "Finish what is open, from the ledger alone",
		Long: `Sends what is queued, looks up what is in doubt or pending, and writes the
reports again. The file is not needed. Without BATCH every unfinished batch is
taken up, the oldest first.`,
		Example: "  payrun resume payroll",
		Args:    usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.sandboxDefaults(cmd, &o)
			return a.resume(cmd.Context(), args, o)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (a *app) resume(ctx context.Context, args []string, o payOptions) error {
	s, err := a.startSession(ctx, o, false)
	if err != nil {
		return err
	}
	defer s.close()
	var chosen []ledger.Batch
	if len(args) == 1 {
		one, err := s.existing(ctx, ledger.BatchID(args[0]))
		if err != nil {
			return err
		}
		chosen = append(chosen, one)
	} else if chosen, err = s.unfinished(ctx); err != nil {
		return err
	}
	if len(chosen) == 0 {
		return a.nothingOpen()
	}
	return s.resumeAll(ctx, chosen)
}

func (a *app) nothingOpen() error {
	if a.global.json() {
		return a.printJSON(struct {
			Batches []string `json:"batches"`
		}{[]string{}})
	}
	return a.say("%s", a.text("resume.nothing"))
}

// unfinished returns the batches with open payouts.
func (s *session) unfinished(ctx context.Context) ([]ledger.Batch, error) {
	batches, err := s.store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	var open []ledger.Batch
	for _, b := range batches {
		if !b.Sealed {
			s.log.Warn().Str("batch", string(b.ID)).Msg("not resumed: its file was not read to the end; run the file again")
			continue
		}
		found, err := s.existing(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		for _, err := range s.store.OpenPayouts(ctx, b.ID) {
			if err != nil {
				return nil, err
			}
			open = append(open, found)
			break
		}
	}
	return open, nil
}

// resumeAll finishes the batches one after the other and ends with the gravest
// of their exit codes. A stop of one is a stop of all: the next would meet the
// same empty account or silent provider.
func (s *session) resumeAll(ctx context.Context, batches []ledger.Batch) error {
	worst := exitError(exitPaid)
	for _, b := range batches {
		if err := s.startable(ctx, b); err != nil {
			return err
		}
		err := s.pay(ctx, b)
		var code exitError
		switch {
		case err == nil:
		case errors.As(err, &code):
			worst = graver(worst, code)
		default:
			return err
		}
		if worst == exitStopped || worst == exitInterrupted {
			break
		}
	}
	if worst == exitPaid {
		return nil
	}
	return worst
}

// graver returns the code that a script should hear of first.
func graver(a, b exitError) exitError {
	for _, code := range []exitError{exitInternal, exitInterrupted, exitConflict, exitStopped, exitOpen, exitFailed} {
		if a == code || b == code {
			return code
		}
	}
	return exitPaid
}

// startable checks the balance before anything queued is sent.
func (s *session) startable(ctx context.Context, b ledger.Batch) error {
	queued, err := countIn(ctx, s.store, b.ID, ledger.Queued)
	if err != nil || queued.Count == 0 {
		return err
	}
	fees, err := batch.EstimateFees(ctx, s.store, b.ID, s.rules.Fee)
	if err != nil {
		return err
	}
	balance, err := s.balance(ctx)
	if err != nil {
		return err
	}
	return s.covers(balance, queued, fees)
}
