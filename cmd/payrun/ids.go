package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/amend"
	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
)

const idsLong = `Copies a file that has no transaction_id, or gaps among them, and gives every row
one: a prefix and a number, NOVEMBER-0001. Pay the copy, and keep it: the ids in it
are what makes a second run safe. Make corrections in the copy, too.

The prefix is the file's name, so the same file always gets the same ids, and a
changed one that was paid before is refused. A file of another month needs another
name, or a --prefix of its own. Nothing is sent and nothing is recorded.

Exit status: 0 the copy is written, 2 OUT is there already and differs, 3 the file
cannot be read, 7 the ledger knows an id with other content.`

// idsOptions are those of ids.
type idsOptions struct {
	input       inputOptions
	out, prefix string
	rules       string
	sandboxed   bool
}

// idsResult is what ids prints. Its keys are documented in docs/json.md.
type idsResult struct {
	File   string               `json:"file"`
	Out    string               `json:"out"`
	Rows   int                  `json:"rows"`
	Given  int                  `json:"given"`
	First  ledger.TransactionID `json:"first"`
	Last   ledger.TransactionID `json:"last"`
	Known  int                  `json:"known"`
	Recent int                  `json:"paid_recently"`
}

func (a *app) idsCommand() *cobra.Command {
	var o idsOptions
	cmd := &cobra.Command{
		Use:     "ids FILE --out OUT",
		Short:   "Copy a file and give each row the transaction_id it lacks",
		Long:    idsLong,
		Example: "  payrun ids november.xlsx -o november-ids.xlsx",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.ids(cmd.Context(), args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "out", "o", "", "write the copy to `OUT`.xlsx or .csv")
	flags.StringVar(&o.prefix, "prefix", "", "begin the ids with `PREFIX` (default: the file's name)")
	o.input.addReadingFlags(flags)
	addRulesFlag(flags, &o.rules)
	addSandboxLedgerFlag(cmd, &o.sandboxed)
	return cmd
}

func (a *app) ids(ctx context.Context, path string, o idsOptions) error {
	format, err := a.copyFormat(path, o.out)
	if err != nil {
		return err
	}
	set, err := loadRules(o.rules)
	if err != nil {
		return err
	}
	file, err := a.openFileAs(path, input.Options{Sheet: o.input.sheet, Map: columnMap(o.input.columns), WithoutIDs: true})
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	series, err := a.series(ctx, path, file, o.prefix)
	if err != nil {
		return err
	}
	store, done, err := a.ledgerToCompare(ctx, o.sandboxed)
	if err != nil {
		return err
	}
	defer done()

	out, err := newPendingFile(o.out)
	if err != nil {
		return err
	}
	defer out.Cleanup() //nolint:errcheck // what is complete has its name
	copied, err := amend.Begin(ctx, file, out.buffered, amend.Options{
		Format: format, Separator: a.separator(), Folder: filepath.Dir(o.out), Path: o.out,
		Column: amend.Column{Title: string(input.FieldTransactionID), At: slices.Index(file.Info().Fields, input.FieldTransactionID), Fill: true},
	})
	if err != nil {
		return copyAdvice(err)
	}
	defer copied.Close() //nolint:errcheck // finished, or given up
	result, err := a.identify(ctx, file, copied, series, set, store)
	if err != nil {
		return err
	}
	result.File, result.Out = path, o.out
	if err := a.settle(out, o.out); err != nil {
		return err
	}
	return a.showIDs(result)
}

// copyFormat refuses an OUT that is no name for a copy of the file.
func (a *app) copyFormat(path, out string) (amend.Format, error) {
	suggested := "payrun ids " + shellWord(path) + " -o " + shellWord(suggestedCopy(path))
	if out == "" {
		return "", usage(a.text("ids.no_out"), suggested)
	}
	if sameFile(path, out) {
		return "", usage(a.text("ids.itself"), suggested)
	}
	format, err := amend.FormatOf(out)
	if err != nil {
		return "", usage("--out "+err.Error(), suggested)
	}
	return format, nil
}

// suggestedCopy is a name for a file's copy with ids.
func suggestedCopy(path string) string {
	extension := filepath.Ext(path)
	if format, err := amend.FormatOf(path); err != nil || format == amend.CSV {
		extension = ".csv"
	}
	if path == "-" {
		return "with-ids" + extension
	}
	return path[:len(path)-len(filepath.Ext(path))] + "-ids" + extension
}

// series reads the file once for the ids that it has, and begins after them. A row
// that cannot be cut cannot be given an id either.
func (a *app) series(ctx context.Context, path string, file *input.File, prefix string) (*batch.Series, error) {
	if prefix == "" {
		var err error
		if prefix, err = batch.PrefixFromFile(path); err != nil {
			return nil, advise(err, exitUsage, "choose one: --prefix PAY-NOV-")
		}
	}
	series, err := batch.NewSeries(prefix)
	if err != nil {
		return nil, advise(fmt.Errorf("--prefix %w", err), exitUsage, "for example --prefix PAY-NOV-")
	}
	lacking := 0
	for row, err := range file.Rows(ctx) {
		if err != nil {
			return nil, a.unreadable(path, err)
		}
		if row.Problem == rules.CodeRowQuotes || row.Problem == rules.CodeRowWidth {
			message, hint := a.words.Problem(rules.Problem{Code: row.Problem})
			return nil, advise(fmt.Errorf("%s: %s %d: %s", path, a.text("column.row"), row.Number, message), exitFile, hint)
		}
		if row.TransactionID == (input.Cell{}) {
			lacking++
		}
		series.Skip(row.TransactionID.Text)
	}
	if lacking == 0 {
		return nil, usage(a.text("ids.nothing", "file", path), "payrun validate "+shellWord(path))
	}
	return series, nil
}

// identify gives each row its id and compares it with the ledger.
func (a *app) identify(ctx context.Context, file *input.File, copied *amend.Copy, series *batch.Series,
	set *rules.Set, store paidLedger,
) (idsResult, error) {
	checker := a.newChecker(ctx, file, set, inputOptions{}, store, "")
	var result idsResult
	in := batch.Inspection{
		Checker: checker, Fees: set.Fee, File: batch.Identified{File: file, Series: series},
		Problem: func(p rules.Problem) {
			if p.Code == rules.CodeRepeatedRecently {
				result.Recent++
			}
		},
		Row: func(row input.Row, _ []rules.Problem) error {
			id := row.TransactionID.Text
			if !series.Gives(id) {
				return nil
			}
			if result.Given++; result.Given == 1 {
				result.First = ledger.TransactionID(id)
			}
			result.Last = ledger.TransactionID(id)
			return copyAdvice(copied.Row(row.Number, amend.Note{Text: id}))
		},
	}
	if store != nil {
		in.Ledger = store
	}
	review, err := batch.Inspect(ctx, in)
	if err != nil {
		return result, err
	}
	if len(review.Conflicts) > 0 {
		return result, advise(&wordedError{
			a.text("ids.conflicts", "count", number(len(review.Conflicts)), "first", string(review.Conflicts[0].ID)), review.Conflicts[0],
		}, exitConflict, strings.Split(a.text("ids.conflicts_hint"), "\n")...)
	}
	result.Rows, result.Known = review.Rows, review.KnownTotal().Count
	if err := copied.Finish(); err != nil {
		return result, copyAdvice(fmt.Errorf("write the copy: %w", err))
	}
	return result, nil
}

// settle gives the copy its name. One that is there is never replaced by another:
// its ids may have been paid.
func (a *app) settle(out pendingFile, path string) error {
	if isMissing(path) {
		return out.complete()
	}
	if err := out.buffered.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	same, err := sameContent(out.Name(), path)
	if err != nil || same {
		return err
	}
	return usage(a.text("ids.differs", "file", path),
		strings.Split(a.text("ids.differs_hint"), "\n")...)
}

func sameContent(a, b string) (same bool, err error) {
	first, err := os.Open(a) //nolint:gosec // payrun's own
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, first.Close()) }()
	second, err := os.Open(b) //nolint:gosec // the file a person names
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	const chunk = 64 << 10
	one, other := make([]byte, chunk), make([]byte, chunk)
	for {
		n, errOne := io.ReadFull(first, one)
		m, errOther := io.ReadFull(second, other)
		if !bytes.Equal(one[:n], other[:m]) {
			return false, nil
		}
		if errOne != nil || errOther != nil {
			ended := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
			if ended(errOne) && ended(errOther) {
				return true, nil
			}
			return false, errors.Join(errOne, errOther)
		}
	}
}

// showIDs tells what was written, and what the ledger knows of it.
func (a *app) showIDs(r idsResult) error {
	if a.global.json() {
		return a.printJSON(r)
	}
	if err := a.say("%s", a.text("ids.written", "file", r.Out, "rows", number(r.Rows), "given", number(r.Given),
		"first", string(r.First), "last", string(r.Last))); err != nil {
		return err
	}
	if r.Known > 0 {
		if err := a.say("%s", a.text("ids.known", "count", number(r.Known))); err != nil {
			return err
		}
	}
	if r.Recent > 0 {
		if err := a.say("%s", a.text("ids.recent", "count", number(r.Recent))); err != nil {
			return err
		}
	}
	return a.say("%s", a.text("end.next", "command", "payrun validate "+shellWord(r.Out)))
}
