package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"payrun/batch/engine"
	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/boltledger/snapshot"
	"payrun/provider"
	"payrun/reports"
)

// The exit codes, which scripts rely on.
const (
	exitPaid        = 0
	exitInternal    = 1
	exitUsage       = 2
	exitFile        = 3
	exitFailed      = 4
	exitStopped     = 5
	exitOpen        = 6
	exitConflict    = 7
	exitInterrupted = 130
)

// exitError ends a command that has already said everything.
type exitError int

func (c exitError) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// exitOf is the exit code of an outcome.
func exitOf(o service.Outcome) exitError {
	switch o {
	case service.AllPaid:
		return exitPaid
	case service.SomeFailed:
		return exitFailed
	case service.StillOpen:
		return exitOpen
	case service.Stopped:
		return exitStopped
	case service.Conflict:
		return exitConflict
	case service.Interrupted:
		return exitInterrupted
	case service.Broken:
	}
	return exitInternal
}

// concluded is the error that a command ends with: one that is still to be told, or else
// the code of its outcome.
func concluded(o service.Outcome, err error) error {
	if err != nil || o == service.AllPaid {
		return err
	}
	return exitOf(o)
}

// advice is an error with what a person can do about it, and its exit code.
type advice struct {
	err   error
	code  int
	hints []string
	// key names what happened in the catalogue, where its words and its hints
	// are; empty if the error speaks for itself.
	key string
	// bare is set if the error says no more than what its kind does.
	bare bool
}

func (e *advice) Error() string { return e.err.Error() }
func (e *advice) Unwrap() error { return e.err }

// advise gives an error its exit code, and what a person can do about it.
func advise(err error, code int, hints ...string) error {
	return &advice{err: err, code: code, hints: hints}
}

// conclude turns what a command returned into words on standard error and an
// exit code.
func (a *app) conclude(err error) int {
	if err == nil {
		return exitPaid
	}
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	advised := adviceOf(err)
	a.printError(err, advised)
	return advised.code
}

// printError says what happened and what to do. Errors are in English, for logs
// and searches; in another language what happened is said in that first.
func (a *app) printError(err error, advised *advice) {
	if a.Words == nil {
		if wordsErr := a.loadWords(); wordsErr != nil {
			ui.WriteLine(a.Stderr, "payrun: "+err.Error())
			return
		}
	}
	sentence, hints := err.Error(), advised.hints
	if wrong, ok := advised.err.(*ui.MistakeError); ok { //nolint:errorlint // one that is wrapped has words around it
		sentence, hints = a.WordMistake(wrong)
	}
	if advised.key != "" {
		switch {
		case a.Language == catalogue.English:
		case advised.bare:
			sentence = a.Text("trouble." + advised.key)
		default:
			sentence = a.Text("trouble."+advised.key) + " (" + sentence + ")"
		}
		hints = append(strings.Split(a.Text("advice."+advised.key), "\n"), hints...)
	}
	jsonLogs := a.LogFormat == ui.OutputJSON
	if jsonLogs || a.LogsToFile() {
		a.Logger().Error().Int("exit", advised.code).Strs("hints", hints).Msg(sentence)
	}
	if jsonLogs && !a.LogsToFile() {
		return // what reads standard error expects nothing but JSON
	}
	ui.WriteLine(a.Stderr, "payrun: "+sentence)
	for line := range strings.Lines(strings.Join(hints, "\n")) {
		ui.WriteLine(a.Stderr, "        "+strings.TrimSuffix(line, "\n"))
	}
}

// byOutcome stands for the exit code of what an error comes to, see service.OutcomeOf.
const byOutcome = -1

// remedies pairs the errors that packages document with what to do about them.
// The first that matches counts.
//
//nolint:gochecknoglobals // a table that nothing writes to
var remedies = []struct {
	is   error
	code int
	// key is what follows "trouble." and "advice." in the catalogue.
	key string
}{
	{context.Canceled, byOutcome, "interrupted"},
	{engine.ErrInterrupted, byOutcome, "interrupted"},
	{engine.ErrCredentials, byOutcome, "credentials"},
	{engine.ErrBalance, byOutcome, "balance"},
	{engine.ErrOutage, byOutcome, "outage"},
	{engine.ErrRefusals, byOutcome, "refusals"},
	{engine.ErrStoodStill, byOutcome, "stood_still"},
	{engine.ErrNotNewest, byOutcome, "not_newest"},
	{engine.ErrHidden, byOutcome, "hidden"},
	{engine.ErrNoControl, byOutcome, "no_control"},
	{engine.ErrFirstPayday, byOutcome, "first_payday"},
	{engine.ErrUnconfirmed, byOutcome, "unconfirmed"},
	{ledger.ErrStopped, byOutcome, "recording"},
	{snapshot.ErrFrozen, exitUsage, "frozen"},
	{ledger.ErrLocked, exitUsage, "locked"},
	{ledger.ErrCorrupt, exitInternal, "corrupt"},
	{ledger.ErrFormat, exitUsage, "format"},
	{ledger.ErrNoLedger, exitUsage, "no_ledger"},
	{ledger.ErrReplaced, byOutcome, "replaced"},
	{anchor.ErrOvertaken, byOutcome, "overtaken"},
	{ledger.ErrAccess, exitUsage, "access"},
	{ledger.ErrAccount, exitUsage, "environment"},
	{ledger.ErrUnsealed, exitUsage, "unsealed"},
	{intake.ErrOtherFile, exitUsage, "other_file"},
	{intake.ErrKnownElsewhere, exitFile, "known_elsewhere"},
	{intake.ErrRowsRemoved, exitConflict, "rows_removed"},
	{ledger.ErrNotFound, exitUsage, "not_found"},
	{table.ErrNoIDs, exitFile, "no_ids"},
	{reports.ErrOtherBatch, exitUsage, "other_report"},
	{reports.ErrDoesNotAddUp, exitInternal, "sums"},
	{fs.ErrPermission, exitUsage, "permission"},
	{fs.ErrNotExist, exitUsage, "missing"},
}

// adviceOf is the advice that comes with an error, or else what there is for its kind.
func adviceOf(err error) *advice {
	if advised := given(err); advised != nil {
		return advised
	}
	return adviceFor(err)
}

// given is the advice that comes with an error, nil for none.
func given(err error) *advice {
	if advised, ok := errors.AsType[*advice](err); ok {
		return advised
	}
	if wrong, ok := errors.AsType[*ui.UsageError](err); ok {
		return &advice{err: wrong.Err, code: exitUsage, hints: wrong.Hints}
	}
	return nil
}

func adviceFor(err error) *advice {
	if failed, ok := errors.AsType[*provider.Error](err); ok {
		return providerAdvice(failed)
	}
	if other, ok := errors.AsType[*ledger.AccountError](err); ok && other.OnlyKey() {
		return &advice{err: err, code: exitUsage, key: "other_key"}
	}
	for _, remedy := range remedies {
		if errors.Is(err, remedy.is) {
			code := remedy.code
			if code == byOutcome {
				code = int(exitOf(service.OutcomeOf(remedy.is)))
			}
			return &advice{err: err, code: code, key: remedy.key, bare: err.Error() == remedy.is.Error()}
		}
	}
	return &advice{err: err, code: exitInternal}
}

func providerAdvice(err *provider.Error) *advice {
	key := "unreachable"
	if err.Class == provider.Unauthorized {
		key = "refused"
	}
	return &advice{err: err, code: exitStopped, key: key}
}
