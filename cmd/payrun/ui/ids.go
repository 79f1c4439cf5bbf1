package ui

import (
	"strconv"

	"payrun/batch/service"
	"payrun/ledger"
)

// idsResult is what ids prints. Its keys are documented in docs/json.md.
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
		return u.PrintJSON(idsResult{
			File: path, Out: out, Rows: given.Rows, Given: given.Given, Passed: given.Passed,
			First: given.First, Last: given.Last, Known: given.Known, Recent: given.Recent,
		})
	}
	lines := []string{u.Text("ids.written", "file", out, "rows", strconv.Itoa(given.Rows), "given", strconv.Itoa(given.Given),
		"first", string(given.First), "last", string(given.Last))}
	for _, part := range []struct {
		key   string
		count int
	}{{"ids.passed", given.Passed}, {"ids.known", given.Known}, {"ids.recent", given.Recent}} {
		if part.count > 0 {
			lines = append(lines, u.Text(part.key, "count", strconv.Itoa(part.count)))
		}
	}
	if err := u.SayLines(lines); err != nil {
		return err
	}
	return u.SayNext(u.Commands.ForFile("validate", out))
}
