package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"payrun/batch"
	"payrun/batch/engine"
	"payrun/batch/input"
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
	writeLine(a.stderr, "payrun: "+err.Error())
	for _, hint := range advised.hints {
		writeLine(a.stderr, "        "+hint)
	}
	return advised.code
}

// remedies pairs the errors that packages document with what to do about them.
// The first that matches counts.
//
//nolint:gochecknoglobals // a table that nothing writes to
var remedies = []struct {
	is    error
	code  int
	hints []string
}{
	{context.Canceled, exitInterrupted, []string{"nothing is lost: run the same command again"}},
	{engine.ErrInterrupted, exitInterrupted, []string{"nothing is lost: run the same command again"}},
	{engine.ErrCredentials, exitStopped, []string{"check PAYRUN_API_KEY and PAYRUN_API_SECRET, then run again: nothing was lost"}},
	{engine.ErrBalance, exitStopped, []string{"top up the account and run again: nothing was lost"}},
	{engine.ErrOutage, exitStopped, []string{"run again when the provider is back: nothing was lost"}},
	{ledger.ErrStopped, exitStopped, []string{
		"nothing more was sent, because it could not have been recorded",
		"check the disk's free space, then run the same command again",
	}},
	{ledger.ErrLocked, exitUsage, []string{"wait until it has finished, or use another --ledger"}},
	{ledger.ErrCorrupt, exitInternal, []string{
		"the file was left as it is: keep it, and restore a copy made with payrun ledger backup",
	}},
	{ledger.ErrEnvironment, exitUsage, []string{"use another --ledger for another provider or for rehearsals"}},
	{ledger.ErrUnsealed, exitUsage, []string{"run the file again: payrun run FILE"}},
	{batch.ErrOtherFile, exitUsage, []string{"give this file a batch of its own: --batch NAME"}},
	{batch.ErrRowsRemoved, exitConflict, []string{
		"nothing was sent: put the rows back, or withdraw what is queued with payrun cancel BATCH",
	}},
	{ledger.ErrNotFound, exitUsage, []string{"payrun status lists the batches"}},
	{input.ErrNoIDs, exitFile, []string{
		"a rerun is only safe if every row carries its own id in the file",
		"payrun ids FILE -o OUT makes a copy in which every row has one",
	}},
	{reports.ErrOtherBatch, exitUsage, []string{"choose another folder with --report DIR"}},
	{reports.ErrDoesNotAddUp, exitInternal, []string{"no report was written; payrun ledger verify checks the ledger"}},
	{fs.ErrPermission, exitUsage, []string{"check who may write there"}},
	{fs.ErrNotExist, exitUsage, []string{"check the name and the folder"}},
}

func adviceFor(err error) *advice {
	if failed, ok := errors.AsType[*provider.Error](err); ok {
		return providerAdvice(failed)
	}
	for _, remedy := range remedies {
		if errors.Is(err, remedy.is) {
			return &advice{err: err, code: remedy.code, hints: remedy.hints}
		}
	}
	return &advice{err: err, code: exitInternal}
}

func providerAdvice(err *provider.Error) *advice {
	if err.Class == provider.Unauthorized {
		return &advice{err: err, code: exitStopped, hints: []string{
			"check PAYRUN_API_KEY and PAYRUN_API_SECRET; nothing was sent",
		}}
	}
	return &advice{err: err, code: exitStopped, hints: []string{
		"check the connection and --api-url, then run again; nothing was sent",
	}}
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
