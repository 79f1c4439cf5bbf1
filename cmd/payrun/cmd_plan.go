package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
)

func (a *app) planCommand() *cobra.Command {
	var o settings.RunOptions
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show what paying a file would do; send nothing",
		Long: `Checks the file, compares it with the ledger, asks the provider for the balance
and prints counts, totals and estimated fees. Nothing is sent or recorded.`,
		Example: "  payrun plan november.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), args[0], o) },
	}
	o.AddFlags(cmd.Flags())
	o.Pay.Provider.AddFlags(cmd.Flags(), &a.Settings)
	return cmd
}

func (a *app) plan(ctx context.Context, path string, o settings.RunOptions) error {
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
	store, done, err := a.LedgerToCompare(ctx, o.Pay.Provider.Sandbox)
	if err != nil {
		return err
	}
	defer done()
	s := a.FileService(set, store)
	checked, err := a.checkFile(ctx, s, path, file, id, o.Input)
	if err != nil {
		return err
	}
	if verdict := checked.Verdict(o.SkipInvalid); verdict != service.Payable {
		next, err := a.remedy(ctx, s, path, o.Input, checked)
		if err != nil {
			return err
		}
		if err := a.showChecked(path, checked, o.Input, next); err != nil {
			return err
		}
		return verdictError(verdict)
	}
	if err := o.Expected.Said().Check(checked.Valid, len(checked.Corrections), false); err != nil {
		return a.WordControl(err)
	}
	return a.planWithBalance(ctx, path, set, checked, o)
}

func (a *app) planWithBalance(ctx context.Context, path string, set *rules.Set, checked *service.Checked, o settings.RunOptions) error {
	c, err := a.Connect(ctx, o.Pay.Provider, set)
	if err != nil {
		return err
	}
	defer c.Close()
	plan, err := service.New(service.Config{Provider: c.Provider, Account: c.Account}).Plan(ctx, checked)
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
