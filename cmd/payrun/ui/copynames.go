package ui

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"payrun/batch/intake"
	"payrun/batch/intake/annotate"
	"payrun/batch/service"
	"payrun/internal/fsx"
)

// RemedyCommand words what to do about a file that may not be paid as it is, empty if all
// that stands in the way are payouts that the ledger knows. Name is the command that was
// given, annotated the copy with what is wrong.
func (u *UI) RemedyCommand(remedy service.Remedy, name, path, annotated string) string {
	switch remedy.Kind {
	case service.RemedyIDs:
		return u.Identifying(path)
	case service.RemedyRepeats:
		return u.Commands.ForFile(name, path, RepeatWord(remedy.Repeats))
	case service.RemedyFix:
		return u.fixing(path, remedy.Repeats)
	case service.RemedyMended:
		return u.Commands.ForFile("validate", annotated)
	case service.RemedyMend:
		return u.annotating(path)
	case service.RemedyNone:
	}
	return ""
}

// RepeatWord is the answer to rows that repeat a payment, as it is typed.
func RepeatWord(count int) string { return "--repeat-ok=" + strconv.Itoa(count) }

// Identifying is the command that makes a copy of a file with ids.
func (u *UI) Identifying(path string) string {
	more := []string{"-o", ShellWord(u.IdentifiedName(path))}
	if _, err := intake.PrefixFromFile(path); err != nil {
		more = append(more, "--prefix", "PAY-")
	}
	return u.Commands.ForFile("ids", path, more...)
}

// annotating is the command that makes a copy of a file with what is wrong beside the
// rows.
func (u *UI) annotating(path string) string {
	return u.Commands.ForFile("validate", path, "--annotate", ShellWord(u.freeName(path, u.Text("annotate.column"), ".xlsx")))
}

// suffixIDs ends the name of a copy with ids.
const suffixIDs = "ids"

// IdentifiedName is a name for a file's copy with ids, of the same kind. The same file
// always has the same ids, so that it is the same copy.
func (u *UI) IdentifiedName(path string) string {
	extension := filepath.Ext(path)
	if format, err := annotate.FormatOf(path); err != nil || format == annotate.CSV {
		extension = ".csv"
	}
	if path == "-" {
		return "with-ids" + extension
	}
	if name := u.stem(path) + "-" + suffixIDs + extension; name != path {
		return name
	}
	return u.freeName(path, suffixIDs, extension)
}

// freeName is a name for a copy of a file that nothing has yet,
// november-errors.xlsx for november.csv, and november-errors-2.xlsx for that: a copy of a
// copy is named after the file.
func (u *UI) freeName(path, suffix, extension string) string {
	stem := u.stem(path) + "-" + suffix
	name := stem + extension
	for n := 2; !fsx.Missing(name); n++ {
		name = fmt.Sprintf("%s-%d%s", stem, n, extension)
	}
	return name
}

// stem is a file's path without its extension, and without what payrun puts behind the
// names of copies.
func (u *UI) stem(path string) string {
	folder, name := filepath.Split(strings.TrimSuffix(path, filepath.Ext(path)))
	for again := true; again; {
		again = false
		numbered := strings.TrimRight(name, "0123456789")
		for _, suffix := range []string{suffixIDs, u.Text("annotate.column"), u.Text("fix.suffix")} {
			for _, end := range []string{name, strings.TrimSuffix(numbered, "-")} {
				if stem, found := strings.CutSuffix(end, "-"+suffix); found && stem != "" {
					name, again = stem, true
				}
			}
		}
	}
	return folder + name
}

// fixing is the command that writes a clean copy of a file.
func (u *UI) fixing(path string, repeats int) string {
	words := []string{"-o", ShellWord(u.FixedName(path))}
	if repeats > 0 {
		words = append(words, RepeatWord(repeats))
	}
	return u.Commands.ForFile("fix", path, words...)
}

// FixedName is a name for a file's clean copy, of the same kind.
func (u *UI) FixedName(path string) string {
	extension := ".csv"
	if format, err := annotate.FormatOf(path); err == nil && format == annotate.XLSX {
		extension = ".xlsx"
	}
	if path == "-" {
		path = "file"
	}
	return u.freeName(path, u.Text("fix.suffix"), extension)
}
