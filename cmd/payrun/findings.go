package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"payrun/batch/amend"
	"payrun/batch/input"
	"payrun/batch/messages"
	"payrun/batch/rules"
)

// findings are the files in which what was found in a beneficiary file is written
// while it is read: the annotated copy and the list of problems, either of which
// may be absent.
type findings struct {
	app     *app
	columns map[input.Field][]int
	copy    *amend.Copy
	list    *csv.Writer
	files   []pendingFile
}

// pendingFile appears under its name when it is complete.
type pendingFile struct {
	*renameio.PendingFile

	buffered *bufio.Writer
}

func newPendingFile(path string) (pendingFile, error) {
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600), renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return pendingFile{}, advise(fmt.Errorf("write %s: %w", path, err), exitUsage, "check the name, the folder and who may write there")
	}
	const bufferSize = 256 << 10
	return pendingFile{file, bufio.NewWriterSize(file, bufferSize)}, nil
}

// complete writes what is buffered and gives the file its name.
func (f pendingFile) complete() error {
	if err := f.buffered.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", f.Name(), err)
	}
	return f.CloseAtomicallyReplace()
}

func (a *app) beginFindings(ctx context.Context, file *input.File, o inputOptions) (*findings, error) {
	w := &findings{app: a, columns: make(map[input.Field][]int)}
	for at, field := range file.Info().Fields {
		if field != "" {
			w.columns[field] = append(w.columns[field], at)
		}
	}
	if o.problems != "" {
		if err := w.beginList(o.problems); err != nil {
			w.abandon()
			return nil, err
		}
	}
	if o.annotate != "" {
		if err := w.beginCopy(ctx, file, o.annotate); err != nil {
			w.abandon()
			return nil, err
		}
	}
	return w, nil
}

// listColumns are those of the list of problems.
func listColumns() []string {
	return []string{"row", "column", "header", "value", "code", "severity", "message", "hint"}
}

// replaceable refuses a path at which there is something else than a list of
// problems of before.
func (a *app) replaceable(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() && info.Size() == 0 {
		return nil // what is wrong with it is told when the list is written
	}
	file, err := os.Open(path) //nolint:gosec // the person names the file
	if err != nil {
		return advise(fmt.Errorf("look at %s: %w", path, err), exitUsage)
	}
	defer file.Close()                                 //nolint:errcheck // only read
	first, _ := bufio.NewReader(file).ReadString('\n') // half a line is none of ours
	for _, separator := range ",;\t" {
		// A spreadsheet may have saved it in its own way.
		line := csv.NewReader(strings.NewReader(strings.TrimPrefix(first, byteOrderMark)))
		line.Comma = separator
		if columns, err := line.Read(); err == nil && slices.Equal(columns, listColumns()) {
			return nil
		}
	}
	return usage(a.text("taken.problems", "file", path), a.text("taken.hint"))
}

// byteOrderMark is what a French Excel takes a file for UTF-8 by, and by nothing
// else.
const byteOrderMark = "\ufeff"

// beginList begins the list of problems, for a spreadsheet in the person's
// language.
func (w *findings) beginList(path string) error {
	if err := w.app.replaceable(path); err != nil {
		return err
	}
	file, err := newPendingFile(path)
	if err != nil {
		return err
	}
	w.files = append(w.files, file)
	w.list = csv.NewWriter(file.buffered)
	if w.app.language() == messages.French {
		if _, err := file.buffered.WriteString(byteOrderMark); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		w.list.Comma, w.list.UseCRLF = ';', true
	}
	return w.list.Write(listColumns())
}

func (w *findings) beginCopy(ctx context.Context, source *input.File, path string) error {
	format, err := amend.FormatOf(path)
	if err != nil {
		return usage("--annotate "+err.Error(), "name it after the file: november-errors.xlsx")
	}
	// A copy that is there may be half mended.
	if !isMissing(path) {
		return usage(w.app.text("taken.annotate", "file", path), w.app.text("taken.remove_hint"))
	}
	file, err := newPendingFile(path)
	if err != nil {
		return err
	}
	w.files = append(w.files, file)
	w.copy, err = amend.Begin(ctx, source, file.buffered, amend.Options{
		Format: format, Separator: w.app.separator(), Folder: filepath.Dir(path), Path: path,
		Column: amend.Column{Title: w.app.text("annotate.column"), At: source.Info().Errors},
	})
	return copyAdvice(err)
}

// separator is what a spreadsheet in the person's language expects in a CSV file.
func (a *app) separator() rune {
	if a.language() == messages.French {
		return ';'
	}
	return ','
}

// copyAdvice tells what keeps a file from being written apart from what is wrong
// with the one being read: another form of copy may do, or the disk is full.
func copyAdvice(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, amend.ErrMacros), errors.Is(err, amend.ErrTooLarge):
		return advise(err, exitUsage)
	case input.Code(err) != rules.CodeFileUnreadable, errors.Is(err, context.Canceled):
		return err
	default:
		return advise(err, exitInternal, "check the disk's free space and who may write there")
	}
}

// row writes what is wrong with a row.
func (w *findings) row(row input.Row, problems []rules.Problem) error {
	if len(problems) == 0 || w.copy == nil && w.list == nil {
		return nil
	}
	note := amend.Note{Marks: make(map[int]amend.Mark)}
	texts := make([]string, 0, len(problems))
	for _, p := range problems {
		words := w.app.worded(p)
		texts = append(texts, w.app.annotation(words))
		mark := amend.Error
		switch {
		case p.Severity == rules.Warning:
			mark = amend.Warning
		case p.Code == rules.CodeNumberLostZero:
			mark = amend.Retype
		}
		for _, at := range w.columns[p.Column] {
			note.Marks[at] = max(note.Marks[at], mark)
		}
		if w.list == nil {
			continue
		}
		if err := w.list.Write([]string{
			strconv.Itoa(row.Number), string(words.Column), amend.Inert(words.Header), amend.Inert(words.Value),
			words.Code, string(words.Severity), amend.Inert(words.Message), amend.Inert(words.Hint),
		}); err != nil {
			return copyAdvice(fmt.Errorf("write the list of problems: %w", err))
		}
	}
	if w.copy == nil {
		return nil
	}
	note.Text = strings.Join(texts, " | ")
	return copyAdvice(w.copy.Row(row.Number, note))
}

// annotation words a problem in one line.
func (a *app) annotation(p problem) string {
	text := p.Message
	if column := p.Header; column != "" {
		text = a.text("problem.at", "where", column, "problem", text)
	}
	if p.Hint != "" {
		text += " → " + p.Hint
	}
	text += " [" + p.Code + "]"
	if p.Severity == rules.Warning {
		return a.text("annotate.warning", "problem", text)
	}
	return text
}

// finish completes the files.
func (w *findings) finish() error {
	if w.list != nil {
		w.list.Flush()
		if err := w.list.Error(); err != nil {
			return copyAdvice(fmt.Errorf("write the list of problems: %w", err))
		}
	}
	if w.copy != nil {
		if err := w.copy.Finish(); err != nil {
			return copyAdvice(fmt.Errorf("write the annotated copy: %w", err))
		}
	}
	for _, file := range w.files {
		if err := file.complete(); err != nil {
			return copyAdvice(err)
		}
	}
	return nil
}

// abandon removes what is not complete, and nothing else.
func (w *findings) abandon() {
	if w.copy != nil {
		_ = w.copy.Close()
	}
	for _, file := range w.files {
		_ = file.Cleanup()
	}
}

// sameFile reports whether two paths name one file.
func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
