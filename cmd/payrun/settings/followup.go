package settings

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/ledger/pgledger"
)

// outputFlags say what this command prints and writes; the one after it says so for
// itself.
//
//nolint:gochecknoglobals // a table that nothing writes to
var outputFlags = []string{"output", "annotate", "problems", "details", "no-progress", "log-format", "log-level", "log-file", "yes", "out"}

// ForFile words another command on a file as it can be typed, with those flags
// typed to this one that it takes as well, but for those that more has. It is empty for
// standard input, which cannot be read again.
func (s *Settings) ForFile(name, path string, more ...string) string {
	return s.ForFileWithout(nil, name, path, more...)
}

// ForFileWithout is ForFile without some of the flags that were typed.
func (s *Settings) ForFileWithout(dropped []string, name, path string, more ...string) string {
	target, _, err := s.Command.Root().Find([]string{name})
	if err != nil || path == "-" {
		return ""
	}
	words := append([]string{"payrun", name, ui.ShellWord(path)}, more...)
	s.Command.Flags().Visit(func(flag *pflag.Flag) {
		elsewhere := !s.Typed(flag.Name)
		passed := slices.Contains(outputFlags, flag.Name) || slices.Contains(dropped, flag.Name) || hasFlag(more, flag.Name)
		if !elsewhere && !passed && target.Flag(flag.Name) != nil {
			words = append(words, flagWords(flag)...)
		}
	})
	return strings.Join(words, " ")
}

// carriedFlags say which ledger a batch is in, whose account pays it, and where its
// reports go: another command about the batch wants them as they were typed to this one.
// Those of the providers come beside them.
//
//nolint:gochecknoglobals // a table that nothing writes to
var carriedFlags = []string{
	"config", "ledger", "sandbox", "api-host", "insecure-http", "api-key-file", "api-secret-file",
	"anchors", "rules", "report", "csv-locale", "server", "token-file",
}

// ForBatch words another command about a batch as it can be typed, with those
// typed flags of this one that lead to it.
func (s *Settings) ForBatch(name string, id ledger.BatchID, more ...string) string {
	words := append([]string{"payrun", name, ui.ShellWord(string(id))}, more...)
	target, _, err := s.Command.Root().Find(strings.Fields(name))
	if err != nil {
		return strings.Join(words, " ")
	}
	for _, carried := range slices.Concat(s.ProviderFlags(), carriedFlags) {
		flag := s.Command.Flag(carried)
		if flag != nil && flag.Changed && s.Typed(carried) && target.Flag(carried) != nil {
			words = append(words, flagWords(flag)...)
		}
	}
	return strings.Join(words, " ")
}

// flagWords writes a flag with its value as it can be typed.
func flagWords(flag *pflag.Flag) []string {
	name := "--" + flag.Name
	if columns, ok := flag.Value.(*ColumnMap); ok {
		return columns.Words()
	}
	switch flag.Value.Type() {
	case "bool":
		if flag.Value.String() == "true" {
			return []string{name}
		}
		return []string{name + "=" + flag.Value.String()}
	default:
		return []string{name, ui.ShellWord(pgledger.WithoutPassword(flag.Value.String()))}
	}
}

func hasFlag(words []string, name string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		flag, _, _ := strings.Cut(word, "=")
		return flag == "--"+name
	})
}
