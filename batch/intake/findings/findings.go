package findings

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"payrun/batch/intake/annotate"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/internal/fsx"
	"payrun/internal/sheet"
)

// Options say which files are written, and in which words.
type Options struct {
	// Copy is the path of the annotated copy, List that of the list of problems. Either
	// may be empty.
	Copy, List string
	// CopyTitle heads the copy's column of problems.
	CopyTitle string
	// Separator is that of a CSV for the reader's spreadsheet. ForExcel begins the list
	// with a byte order mark and ends its lines as Windows does.
	Separator rune
	ForExcel  bool
	// Words are a problem in the reader's language: what is wrong, and what to do.
	Words func(rules.Problem) (message, hint string)
	// Annotation is a problem in one line, for a cell.
	Annotation func(rules.Problem) string
}

// OutputError is a file that may not, or cannot, be written where it was asked for.
type OutputError struct {
	// List is set for the list of problems, else it is the copy.
	List bool
	Path string
	// Err is annotate.ErrFormat, fsx.ErrTaken, a *fsx.CreateError or the system's.
	Err error
}

func (e *OutputError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

// Unwrap returns the reason.
func (e *OutputError) Unwrap() error { return e.Err }

// Writer writes the findings of one file, in one pass over it or in two. It is for one
// goroutine.
type Writer struct {
	options Options
	columns map[table.Field][]int
	header  int
	copy    *annotate.Copy
	list    *csv.Writer
	// files are those of the pass under way, the copy's last.
	files []*fsx.PendingFile
	// late are problems of rows that only the file's end showed, by row. In the second
	// pass those of the rows to come are left.
	late   []rules.Problem
	second bool
}

// New returns a writer that has begun nothing.
func New(o Options) *Writer { return &Writer{options: o} }

// Begin begins a pass over a file, which has to stay open until the pass is over. The
// error is an *OutputError, or one of package annotate.
func (w *Writer) Begin(ctx context.Context, file *table.File) error {
	w.columns, w.header = make(map[table.Field][]int), file.Info().HeaderRow
	for at, field := range file.Info().Fields {
		if field != "" {
			w.columns[field] = append(w.columns[field], at)
		}
	}
	if w.options.List != "" && !w.second {
		if err := w.beginList(); err != nil {
			return err
		}
	}
	if w.options.Copy == "" {
		return nil
	}
	return w.beginCopy(ctx, file)
}

// listColumns are those of the list of problems.
func listColumns() []string {
	return []string{"row", "column", "header", "value", "code", "severity", "message", "hint"}
}

// replaceable reports whether nothing is at a path but a list of problems of before.
func replaceable(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() && info.Size() == 0 {
		return true, nil // what is wrong with it is told when the list is written
	}
	file, err := fsx.Open(path)
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", path, err)
	}
	defer file.Close()                                 //nolint:errcheck // only read
	first, _ := bufio.NewReader(file).ReadString('\n') // half a line is none of ours
	for _, separator := range ",;\t" {
		// A spreadsheet may have saved it in its own way.
		line := csv.NewReader(strings.NewReader(strings.TrimPrefix(first, sheet.ByteOrderMark)))
		line.Comma = separator
		if columns, err := line.Read(); err == nil && slices.Equal(columns, listColumns()) {
			return true, nil
		}
	}
	return false, nil
}

// begin begins one of the files.
func (w *Writer) begin(path string, list bool) (*fsx.PendingFile, error) {
	file, err := fsx.NewPendingFile(path)
	if err != nil {
		return nil, &OutputError{List: list, Path: path, Err: err}
	}
	w.files = append(w.files, file)
	return file, nil
}

func (w *Writer) beginList() error {
	path := w.options.List
	ours, err := replaceable(path)
	if err == nil && !ours {
		err = fsx.ErrTaken
	}
	if err != nil {
		return &OutputError{List: true, Path: path, Err: err}
	}
	file, err := w.begin(path, true)
	if err != nil {
		return err
	}
	w.list = csv.NewWriter(file)
	w.list.Comma = w.options.Separator
	if w.options.ForExcel {
		if _, err := file.WriteString(sheet.ByteOrderMark); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		w.list.UseCRLF = true
	}
	return w.list.Write(listColumns())
}

func (w *Writer) beginCopy(ctx context.Context, source *table.File) error {
	path := w.options.Copy
	format, err := annotate.FormatOf(path)
	if err == nil && !fsx.Missing(path) {
		err = fsx.ErrTaken // a copy that is there may be half mended
	}
	if err != nil {
		return &OutputError{Path: path, Err: err}
	}
	file, err := w.begin(path, false)
	if err != nil {
		return err
	}
	w.copy, err = annotate.Begin(ctx, source, file, annotate.Options{
		Format: format, Separator: w.options.Separator, Folder: filepath.Dir(path), Path: path,
		Column: annotate.Column{Title: w.options.CopyTitle, At: source.Info().Errors},
	})
	return annotate.Failure(err)
}

// Row is told of every row with its problems, in order.
func (w *Writer) Row(row table.Row, problems []rules.Problem) error {
	if err := w.tellLate(row.Number - 1); err != nil {
		return err
	}
	here := w.lateOf(row.Number)
	return w.tell(row.Number, append(slices.Clip(problems), here...))
}

// lateOf takes the late problems of the row that is next among them.
func (w *Writer) lateOf(row int) []rules.Problem {
	if !w.second {
		return nil
	}
	here := 0
	for here < len(w.late) && w.late[here].Row == row {
		here++
	}
	taken := w.late[:here]
	w.late = w.late[here:]
	return taken
}

// tellLate writes the late problems up to a row that nothing else is told of.
func (w *Writer) tellLate(to int) error {
	for w.second && len(w.late) > 0 && w.late[0].Row <= to {
		row := w.late[0].Row
		if err := w.tell(row, w.lateOf(row)); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) tell(row int, problems []rules.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	if err := w.listed(problems); err != nil || w.copy == nil {
		return err
	}
	note := annotate.Note{Marks: make(map[int]annotate.Mark)}
	texts := make([]string, 0, len(problems))
	for _, p := range problems {
		texts = append(texts, w.options.Annotation(p))
		for _, at := range w.columns[p.Column] {
			note.Marks[at] = max(note.Marks[at], markOf(p))
		}
	}
	note.Text = strings.Join(texts, " | ")
	return annotate.Failure(w.copy.Row(row, note))
}

// markOf returns the mark of a problem's cell.
func markOf(p rules.Problem) annotate.Mark {
	switch {
	case p.Severity == rules.Warning:
		return annotate.Warning
	case p.Severity == rules.Note:
		return annotate.Plain
	case p.Code == rules.CodeNumberLostZero:
		return annotate.ForceText
	default:
		return annotate.Error
	}
}

// listed writes problems to the list.
func (w *Writer) listed(problems []rules.Problem) error {
	if w.list == nil {
		return nil
	}
	for _, p := range problems {
		message, hint := w.options.Words(p)
		if err := w.list.Write([]string{
			strconv.Itoa(p.Row), string(p.Column), sheet.EscapeCopied(p.Header), sheet.EscapeCopied(p.Value),
			p.Code, string(p.Severity), sheet.EscapeCopied(message), sheet.EscapeCopied(hint),
		}); err != nil {
			return listFailure(err)
		}
	}
	return nil
}

func listFailure(err error) error {
	return &annotate.WriteError{Err: fmt.Errorf("write the list of problems: %w", err)}
}

// End is told of the problems that only the whole file shows. In the first pass it gives
// the copy up if some of them belong beside rows.
func (w *Writer) End(problems []rules.Problem) error {
	if w.second {
		return nil
	}
	for _, p := range problems {
		if p.Row > w.header {
			w.late = append(w.late, p)
		}
	}
	slices.SortStableFunc(w.late, func(a, b rules.Problem) int { return cmp.Compare(a.Row, b.Row) })
	if len(w.late) > 0 {
		w.dropCopy()
	}
	return w.listed(problems)
}

// dropCopy gives up the annotated copy, which is the last of the files.
func (w *Writer) dropCopy() {
	if w.copy == nil {
		return
	}
	_ = w.copy.Close()
	last := len(w.files) - 1
	_ = w.files[last].Discard()
	w.copy, w.files = nil, w.files[:last]
}

// Finish ends a pass and completes its files. It returns true if the copy needs a second
// pass, which begins with Begin.
func (w *Writer) Finish() (again bool, err error) {
	if err := w.tellLate(math.MaxInt); err != nil {
		return false, err
	}
	if w.list != nil {
		w.list.Flush()
		if err := w.list.Error(); err != nil {
			return false, listFailure(err)
		}
	}
	if w.copy != nil {
		if err := w.copy.Finish(); err != nil {
			return false, annotate.Failure(fmt.Errorf("write the annotated copy: %w", err))
		}
	}
	for _, file := range w.files {
		if err := file.Complete(); err != nil {
			return false, annotate.Failure(err)
		}
	}
	again = !w.second && len(w.late) > 0 && w.options.Copy != ""
	w.copy, w.list, w.files, w.second = nil, nil, nil, true
	return again, nil
}

// Abandon removes what is not complete, and nothing else.
func (w *Writer) Abandon() error {
	var err error
	if w.copy != nil {
		err = w.copy.Close()
	}
	for _, file := range w.files {
		err = errors.Join(err, file.Discard())
	}
	return err
}

// Annotates reports whether a copy is among the files.
func (w *Writer) Annotates() bool { return w.options.Copy != "" }
