package service

import (
	"context"
	"errors"
	"slices"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/ledger"
)

// Mends reports whether time may mend why paying a batch ended early. What it does not mend
// waits for a person.
func Mends(stopped error) bool {
	if errors.Is(stopped, ErrMissed) {
		return false
	}
	return stopped == nil || OutcomeOf(stopped) == StillOpen || errors.Is(stopped, engine.ErrOutage) ||
		TroubleOf(stopped).Name == "unreachable"
}

// untold are the reasons of which nobody is told as of a stop: a person who is there knows, or
// the batch has an act that says it.
func untold() []error {
	return []error{
		context.Canceled, engine.ErrInterrupted, engine.ErrUnconfirmed, ledger.ErrNotYet, clearance.ErrUnapproved,
		ledger.ErrStopped, ledger.ErrReplaced, ledger.ErrNotFound,
	}
}

// Stopped records that paying a batch ended early and only a person can have it go on, and why,
// so that others are told: once since it was last released, whichever machine met it first.
func (s *Service) Stopped(ctx context.Context, by Actor, id ledger.BatchID, reason error) error {
	if slices.ContainsFunc(untold(), func(known error) bool { return errors.Is(reason, known) }) {
		return nil
	}
	code, last := TroubleOf(reason).Name, ledger.Event{}
	for event, err := range s.config.Ledger.Acts(ctx, id) {
		if err != nil {
			return err
		}
		if event.Act == ledger.ActStopped || event.Act == ledger.ActReleased {
			last = event
		}
	}
	if last.Act == ledger.ActStopped && last.Text == code {
		return nil
	}
	return s.config.Ledger.Record(ctx, ledger.Act{Code: ledger.ActStopped, Batch: id, At: s.now(), By: by.person(), Text: code})
}
