package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/settings"
)

// configCommand takes the flags of run and of all others. What run says of one, and what holds
// without it, is what a configuration file sets.
func (a *app) configCommand(run *cobra.Command, others []*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the settings that apply, and where each came from",
		Long: `Prints the value of every setting and its origin: a flag of this very command,
an environment variable, the configuration file or the default. Takes the flags of
every other command, to see what they would change. Credentials are masked.

Exit status: 0, or 2 if a setting or a credential cannot be used.`,
		Example: "  PAYRUN_RATE=2 payrun config --config /etc/payrun/payrun.yaml",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.showSettings(cmd.Flags()) },
	}
	for _, other := range append([]*cobra.Command{run}, others...) {
		// The first command that has a flag of that name speaks for it.
		cmd.Flags().AddFlagSet(other.LocalFlags())
	}
	return cmd
}

func (a *app) showSettings(flags *pflag.FlagSet) error {
	list, unusable := a.List(flags)
	if a.JSON() {
		if err := a.PrintObject("settings", struct {
			Settings []settings.Setting `json:"settings"`
		}{list}); err != nil {
			return err
		}
		return unusable
	}
	if err := a.SayList(list); err != nil {
		return err
	}
	return unusable
}
