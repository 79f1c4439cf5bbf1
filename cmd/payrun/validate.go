package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
)

func (a *app) validateCommand() *cobra.Command {
	var o inputOptions
	var rulesPath string
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a file and print every problem; send nothing",
		Long: `Reads the whole file, CSV or XLSX, and prints every problem with its row, its
column and how to mend it. "-" reads standard input. Nothing is sent and nothing
is recorded; if there is a ledger, rows are also compared with what it holds.

Exit status: 0 no errors, 3 errors, 7 a known transaction_id with other content.`,
		Example: "  payrun validate november.xlsx",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.validate(cmd.Context(), args[0], o, rulesPath, sandboxed)
		},
	}
	o.addFlags(cmd.Flags())
	addRulesFlag(cmd.Flags(), &rulesPath)
	addSandboxLedgerFlag(cmd, &sandboxed)
	return cmd
}

func (a *app) validate(ctx context.Context, path string, o inputOptions, rulesPath string, sandboxed bool) error {
	set, err := loadRules(rulesPath)
	if err != nil {
		return err
	}
	file, err := a.openFile(path, o)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := a.ledgerToCompare(ctx, sandboxed)
	if err != nil {
		return err
	}
	defer done()

	found, err := a.inspect(ctx, file, set, o, store, batch.IDFromFile(path))
	if err != nil {
		return a.unreadable(path, err)
	}
	if err := a.showValidation(path, file.Info(), found); err != nil {
		return err
	}
	if code := found.refused(false); code != exitPaid {
		return code
	}
	return nil
}

// ledgerToCompare opens the ledger if there is one.
func (a *app) ledgerToCompare(ctx context.Context, sandboxed bool) (paidLedger, func(), error) {
	path := a.ledgerPath(sandboxed)
	if isMissing(path) {
		// A first run will begin it.
		return nil, func() {}, nil
	}
	store, done, err := a.readLedger(ctx, path)
	if errors.Is(err, ledger.ErrLocked) {
		a.logger().Warn().Err(err).Msg("the file is not compared with the ledger")
		return nil, func() {}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return store, done, nil
}

// unreadable tells of a file that is no table: for scripts in the form of a
// problem, so that they find it where they look, and for a person in words.
func (a *app) unreadable(path string, err error) error {
	problem := rules.Problem{
		Code: input.Code(err), Severity: rules.Error, Value: path,
		Details: map[string]string{"reason": a.reason(path, err)},
	}
	if problem.Code != rules.CodeFileNoIDs && problem.Code != rules.CodeFileUnclosedQuote {
		problem.Details["detail"] = input.Detail(err)
	}
	if a.global.json() {
		found := &inspection{problems: []rules.Problem{problem}}
		found.review.Errors = 1
		if err := a.showValidation(path, input.Info{}, found); err != nil {
			return err
		}
	}
	if advised := (*advice)(nil); errors.As(err, &advised) {
		return err
	}
	if adviceFor(err).code != exitInternal && !errors.Is(err, input.ErrNoIDs) {
		// The ledger, not the file, or an interruption.
		return err
	}
	words := a.worded(problem)
	return &advice{err: &wordedError{path + ": " + words.Message, err}, code: exitFile, hints: []string{words.Hint}}
}

// wordedError is an error in the person's language.
type wordedError struct {
	text string
	err  error
}

func (e *wordedError) Error() string { return e.text }
func (e *wordedError) Unwrap() error { return e.err }

// reason is what an error of package input says beyond its code, in the person's
// language as far as there are words for it.
func (a *app) reason(path string, err error) string {
	var header *input.HeaderError
	var sheet *input.SheetError
	switch {
	case errors.As(err, &header):
		return a.headerReason(header)
	case errors.As(err, &sheet) && sheet.Asked != "":
		return a.text("sheet.unknown", "sheet", sheet.Asked, "sheets", quoted(sheet.Sheets))
	case errors.As(err, &sheet):
		return a.text("sheet.several", "sheets", quoted(sheet.Sheets))
	case errors.Is(err, input.ErrUnclosedQuote):
		return input.Detail(err)
	default:
		return strings.TrimPrefix(err.Error(), path+": ")
	}
}

func (a *app) headerReason(header *input.HeaderError) string {
	var parts []string
	if len(header.Missing) > 0 {
		names := make([]string, len(header.Missing))
		for i, field := range header.Missing {
			names[i] = string(field)
		}
		parts = append(parts, a.text("header.missing", "fields", strings.Join(names, ", ")))
	}
	for _, field := range slices.Sorted(maps.Keys(header.Doubled)) {
		parts = append(parts, a.text("header.doubled", "count", number(len(header.Doubled[field])),
			"field", string(field), "titles", quoted(header.Doubled[field])))
	}
	if header.Row > 0 {
		parts = append(parts, a.text("header.found", "row", number(header.Row), "titles", quoted(header.Found)))
	}
	for _, field := range slices.Sorted(maps.Keys(header.Guesses)) {
		parts = append(parts, a.text("header.guess", "field", string(field), "title", header.Guesses[field]))
	}
	return strings.Join(parts, "; ")
}

// quoted lists titles, as many as a message bears.
func quoted(titles []string) string {
	const shown = 20
	texts := make([]string, 0, shown+1)
	for i, title := range titles {
		if i == shown {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, fmt.Sprintf("%q", title))
	}
	return strings.Join(texts, ", ")
}
