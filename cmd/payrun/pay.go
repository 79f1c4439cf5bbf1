package main

import (
	"context"
	"errors"

	"payrun/batch/service"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// paying is the session of a command that pays, and whom it speaks to.
type paying struct {
	*session.Session
	app     *app
	options settings.PayOptions
}

// startPaying begins the session of a command that pays. Only a command that brings in a
// file may begin a ledger.
func (a *app) startPaying(ctx context.Context, o settings.PayOptions, mayCreate bool) (*paying, error) {
	s := &paying{app: a, options: o}
	var err error
	s.Session, err = a.Start(ctx, o, s.actor(), mayCreate)
	return s, err
}

// actor is the person who works with payrun here, and how they confirm an act.
func (s *paying) actor() service.Actor {
	by := session.Actor(service.Typed)
	if s.options.Yes || s.options.NewLedger || s.options.Adopt {
		by.Confirmed = service.ByFlag
	}
	return by
}

// submitter says that a policy is in force, and refuses somebody whom it does not know.
func (s *paying) submitter(ctx context.Context) error {
	policy, err := s.Submitter(ctx, s.actor())
	if err == nil && policy {
		s.app.Remark(s.app.Text("approval.policy"))
	}
	return err
}

// release shows what continuing a batch may send and asks before money moves. A
// batch that is only waited for is not asked about, nor one that people have to approve.
func (s *paying) release(ctx context.Context, b ledger.Batch) error {
	if err := s.Clear(ctx, s.actor(), b.ID); err != nil {
		return err
	}
	if err := s.timed(ctx, b.ID); err != nil {
		return err
	}
	found, err := s.Prepare(ctx, b.ID)
	total := found.Total()
	if err != nil || total.Count == 0 {
		return err
	}
	where := s.Place()
	if err := s.app.ShowSendable(b, found, where); err != nil {
		return err
	}
	if err := s.covered(found.Covered()); err != nil {
		return err
	}
	s.app.SayNotBefore(s.options.NotBefore.At)
	if err := s.app.ConfirmSendable(s.options.Yes, b.ID, found, where); err != nil {
		return err
	}
	return s.ReleaseAt(ctx, s.actor(), b.ID, total, s.options.NotBefore.At)
}

// timed refuses to go on with a batch whose time has not come, or that missed it and nobody is
// there to be asked, unless another time was given. What was approved for a time and not
// released may be released for it.
func (s *paying) timed(ctx context.Context, id ledger.BatchID) error {
	if s.options.NotBefore.Given {
		return nil
	}
	late := s.Timely(ctx, id)
	if errors.Is(late, ledger.ErrNotFound) {
		return nil
	}
	if missed, is := errors.AsType[*service.MissedError](late); is && s.app.StdinTerminal && !s.options.Yes {
		s.app.SayMissed(missed)
		return nil
	}
	if errors.Is(late, ledger.ErrNotYet) {
		b, err := s.Store.Batch(ctx, id)
		if err != nil || b.State == ledger.BatchApproved {
			return err
		}
	}
	return late
}

// covered refuses a payment that the account cannot cover, unless a person wants to begin
// all the same.
func (s *paying) covered(err error) error {
	if s.options.Partial && is[*service.ShortfallError](err) {
		return nil
	}
	return s.app.WordShortfall(err)
}

// pay has a batch paid, writes its reports and tells how it ended. The error is one that
// is still to be told, that of the end for one.
func (s *paying) pay(ctx context.Context, b ledger.Batch, e ui.Ending) (service.Outcome, error) {
	if err := s.app.CheckReports(s.options.Report, b.ID, b.Account.Place); err != nil {
		return service.Broken, err
	}
	if err := s.record(ctx); err != nil {
		return service.Broken, err
	}
	payment := service.Payment{Batch: b, Drain: s.app.Accepting.Done(), Watch: s.app.WatchBatch(b.ID)}
	if s.app.StdinTerminal {
		payment.AskNew = s.app.TypeNew
	}
	paid, err := s.Pay(ctx, s.actor(), payment)
	if err != nil {
		return service.Broken, err
	}
	return s.tell(ctx, paid, e)
}

// tell writes the reports of a batch that was paid as far as that went, and tells how it ended. The
// error is one that is still to be told.
func (s *paying) tell(ctx context.Context, paid service.Paid, e ui.Ending) (service.Outcome, error) {
	after := context.WithoutCancel(ctx) // the reports are written even if the run was interrupted
	if errors.Is(paid.Stopped, ledger.ErrReplaced) {
		s.Save(after)
	}
	var err error
	if e.Concluded, err = s.Conclude(after, paid, e.Ending, s.app.Reporting(s.options.Report)); err != nil {
		return service.Broken, errors.Join(s.app.WordRanDry(paid.Stopped), err)
	}
	return e.Outcome(), s.app.tellEnding(after, e)
}

// tellEnding prints how a run ended. It returns why it ended early, if nothing is graver:
// that is still to be told.
func (a *app) tellEnding(ctx context.Context, e ui.Ending) error {
	outcome, stopped := e.Outcome(), a.WordRanDry(e.Stopped)
	if err := a.ShowEnding(e, int(exitOf(outcome))); err != nil {
		return err
	}
	object, err := a.EndingObject(e, int(exitOf(outcome)))
	if err != nil {
		return err
	}
	a.finished(ctx, object, e.Paid.Batch.ID, int(exitOf(outcome)))
	if stopped != nil && outcome != service.OutcomeOf(stopped) {
		// The outcome is graver. What stopped the run is said all the same.
		a.PrintError(stopped, int(codeOf(stopped)))
		return nil
	}
	return stopped
}

// record makes durable what a person said of the ledger and the account by flags.
func (s *paying) record(ctx context.Context) error {
	if s.options.Adopt {
		adopted, err := s.Adopt(ctx, s.actor())
		if err != nil {
			return err
		}
		if adopted {
			s.app.Notices.Say("payrun: " + s.app.Text("adopt.done"))
		}
	}
	if s.options.NewLedger {
		return s.BeginAccount(ctx, s.actor())
	}
	return nil
}
