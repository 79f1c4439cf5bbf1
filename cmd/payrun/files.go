package main

import (
	"context"
	"sync/atomic"

	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// The phases in which a file is read.
const (
	phaseValidating = "validating"
	phaseRecording  = "recording"
)

// checkFile reads the whole file and compares it with the ledger, if there is one, while
// a person sees how far it was read.
func (a *app) checkFile(ctx context.Context, s *service.Service, path string, file *table.File, id ledger.BatchID, o settings.InputOptions) (*service.Checked, error) {
	options := a.CheckOptions(path, id, o)
	options.Read = new(atomic.Int64)
	stop := a.ShowReading(phaseValidating, options.Read)
	checked, err := s.Check(ctx, file, options)
	stop()
	return checked, a.WordFileError(path, a.WordCopyError(err))
}

// showChecked prints what was found in a file.
func (a *app) showChecked(path string, c *service.Checked, o settings.InputOptions, next string) error {
	return a.ShowChecked(path, c.File.Info(), c, ui.Written{Annotated: o.Annotate, Listed: o.Problems}, next)
}

// verdictError is the exit code of a file that may not be paid, nil for one that may.
func verdictError(v service.Verdict) error {
	switch v {
	case service.Payable:
		return nil
	case service.Conflicting:
		return exitError(exitConflict)
	case service.Refused:
	}
	return exitError(exitFile)
}

// remedy is the command that helps with a file that may not be paid as it is, empty for
// none.
func (a *app) remedy(ctx context.Context, s *service.Service, path string, o settings.InputOptions, c *service.Checked) (string, error) {
	remedy, err := s.Remedy(ctx, c)
	if err != nil {
		return "", a.WordFileError(path, err)
	}
	return a.RemedyCommand(remedy, a.Command.Name(), path, o.Annotate), nil
}
