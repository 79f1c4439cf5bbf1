package fix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
)

// ErrCopy is returned by Check for a copy that does not say what was planned. It is
// a defect of the program, or somebody else wrote to the copy.
var ErrCopy = errors.New("the copy does not read back as what was to be written")

// Table takes the rows of the copy.
type Table interface {
	Write(cells []string) error
}

// Layout is which columns the copy has.
type Layout struct {
	// Titles are the columns' titles.
	Titles []string
	// at gives each column's place in the file.
	at []int
}

// Whole are the columns whose cells are whole numbers.
func (p *Plan) Whole(l Layout) map[int]bool {
	whole := map[int]bool{}
	for i, at := range l.at {
		if p.file.Info().Fields[at] == table.FieldAmount {
			whole[i] = true
		}
	}
	return whole
}

// Full is the layout of the file: all columns that have a title, but for the one in
// which payrun wrote what is wrong.
func (p *Plan) Full() Layout {
	var l Layout
	info := p.file.Info()
	for at, title := range info.Columns {
		if title != "" && at != info.Errors {
			l.Titles, l.at = append(l.Titles, title), append(l.at, at)
		}
	}
	return l
}

// Plain is a layout with the columns alone that are read, under the titles that
// title gives their fields, and the changes that it makes: for a file whose own
// titles have to be explained each time it is read.
func (p *Plan) Plain(title func(table.Field) string) (Layout, []Change) {
	var l Layout
	var changes []Change
	info := p.file.Info()
	named := map[table.Field]bool{}
	for at, field := range info.Fields {
		switch {
		case field != "" && !named[field]:
			l.Titles, l.at = append(l.Titles, title(field)), append(l.at, at)
			named[field] = true
		case field == "" && info.Columns[at] != "" && at != info.Errors:
			changes = append(changes, Change{Row: info.HeaderRow, Code: CodeColumn, Before: info.Columns[at]})
		}
	}
	return l, changes
}

// Write writes the copy's rows, its titles first.
func (p *Plan) Write(ctx context.Context, table Table, l Layout) error {
	if err := table.Write(append([]string(nil), l.Titles...)); err != nil {
		return err
	}
	for pair, err := range pairs(ctx, p.file) {
		if err != nil {
			return err
		}
		if pair.row == nil || p.leave[pair.row.Number] {
			continue
		}
		parts := p.parts[pair.row.Number]
		if parts == nil {
			parts = []part{{}}
		}
		fixed := p.set.Canonical(*pair.row)
		for _, one := range parts {
			if err := table.Write(p.cells(l, pair.record, one.of(fixed))); err != nil {
				return err
			}
		}
	}
	return nil
}

// cells are those of a row: of fields as they were fixed, of other columns as they
// are.
func (p *Plan) cells(l Layout, record table.Record, fixed table.Row) []string {
	info := p.file.Info()
	halves := 0
	for _, at := range l.at {
		if info.Fields[at] == table.FieldName {
			halves++
		}
	}
	cells := make([]string, len(l.at))
	for i, at := range l.at {
		switch field := info.Fields[at]; {
		case field == table.FieldName && halves > 1:
			// Each half stays in its column.
			cells[i] = rules.CanonicalName(table.Cell{Text: cellOf(record, at)}).Text
		case field != "":
			cells[i] = fixed.Cell(field).Text
		default:
			cells[i] = strings.TrimSpace(cellOf(record, at))
		}
	}
	return cells
}

func cellOf(record table.Record, at int) string {
	if at < len(record.Cells) {
		return record.Cells[at]
	}
	return ""
}

// Check reads a copy and holds it against the plan: no row is rejected, and the
// payments are those planned, one by one. The error is ErrCopy, or that of reading.
func (p *Plan) Check(ctx context.Context, written *table.File) error {
	validator := rules.NewValidator(p.set, rules.Options{Headers: written.Info().Headers, RepeatsAnswered: p.repeatsAnswered})
	sum := sha256.New()
	var payments ledger.Total
	for row, err := range written.Rows(ctx) {
		if err != nil {
			return fmt.Errorf("read the copy: %w", err)
		}
		judged := validator.Check(row)
		if err := sound(judged.Problems); err != nil {
			return err
		}
		payments.Add(judged.Entry.Amount)
		writeEntry(sum, judged.Entry)
	}
	if err := sound(validator.End()); err != nil {
		return err
	}
	if payments != p.Payments || hex.EncodeToString(sum.Sum(nil)) != p.digest {
		return fmt.Errorf("%d payments of %s instead of %d of %s: %w",
			payments.Count, payments.Amount, p.Payments.Count, p.Payments.Amount, ErrCopy)
	}
	return nil
}

// sound returns ErrCopy if there is an error among the problems.
func sound(problems []rules.Problem) error {
	for _, problem := range problems {
		if problem.Severity == rules.Error {
			return fmt.Errorf("row %d has %s: %w", problem.Row, problem.Code, ErrCopy)
		}
	}
	return nil
}
