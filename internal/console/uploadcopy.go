package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"payrun/batch/inbox"
	"payrun/batch/intake/annotate"
	"payrun/batch/intake/findings"
	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/internal/catalogue"
)

// The copies that there are of a file, by their words in an address.
const (
	// copyAnnotated has what is wrong beside each row, copyFixed is one that can be paid as it is, and
	// copyWithIDs gives each payment the id that it lacks.
	copyAnnotated = "annotated"
	copyFixed     = "fixed"
	copyWithIDs   = "ids"
)

// errNoCopy is told where a copy cannot be made: something in the file is in doubt.
var errNoCopy error = &problem{"no_copy", http.StatusUnprocessableEntity}

// downloadCopy answers with a copy of a file.
func (s *server) downloadCopy(w http.ResponseWriter, r *http.Request) error {
	up, path, remove, err := s.copied(r)
	if err != nil {
		return err
	}
	defer remove()
	file, err := os.Open(path) //nolint:gosec // in a folder of our own
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	return sendFile(w, file, copyName(s.words(r), up, r.PathValue("kind"), path), contentTypes()[filepath.Ext(path)])
}

func contentTypes() map[string]string {
	return map[string]string{
		".csv": "text/csv; charset=utf-8", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	}
}

// copyName returns the name of a copy, after the file that it is of.
func copyName(words texts, up inbox.Upload, kind, path string) string {
	base := strings.TrimSuffix(up.Name, filepath.Ext(up.Name))
	return base + "-" + words.Text("console.copy."+kind) + filepath.Ext(path)
}

// goOnWithCopy takes a copy in the place of the file that it is of.
func (s *server) goOnWithCopy(w http.ResponseWriter, r *http.Request) error {
	kind := r.PathValue("kind")
	if kind == copyAnnotated {
		return errNowhere // it is for a person to mend
	}
	up, path, remove, err := s.copied(r)
	if err != nil {
		return err
	}
	defer remove()
	file, err := os.Open(path) //nolint:gosec // in a folder of our own
	if err != nil {
		return err
	}
	got, err := inbox.Receive(s.Files, file, s.UploadMax)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	mended, err := s.inbox.Add(got, copyName(s.words(r), up, kind, path), up.Batch, up.By)
	if err != nil {
		got.Discard()
		return err
	}
	// What was said of repeats is said of its rows, which the copy has.
	mended.Repeats, mended.Against = up.Repeats, up.Against
	err = s.submits.apart(up.ID, func() error { return errors.Join(s.inbox.Put(mended), s.inbox.Remove(up)) })
	if errors.Is(err, errSubmitting) {
		return errors.Join(err, s.inbox.Remove(mended))
	}
	if err != nil {
		return err
	}
	s.checks.forget(up.ID)
	s.done(w, r, uploadPath(mended, ""), "copied")
	return nil
}

// copied makes the copy that a request's path names, in a folder that remove takes away.
func (s *server) copied(r *http.Request) (up inbox.Upload, path string, remove func(), err error) {
	if up, err = s.uploadOf(r); err != nil {
		return up, "", nil, err
	}
	found, err := s.understand(r.Context(), up)
	if err != nil {
		return up, "", nil, err
	}
	// A workbook's copy is one, and keeps its formats; everything else becomes text.
	ending := ".csv"
	if found.Info.Format == table.FormatXLSX || found.Info.Format == table.FormatODS {
		ending = ".xlsx"
	}
	write := map[string]func(context.Context, inbox.Upload, string, texts, rune) error{
		copyAnnotated: s.annotate, copyFixed: s.fix, copyWithIDs: s.giveIDs,
	}[r.PathValue("kind")]
	if write == nil {
		return up, "", nil, errNowhere
	}
	if path, remove, err = s.inbox.Scratch(up, ending); err != nil {
		return up, "", nil, err
	}
	separator := ','
	if visitorOf(r).Language == catalogue.French {
		separator = ';'
	}
	if err = write(r.Context(), up, path, s.words(r), separator); err != nil {
		remove()
	}
	return up, path, remove, err
}

// decided opens an upload whose columns are all understood: of another there is no copy.
func (s *server) decided(to *service.Service, up inbox.Upload) (*table.File, error) {
	file, err := to.OpenRead(s.inbox.Content(up), readingOf(up))
	if err != nil {
		return nil, err
	}
	if file.Undecided() != nil {
		_ = file.Close() // it was only read
		return nil, errNoCopy
	}
	return file, nil
}

// annotate writes what is wrong beside each row.
func (s *server) annotate(ctx context.Context, up inbox.Upload, path string, words texts, separator rune) error {
	to := s.Service()
	file, err := s.decided(to, up)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	checking := checkingOf(up)
	checking.Findings = findings.New(findings.Options{
		Copy: path, CopyTitle: words.Text("annotate.column"), Separator: separator,
		Words:      func(p rules.Problem) (message, hint string) { return wordProblem(words, finding(p)) },
		Annotation: func(p rules.Problem) string { return annotation(words, p) },
	})
	_, err = to.Check(ctx, file, checking)
	return err
}

// annotation words a problem in one line, for a cell.
func annotation(words texts, p rules.Problem) string {
	message, hint := wordProblem(words, finding(p))
	if p.Header != "" {
		message = words.Text("problem.at", "where", p.Header, "problem", message)
	}
	if hint != "" {
		message += " → " + hint
	}
	message += " [" + p.Code + "]"
	if p.Severity == rules.Error {
		return message
	}
	return words.Text("annotate."+string(p.Severity), "problem", message)
}

// fix writes a copy that can be paid as it is.
func (s *server) fix(ctx context.Context, up inbox.Upload, path string, words texts, separator rune) error {
	to := s.Service()
	file, err := s.decided(to, up)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	plan, err := to.Fix(ctx, file, service.FixOptions{
		Options: fix.Options{Sheet: up.Sheet != "", Repeats: up.Repeats}, Copy: service.CopyOptions{Path: path, Separator: separator},
		Title: func(field table.Field) string {
			if slices.Contains(template.Fields(), field) {
				return words.Text("template.title." + string(field))
			}
			return string(field)
		},
	})
	if err == nil && len(plan.Problems) > 0 {
		err = errNoCopy
	}
	return err
}

// giveIDs writes a copy in which each payment has an id.
func (s *server) giveIDs(ctx context.Context, up inbox.Upload, path string, _ texts, separator rune) error {
	file, err := table.Open(s.inbox.Content(up), table.Options{Sheet: up.Sheet, Hidden: up.Hidden, WithoutIDs: true, Undecided: true})
	if err != nil {
		return fmt.Errorf("give ids: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	file.Choose(up.Columns)
	if file.Undecided() != nil {
		return errNoCopy
	}
	_, err = s.Service().GiveIDs(ctx, file, service.GiveIDsOptions{
		Name: string(up.Batch), Copy: service.CopyOptions{Path: path, Separator: separator},
	})
	if known, is := isA[*service.KnownIDsError](err); is {
		return known
	}
	if errors.Is(err, service.ErrNoIDsLacking) || errors.Is(err, annotate.ErrFormat) {
		return errNoCopy
	}
	return err
}
