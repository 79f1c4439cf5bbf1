package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

const planLong = `Checks the file, compares it with the ledger, asks the provider for the balance
and prints counts, totals and estimated fees, and what changed since the last
comparable batch, as diff does. Nothing is sent or recorded.

With --out the plan is written down, for people to read, print and sign: PLAN.html is
the page, PLAN.txt the text that binds, PLAN.list.jsonl all payouts with their numbers
in full. payrun run FILE --plan PLAN pays exactly that or nothing. No file that is
there is replaced.

Exit status: 0 planned, 2 a file of PLAN is there already, 3 the file has errors,
7 a known transaction_id with other content.`

func (a *app) planCommand() *cobra.Command {
	var o settings.PlanOptions
	cmd := &cobra.Command{
		Use:     "plan FILE",
		Short:   "Show what paying a file would do; send nothing",
		Long:    planLong,
		Example: "  payrun plan november.xlsx\n  payrun plan november.xlsx --out november-plan --payees",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), args[0], o) },
	}
	o.AddFlags(cmd.Flags())
	o.AddPlanFlags(cmd.Flags())
	o.Pay.Provider.AddFlags(cmd.Flags(), &a.Settings)
	return cmd
}

func (a *app) plan(ctx context.Context, path string, o settings.PlanOptions) error {
	if err := o.ValidatePlan(); err != nil {
		return err
	}
	files := service.PlanFilesAt(o.Out)
	if o.Out != "" {
		if err := files.Free(); err != nil {
			return a.wordPlan(err, path)
		}
	}
	if err := o.Pay.Provider.Validate(); err != nil {
		return err
	}
	id, err := o.ID(path)
	if err != nil {
		return err
	}
	set, err := a.Rules(o.Pay.Provider.Rules)
	if err != nil {
		return err
	}
	file, err := a.OpenFile(path, o.Input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := a.LedgerToCompare(ctx, o.Pay.Provider.Sandbox, o.Against)
	if err != nil {
		return err
	}
	defer done()
	s := a.FileService(set, store)
	checked, err := a.checkFile(ctx, s, path, file, id, o.Input)
	if err != nil {
		return err
	}
	if err := a.payable(ctx, s, path, o.RunOptions, checked); err != nil {
		return err
	}
	said, err := o.Expected.Said(checked.Currency())
	if err != nil {
		return err
	}
	if err := said.Check(checked.Valid, len(checked.Corrections), false); err != nil {
		return a.WordControl(err)
	}
	changed, err := s.Diff(ctx, checked, ledger.BatchID(o.Against))
	if err != nil {
		return a.WordDiffError(err)
	}
	return a.planWithBalance(ctx, path, checked, changed, o)
}

func (a *app) planWithBalance(ctx context.Context, path string, checked *service.Checked, changed service.Diff, o settings.PlanOptions) error {
	c, err := a.Connect(ctx, o.Pay.Provider)
	if err != nil {
		return err
	}
	defer c.Close()
	s := service.New(service.Config{Provider: c.Provider, Account: c.Account})
	plan, err := s.Plan(ctx, checked, &changed)
	if err != nil {
		return err
	}
	if o.Out != "" {
		written, err := s.WritePlan(ctx, checked, changed, service.PlanOptions{
			Files: service.PlanFilesAt(o.Out), File: filepath.Base(path), Warnings: a.WarningLines(&checked.Groups),
			Payees: o.Payees, Reveal: o.Numbers, French: a.Language == catalogue.French,
		})
		if err != nil {
			return a.wordPlan(err, path)
		}
		plan.Written = &written
	}
	if a.JSON() {
		return a.PrintPlan(plan)
	}
	if err := a.SayTaken(checked.File.Info()); err != nil {
		return err
	}
	if err := a.ShowPlan(plan); err != nil {
		return err
	}
	if plan.ToPay().Count == 0 {
		return nil
	}
	if o.Out != "" {
		return a.SayNext(a.ForFileWithout([]string{"out", "payees", "numbers", "against"}, "run", path, "--plan", o.Out))
	}
	return a.SayNext(a.ForFile("run", path))
}
