package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"payrun/batch/intake"
	"payrun/batch/intake/annotate"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// outputFlags say what this command prints and writes; the one after it says so for
// itself.
//
//nolint:gochecknoglobals // a table that nothing writes to
var outputFlags = []string{"output", "annotate", "problems", "details", "no-progress", "log-format", "log-level", "log-file", "yes", "out"}

// followUp words another command on a file as it can be typed, with those flags
// typed to this one that it takes as well, but for those that more has. It is empty for
// standard input, which cannot be read again.
func (a *app) followUp(name, path string, more ...string) string {
	return a.followUpWithout(nil, name, path, more...)
}

// followUpWithout is followUp without some of the flags that were typed.
func (a *app) followUpWithout(dropped []string, name, path string, more ...string) string {
	target, _, err := a.Command.Root().Find([]string{name})
	if err != nil || path == "-" {
		return ""
	}
	words := append([]string{"payrun", name, ui.ShellWord(path)}, more...)
	a.Command.Flags().Visit(func(flag *pflag.Flag) {
		elsewhere := !a.Typed(flag.Name)
		passed := slices.Contains(outputFlags, flag.Name) || slices.Contains(dropped, flag.Name) || hasFlag(more, flag.Name)
		if !elsewhere && !passed && target.Flag(flag.Name) != nil {
			words = append(words, flagWords(flag)...)
		}
	})
	return strings.Join(words, " ")
}

// carriedFlags say which ledger a batch is in, whose account pays it, and where its
// reports go: another command about the batch wants them as they were typed to this one.
//
//nolint:gochecknoglobals // a table that nothing writes to
var carriedFlags = []string{
	"config", "ledger", "sandbox", "api-url", "api-host", "environment", "dialect", "status-path", "insecure-http",
	"api-key-file", "api-secret-file", "anchors", "rules", "report", "csv-locale",
}

// batchCommand words another command about a batch as it can be typed, with those
// typed flags of this one that lead to it.
func (a *app) batchCommand(name string, id ledger.BatchID, more ...string) string {
	words := append([]string{"payrun", name, ui.ShellWord(string(id))}, more...)
	target, _, err := a.Command.Root().Find([]string{name})
	if err != nil {
		return strings.Join(words, " ")
	}
	for _, carried := range carriedFlags {
		flag := a.Command.Flag(carried)
		if flag != nil && flag.Changed && a.Typed(carried) && target.Flag(carried) != nil {
			words = append(words, flagWords(flag)...)
		}
	}
	return strings.Join(words, " ")
}

// resolving words the command by which a person says what they saw about a payout; of
// several it names none. Whether it was paid is left to them: as it stands it is refused.
func (a *app) resolving(id ledger.BatchID, payouts ...ledger.TransactionID) string {
	which := "ID"
	if len(payouts) > 0 {
		which = ui.ShellWord(string(payouts[0]))
	}
	return a.batchCommand("resolve", id, which, "--because", a.Text("command.because"))
}

// nextFor is the one command that a batch needs first, empty if nothing is left to do.
func (a *app) nextFor(id ledger.BatchID, n service.Need) string {
	return a.stepCommand(id, n.Step(), n.Differs)
}

// stepCommand words a step that a batch needs. It is about a payout if the step is.
func (a *app) stepCommand(id ledger.BatchID, step service.Step, payout ledger.TransactionID) string {
	switch step {
	case service.ResolveIt:
		return a.resolving(id, payout)
	case service.ResumeIt:
		return a.batchCommand("resume", id)
	case service.RetryIt:
		return a.batchCommand("retry", id)
	case service.Nothing, service.SubmitIt:
	}
	return ""
}

// flagWords writes a flag with its value as it can be typed.
func flagWords(flag *pflag.Flag) []string {
	name := "--" + flag.Name
	if columns, ok := flag.Value.(*settings.ColumnMap); ok {
		return columns.Words()
	}
	switch flag.Value.Type() {
	case "bool":
		if flag.Value.String() == "true" {
			return []string{name}
		}
		return []string{name + "=" + flag.Value.String()}
	default:
		return []string{name, ui.ShellWord(flag.Value.String())}
	}
}

func hasFlag(words []string, name string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		flag, _, _ := strings.Cut(word, "=")
		return flag == "--"+name
	})
}

// repeatWord is the answer to rows that repeat a payment, as it is typed.
func repeatWord(count int) string { return "--repeat-ok=" + strconv.Itoa(count) }

// identifying is the command that makes a copy of a file with ids.
func (a *app) identifying(path string) string {
	more := []string{"-o", ui.ShellWord(a.identifiedName(path))}
	if _, err := intake.PrefixFromFile(path); err != nil {
		more = append(more, "--prefix", "PAY-")
	}
	return a.followUp("ids", path, more...)
}

// annotating is the command that makes a copy of a file with what is wrong beside the
// rows.
func (a *app) annotating(path string) string {
	return a.followUp("validate", path, "--annotate", ui.ShellWord(a.freeName(path, a.Text("annotate.column"), ".xlsx")))
}

// suffixIDs is what the name of a copy with ids ends with.
const suffixIDs = "ids"

// identifiedName is a name for a file's copy with ids, of the same kind. The same file
// always has the same ids, so that it is the same copy.
func (a *app) identifiedName(path string) string {
	extension := filepath.Ext(path)
	if format, err := annotate.FormatOf(path); err != nil || format == annotate.CSV {
		extension = ".csv"
	}
	if path == "-" {
		return "with-ids" + extension
	}
	if name := a.stem(path) + "-" + suffixIDs + extension; name != path {
		return name
	}
	return a.freeName(path, suffixIDs, extension)
}

// freeName is a name for a copy of a file that nothing has yet,
// november-errors.xlsx for november.csv, and november-errors-2.xlsx for that: a copy of a
// copy is named after the file.
func (a *app) freeName(path, suffix, extension string) string {
	stem := a.stem(path) + "-" + suffix
	name := stem + extension
	for n := 2; !fsx.Missing(name); n++ {
		name = fmt.Sprintf("%s-%d%s", stem, n, extension)
	}
	return name
}

// stem is a file's path without its extension, and without what payrun puts behind the
// names of copies.
func (a *app) stem(path string) string {
	folder, name := filepath.Split(strings.TrimSuffix(path, filepath.Ext(path)))
	for again := true; again; {
		again = false
		numbered := strings.TrimRight(name, "0123456789")
		for _, suffix := range []string{suffixIDs, a.Text("annotate.column"), a.Text("fix.suffix")} {
			for _, end := range []string{name, strings.TrimSuffix(numbered, "-")} {
				if stem, found := strings.CutSuffix(end, "-"+suffix); found && stem != "" {
					name, again = stem, true
				}
			}
		}
	}
	return folder + name
}
