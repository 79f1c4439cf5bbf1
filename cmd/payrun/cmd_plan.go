package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/ledger"
)

const planLong = `Checks the file, compares it with the ledger, asks the provider for the balance
and prints counts, totals and estimated fees, and what changed since the last
comparable batch, as diff does. Nothing is sent or recorded.`

// planOptions are those of plan.
type planOptions struct {
	settings.RunOptions

	against string
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:     "plan FILE",
		Short:   "Show what paying a file would do; send nothing",
		Long:    planLong,
		Example: "  payrun plan november.xlsx\n  payrun plan november.xlsx --against october",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), args[0], o) },
	}
	o.AddFlags(cmd.Flags())
	settings.AddAgainstFlag(cmd.Flags(), &o.against)
	o.Pay.Provider.AddFlags(cmd.Flags(), &a.Settings)
	return cmd
}

func (a *app) plan(ctx context.Context, path string, o planOptions) error {
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
	store, done, err := a.LedgerToCompare(ctx, o.Pay.Provider.Sandbox, o.against)
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
	changed, err := s.Diff(ctx, checked, ledger.BatchID(o.against))
	if err != nil {
		return a.WordDiffError(err)
	}
	return a.planWithBalance(ctx, path, checked, changed, o)
}

func (a *app) planWithBalance(ctx context.Context, path string, checked *service.Checked, changed service.Diff, o planOptions) error {
	c, err := a.Connect(ctx, o.Pay.Provider)
	if err != nil {
		return err
	}
	defer c.Close()
	plan, err := service.New(service.Config{Provider: c.Provider, Account: c.Account}).Plan(ctx, checked, &changed)
	if err != nil {
		return err
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
	return a.SayNext(a.ForFile("run", path))
}
