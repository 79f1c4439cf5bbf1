package ui

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"payrun/batch/engine"
	"payrun/batch/intake/mapping"
	"payrun/batch/intake/table"
	"payrun/batch/service"
)

// TakenColumn says which column is taken for a field, and why. Its keys are documented
// in docs/json.md.
type TakenColumn struct {
	Field  table.Field `json:"field"`
	Column string      `json:"column"`
	Title  string      `json:"title"`
	Why    table.Why   `json:"why"`
}

// TakenColumns lists the columns that are read, for scripts.
func TakenColumns(info table.Info) []TakenColumn {
	taken := []TakenColumn{}
	for _, c := range service.TakenColumns(info) {
		taken = append(taken, TakenColumn{c.Field, c.Name, c.Title, c.Why})
	}
	return taken
}

// SayTaken names the columns that were not taken by a title that means one thing only:
// a person should see them before paying.
func (u *UI) SayTaken(info table.Info) error {
	var parts []string
	for _, c := range service.TakenColumns(info) {
		switch c.Why {
		case table.WhyStrong:
		case table.WhyWeak:
			parts = append(parts, fmt.Sprintf("%s ← %s", c.Field, c.Title))
		default:
			parts = append(parts, fmt.Sprintf("%s ← %s (%s)", c.Field, cmp.Or(c.Title, "@"+c.Name), u.Text("columns.why."+string(c.Why))))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return u.Say("%s", u.Text("file.taken", "columns", strings.Join(parts, ", ")))
}

// AskColumn shows the columns that could be a field and returns the one that a person
// chose, -1 for none. The error is that of an interruption.
func (u *UI) AskColumn(path string, q service.ColumnQuestion) (int, error) {
	list := inColumns(func(lines *tabwriter.Writer) {
		for i, c := range q.Choices {
			_, _ = fmt.Fprintf(lines, "%4d\t%s\t%s\n", i+1, c.Name, strings.Join(u.evidence(q.Field, c), "\t"))
		}
	})
	WriteLine(u.Stderr, path+": "+u.questionAbout(q.Field)+"\n"+strings.TrimRight(list, "\n"))
	for {
		_, _ = fmt.Fprint(u.Stderr, u.Text("columns.type", "count", strconv.Itoa(len(q.Choices))))
		line, err := u.Answer()
		if err != nil {
			return -1, err
		}
		typed := strings.TrimSpace(line)
		if typed == "" {
			return -1, nil
		}
		for i, c := range q.Choices {
			if typed == strconv.Itoa(i+1) || strings.EqualFold(typed, c.Name) {
				return c.Column, nil
			}
		}
		WriteLine(u.Stderr, u.Text("columns.wrong", "typed", typed))
		if !strings.HasSuffix(line, "\n") {
			return -1, nil // nothing more comes
		}
		if u.Accepting.Err() != nil {
			return -1, engine.ErrInterrupted
		}
	}
}

// questionAbout words what is asked about a field.
func (u *UI) questionAbout(field table.Field) string {
	switch field {
	case table.FieldTransactionID, table.FieldNumber, table.FieldName, table.FieldAmount, table.FieldOperator:
		return u.Text("columns.ask." + string(field))
	default:
		return u.Text("columns.ask", "field", string(field))
	}
}

// evidence says what a column holds and, of an amount, what it would come to.
func (u *UI) evidence(field table.Field, c service.ColumnChoice) []string {
	parts := []string{u.Text("columns.empty")}
	if len(c.Samples) > 0 {
		parts = []string{u.Text("columns.samples", "samples", strings.Join(c.Samples, " · "))}
	}
	if field != table.FieldAmount {
		return parts
	}
	parts = append(parts, u.Text("columns.sum", "amount", columnSum(c.Weight, c.Unit)))
	if unread := c.Filled - c.Amounts; unread > 0 {
		parts = append(parts, u.Text("columns.unread", "count", strconv.Itoa(unread)))
	}
	if c.Unit != "" {
		parts = append(parts, u.Text("columns.unit", "unit", c.Unit))
	}
	return parts
}

// columnSum is the sum of a column of amounts. It is in no currency that is known where the
// title says that its figures are in another unit.
func columnSum(w mapping.Weight, unit string) string {
	if unit != "" {
		return w.Sum.Grouped()
	}
	return w.Sum.String()
}

// ColumnHints words the choices that are open, each with the command that decides it,
// which answer gives for the words of its flag.
func (u *UI) ColumnHints(questions []service.ColumnQuestion, answer func(words []string) string) []string {
	var hints []string
	for _, q := range questions {
		for _, c := range q.Choices {
			words := MapWords(q.Field, c.Name)
			hints = append(hints, u.Text("columns.choice", "field", string(q.Field), "title", cmp.Or(c.Title, c.Name),
				"evidence", strings.Join(u.evidence(q.Field, c), ", ")),
				"    "+cmp.Or(answer(words), strings.Join(words, " ")))
		}
	}
	return append(hints, u.Text("columns.kept"))
}

// inColumns aligns lines whose cells are separated by tabs.
func inColumns(write func(lines *tabwriter.Writer)) string {
	var text strings.Builder
	lines := tabwriter.NewWriter(&text, 0, 0, len(ColumnGap), ' ', 0)
	write(lines)
	_ = lines.Flush() // into memory
	return text.String()
}
