package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"payrun/batch/inbox"
	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// understoodPage shows how payrun reads a file, for its maker to confirm or change.
type understoodPage struct {
	Upload inbox.Upload
	Path   string
	service.Understood

	// Broken is why nothing can be read, nil if it can. NoIDs is set if that is because no column has ids.
	Broken *problemKind
	NoIDs  bool
	Fields []fieldChoice
	Lines  []columnLine
	Kinds  []problemKind
	// SheetNames are those that may be meant; Rows are the rows that a person may have to decide about.
	SheetNames                      []string
	HiddenRows, LostZeros, Skipping bool
	Corrections                     []correctionLine
	CorrectionsHidden               int
	// Payable is set if the file can be submitted as it is. Refused is why not although nothing is
	// wrong with it, the zero value if it is not refused.
	Payable bool
	Refused told
	// ToPay is the sum that paying it would send; Total the same in minor units, for the form.
	ToPay ledger.Total
	Fees  money.Fine
	// Governed is set if a policy asks for signatures.
	Governed bool
	// Comparable is set if there is an earlier batch to compare with.
	Comparable bool
	// Changed is set if what was submitted is not what was shown. Failed is why else it was not submitted,
	// the zero value if nobody tried to, or did it.
	Changed bool
	Failed  told
	// CutShort is set if a part of the file is in its batch already: the server stopped meanwhile.
	CutShort bool
}

// fieldChoice is a field and the columns that it may be taken from.
type fieldChoice struct {
	Field    table.Field
	Required bool
	// Open is set if a person has to say which column is meant.
	Open    bool
	Columns []columnOption
}

type columnOption struct {
	Column   int
	Label    string
	Selected bool
}

// columnLine is a column of the file.
type columnLine struct {
	service.Column

	Index int
	// HasSum is set if its sum means something.
	HasSum bool
}

// problemKind is all problems of one kind in one column.
type problemKind struct {
	Code, Class, Severity string
	Message, Hint         string
	Rows, Header          string
	Count                 int
	Samples               []problemSample
}

type problemSample struct {
	Row            int
	Value, Message string
}

// correctionLine is a known row that comes back with other terms.
type correctionLine struct {
	Row         int
	ID          ledger.TransactionID
	Before, Now ledger.Terms
}

// correctionsShown is how many of them the page names.
const correctionsShown = 200

// showUnderstood shows what was understood of a file. One that is on its way into its batch shows how far
// it is, leads there afterwards, and tells what went wrong.
func (s *server) showUnderstood(w http.ResponseWriter, r *http.Request) error {
	submitted := s.submissionOf(r)
	if submitted != nil && !submitted.failed() {
		return s.showSubmission(w, r, submitted)
	}
	up, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	found, err := s.soon(r.Context(), up)
	if errors.Is(err, errNotYet) {
		return s.showChecking(w, r, up)
	}
	if err != nil {
		return err
	}
	var failed error
	if submitted != nil && submitted.of.Same(up) {
		failed = submitted.err
	}
	return s.understoodPage(w, r, http.StatusOK, up, found, failed)
}

func readingOf(up inbox.Upload) service.Reading {
	return service.Reading{Sheet: up.Sheet, Hidden: up.Hidden, Columns: up.Columns}
}

func checkingOf(up inbox.Upload) service.CheckOptions {
	return service.CheckOptions{Batch: up.Batch, RestoreZero: up.RestoreZero, Repeats: up.Repeats, SheetNamed: up.Sheet != ""}
}

// understoodPage shows what was understood of a file, and why submitting it failed, nil if it did not.
func (s *server) understoodPage(w http.ResponseWriter, r *http.Request, status int, up inbox.Upload, found service.Understood, failed error) error {
	words := s.words(r)
	page := understoodPage{Upload: up, Path: uploadPath(up, ""), Understood: found, Changed: errors.Is(failed, errChanged)}
	if failed != nil && !page.Changed {
		page.Failed = s.explain(r, failed)
	}
	if p := found.Unreadable; p != nil {
		kind := kindOf(words, rules.Group{Code: p.Code, Severity: p.Severity, Count: 1, Samples: []rules.Problem{*p}, Alike: true})
		page.Broken, page.NoIDs = &kind, p.Code == rules.CodeFileNoIDs
	}
	page.Fields, page.Lines = fieldsOf(found, words.Text), columnLines(found.Columns)
	page.SheetNames = sheetsOf(found)
	if c := found.Checked; c != nil {
		page.check(s, r, c)
		earlier, err := s.earlier(r.Context(), ledger.Batch{ID: up.Batch, Currency: c.Currency(), CreatedAt: s.Clock()})
		if err != nil {
			return err
		}
		page.Comparable = len(earlier) > 0
		if page.CutShort, err = s.cutShort(r.Context(), up); err != nil {
			return err
		}
		if page.Governed, err = s.Service().Submitter(r.Context(), s.actor(r)); err != nil && !errors.Is(err, service.ErrMaker) {
			return err
		}
		if err != nil {
			page.Payable, page.Refused = false, s.explain(r, err)
		}
	}
	return s.renderAs(w, r, status, "understood", page)
}

// cutShort reports whether a part of a file is in its batch, and the rest is not.
func (s *server) cutShort(ctx context.Context, up inbox.Upload) (bool, error) {
	b, err := s.Store.Batch(ctx, up.Batch)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	return err == nil && !b.Sealed && b.SHA256 == up.SHA256, err
}

// check takes in what a check found.
func (p *understoodPage) check(s *server, r *http.Request, c *service.Checked) {
	words := s.words(r)
	for _, g := range c.Groups.Sorted() {
		p.Kinds = append(p.Kinds, kindOf(words, *g))
		p.HiddenRows = p.HiddenRows || g.Code == "row.hidden"
		p.LostZeros = p.LostZeros || g.Code == rules.CodeNumberLostZero || g.Code == rules.CodeNumberZeroRestored
	}
	p.Skipping = c.Errors > 0 && c.Valid.Count > 0 && !c.OnlyRepeats() || p.Upload.SkipInvalid
	for _, one := range c.Corrections[:min(len(c.Corrections), correctionsShown)] {
		p.Corrections = append(p.Corrections, correctionLine{one.Row, one.Payout.ID, one.Payout.Terms, one.Terms})
	}
	p.CorrectionsHidden = len(c.Corrections) - len(p.Corrections)
	p.Payable, p.ToPay, p.Fees = p.Verdict == service.Payable && p.Understood.Refused == nil, c.ToPay(), c.Fees
	if err := p.Understood.Refused; err != nil {
		p.Refused = s.explain(r, err)
		p.Refused.Detail = ""
	}
}

// kindOf words a group of problems.
func kindOf(words texts, g rules.Group) problemKind {
	const ranges = 16
	first := g.Samples[0]
	kind := problemKind{
		Code: g.Code, Severity: string(g.Severity), Count: g.Count, Rows: g.Rows(ranges), Header: first.Header,
		Class: map[rules.Severity]string{rules.Error: "bad", rules.Warning: "care"}[g.Severity],
	}
	kind.Message, kind.Hint = wordProblem(words, finding(first))
	if g.Count == 1 || g.Alike {
		return kind
	}
	kind.Message = words.Text("console.understood.several", "problem", kind.Message, "count", strconv.Itoa(g.Count-1))
	for _, p := range g.Samples {
		message, _ := wordProblem(words, finding(p))
		kind.Samples = append(kind.Samples, problemSample{p.Row, p.Value, message})
	}
	return kind
}

// fieldsOf are the fields with the columns that they may be taken from.
func fieldsOf(u service.Understood, text func(string, ...string) string) []fieldChoice {
	required := []table.Field{table.FieldTransactionID, table.FieldNumber, table.FieldAmount, table.FieldOperator}
	var all []fieldChoice
	if len(u.Columns.List) == 0 {
		return nil
	}
	for _, field := range template.Fields() {
		choice := fieldChoice{Field: field, Required: slices.Contains(required, field), Open: slices.Contains(u.Columns.Open, field)}
		taken := takenFor(u, field)
		for i, c := range u.Columns.List {
			label := c.Name
			if c.Title != "" {
				label += " · " + c.Title
			}
			if len(c.Samples) > 0 {
				label += " (" + text("columns.samples", "samples", c.Samples[0]) + ")"
			}
			if field == table.FieldAmount && c.Field == field {
				label += " · " + text("columns.sum", "amount", shown(c.Sum))
			}
			choice.Columns = append(choice.Columns, columnOption{i, label, i == taken})
		}
		all = append(all, choice)
	}
	return all
}

// takenFor is the column that is read for a field, the first of two, and -1 for none.
func takenFor(u service.Understood, field table.Field) int {
	return slices.IndexFunc(u.Columns.List, func(c service.Column) bool { return c.Taken && c.Field == field })
}

func columnLines(columns service.Columns) []columnLine {
	var all []columnLine
	for i, c := range columns.List {
		all = append(all, columnLine{Column: c, Index: i, HasSum: c.Amounts > 0 && c.Field == table.FieldAmount})
	}
	return all
}

// sheetsOf are the sheets of a workbook that may be meant, the one that is read first.
func sheetsOf(u service.Understood) []string {
	names := slices.Clone(u.Sheets)
	if u.Info.Sheet != "" {
		names = append(names, u.Info.Sheet)
	}
	if u.Checked != nil {
		for _, place := range u.Checked.Inventory.Unread {
			if place.Sheet != "" && !slices.Contains(names, place.Sheet) {
				names = append(names, place.Sheet)
			}
		}
	}
	return names
}
