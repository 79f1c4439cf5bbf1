package settings

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// FlagMistake words what the parser of flags complains of.
func FlagMistake(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		empty   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		if why := Serverless(cmd); why != nil && slices.Contains(serverFlags, unknown.GetSpecifiedName()) {
			return why
		}
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		return ui.Mistaken("flag_unknown", "flag", name, "command", cmd.CommandPath())
	case errors.As(err, &empty):
		return ui.Mistaken("flag_empty", "flag", "--"+empty.GetFlag().Name, "command", cmd.CommandPath())
	case errors.As(err, &invalid):
		return ui.Mistaken("flag_value", "value", invalid.GetValue(), "flag", "--"+invalid.GetFlag().Name,
			"wanted", "usage.wanted_"+wantedKind(invalid.GetFlag()), "command", cmd.CommandPath())
	default:
		return ui.UsageOf(err, cmd.CommandPath()+" --help")
	}
}

// wantedKind names what a flag takes.
func wantedKind(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "duration":
		return "duration"
	case "float64":
		return "number"
	case "int", "N":
		return "count"
	case controlAmountType:
		return "amount"
	case "bool":
		return "bool"
	}
	if _, ok := flag.Value.(*ColumnMap); ok {
		return "pair"
	}
	return "other"
}

// Args makes a wrong number of arguments a usage error with a hint.
func Args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			if cmd.HasSubCommands() && len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			if len(args) == 0 {
				return ui.Mistaken("arguments_none", "command", cmd.CommandPath(), "usage", cmd.UseLine())
			}
			return ui.Mistaken("arguments", "given", strings.Join(args, " "), "command", cmd.CommandPath(), "usage", cmd.UseLine())
		}
		return nil
	}
}

func unknownCommand(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = cmd.Root().SuggestionsMinimumDistance
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return ui.Mistaken("command_near", "name", name, "near", cmd.CommandPath()+" "+near[0])
	}
	return ui.Mistaken("command_unknown", "name", name, "command", cmd.CommandPath())
}
