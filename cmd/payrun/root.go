package main

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/approvals"
	"payrun/cmd/payrun/doctor"
	"payrun/cmd/payrun/ledgers"
	"payrun/cmd/payrun/prepare"
	"payrun/cmd/payrun/serving"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

const rootLong = `payrun pays a file of beneficiaries (CSV, XLSX or ODS) through a mobile-money
provider, each transaction_id exactly once, whatever breaks on the way. Run the
same command again and it goes on where it stopped.`

const rootExample = `  # rehearse: pay the sample file against the built-in simulator
  payrun run testdata/payroll.csv --sandbox --yes

  # check a file without sending anything
  payrun validate november.xlsx`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "payrun",
		Short:         "Pay a file of beneficiaries, each exactly once",
		Long:          rootLong,
		Example:       rootExample,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ui.Mistaken("no_command")
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.configure(cmd) },
	}
	const typos = 2
	root.SuggestionsMinimumDistance = typos
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return settings.FlagMistake(cmd, err)
	})
	root.SetVersionTemplate("payrun {{.Version}}\n")
	a.AddFlags(root.PersistentFlags())
	run := a.runCommand()
	root.AddCommand(
		a.validateCommand(),
		a.diffCommand(),
		a.planCommand(),
		run,
		a.resumeCommand(),
		a.retryCommand(),
		a.cancelCommand(),
	)
	root.AddCommand(prepare.Commands{Opener: &a.Opener}.All()...)
	root.AddCommand(approvals.Commands{Opener: &a.Opener}.All()...)
	root.AddCommand(
		a.resolveCommand(),
		a.statusCommand(),
		a.reportCommand(),
		a.receiptCommand(),
		a.evidenceCommand(),
		a.verifyCommand(),
		a.reconcileCommand(),
		a.sandboxCommand(),
	)
	root.AddCommand(serving.Commands{Opener: &a.Opener}.All()...)
	root.AddCommand(
		a.workCommand(),
		doctor.Command(&a.Opener, func(code int) error { return exitError(code) }),
		a.versionCommand(),
	)
	root.AddCommand(ledgers.Commands{Opener: &a.Opener}.All()...)
	root.AddCommand(a.configCommand(run, settings.Descendants(root)))
	root.DisableAutoGenTag = true
	settings.AddCompletionCommands(root)
	return root
}

// configure reads the settings and prepares what every command needs once they are known.
func (a *app) configure(cmd *cobra.Command) error {
	if err := a.loadWords(); err != nil {
		return err
	}
	found, err := a.Apply(cmd)
	if err != nil {
		return err
	}
	if err := a.Validate(); err != nil {
		return err
	}
	if err := a.loadWords(); err != nil {
		return err
	}
	if err := a.OpenLog(a.Ledger); err != nil {
		return err
	}
	a.WarnOfUnknownVariables(cmd)
	if found != "" {
		a.Remark(a.Text("settings.used", "file", found))
	}
	return nil
}

// loadWords chooses the language of words for people.
func (a *app) loadWords() error {
	if err := a.Speak(a.ChosenLanguage()); err != nil {
		return err
	}
	a.interrupts.Speak(&a.UI)
	return nil
}
