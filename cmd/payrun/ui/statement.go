package ui

import (
	"strconv"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/batch/service"
)

// statementSide is the rest of a statement, beside its transfers.
type statementSide struct {
	Transfers  int             `json:"transfers"`
	PassedOver int             `json:"passed_over"`
	Ignored    []ignoredColumn `json:"ignored"`
	Problems   []Problem       `json:"problems"`
}

// ignoredColumn is a column of a statement that was not read, and the fields that it
// could be.
type ignoredColumn struct {
	Title  string        `json:"title"`
	Fields []table.Field `json:"fields"`
}

// StatementRead is a statement that was read.
type StatementRead struct {
	Path    string
	Info    table.Info
	Ignored []table.Ignored
	reconcile.StatementReading
}

// newStatement is a statement as scripts get it.
func (u *UI) newStatement(s StatementRead) *statementSide {
	side := &statementSide{
		Transfers: s.Transfers.Count, PassedOver: s.PassedOver,
		Ignored: []ignoredColumn{}, Problems: []Problem{},
	}
	for _, one := range s.Ignored {
		side.Ignored = append(side.Ignored, ignoredColumn{one.Title, append([]table.Field{}, one.Fields...)})
	}
	for _, p := range s.Problems {
		side.Problems = append(side.Problems, u.Word(p))
	}
	return side
}

// SayStatement tells a person how a statement was read: which columns were not, and how they
// would be, what is wrong with rows or why they were passed over, and what remains.
func (u *UI) SayStatement(s StatementRead, details bool) error {
	if u.JSON() {
		return nil
	}
	info := s.Info
	info.Unknown = nil // told below
	var groups rules.Groups
	for _, p := range s.Problems {
		groups.Add(p)
	}
	var each []rules.Problem
	if details {
		each = s.Problems
	}
	for _, step := range []func() error{
		func() error { return u.SayReading(info) },
		func() error { return u.SayTaken(info) },
		func() error { return u.sayIgnored(s.Ignored) },
		func() error { return u.SayProblems(&groups, each) },
		func() error {
			return u.Say("%s", u.Text("statement.passed", "transfers", strconv.Itoa(s.Transfers.Count), "passed", strconv.Itoa(s.PassedOver)))
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (u *UI) sayIgnored(ignored []table.Ignored) error {
	if len(ignored) == 0 {
		return nil
	}
	var titles []string
	for _, one := range ignored {
		title := one.Title
		if len(one.Fields) > 0 {
			title = u.Text("statement.ignored_as", "title", title, "field", string(one.Fields[0]))
		}
		titles = append(titles, title)
	}
	return u.Say("%s", u.Text("statement.ignored", "columns", strings.Join(titles, ", ")))
}

// ShowRefusedStatement prints what cannot be read in a statement. Nothing is compared.
func (u *UI) ShowRefusedStatement(s StatementRead, details bool) error {
	var err error
	if u.JSON() {
		err = u.ShowChecked(s.Path, s.Info, checkedStatement(s), Written{}, "")
	} else {
		err = u.SayStatement(s, details)
	}
	if err == nil {
		WriteLine(u.Stderr, "payrun: "+u.Text("notice.statement"))
	}
	return err
}

// checkedStatement is a statement in the form of a checked file, for scripts.
func checkedStatement(s StatementRead) *service.Checked {
	found := &service.Checked{Problems: s.Problems}
	rows := map[int]bool{}
	for _, p := range s.Problems {
		found.Groups.Add(p)
		if p.Severity == rules.Error {
			rows[p.Row] = true
		}
	}
	found.Errors = s.Errors()
	found.Rows = s.Transfers.Count + s.PassedOver + len(rows)
	found.Rejected.Count = len(rows)
	found.Valid = s.Transfers
	found.NotPayments = s.PassedOver
	return found
}
