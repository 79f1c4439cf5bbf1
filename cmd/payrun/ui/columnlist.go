package ui

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/ledger/money"
)

// columnsResult is the result of columns for scripts. Its keys are documented in docs/json.md.
type columnsResult struct {
	File      string `json:"file"`
	Format    string `json:"format"`
	Sheet     string `json:"sheet"`
	HeaderRow int    `json:"header_row"`
	Shape     string `json:"shape"`
	// Remembered is the file in which answers about this shape are kept, empty if
	// there are none.
	Remembered string         `json:"remembered"`
	Currency   money.Currency `json:"currency"`
	Columns    []columnShown  `json:"columns"`
	// Open are the fields of which it is open which column is meant, Missing those
	// that no title names.
	Open    []table.Field `json:"open"`
	Missing []table.Field `json:"missing"`
}

// columnShown is one column of a file.
type columnShown struct {
	Column string `json:"column"`
	Title  string `json:"title"`
	// Field names the field that is read from the column, or could be if Taken is false;
	// empty for one that is ignored.
	Field table.Field `json:"field"`
	Taken bool        `json:"taken"`
	Why   table.Why   `json:"why"`
	Unit  string      `json:"unit"`
	// Filled counts the rows with something in the column, Amounts those among them
	// that are amounts, and Sum is what these come to.
	Samples []string     `json:"samples"`
	Filled  int          `json:"filled"`
	Amounts int          `json:"amounts"`
	Sum     money.Amount `json:"sum"`
}

func newColumnsResult(path string, info table.Info, found service.Columns, remembered string) columnsResult {
	r := columnsResult{
		File: path, Format: info.Format, Sheet: info.Sheet, HeaderRow: info.HeaderRow, Shape: info.Shape,
		Remembered: remembered, Currency: found.Currency, Columns: []columnShown{}, Open: append([]table.Field{}, found.Open...), Missing: append([]table.Field{}, found.Missing...),
	}
	for _, c := range found.List {
		r.Columns = append(r.Columns, columnShown{
			Column: c.Name, Title: c.Title, Field: c.Field, Taken: c.Taken, Why: c.Why, Unit: c.Unit,
			Samples: append([]string{}, c.Samples...), Filled: c.Filled, Amounts: c.Amounts, Sum: c.Sum,
		})
	}
	return r
}

// ShowColumns prints what each column of a file is taken for. Remembered is the file with
// what was answered before, empty for none.
func (u *UI) ShowColumns(path string, info table.Info, found service.Columns, remembered string) error {
	if u.JSON() {
		return u.PrintObject("columns", newColumnsResult(path, info, found, remembered))
	}
	if err := errors.Join(u.SayReading(info), u.sayColumns(found.List)); err != nil || remembered == "" {
		return err
	}
	return u.Say("%s", u.Text("columns.where", "file", remembered))
}

// ShowForgotten says whether there were answers to take back, and where.
func (u *UI) ShowForgotten(forgotten bool, where string) error {
	if u.JSON() {
		return u.PrintObject("columns_forgotten", struct {
			Forgotten  bool   `json:"forgotten"`
			Remembered string `json:"remembered"`
		}{forgotten, where})
	}
	if !forgotten {
		return u.Say("%s", u.Text("columns.nothing"))
	}
	return u.Say("%s", u.Text("columns.forgotten", "file", where))
}

// sayColumns prints a line for each column.
func (u *UI) sayColumns(columns []service.Column) error {
	text := inColumns(func(lines *tabwriter.Writer) {
		for _, c := range columns {
			sum := ""
			if c.Amounts > 0 && (c.Field == table.FieldAmount || c.Field == "") {
				sum = u.Text("columns.sum", "amount", columnSum(c.Weight, c.Unit))
			}
			_, _ = fmt.Fprintf(lines, "%s\t%s\t%s\t%s\t%s\t%s\n", c.Name, cmp.Or(c.Title, "–"), u.role(c), u.reasonFor(c),
				strings.Join(c.Samples, " · "), sum)
		}
	})
	for line := range strings.Lines(text) {
		if err := u.Say("%s", strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// role words what a column is taken for.
func (u *UI) role(c service.Column) string {
	switch {
	case c.Field == "":
		return u.Text("columns.ignored")
	case c.Taken:
		return "→ " + string(c.Field)
	default:
		return "? " + string(c.Field)
	}
}

// reasonFor says why a column is taken, or could be.
func (u *UI) reasonFor(c service.Column) string {
	if c.Why == "" {
		return ""
	}
	why := c.Why
	if why == table.WhyWeak && !c.Taken {
		why = table.WhyWords // there is another
	}
	reason := u.Text("columns.why." + string(why))
	if c.Unit != "" && slices.Contains([]table.Field{table.FieldAmount, ""}, c.Field) {
		reason += ", " + u.Text("columns.unit", "unit", c.Unit)
	}
	return reason
}
