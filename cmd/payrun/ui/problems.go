package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/internal/catalogue"
)

// rangesShown is the number of ranges of rows that a line bears.
const rangesShown = 16

// Problem is one problem of a file, in the person's language. Its keys are documented in
// docs/json.md.
type Problem struct {
	Row      int            `json:"row"`
	Column   table.Field    `json:"column"`
	Header   string         `json:"header"`
	Value    string         `json:"value"`
	Code     string         `json:"code"`
	Severity rules.Severity `json:"severity"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint"`
}

// finding is a problem as the catalogue words it.
func finding(p rules.Problem) catalogue.Finding {
	return catalogue.Finding{Code: p.Code, Value: p.Value, Details: p.Details, Statement: p.Statement}
}

// Word is a problem in the person's language.
func (u *UI) Word(p rules.Problem) Problem {
	message, hint := u.Words.Problem(finding(p))
	if detail := p.Details["detail"]; detail != "" {
		message += " (" + detail + ")"
	}
	return Problem{
		Row: p.Row, Column: p.Column, Header: p.Header, Value: p.Value,
		Code: p.Code, Severity: p.Severity, Message: message, Hint: hint,
	}
}

// WordAll words problems, for scripts.
func (u *UI) WordAll(problems []rules.Problem) []Problem {
	all := make([]Problem, 0, len(problems))
	for _, p := range problems {
		all = append(all, u.Word(p))
	}
	return all
}

// Annotation words a problem in one line, for a cell.
func (u *UI) Annotation(given rules.Problem) string {
	p := u.Word(given)
	text := u.at(p.Header, p.Message)
	if p.Hint != "" {
		text += " → " + p.Hint
	}
	text += " [" + p.Code + "]"
	switch p.Severity {
	case rules.Warning:
		return u.Text("annotate.warning", "problem", text)
	case rules.Note:
		return u.Text("annotate.note", "problem", text)
	case rules.Error:
	}
	return text
}

// ProblemGroup is a group of problems as scripts get it. Its keys are documented in
// docs/json.md.
type ProblemGroup struct {
	Code     string         `json:"code"`
	Severity rules.Severity `json:"severity"`
	Column   string         `json:"column"`
	Count    int            `json:"count"`
	Rows     string         `json:"rows"`
	// Message and Hint are those of the first problem, where a server found it: it tells of no
	// problem by itself.
	Message string `json:"message,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// ProblemGroups lists the groups for scripts, the gravest first.
func ProblemGroups(groups *rules.Groups) []ProblemGroup {
	list := []ProblemGroup{}
	for _, g := range groups.Sorted() {
		list = append(list, ProblemGroup{
			Code: g.Code, Severity: g.Severity, Column: string(g.Column), Count: g.Count, Rows: g.Rows(rangesShown),
		})
	}
	return list
}

// SayProblems prints what is wrong: a paragraph for each kind, or each
// problem by itself if those are given. Errors come first: the one that keeps a file from
// being paid would be lost among warnings.
func (u *UI) SayProblems(groups *rules.Groups, each []rules.Problem) error {
	if len(each) > 0 {
		sorted := slices.Clone(each)
		slices.SortStableFunc(sorted, func(a, b rules.Problem) int { return a.Severity.Compare(b.Severity) })
		for _, p := range sorted {
			if err := u.Say("%s", u.problemLines(u.Word(p))); err != nil {
				return err
			}
		}
		return nil
	}
	shortened := false
	for _, g := range groups.Sorted() {
		if err := u.Say("%s", u.groupLines(g)); err != nil {
			return err
		}
		shortened = shortened || !g.Alike && !g.Complete()
	}
	if !shortened {
		return nil
	}
	return u.Say("%s", u.Text("problem.shortened"))
}

// groupLines words a group: what is wrong and where, and what to do about it. Where
// its problems say different things, it shows all of them if they are few, else
// the first.
func (u *UI) groupLines(g *rules.Group) string {
	first := u.Word(g.Samples[0])
	if g.Count == 1 {
		return u.problemLines(first)
	}
	if g.Alike {
		first.Message = u.graded(g.Severity, first.Message)
		return u.at(u.where(u.rows(g), first), first.Message) + " [" + g.Code + "]" + hintLine(first.Hint)
	}
	lines := u.at(u.where(u.rows(g), first), u.Text("problem."+string(g.Severity)+"s", "count", strconv.Itoa(g.Count))+" ["+g.Code+"]")
	samples := g.Samples
	if !g.Complete() {
		samples = samples[:1]
	}
	hint := ""
	var text strings.Builder
	for _, p := range samples {
		words := u.Word(p)
		if hint != "" && words.Hint != hint {
			text.WriteString(hintLine(hint))
		}
		hint = words.Hint
		message := words.Message
		if p.Row > 0 {
			message = u.at(u.rowWords(strconv.Itoa(p.Row), 1), message)
		}
		text.WriteString("\n    " + message)
	}
	lines += text.String()
	return lines + hintLine(hint)
}

func hintLine(hint string) string {
	if hint == "" {
		return ""
	}
	return "\n    → " + hint
}

// at puts a place before what is said of it.
func (u *UI) at(where, text string) string {
	if where == "" {
		return text
	}
	return u.Text("problem.at", "where", where, "problem", text)
}

// where names the rows and the column.
func (u *UI) where(rows string, p Problem) string {
	column := p.Header
	if column == "" {
		column = string(p.Column)
	}
	return strings.Join(slices.DeleteFunc([]string{rows, column}, func(part string) bool { return part == "" }), ", ")
}

// rows names a group's rows.
func (u *UI) rows(g *rules.Group) string {
	rows := g.Rows(rangesShown)
	if rows == "" {
		return ""
	}
	return u.rowWords(rows, g.Count)
}

func (u *UI) rowWords(rows string, count int) string {
	if !strings.ContainsAny(rows, "-,…") {
		count = 1 // of one row, however much is wrong with it
	}
	return u.Text("problem.rows", "rows", rows, "count", strconv.Itoa(count))
}

// graded puts the severity before a message, unless it is an error.
func (u *UI) graded(severity rules.Severity, message string) string {
	if severity == rules.Error {
		return message
	}
	return u.Text("problem."+string(severity)) + ", " + message
}

// problemLines words a problem in two lines: what is wrong and where, and what
// to do about it.
func (u *UI) problemLines(p Problem) string {
	rows := ""
	if p.Row > 0 {
		rows = u.rowWords(strconv.Itoa(p.Row), 1)
	}
	return u.at(u.where(rows, p), u.graded(p.Severity, p.Message)) + fmt.Sprintf(" [%s]", p.Code) + hintLine(p.Hint)
}

// SayWarnings prints one line for each kind of warning, below a plan.
func (u *UI) SayWarnings(groups *rules.Groups) error { return u.SayLines(u.WarningLines(groups)) }

// WarningLines words each kind of warning.
func (u *UI) WarningLines(groups *rules.Groups) []string {
	var lines []string
	for _, g := range groups.Sorted() {
		if g.Severity != rules.Warning {
			continue
		}
		first := u.Word(g.Samples[0])
		line := u.at(u.where(u.rows(g), first), first.Message)
		if !g.Alike {
			line = u.at(u.where(u.rows(g), first), u.Text("problem.first", "problem", first.Message))
		}
		lines = append(lines, u.Text("plan.warning", "count", strconv.Itoa(g.Count), "code", g.Code, "problem", line))
	}
	return lines
}

// CountedWarnings lists the kinds of warnings with their counts, in the order in
// which they were found; empty for none.
func CountedWarnings(groups *rules.Groups) string {
	counts := groups.Of(rules.Warning)
	var parts []string
	for _, g := range groups.Sorted() {
		if count := counts[g.Code]; g.Severity == rules.Warning && count > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", g.Code, count))
			delete(counts, g.Code)
		}
	}
	return strings.Join(parts, ", ")
}

// ChangeLine words a change: where, what stood there, and what stands there now.
func (u *UI) ChangeLine(change fix.Change) string {
	code := change.Code
	if code == fix.CodeRow && change.Before == "" {
		code = "row.empty"
	}
	where := u.where(u.rowWords(strconv.Itoa(change.Row), 1), Problem{Header: change.Header, Column: change.Column})
	return u.at(where, u.Text("fix."+code, "before", catalogue.Visible(change.Before), "after", catalogue.Visible(change.After)))
}
