package main

import (
	"fmt"
	"strings"

	"payrun/batch/input"
	"payrun/batch/messages"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

// language is the one that a person is spoken to in.
func (a *app) language() messages.Language {
	if language, ok := messages.ParseLanguage(a.global.lang); ok {
		return language
	}
	return messages.FromEnvironment(a.env)
}

// francs writes an amount with its decimals as the person's language does.
func (a *app) francs(c money.Centimes) string {
	if a.language() == messages.French {
		return strings.Replace(c.Grouped(), ".", ",", 1)
	}
	return c.Grouped()
}

// text returns the words of a key in the person's language.
func (a *app) text(key string, args ...string) string { return a.words.Text(key, args...) }

// validation is what validate prints for scripts. Its keys are documented in
// docs/json.md.
type validation struct {
	File      string    `json:"file"`
	Format    string    `json:"format"`
	Encoding  string    `json:"encoding"`
	Separator string    `json:"separator"`
	Sheet     string    `json:"sheet"`
	Rows      int       `json:"rows"`
	Valid     int       `json:"valid"`
	Rejected  int       `json:"rejected"`
	Warnings  int       `json:"warnings"`
	Amount    money.XOF `json:"amount"`
	Problems  []problem `json:"problems"`
	// Annotated and ProblemsFile are the files written.
	Annotated    string `json:"annotated,omitempty"`
	ProblemsFile string `json:"problems_file,omitempty"`
}

// problem is one problem of a file.
type problem struct {
	Row      int            `json:"row"`
	Column   input.Field    `json:"column"`
	Header   string         `json:"header"`
	Value    string         `json:"value"`
	Code     string         `json:"code"`
	Severity rules.Severity `json:"severity"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint"`
}

// showValidation prints what was found in a file.
func (a *app) showValidation(path string, info input.Info, found *inspection) error {
	problems := make([]problem, 0, len(found.problems))
	for _, p := range found.problems {
		problems = append(problems, a.worded(p))
	}
	review := found.review
	if a.global.json() {
		return a.printJSON(validation{
			File: path, Format: info.Format, Encoding: info.Encoding, Separator: info.Separator, Sheet: info.Sheet,
			Rows: review.Rows, Valid: review.Valid.Count, Rejected: review.Rejected.Count,
			Warnings: review.Warnings, Amount: review.Valid.Amount, Problems: problems,
			Annotated: found.annotated, ProblemsFile: found.listed,
		})
	}
	if err := a.sayFile(path, info, found); err != nil {
		return err
	}
	for _, p := range problems {
		if err := a.say("%s", a.problemLines(p)); err != nil {
			return err
		}
	}
	if more := review.Errors + review.Warnings - len(problems); more > 0 {
		if err := a.say("%s", a.text("file.more", "count", number(more))); err != nil {
			return err
		}
	}
	return a.sayWritten(found)
}

// worded is a problem in the person's language.
func (a *app) worded(p rules.Problem) problem {
	message, hint := a.words.Problem(p)
	if detail := p.Details["detail"]; detail != "" {
		message += " (" + detail + ")"
	}
	return problem{
		Row: p.Row, Column: p.Column, Header: p.Header, Value: p.Value,
		Code: p.Code, Severity: p.Severity, Message: message, Hint: hint,
	}
}

// sayWritten names the files that were written.
func (a *app) sayWritten(found *inspection) error {
	if found.listed != "" {
		if err := a.say("%s", a.text("file.problems", "file", found.listed)); err != nil {
			return err
		}
	}
	if found.annotated == "" {
		return nil
	}
	return a.say("%s", a.text("file.annotated", "file", found.annotated))
}

// problemLines words a problem in two lines: what is wrong and where, and what
// to do about it.
func (a *app) problemLines(p problem) string {
	var where strings.Builder
	if p.Row > 0 {
		fmt.Fprintf(&where, "%s %d", a.text("column.row"), p.Row)
	}
	column := p.Header
	if column == "" {
		column = string(p.Column)
	}
	if column != "" {
		fmt.Fprintf(&where, ", %s", column)
	}
	message := p.Message
	if p.Severity == rules.Warning {
		message = a.text("problem.warning") + ", " + message
	}
	if where.Len() > 0 {
		message = a.text("problem.at", "where", where.String(), "problem", message)
	}
	return fmt.Sprintf("%s [%s]\n    → %s", message, p.Code, p.Hint)
}

// sayFile tells how the file was read and what it comes to.
func (a *app) sayFile(path string, info input.Info, found *inspection) error {
	review := found.review
	detected := []string{a.text("file.detected", "format", strings.ToUpper(info.Format), "encoding", info.Encoding)}
	if info.Format == input.FormatXLSX {
		detected = []string{a.text("file.detected_sheet", "sheet", info.Sheet)}
	} else if info.Separator != "" {
		detected = append(detected, a.text("file.detected_separator", "separator", fmt.Sprintf("%q", info.Separator)))
	}
	if len(info.Unknown) > 0 {
		detected = append(detected, a.text("file.ignored", "columns", strings.Join(info.Unknown, ", ")))
	}
	if info.Format != "" {
		if err := a.say("%s", strings.Join(detected, ", ")); err != nil {
			return err
		}
	}
	return a.say("%s", a.text("file.summary", "file", path, "rows", number(review.Rows),
		"valid", number(review.Valid.Count), "amount", review.Valid.Amount.Grouped(),
		"rejected", number(review.Rejected.Count), "warnings", number(review.Warnings)))
}
