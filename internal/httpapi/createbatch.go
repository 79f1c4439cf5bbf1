package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

// createInput is a call that brings in a file.
type createInput struct {
	Batch       string   `query:"batch" doc:"the batch's id; by default from the file's name" maxLength:"64"`
	File        string   `query:"file" doc:"the file's name, if the body is the file" maxLength:"255"`
	Check       bool     `query:"check" doc:"check the file and keep nothing"`
	Strict      bool     `query:"strict" doc:"treat warnings as errors"`
	RestoreZero bool     `query:"restore_leading_zero" doc:"put back the zero that a spreadsheet dropped"`
	SkipInvalid bool     `query:"skip_invalid" doc:"take the rows that are right without the others"`
	Sheet       string   `query:"sheet" doc:"the workbook's sheet"`
	Hidden      string   `query:"hidden" enum:"pay,skip" doc:"what becomes of rows that nobody sees"`
	Map         []string `query:"map,explode" doc:"field=column, for each field whose column is in doubt"`
	Repeats     int      `query:"repeat_ok" minimum:"0" doc:"how many rows repeat a payment and shall be paid"`
	Corrections int      `query:"expect_corrections" minimum:"0" doc:"how many known rows come back with other terms"`
	Key         string   `header:"Idempotency-Key" maxLength:"255"`
}

// Findings are a file's problems.
type Findings struct {
	Rows     int       `json:"rows"`
	Valid    *Total    `json:"valid"`
	Currency string    `json:"currency,omitempty" doc:"of the amounts"`
	Rejected int       `json:"rejected" doc:"rows that would not be paid"`
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Repeats  int       `json:"repeats" doc:"rows that repeat a payment; repeat_ok answers"`
	Changed  int       `json:"corrections" doc:"known rows with other terms; expect_corrections answers"`
	Groups   []Finding `json:"problems" doc:"by kind, the gravest first"`
}

// Finding is all problems of a file of one kind in one column.
type Finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity" enum:"error,warning,note"`
	Column   string `json:"column,omitempty"`
	Count    int    `json:"count"`
	Rows     string `json:"rows,omitempty" doc:"3-7, 9"`
	Message  string `json:"message" doc:"of the first, in the language that was asked for"`
	Hint     string `json:"hint,omitempty"`
}

// CreatedBatch is a batch as it was brought in, and what was found in its file.
type CreatedBatch struct {
	Batch *Batch   `json:"batch,omitempty" doc:"missing if the file was only checked"`
	Found Findings `json:"found"`
}

type createOutput struct {
	Status   int
	Location string `header:"Location"`
	Replayed string `header:"Idempotent-Replayed"`
	Body     CreatedBatch
}

// createBatch brings in a file. Nothing of it is released.
func (s *server) createBatch(ctx context.Context, in *createInput) (*createOutput, error) {
	up, err := s.receive(ctx, in.File, in.Batch)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	defer up.Discard()
	id := ledger.BatchID(in.Batch)
	if in.Batch == "" {
		id = intake.IDFromFile(up.Name)
	} else if !intake.ValidID(in.Batch) {
		return nil, problemOf(ctx, codeRequest, "not a name for a batch")
	}
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Upload)
	defer cancel()
	out := new(createOutput)
	call := call{batch: id, key: in.Key, name: "POST /v1/batches", asked: []string{requestOf(ctx).URL.RawQuery, up.SHA256}}
	if in.Check {
		call.key = "" // it changes nothing
	}
	out.Replayed, err = s.bringIn(ctx, call, &incoming{createInput: in, uploaded: up, id: id, to: s.Service()}, &out.Body)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	if out.Status = http.StatusOK; out.Body.Batch != nil {
		out.Status, out.Location = http.StatusCreated, "/v1/batches/"+url.PathEscape(string(id))
	}
	return out, nil
}

// reading says how the file is to be read.
func (in *createInput) reading() (table.Options, error) {
	o := table.Options{Sheet: in.Sheet, Hidden: table.Hidden(in.Hidden), Map: map[table.Field]string{}}
	for _, pair := range in.Map {
		field, column, cut := strings.Cut(pair, "=")
		if !cut || field == "" || column == "" {
			return o, errors.New("map is field=column")
		}
		o.Map[table.Field(field)] = column
	}
	return o, nil
}

func (in *createInput) checking(id ledger.BatchID) service.CheckOptions {
	o := service.CheckOptions{Batch: id, Strict: in.Strict, RestoreZero: in.RestoreZero, SheetNamed: in.Sheet != ""}
	if in.Repeats > 0 {
		o.Repeats = &in.Repeats
	}
	return o
}

// unreadable tells what keeps a file from being read, in the form of a finding.
func (s *server) unreadable(ctx context.Context, err error) error {
	wrong, is := errors.AsType[*intake.FileError](err)
	if !is {
		return err
	}
	reason := wrong.Error()
	if _, after, cut := strings.Cut(reason, ": "); cut {
		reason = after // without the path, which is ours
	}
	problem := rules.Problem{Code: table.Code(wrong), Severity: rules.Error, Details: map[string]string{"reason": reason, "detail": table.Detail(wrong)}}
	var groups rules.Groups
	groups.Add(problem)
	p := problemOf(ctx, codeFile, reason)
	p.File = &Findings{Errors: 1, Valid: totalOf(ledger.Total{}), Groups: groupsOf(ctx, &groups)}
	return p
}

func findingsOf(ctx context.Context, c *service.Checked) Findings {
	return Findings{
		Rows: c.Rows, Valid: totalOf(c.Valid), Currency: string(c.Currency()), Rejected: c.Rejected.Count, Errors: c.Errors, Warnings: c.Warnings, Repeats: c.Repeats,
		Changed: len(c.Corrections), Groups: groupsOf(ctx, &c.Groups),
	}
}

func groupsOf(ctx context.Context, groups *rules.Groups) []Finding {
	all := []Finding{}
	words, err := catalogue.New(languageOf(ctx))
	if err != nil {
		return all
	}
	const ranges = 16
	for _, g := range groups.Sorted() {
		first := g.Samples[0]
		message, hint := words.Problem(catalogue.Finding{Code: first.Code, Value: first.Value, Details: first.Details})
		all = append(all, Finding{
			Code: g.Code, Severity: string(g.Severity), Column: string(g.Column), Count: g.Count, Rows: g.Rows(ranges), Message: message, Hint: hint,
		})
	}
	return all
}
