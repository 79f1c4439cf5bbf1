package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"payrun/batch"
	"payrun/batch/engine"
	"payrun/batch/input"
	"payrun/batch/messages"
	"payrun/ledger"
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

// usage is an error of the person who typed the command.
func usage(message string, hints ...string) error {
	return &advice{err: errors.New(message), code: exitUsage, hints: hints}
}

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
	var advised *advice
	if !errors.As(err, &advised) {
		advised = adviceFor(err)
	}
	a.sayTrouble(err, advised)
	return advised.code
}

// sayTrouble says what happened and what to do. Errors are in English, for logs
// and searches; in another language what happened is said in that first.
func (a *app) sayTrouble(err error, advised *advice) {
	if a.words == nil {
		if wordsErr := a.speak(); wordsErr != nil {
			writeLine(a.stderr, "payrun: "+err.Error())
			return
		}
	}
	sentence, hints := err.Error(), advised.hints
	if advised.key != "" {
		switch {
		case a.language() == messages.English:
		case advised.bare:
			sentence = a.text("trouble." + advised.key)
		default:
			sentence = a.text("trouble."+advised.key) + " (" + sentence + ")"
		}
		hints = append(strings.Split(a.text("advice."+advised.key), "\n"), hints...)
	}
	jsonLogs := a.global.logFormat == outputJSON
	if jsonLogs || a.logFile != nil {
		a.logger().Error().Int("exit", advised.code).Strs("hints", hints).Msg(sentence)
	}
	if jsonLogs && a.logFile == nil {
		return // what reads standard error expects nothing but JSON
	}
	writeLine(a.stderr, "payrun: "+sentence)
	for _, hint := range hints {
		writeLine(a.stderr, "        "+hint)
	}
}

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
	{context.Canceled, exitInterrupted, "interrupted"},
	{engine.ErrInterrupted, exitInterrupted, "interrupted"},
	{engine.ErrCredentials, exitStopped, "credentials"},
	{engine.ErrBalance, exitStopped, "balance"},
	{engine.ErrOutage, exitStopped, "outage"},
	{ledger.ErrStopped, exitStopped, "recording"},
	{ledger.ErrLocked, exitUsage, "locked"},
	{ledger.ErrCorrupt, exitInternal, "corrupt"},
	{ledger.ErrEnvironment, exitUsage, "environment"},
	{ledger.ErrUnsealed, exitUsage, "unsealed"},
	{batch.ErrOtherFile, exitUsage, "other_file"},
	{batch.ErrRowsRemoved, exitConflict, "rows_removed"},
	{ledger.ErrNotFound, exitUsage, "not_found"},
	{input.ErrNoIDs, exitFile, "no_ids"},
	{reports.ErrOtherBatch, exitUsage, "other_report"},
	{reports.ErrDoesNotAddUp, exitInternal, "sums"},
	{fs.ErrPermission, exitUsage, "permission"},
	{fs.ErrNotExist, exitUsage, "missing"},
}

func adviceFor(err error) *advice {
	if failed, ok := errors.AsType[*provider.Error](err); ok {
		return providerAdvice(failed)
	}
	for _, remedy := range remedies {
		if errors.Is(err, remedy.is) {
			return &advice{err: err, code: remedy.code, key: remedy.key, bare: err.Error() == remedy.is.Error()}
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

// writeLine writes to a stream where nobody could be told that it failed.
func writeLine(w io.Writer, line string) {
	_, _ = io.WriteString(w, line+"\n")
}

// isMissing reports whether a path names nothing.
func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
