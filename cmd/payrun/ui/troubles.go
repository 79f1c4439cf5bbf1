package ui

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/boltledger/snapshot"
	"payrun/provider"
	"payrun/reports"
)

// AdvisedError is an error with what a person can do about it.
type AdvisedError struct {
	Err   error
	Hints []string
}

func (e *AdvisedError) Error() string { return e.Err.Error() }
func (e *AdvisedError) Unwrap() error { return e.Err }

// Advise says what a person can do about an error.
func Advise(err error, hints ...string) error { return &AdvisedError{Err: err, Hints: hints} }

// troubles pairs the errors that packages document with their names: what follows
// "trouble." and "advice." in the catalogue. The first that matches counts.
//
//nolint:gochecknoglobals // a table that nothing writes to
var troubles = []struct {
	is   error
	name string
}{
	{context.Canceled, "interrupted"},
	{engine.ErrInterrupted, "interrupted"},
	{engine.ErrCredentials, "credentials"},
	{engine.ErrBalance, "balance"},
	{engine.ErrNoLookUpPage, "no_page"},
	{engine.ErrOutage, "outage"},
	{engine.ErrRefusals, "refusals"},
	{engine.ErrStoodStill, "stood_still"},
	{engine.ErrAtWork, "at_work"},
	{engine.ErrNotNewest, "not_newest"},
	{engine.ErrHidden, "hidden"},
	{engine.ErrNoControl, "no_control"},
	{engine.ErrFirstPayday, "first_payday"},
	{engine.ErrUnconfirmed, "unconfirmed"},
	{clearance.ErrUnapproved, "unapproved"},
	{clearance.ErrRecords, "records"},
	{service.ErrMaker, "maker"},
	{service.ErrNothingToApprove, "not_asked"},
	{service.ErrProposed, "proposed"},
	{service.ErrNoProposal, "no_proposal"},
	{approval.ErrPeople, "people"},
	{approval.ErrPolicy, "policy"},
	{ledger.ErrStopped, "recording"},
	{snapshot.ErrFrozen, "frozen"},
	{ledger.ErrLocked, "locked"},
	{ledger.ErrCorrupt, "corrupt"},
	{ledger.ErrFormat, "format"},
	{ledger.ErrNoLedger, "no_ledger"},
	{ledger.ErrReplaced, "replaced"},
	{anchor.ErrOvertaken, "overtaken"},
	{ledger.ErrAccess, "access"},
	{ledger.ErrAccount, "environment"},
	{ledger.ErrCurrency, "currency"},
	{service.ErrCountry, "country"},
	{ledger.ErrUnsealed, "unsealed"},
	{ledger.ErrUnreleased, "unreleased"},
	{service.ErrNotAsConfirmed, "not_as_confirmed"},
	{intake.ErrOtherFile, "other_file"},
	{intake.ErrKnownElsewhere, "known_elsewhere"},
	{intake.ErrRowsRemoved, "rows_removed"},
	{ledger.ErrNotFound, "not_found"},
	{table.ErrNoIDs, "no_ids"},
	{reports.ErrOtherBatch, "other_report"},
	{reports.ErrDoesNotAddUp, "sums"},
	{fs.ErrPermission, "permission"},
	{fs.ErrNotExist, "missing"},
}

// TroubleOf is the name of what an error is about, empty for none that anybody foresaw.
func TroubleOf(err error) string {
	if failed, ok := errors.AsType[*provider.Error](err); ok {
		if failed.Class == provider.Unauthorized {
			return "refused"
		}
		return "unreachable"
	}
	if other, ok := errors.AsType[*ledger.AccountError](err); ok && other.OnlyKey() {
		return "other_key"
	}
	for _, trouble := range troubles {
		if errors.Is(err, trouble.is) {
			return trouble.name
		}
	}
	return ""
}

// PrintError says what happened and what to do, and logs it with the exit code. Errors
// are in English, for logs and searches; in another language what happened is said in
// that first.
func (u *UI) PrintError(err error, exit int) {
	sentence, hints := u.wordError(err)
	jsonLogs := u.LogFormat == OutputJSON
	if jsonLogs || u.LogsToFile() {
		u.Logger().Error().Int("exit", exit).Strs("hints", hints).Msg(sentence)
	}
	if jsonLogs && !u.LogsToFile() {
		return // what reads standard error expects nothing but JSON
	}
	WriteLine(u.Stderr, "payrun: "+sentence)
	for line := range strings.Lines(strings.Join(hints, "\n")) {
		WriteLine(u.Stderr, "        "+strings.TrimSuffix(line, "\n"))
	}
}

// wordError words an error, and what a person can do about it: as it says itself, or as
// the catalogue says of its kind.
func (u *UI) wordError(err error) (sentence string, hints []string) {
	sentence = err.Error()
	if advised, ok := errors.AsType[*AdvisedError](err); ok {
		return sentence, advised.Hints
	}
	if usage, ok := errors.AsType[*UsageError](err); ok {
		if wrong, ok := usage.Err.(*MistakeError); ok { //nolint:errorlint // one that is wrapped has words around it
			return u.WordMistake(wrong)
		}
		return sentence, usage.Hints
	}
	if waits, ok := errors.AsType[*clearance.UnapprovedError](err); ok {
		return u.Text("trouble.unapproved"), append(u.ApprovalLines(waits.Standing), u.afterApproval(waits.Standing))
	}
	trouble := TroubleOf(err)
	if trouble == "" {
		return sentence, nil
	}
	if u.Language != catalogue.English {
		sentence = u.wordTrouble(trouble, err)
	}
	return sentence, strings.Split(u.Text("advice."+trouble), "\n")
}

// wordTrouble says what happened in the person's language, and behind it the error, if
// it says more than that.
func (u *UI) wordTrouble(trouble string, err error) string {
	words := u.Text("trouble." + trouble)
	for _, known := range troubles {
		if known.name == trouble && err.Error() == known.is.Error() {
			return words
		}
	}
	return words + " (" + err.Error() + ")"
}
