package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/spf13/cobra"

	"payrun/batch/engine"
	"payrun/batch/intake/table"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

const runLong = `Checks the whole file, shows what it comes to, asks for confirmation, pays every
row through the provider, waits for what is open, and writes the reports.

Run the same command again after anything went wrong: what was paid is not paid
again, and what is open is finished. A file that was paid already sends nothing.
"-" reads the file from standard input.

With --plan nothing is paid but what payrun plan --out wrote down: another row,
number, amount, account or batch name, and nothing is sent.

Where an approval policy is in force, the batch is entered and nothing is sent:
payrun says what is missing and whom to ask, and payrun resume pays it then.

With --not-before the rows are entered and released for a time, and nothing is sent
before it: payrun resume, payrun work or payrun serve pays it then.

Exit status: 0 all paid, 3 the file has errors, 4 payouts failed or rows were
skipped, 5 stopped early, 6 payouts still open, 7 conflict, 8 people have to
approve it first, 130 interrupted.`

func (a *app) runCommand() *cobra.Command {
	var o settings.RunOptions
	cmd := &cobra.Command{
		Use:     "run FILE",
		Short:   "Pay a file: check, plan, confirm, submit, poll, report",
		Long:    runLong,
		Example: "  payrun run november.xlsx --rate 5 --report november",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.Pay.NotBefore.Read(a.Zone()); err != nil {
				return err
			}
			if asks, err := a.Remote(cmd, runAtServer...); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error {
					return a.endAt(cmd.Context())(desk.Run(cmd.Context(), args[0], o))
				})
			}
			o.Pay.Rehearse(cmd.Flags())
			return a.pay(cmd.Context(), args[0], o)
		},
	}
	o.AddFlags(cmd.Flags())
	settings.AddPlanFlag(cmd.Flags(), &o.Plan)
	o.Pay.AddFlags(cmd.Flags(), &a.Settings)
	settings.AddNotBeforeFlag(cmd.Flags(), &o.Pay.NotBefore)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

// pay is the main job.
func (a *app) pay(ctx context.Context, path string, o settings.RunOptions) error {
	id, err := o.ID(path)
	if err != nil {
		return err
	}
	if err := a.CheckReports(o.Pay.Report, id, a.PlaceOf(o.Pay.Provider)); err != nil {
		return err
	}
	planned, err := a.readPlan(o.Plan, path)
	if err != nil {
		return err
	}
	file, err := a.OpenFile(path, o.Input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	s, err := a.startPaying(ctx, o.Pay, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.submitter(ctx); err != nil {
		return err
	}

	found, err := a.accept(ctx, s, path, file, id, &o)
	if err != nil {
		return err
	}
	if err := s.hold(ctx, path, found, planned); err != nil {
		return err
	}
	if err := s.timed(ctx, id); err != nil {
		return err
	}
	if found.ToPay().Count > 0 {
		if err := s.clear(ctx, found); err != nil {
			return err
		}
	} else if err := s.clearDoubts(ctx, id); err != nil {
		return err
	}
	if a.Accepting.Err() != nil {
		return engine.ErrInterrupted
	}
	e, err := s.correct(path, id, found.Corrections)
	if err != nil {
		return err
	}
	enrolled, err := s.submit(ctx, path, found, e.Corrected)
	if err != nil {
		return err
	}
	return concluded(s.pay(ctx, enrolled, e))
}

// submit makes the file's rows durable as the batch, and with them what a person said of
// repeats. Corrections that were held are not released.
func (s *paying) submit(ctx context.Context, path string, found *service.Checked, corrected *retry.Corrected) (ledger.Batch, error) {
	read := new(atomic.Int64)
	stop := s.app.ShowReading(phaseRecording, read)
	defer stop()
	in := found.Submission(ctx, filepath.Base(path), read)
	in.NotBefore = s.options.NotBefore.At
	if corrected != nil {
		in.Released = found.Released(corrected.Queued)
	}
	return s.Submit(ctx, s.actor(), in)
}

// accept inspects the file and refuses what may not be paid.
func (a *app) accept(ctx context.Context, s *paying, path string, file *table.File, id ledger.BatchID, o *settings.RunOptions) (*service.Checked, error) {
	log := s.app.Logger().With().Str("batch", string(id)).Logger()
	log.Info().Msg(phaseValidating)
	found, err := a.checkAsking(ctx, s, path, file, id, o)
	if err != nil {
		return nil, err
	}
	log.Info().Int("rows", found.Rows).Int("valid", found.Valid.Count).
		Int("errors", found.Errors).Msg("validated")
	verdict := found.Verdict(o.SkipInvalid)
	if verdict != service.Payable || !a.JSON() {
		next := ""
		if verdict != service.Payable {
			if next, err = a.remedy(ctx, s.Service, path, o.Input, found); err != nil {
				return nil, err
			}
		}
		if err := a.showChecked(path, found, o.Input, next); err != nil {
			return nil, err
		}
	}
	if verdict != service.Payable {
		ui.WriteLine(a.Stderr, "payrun: "+a.Text("notice.mend"))
		return nil, verdictError(verdict)
	}
	said, err := o.Expected.Said(found.Currency())
	if err != nil {
		return nil, err
	}
	if err := said.Check(found.Valid, len(found.Corrections), o.Pay.Yes); err != nil {
		return nil, a.WordControl(err)
	}
	if err := s.Admissible(ctx, found); err != nil {
		return nil, err
	}
	return found, nil
}

// readPlan reads the plan that a file is held to, nil for none.
func (a *app) readPlan(plan, path string) (*service.WrittenPlan, error) {
	if plan == "" {
		return nil, nil
	}
	read, err := service.ReadPlan(service.PlanFilesAt(plan))
	if err != nil {
		return nil, a.wordPlan(err, path)
	}
	return &read, nil
}

// wordPlan words what is wrong with a plan, or with a file that is held to it.
func (a *app) wordPlan(err error, path string) error {
	return a.WordPlan(err, a.ForFileWithout([]string{"plan", "yes"}, "plan", path, "--out", "PLAN"), exitConflict)
}

// hold refuses a file that would pay something else than was planned.
func (s *paying) hold(ctx context.Context, path string, found *service.Checked, planned *service.WrittenPlan) error {
	if planned == nil {
		return nil
	}
	if err := s.HoldToPlan(ctx, found, *planned); err != nil {
		return s.app.wordPlan(err, path)
	}
	return s.app.SayPlanned(*planned)
}

// checkAsking checks the file, asks a person at a terminal about repeats where nothing
// else keeps it from being paid, and checks it once more with the answer.
func (a *app) checkAsking(ctx context.Context, s *paying, path string, file *table.File, id ledger.BatchID, o *settings.RunOptions) (*service.Checked, error) {
	found, err := a.checkFile(ctx, s.Service, path, file, id, o.Input)
	if err != nil || o.Input.Repeats.Count() != nil || !a.StdinTerminal || a.JSON() || !found.OnlyRepeats() {
		return found, err
	}
	if err := a.showChecked(path, found, o.Input, ""); err != nil {
		return nil, err
	}
	err = a.AskRepeats(found.Repeats, func(answer string) bool {
		return o.Input.Repeats.Set(answer) == nil && *o.Input.Repeats.Count() == found.Repeats
	})
	if err != nil {
		return nil, err
	}
	return a.checkFile(ctx, s.Service, path, file, id, o.Input)
}

// clear shows the plan and asks before money moves. Whoever is asked sees what changed.
func (s *paying) clear(ctx context.Context, found *service.Checked) error {
	var changed *service.Diff
	if !s.options.Yes && !s.app.JSON() {
		compared, err := s.Diff(ctx, found, "")
		if err != nil {
			return err
		}
		changed = &compared
	}
	plan, err := s.Plan(ctx, found, changed)
	if err != nil {
		return fmt.Errorf("nothing was sent: %w", err)
	}
	if !s.app.JSON() {
		if err := s.app.ShowPlan(plan); err != nil {
			return err
		}
	}
	toPay := found.ToPay()
	if err := s.covered(service.Covers(plan.Balance, toPay.Amount, found.Fees)); err != nil {
		return err
	}
	if warnings := ui.CountedWarnings(&found.Groups); warnings != "" && !s.options.Yes {
		ui.WriteLine(s.app.Stderr, s.app.Text("confirm.warned", "count", strconv.Itoa(found.Warnings), "codes", warnings))
	}
	s.app.SayNotBefore(s.options.NotBefore.At)
	return s.app.Confirm(s.options.Yes, found.Released(found.Corrected), found.InDoubt(), s.Place())
}

// clearDoubts asks before a batch goes on of which everything was sent, if some of it
// may go out again.
func (s *paying) clearDoubts(ctx context.Context, id ledger.BatchID) error {
	known, err := s.Store.Batch(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.release(ctx, known)
}

// correct gives corrected rows their new terms, each once the provider confirms that
// it was not paid, and says which were held back.
func (s *paying) correct(path string, id ledger.BatchID, found []ledger.Correction) (e ui.Ending, err error) {
	if len(found) == 0 {
		return e, nil
	}
	done, err := s.Correct(s.app.Accepting, s.actor(), id, found)
	if err != nil {
		return e, err
	}
	e.Uncorrected, e.Corrected, e.Again = done.Held, &done, s.app.ForFile("run", path)
	return e, s.app.SayHeld(done.Held)
}
