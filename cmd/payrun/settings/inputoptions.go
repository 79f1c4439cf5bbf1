package settings

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"payrun/batch/intake/findings"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// InputOptions say how a file is read and checked.
type InputOptions struct {
	Sheet       string
	Columns     ColumnMap
	Hidden      string
	Strict      bool
	RestoreZero bool
	// Repeats counts the rows that shall be paid although they repeat others.
	Repeats ControlTotal
	// Details shows each problem by itself.
	Details bool
	// Annotate and Problems are where what was found is written.
	Annotate, Problems string
}

// AddReadingFlags adds those that say where the columns are.
func (o *InputOptions) AddReadingFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Sheet, "sheet", "", "the workbook's `SHEET` (default: the only one with the header)")
	AddMapFlag(flags, &o.Columns)
	flags.StringVar(&o.Hidden, "hidden", "", "`pay` or skip the rows of a workbook that are hidden or filtered out (default: refuse them)")
}

// AddFlags adds all of them.
func (o *InputOptions) AddFlags(flags *pflag.FlagSet) {
	o.AddReadingFlags(flags)
	flags.BoolVar(&o.Strict, "strict", false, "treat warnings as errors")
	flags.BoolVar(&o.RestoreZero, "restore-leading-zero", false,
		"put back the zero that a spreadsheet dropped from a nine-digit number")
	AddDetailsFlag(flags, &o.Details)
	o.AddRepeatFlag(flags)
	flags.StringVar(&o.Annotate, "annotate", "", "copy the file to `OUT.xlsx` (or .csv) with a column of what is wrong, to mend there")
	flags.StringVar(&o.Problems, "problems", "", "write all problems to `OUT.csv`, one a line")
}

// AddRepeatFlag adds --repeat-ok.
func (o *InputOptions) AddRepeatFlag(flags *pflag.FlagSet) {
	o.Repeats = NewControlTotal("N")
	flags.Var(&o.Repeats, "repeat-ok", "pay the `N` rows that repeat a payment; another number than there are is refused")
}

// AddDetailsFlag adds --details.
func AddDetailsFlag(flags *pflag.FlagSet, details *bool) {
	flags.BoolVar(details, "details", false, "show each problem by itself, not one paragraph for each kind")
}

// Reading returns how the file is to be read.
func (o *InputOptions) Reading() table.Options {
	return table.Options{Sheet: o.Sheet, Map: o.Columns, Hidden: table.Hidden(o.Hidden)}
}

// Validate refuses to write over the file that is read. The annotated copy
// replaces no file at all.
func (o *InputOptions) Validate(path string) error {
	switch {
	case o.Hidden != "" && o.Hidden != string(table.HiddenPay) && o.Hidden != string(table.HiddenSkip):
		return ui.Mistaken("one_of", "flag", "--hidden", "choices", "pay, skip", "given", o.Hidden)
	case o.Problems == "":
		return nil
	case !strings.EqualFold(filepath.Ext(o.Problems), ".csv"):
		return ui.Mistaken("problems_csv", "given", o.Problems)
	case fsx.SameFile(path, o.Problems), o.Problems == o.Annotate:
		return ui.Mistaken("problems_taken", "file", o.Problems)
	default:
		return nil
	}
}

// CheckOptions returns the options of a check by the flags.
func (s *Settings) CheckOptions(path string, id ledger.BatchID, o InputOptions) service.CheckOptions {
	options := service.CheckOptions{
		Batch: id, Strict: o.Strict, RestoreZero: o.RestoreZero, Repeats: o.Repeats.Count(),
		SheetNamed: o.Sheet != "", Once: path == "-", Each: o.Details || s.JSON(),
	}
	if o.Annotate != "" || o.Problems != "" {
		options.Findings = findings.New(findings.Options{
			Copy: o.Annotate, List: o.Problems, CopyTitle: s.Text("annotate.column"),
			Separator: s.Separator(), ForExcel: s.Language == catalogue.French,
			Words: func(p rules.Problem) (message, hint string) {
				words := s.Word(p)
				return words.Message, words.Hint
			},
			Annotation: s.Annotation,
		})
	}
	return options
}
