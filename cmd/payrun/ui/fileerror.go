package ui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
)

// WordFileError tells of a file that is no table: for scripts in the form of a problem, so
// that they find it where they look, and for a person in words. Other errors stay as they
// are.
func (u *UI) WordFileError(path string, err error) error {
	wrong, is := errors.AsType[*intake.FileError](err)
	if !is {
		return err
	}
	identify := u.Text("ids.command")
	if path != "-" {
		identify = u.Identifying(path)
	}
	problem := u.fileProblem(path, wrong, identify)
	if u.JSON() {
		found := &service.Checked{Inspection: intake.Inspection{Errors: 1}, Problems: []rules.Problem{problem}}
		found.Groups.Add(problem)
		if err := u.ShowChecked(path, table.Info{}, found, Written{}, ""); err != nil {
			return err
		}
	}
	words := u.Word(problem)
	return Advise(Worded(path+": "+words.Message, err), words.Hint)
}

// fileProblem words an error of a file as a whole in the form of a problem. Identify is
// the command that gives the file's rows ids.
func (u *UI) fileProblem(path string, err error, identify string) rules.Problem {
	problem := rules.Problem{
		Code: table.Code(err), Severity: rules.Error, Value: path,
		Details: map[string]string{"reason": u.fileReason(path, err)},
	}
	switch problem.Code {
	case rules.CodeFileNoIDs:
		problem.Details["command"] = identify
	case rules.CodeFileUnclosedQuote:
	default:
		problem.Details["detail"] = table.Detail(err)
	}
	if header := (*table.HeaderError)(nil); errors.As(err, &header) {
		problem.Details["choices"] = u.choices(header)
	}
	return problem
}

// fileReason words an error of package table beyond its code, in the person's
// language as far as there are words for it.
func (u *UI) fileReason(path string, err error) string {
	var header *table.HeaderError
	var sheet *table.SheetError
	switch {
	case errors.As(err, &header):
		return u.headerReason(header)
	case errors.As(err, &sheet) && sheet.Asked != "":
		return u.Text("sheet.unknown", "sheet", sheet.Asked, "sheets", quoted(sheet.Sheets))
	case errors.As(err, &sheet):
		return u.Text("sheet.several", "sheets", quoted(sheet.Sheets))
	case errors.Is(err, table.ErrUnclosedQuote):
		return table.Detail(err)
	default:
		return strings.TrimPrefix(err.Error(), path+": ")
	}
}

func (u *UI) headerReason(header *table.HeaderError) string {
	var parts []string
	if len(header.Missing) > 0 && !errors.Is(header, table.ErrNoIDs) {
		// That the ids are all that is missing is what the sentence says.
		names := make([]string, len(header.Missing))
		for i, field := range header.Missing {
			names[i] = string(field)
		}
		parts = append(parts, u.Text("header.missing", "fields", strings.Join(names, ", ")))
	}
	for _, d := range header.Open {
		if !slices.Contains(header.Missing, d.Field) {
			parts = append(parts, u.Text("header.open", "field", string(d.Field), "titles", quoted(header.Names(d))))
		}
	}
	if header.Row > 0 && len(header.Missing) > 0 {
		parts = append(parts, u.Text("header.found", "row", strconv.Itoa(header.Row), "titles", quoted(header.Found)))
	}
	for _, d := range header.Open {
		for i, c := range d.Candidates {
			if c.Unit != "" && d.Field == table.FieldAmount {
				parts = append(parts, u.Text("header.unit", "title", c.Title, "unit", c.Unit))
			}
			if slices.Contains(header.Missing, d.Field) {
				parts = append(parts, u.Text("header.guess", "field", string(d.Field), "title", header.Names(d)[i]))
			}
		}
	}
	return strings.Join(parts, "; ")
}

// choices lists what answers a doubt about columns.
func (u *UI) choices(header *table.HeaderError) string {
	var all []string
	for _, d := range header.Open {
		for _, name := range header.Names(d) {
			all = append(all, strings.Join(MapWords(d.Field, name), " "))
		}
	}
	return strings.Join(all, u.Text("header.or"))
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
