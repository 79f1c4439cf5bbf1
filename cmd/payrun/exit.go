package main

import (
	"errors"
	"fmt"

	"payrun/batch/approval"
	"payrun/batch/audit"
	"payrun/batch/intake"
	"payrun/batch/intake/annotate"
	"payrun/batch/service"
	"payrun/cmd/payrun/prepare"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/ui"
	"payrun/ledger/anchor"
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
	exitUnapproved  = 8
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
	case service.Unapproved:
		return exitUnapproved
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

// refused is the error of a command that has said why a file is refused, or that of
// saying it.
func refused(err error) error {
	if err != nil {
		return err
	}
	return exitError(exitFile)
}

// conclude turns what a command returned into words on standard error and an
// exit code.
func (a *app) conclude(err error) int {
	if err == nil {
		return exitPaid
	}
	if said, ok := errors.AsType[exitError](err); ok {
		return int(said)
	}
	if errors.Is(err, prepare.ErrRefused) || errors.Is(err, remote.ErrRefused) {
		return exitFile
	}
	code := int(codeOf(err))
	if a.Words == nil {
		if wordsErr := a.loadWords(); wordsErr != nil {
			ui.WriteLine(a.Stderr, "payrun: "+err.Error())
			return code
		}
	}
	a.PrintError(err, code)
	return code
}

// troubleCodes are the exit codes of what can go wrong, by ui.TroubleOf. What is not
// here ends with the code of its outcome.
//
//nolint:gochecknoglobals // a table that nothing writes to
var troubleCodes = map[string]exitError{
	"frozen":           exitUsage,
	"locked":           exitUsage,
	"corrupt":          exitInternal,
	"moved":            exitStopped,
	"format":           exitUsage,
	"no_ledger":        exitUsage,
	"access":           exitUsage,
	"evicted":          exitStopped,
	"no_database":      exitUsage,
	"outdated":         exitUsage,
	"occupied":         exitUsage,
	"incoming":         exitUsage,
	"moved_away":       exitUsage,
	"twice":            exitConflict,
	"different":        exitInternal,
	"pooled":           exitUsage,
	"read_only":        exitStopped,
	"server":           exitUsage,
	"no_server":        exitUsage,
	"environment":      exitUsage,
	"unsealed":         exitUsage,
	"unreleased":       exitUsage,
	"past":             exitUsage,
	"not_as_confirmed": exitUsage,
	"other_file":       exitUsage,
	"known_elsewhere":  exitFile,
	"rows_removed":     exitConflict,
	"not_found":        exitUsage,
	"no_ids":           exitFile,
	"other_report":     exitUsage,
	"sums":             exitInternal,
	"permission":       exitUsage,
	"missing":          exitUsage,
	"other_key":        exitUsage,
	"maker":            exitUsage,
	"records":          exitInternal,
	"people":           exitUsage,
	"policy":           exitUsage,
	"not_asked":        exitUsage,
	"proposed":         exitUsage,
	"no_proposal":      exitUsage,
	"no_payrun":        exitStopped,

	// Those of a server alone.
	"token":          exitUsage,
	"scope":          exitUsage,
	"host":           exitUsage,
	"nowhere":        exitUsage,
	"request":        exitUsage,
	"nothing_open":   exitUsage,
	"not_retriable":  exitUsage,
	"ignored":        exitUsage,
	"approval_ended": exitUsage,
	"no_people":      exitUsage,
	"no_receipt":     exitUsage,
	"file":           exitFile,
	"too_large":      exitFile,
	"corrections":    exitFile,
	"rate":           exitStopped,
	"busy":           exitStopped,
	"shortfall":      exitStopped,
}

// codeOf is the exit code of an error that is still to be told.
func codeOf(err error) exitError {
	if advised, ok := errors.AsType[*ui.AdvisedError](err); ok {
		err = advised.Err // what is advised on
	}
	switch {
	case is[*ui.UsageError](err), is[*service.IgnoredError](err), is[*service.ApprovalEndedError](err):
		return exitUsage
	case is[*service.ControlError](err), is[*service.UncutRowError](err), is[*intake.FileError](err):
		return exitFile
	case is[*service.KnownIDsError](err), is[*service.RewrittenError](err), is[*service.PlanError](err),
		errors.Is(err, approval.ErrText), errors.Is(err, anchor.ErrCheckpoint), errors.Is(err, audit.ErrWrong),
		errors.Is(err, service.ErrOtherCopy):
		return exitConflict
	case is[*annotate.WriteError](err):
		return exitInternal
	}
	if code, known := troubleCodes[ui.TroubleOf(err)]; known {
		return code
	}
	return exitOf(service.OutcomeOf(err))
}

// is reports whether an error, or one in it, is of a type.
func is[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}
