package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/engine"
	"payrun/batch/input"
	"payrun/ledger"
)

// runOptions are those of run and, but for the paying, of plan.
type runOptions struct {
	input       inputOptions
	pay         payOptions
	batch       string
	skipInvalid bool
	expected    controlTotals
}

const runLong = `Checks the whole file, shows what it comes to, asks for confirmation, pays every
row through the provider, waits for what is open, and writes the reports.

Run the same command again after anything went wrong: what was paid is not paid
again, and what is open is finished. A file that was paid already sends nothing.
"-" reads the file from standard input.

Exit status: 0 all paid, 3 the file has errors, 4 payouts failed or rows were
skipped, 5 stopped early, 6 payouts still open, 7 conflict, 130 interrupted.`

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "run FILE",
		Short:   "Pay a file: check, plan, confirm, submit, poll, report",
		Long:    runLong,
		Example: "  payrun run november.xlsx --rate 5 --report november",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.sandboxDefaults(cmd, &o.pay)
			return a.pay(cmd.Context(), args[0], o)
		},
	}
	o.addFlags(cmd)
	o.pay.addFlags(cmd.Flags())
	return cmd
}

// sandboxDefaults raises the rate of a rehearsal, unless one was given.
func (a *app) sandboxDefaults(cmd *cobra.Command, o *payOptions) {
	if o.provider.sandbox && !cmd.Flags().Changed("rate") {
		o.provider.rate = sandboxRate
	}
}

func (o *runOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.input.addFlags(flags)
	flags.StringVar(&o.batch, "batch", "", "the batch's `ID` (default: from the file's name)")
	flags.BoolVar(&o.skipInvalid, "skip-invalid", false, "pay the rows that are right and report the others")
	o.expected.count.unit, o.expected.amount.unit = "N", "XOF"
	flags.Var(&o.expected.count, "expect-count", "control total: how many rows, `N`, must be payable")
	flags.Var(&o.expected.amount, "expect-total", "control total: how many `XOF` they must come to")
}

// id returns the batch's id.
func (o *runOptions) id(path string) (ledger.BatchID, error) {
	if o.batch == "" {
		return batch.IDFromFile(path), nil
	}
	if !batch.ValidID(o.batch) {
		return "", usage(fmt.Sprintf("--batch %q cannot name files", o.batch),
			"use letters, digits, \"-\", \"_\" and \".\"")
	}
	return ledger.BatchID(o.batch), nil
}

// pay is the main job.
func (a *app) pay(ctx context.Context, path string, o runOptions) error {
	id, err := o.id(path)
	if err != nil {
		return err
	}
	if err := checkReports(o.pay.report, id, o.pay.provider.place()); err != nil {
		return err
	}
	file, err := a.openFile(path, o.input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	s, err := a.startSession(ctx, o.pay, true)
	if err != nil {
		return err
	}
	defer s.close()

	found, err := a.accept(ctx, s, path, file, id, o)
	if err != nil {
		return err
	}
	if found.review.ToPay().Count > 0 {
		if err := s.clear(ctx, id, found); err != nil {
			return err
		}
	}
	if a.accepting.Err() != nil {
		return engine.ErrInterrupted
	}
	b := ledger.Batch{
		ID: id, File: filepath.Base(path), SHA256: file.SHA256(),
		Environment: s.connection.environment, CreatedAt: time.Now().UTC(),
	}
	if err := s.enrol(ctx, b, file, o.input); err != nil {
		return err
	}
	enrolled, err := batch.Find(ctx, s.store, id)
	if err != nil {
		return err
	}
	return s.pay(ctx, enrolled)
}

// enrol makes the file's rows durable as the batch.
func (s *session) enrol(ctx context.Context, b ledger.Batch, file *input.File, o inputOptions) error {
	counted, stop := s.app.reading(phaseRecording, file)
	defer stop()
	// Without --strict, payments of before are worth a warning, and warnings are not
	// recorded.
	var paid paidLedger
	if o.strict {
		paid = s.store
	}
	_, err := batch.Enrol(ctx, s.store, b, counted, s.app.newChecker(ctx, file, s.rules, o, paid, b.ID))
	return err
}

// accept inspects the file and refuses what may not be paid.
func (a *app) accept(ctx context.Context, s *session, path string, file *input.File, id ledger.BatchID, o runOptions) (*inspection, error) {
	log := s.log.With().Str("batch", string(id)).Logger()
	log.Info().Msg(phaseValidating)
	found, err := a.inspect(ctx, file, s.rules, o.input, s.store, id)
	if err != nil {
		return nil, a.unreadable(path, err)
	}
	log.Info().Int("rows", found.review.Rows).Int("valid", found.review.Valid.Count).
		Int("errors", found.review.Errors).Msg("validated")
	code := found.refused(o.skipInvalid)
	if code != exitPaid || !a.global.json() {
		if err := a.showValidation(path, file.Info(), found); err != nil {
			return nil, err
		}
	}
	if code != exitPaid {
		writeLine(a.stderr, "payrun: "+a.text("notice.mend"))
		return nil, code
	}
	if err := a.check(o.expected, found.review); err != nil {
		return nil, err
	}
	if err := batch.Admissible(ctx, s.store, id, file.SHA256(), found.review); err != nil {
		return nil, err
	}
	return found, nil
}

// clear shows the plan and asks before money moves.
func (s *session) clear(ctx context.Context, id ledger.BatchID, found *inspection) error {
	balance, err := s.balance(ctx)
	if err != nil {
		return err
	}
	plan := newPlan(id, s.connection.environment, found)
	plan.setBalance(balance)
	if !s.app.global.json() {
		if err := s.app.showPlan(plan); err != nil {
			return err
		}
	}
	toPay := found.review.ToPay()
	if err := s.covers(balance, toPay, found.review.Fees); err != nil {
		return err
	}
	return s.app.confirm(s.options.yes, toPay, s.connection.environment)
}
