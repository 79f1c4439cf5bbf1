package settings

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// flagValues are the flags that take one of a few words.
//
//nolint:gochecknoglobals // a table that nothing writes to
var flagValues = map[string][]string{
	"output":     {ui.OutputTable, ui.OutputJSON},
	"log-format": {ui.LogConsole, ui.OutputJSON},
	"log-level":  {"debug", "info", "warn", "error"},
	"lang":       {"fr", "en"},
	"csv-locale": {"fr"},
	"format":     {"csv", "xlsx", "json", "html", "journal", "receipts"},
}

// flagFiles are the flags that name a file, with the endings it may have; none is
// any file.
//
//nolint:gochecknoglobals // a table that nothing writes to
var flagFiles = map[string][]string{
	"config":          {"yaml", "yml"},
	"scenario":        {"yaml", "yml"},
	"rules":           {"yaml", "yml"},
	"statement":       {"csv", "xlsx"},
	"annotate":        {"csv", "xlsx"},
	"problems":        {"csv"},
	"out":             {"csv", "xlsx"},
	"ledger":          {"db"},
	"api-key-file":    {},
	"api-secret-file": {},
	"books":           {},
	"log-file":        {},
	"logo":            {"png", "jpg", "jpeg"},
}

// wordsOf are the words that a flag takes, if they are few.
func (s *Settings) wordsOf(flag string) []string {
	if flag == providerFlag {
		return s.Providers.Names()
	}
	for _, own := range s.Providers.Settings() {
		if own.Name == flag {
			return own.Choices
		}
	}
	return flagValues[flag]
}

// completeFlags says what may follow each flag that a command defines itself.
func (s *Settings) completeFlags(cmd *cobra.Command) error {
	var firstErr error
	register := func(flag *pflag.Flag) {
		if firstErr != nil || flag.Value.Type() == "bool" {
			return
		}
		if _, done := cmd.GetFlagCompletionFunc(flag.Name); done {
			return
		}
		firstErr = cmd.RegisterFlagCompletionFunc(flag.Name, s.valuesOf(flag.Name))
	}
	cmd.LocalNonPersistentFlags().VisitAll(register)
	cmd.PersistentFlags().VisitAll(register)
	return firstErr
}

func (s *Settings) valuesOf(flag string) cobra.CompletionFunc {
	if words := s.wordsOf(flag); len(words) > 0 {
		return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	}
	if flag == "report" {
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	}
	switch endings, ok := flagFiles[flag]; {
	case !ok:
		return cobra.NoFileCompletions
	case len(endings) == 0:
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	default:
		return cobra.FixedCompletions(endings, cobra.ShellCompDirectiveFilterFileExt)
	}
}
