package ui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"payrun/batch/intake"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// idsResult is the result of ids for scripts. Its keys are documented in docs/json.md.
type idsResult struct {
	File  string `json:"file"`
	Out   string `json:"out"`
	Rows  int    `json:"rows"`
	Given int    `json:"given"`
	// Passed counts the rows without an id that pay nobody.
	Passed int                  `json:"not_payments"`
	First  ledger.TransactionID `json:"first"`
	Last   ledger.TransactionID `json:"last"`
	Known  int                  `json:"known"`
	Recent int                  `json:"paid_recently"`
}

// ShowIDs tells which ids a copy of a file was given, and what the ledger knows of them.
func (u *UI) ShowIDs(path, out string, given service.GivenIDs) error {
	if u.JSON() {
		return u.PrintObject("ids", idsResult{
			File: path, Out: out, Rows: given.Rows, Given: given.Given, Passed: given.Passed,
			First: given.First, Last: given.Last, Known: given.Known, Recent: given.Recent,
		})
	}
	lines := []string{u.Text("ids.written", "file", out, "rows", strconv.Itoa(given.Rows), "given", strconv.Itoa(given.Given),
		"first", string(given.First), "last", string(given.Last))}
	for _, part := range []struct {
		key   string
		count int
	}{{"passed", given.Passed}, {"known", given.Known}, {"recent", given.Recent}} {
		if part.count > 0 {
			lines = append(lines, u.Text("ids."+part.key, "count", strconv.Itoa(part.count)))
		}
	}
	if err := u.SayLines(lines); err != nil {
		return err
	}
	return u.SayNext(u.Commands.ForFile("validate", out))
}

// WordIDsError says why no ids were given.
func (u *UI) WordIDsError(path, out string, err error) error {
	uncut := (*service.UncutRowError)(nil)
	known := (*service.KnownIDsError)(nil)
	switch {
	case errors.Is(err, service.ErrNoIDsLacking):
		return Usage(u.Text("ids.nothing", "file", path), u.Commands.ForFile("validate", path))
	case errors.As(err, &uncut):
		return u.wordUncut(path, uncut)
	case errors.As(err, &known):
		return Advise(Worded(u.Text("ids.conflicts", "count", strconv.Itoa(len(known.Conflicts)), "first", string(known.Conflicts[0].ID)), err),
			strings.Split(u.Text("ids.conflicts_hint"), "\n")...)
	case errors.Is(err, intake.ErrNoPrefix):
		return UsageOf(err, u.Text("ids.prefix_hint"))
	case errors.Is(err, intake.ErrPrefix):
		return UsageOf(fmt.Errorf("--prefix %w", err), u.Text("ids.prefix_hint"))
	case errors.Is(err, fsx.ErrTaken):
		return Usage(u.Text("ids.differs", "file", out), strings.Split(u.Text("ids.differs_hint"), "\n")...)
	default:
		return u.WordFileError(path, u.WordCopyError(err))
	}
}

// wordUncut says why a row cannot be given an id.
func (u *UI) wordUncut(path string, row *service.UncutRowError) error {
	message, hint := u.Words.Problem(catalogue.Finding{Code: row.Code})
	return Advise(Worded(u.at(fmt.Sprintf("%s: %s %d", path, u.Text("column.row"), row.Row), message), row), hint)
}
