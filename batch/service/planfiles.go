package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/document"
	"payrun/batch/rules"
	"payrun/internal/fsx"
)

// PlanFiles are the files of a plan, which lie side by side: a page for people, the text
// that binds, and the list whose digest stands in the text.
type PlanFiles struct{ Page, Text, List string }

// The endings of their names.
const (
	planPage = ".html"
	planText = ".txt"
	planList = ".list.jsonl"
)

// PlanFilesAt returns the files of the plan with a name, which may be that of one of them.
func PlanFilesAt(path string) PlanFiles {
	for _, ending := range []string{planPage, planText, planList} {
		if base, cut := strings.CutSuffix(path, ending); cut && filepath.Base(path) != ending {
			path = base
			break
		}
	}
	return PlanFiles{Page: path + planPage, Text: path + planText, List: path + planList}
}

// All are their paths, what people read first.
func (f PlanFiles) All() []string { return []string{f.Page, f.Text, f.List} }

// TakenError names a file that is there already and is not replaced. It is an
// fsx.ErrTaken.
type TakenError struct{ Path string }

func (e *TakenError) Error() string { return e.Path + ": " + fsx.ErrTaken.Error() }

// Unwrap returns fsx.ErrTaken.
func (e *TakenError) Unwrap() error { return fsx.ErrTaken }

// Free returns a *TakenError if one of the files is there.
func (f PlanFiles) Free() error {
	for _, path := range f.All() {
		if !fsx.Missing(path) {
			return &TakenError{path}
		}
	}
	return nil
}

// PlanOptions say how a plan is written.
type PlanOptions struct {
	Files PlanFiles
	// File is the name of the file that is planned.
	File string
	// Warnings are those of the check in words, a line each.
	Warnings []string
	// Payees lists everybody on the page, Reveal shows numbers there in full.
	Payees, Reveal bool
	French         bool
}

// WrittenPlan is a plan that lies in files, named by the digest of its text.
type WrittenPlan struct {
	approval.Plan

	Files  PlanFiles
	Digest approval.Digest
}

// WritePlan writes what paying a checked file would pay through the account, with what it
// changes. The list comes first and the text last, as it binds the others. Files appear
// whole, for their owner alone to read, and none is replaced: the error is a *TakenError
// then.
func (s *Service) WritePlan(ctx context.Context, c *Checked, changed Diff, o PlanOptions) (written WrittenPlan, err error) {
	list, err := fsx.NewPendingFile(o.Files.List)
	if err != nil {
		return written, err
	}
	defer list.Discard() //nolint:errcheck // what is complete has its name
	summary, err := c.summary(ctx, s.config.Account.Place(), list)
	if err != nil {
		return written, err
	}
	if changed.Against != nil {
		summary.Against = approval.Compared(string(changed.Against.ID), changed.Changes)
	}
	summary.Warnings = c.warned()
	written = WrittenPlan{Plan: approval.Plan{Summary: summary, Made: s.now().Truncate(time.Second)}, Files: o.Files}
	text, err := written.Text()
	if err != nil {
		return written, err
	}
	if written.Digest, err = written.Plan.Digest(); err != nil {
		return written, err
	}
	shown, err := fsx.NewPendingFile(o.Files.Page)
	if err != nil {
		return written, err
	}
	defer shown.Discard() //nolint:errcheck // what is complete has its name
	if err := document.Write(shown, c.document(ctx, written, o)); err != nil {
		return written, err
	}
	return written, completePlan(o.Files, list, shown, text)
}

// warned are the warnings of the check, by code.
func (c *Checked) warned() []approval.Warning {
	var warnings []approval.Warning
	counts := c.Groups.Of(rules.Warning)
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		warnings = append(warnings, approval.Warning{Code: code, Count: counts[code]})
	}
	return warnings
}

// completePlan gives the files their names, the one that binds last.
func completePlan(f PlanFiles, list, shown *fsx.PendingFile, text []byte) error {
	binding, err := fsx.NewPendingFile(f.Text)
	if err != nil {
		return err
	}
	defer binding.Discard() //nolint:errcheck // what is complete has its name
	if _, err := binding.Write(text); err != nil {
		return fmt.Errorf("write %s: %w", f.Text, err)
	}
	for _, one := range []struct {
		path string
		file *fsx.PendingFile
	}{{f.List, list}, {f.Page, shown}, {f.Text, binding}} {
		if err := one.file.CompleteNew(); errors.Is(err, fsx.ErrTaken) {
			return &TakenError{one.path}
		} else if err != nil {
			return fmt.Errorf("write %s: %w", one.path, err)
		}
	}
	return nil
}

func (c *Checked) document(ctx context.Context, p WrittenPlan, o PlanOptions) document.Document {
	shown := document.Document{
		Plan: p.Plan, Digest: p.Digest, Text: filepath.Base(p.Files.Text), List: filepath.Base(p.Files.List), File: o.File,
		Warnings: o.Warnings, Reveal: o.Reveal, French: o.French,
	}
	if o.Payees {
		shown.Payees = c.planned(ctx)
	}
	return shown
}

// planned yields the payouts of the file as a plan lists them.
func (c *Checked) planned(ctx context.Context) iter.Seq2[approval.Payout, error] {
	return func(yield func(approval.Payout, error) bool) {
		for entry, err := range c.payable(ctx) {
			if !yield(entry.Canonical(), err) {
				return
			}
		}
	}
}

// summary sums up what paying the file through an account pays, and writes its list.
func (c *Checked) summary(ctx context.Context, account string, list io.Writer) (approval.Summary, error) {
	currency := c.rules.Currency()
	tally := approval.NewTally(approval.Currency{Code: string(currency), Decimals: currency.Digits()})
	var line []byte
	for p, err := range c.planned(ctx) {
		if err == nil {
			err = tally.Add(p)
		}
		if err != nil {
			return approval.Summary{}, err
		}
		line = p.AppendLine(line[:0])
		if _, err := list.Write(line); err != nil {
			return approval.Summary{}, fmt.Errorf("write the list of payouts: %w", err)
		}
	}
	summary := approval.Summary{Batch: string(c.options.Batch), Account: account}
	tally.Fill(&summary)
	return summary, readDigest(&summary.File, c.File.SHA256())
}

// ReadPlan reads a plan and holds its list against its text. An error that wraps
// approval.ErrText is a plan that somebody changed; one of the system is a file that
// cannot be read.
func ReadPlan(files PlanFiles) (WrittenPlan, error) {
	text, err := fsx.ReadFile(files.Text)
	if err != nil {
		return WrittenPlan{}, fmt.Errorf("read the plan: %w", err)
	}
	p, err := approval.ParsePlan(text)
	if err != nil {
		return WrittenPlan{}, fmt.Errorf("%s: %w", files.Text, err)
	}
	read := WrittenPlan{Plan: p, Files: files}
	if read.Digest, err = p.Digest(); err != nil {
		return read, err
	}
	_, err = read.payouts()
	return read, err
}

// payouts reads the plan's list, which is the one that its text names.
func (p WrittenPlan) payouts() ([]approval.Payout, error) {
	file, err := os.Open(p.Files.List)
	if err != nil {
		return nil, fmt.Errorf("read the plan's list: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	list, digest, err := approval.ReadList(file)
	if err == nil && digest != p.List {
		err = fmt.Errorf("%w: its digest is %s, the plan names %s", approval.ErrText, digest, p.List)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Files.List, err)
	}
	return list, nil
}
