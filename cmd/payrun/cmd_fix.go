package main

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/money"
)

const fixLong = `Copies a file into one that can be paid as it is: the zeros that a spreadsheet
dropped are back, numbers are ten digits without +225, numbers of eight digits have
the prefix of their operator, operators, currency and country have their own names,
amounts are plain whole numbers, names have single blanks, and an amount above what
the operator takes is split into rows with ids of their own, -a, -b and so on. Rows
that pay nobody, totals, titles, signatures and empty rows, are left out.

Each change is listed. What is in doubt is not fixed: then nothing is written, and
the rows are named. Payments that are repeated on purpose need --repeat-ok, as in run.
Pay the copy, and keep it. Nothing is sent and nothing is
recorded, and no file that is there is replaced.

Exit status: 0 the copy is written, 2 COPY is there already and differs, 3 the file
cannot be read or something in it is in doubt.`

// fixOptions are those of fix.
type fixOptions struct {
	input inputOptions
	out   string
	rules string
}

// fixResult is what fix prints for scripts. Its keys are documented in
// docs/json.md.
type fixResult struct {
	File     string       `json:"file"`
	Out      string       `json:"out"`
	Payments int          `json:"payments"`
	Amount   money.XOF    `json:"amount"`
	Changes  []fixChange  `json:"changes"`
	Problems []ui.Problem `json:"problems"`
	Next     string       `json:"next"`
}

// fixChange is one change that fix made.
type fixChange struct {
	Row    int         `json:"row"`
	Column table.Field `json:"column"`
	Header string      `json:"header"`
	Code   string      `json:"code"`
	Before string      `json:"before"`
	After  string      `json:"after"`
}

func (a *app) fixCommand() *cobra.Command {
	var o fixOptions
	cmd := &cobra.Command{
		Use:     "fix FILE --out COPY",
		Short:   "Copy a file into a clean one that can be paid as it is",
		Long:    fixLong,
		Example: "  payrun fix november.xlsx -o november-clean.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.fix(cmd.Context(), args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "out", "o", "", "write the copy to `COPY`.xlsx or .csv")
	o.input.addReadingFlags(flags)
	o.input.addRepeatFlag(flags)
	addDetailsFlag(flags, &o.input.details)
	addRulesFlag(flags, &o.rules)
	a.AddProviderFlag(flags)
	return cmd
}

func (a *app) fix(ctx context.Context, path string, o fixOptions) error {
	if err := a.checkCopyName(path, o.out, "payrun fix "+ui.ShellWord(path)+" -o "+ui.ShellWord(a.FixedName(path))); err != nil {
		return err
	}
	set, err := a.loadRules(o.rules)
	if err != nil {
		return err
	}
	file, err := a.openFile(path, o.input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	plan, err := a.fileService(set, nil).Fix(ctx, file, service.FixOptions{
		Options: fix.Options{Sheet: o.input.sheet != "", Repeats: o.input.repeats.Count()},
		Copy:    service.CopyOptions{Path: o.out, Separator: a.Separator()}, Title: a.fieldTitle,
	})
	switch {
	case errors.Is(err, fsx.ErrTaken):
		return ui.Usage(a.Text("fix.differs", "file", o.out), a.Text("taken.remove_hint"))
	case err != nil:
		return a.fileError(path, a.copyError(err))
	case len(plan.Problems) > 0:
		return a.refuseFix(path, file.Info(), plan, o)
	default:
		return a.showFixed(path, o.out, plan)
	}
}

// fieldTitle is a column's title in the person's language, as a template has it.
func (a *app) fieldTitle(field table.Field) string {
	if slices.Contains(template.Fields(), field) {
		return a.Text("template.title." + string(field))
	}
	return string(field)
}

// showFixed lists the changes, and what the copy comes to.
func (a *app) showFixed(path, out string, plan *fix.Plan) error {
	next := a.ForFileWithout([]string{"map", "sheet", "hidden"}, "validate", out) // the copy needs none of these
	if a.JSON() {
		return a.PrintJSON(newFixResult(path, out, plan, nil, next))
	}
	for _, change := range plan.Changes {
		if err := a.Say("%s", a.ChangeLine(change)); err != nil {
			return err
		}
	}
	if err := a.Say("%s", a.Text("fix.written", "file", out, "count", strconv.Itoa(plan.Payments.Count),
		"amount", plan.Payments.Amount.Grouped(), "changes", strconv.Itoa(len(plan.Changes)))); err != nil {
		return err
	}
	return a.SayNext(next)
}

func newFixResult(path, out string, plan *fix.Plan, problems []ui.Problem, next string) fixResult {
	result := fixResult{
		File: path, Out: out, Payments: plan.Payments.Count, Amount: plan.Payments.Amount,
		Changes: make([]fixChange, 0, len(plan.Changes)), Problems: append([]ui.Problem{}, problems...), Next: next,
	}
	for _, c := range plan.Changes {
		result.Changes = append(result.Changes, fixChange(c))
	}
	return result
}

// doubtsShown is how many doubts are shown each by itself.
const doubtsShown = 40

// refuseFix names what is in doubt. Nothing is written.
func (a *app) refuseFix(path string, info table.Info, plan *fix.Plan, o fixOptions) error {
	next := a.Annotating(path)
	if count := service.RepeatsAlone(plan); count > 0 && path != "-" {
		next = a.ForFile("fix", path, "-o", ui.ShellWord(o.out), ui.RepeatWord(count))
	}
	if a.JSON() {
		plan.Changes, plan.Payments = nil, ledger.Count{}
		if err := a.PrintJSON(newFixResult(path, "", plan, a.WordAll(plan.Problems), next)); err != nil {
			return err
		}
		return exitError(exitFile)
	}
	// Row by row, unless they are very many: a decision is taken about each.
	var groups rules.Groups
	for _, p := range plan.Problems {
		groups.Add(p)
	}
	each := plan.Problems
	if !o.input.details && len(each) > doubtsShown {
		each = nil
	}
	if err := errors.Join(a.SayReading(info), a.SayProblems(&groups, each)); err != nil {
		return err
	}
	rows := map[int]bool{}
	for _, p := range plan.Problems {
		rows[p.Row] = true
	}
	if err := a.Say("%s", a.Text("fix.refused", "count", strconv.Itoa(len(rows)))); err != nil {
		return err
	}
	if err := a.SayNext(next); err != nil {
		return err
	}
	return exitError(exitFile)
}
