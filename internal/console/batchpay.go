package console

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// payPage shows what would be sent, for a person to confirm.
type payPage struct {
	Batch ledger.Batch
	Path  string
	service.Sendable

	// After is the balance afterwards by the estimate of fees, nil if the provider does not tell.
	After *money.Fine
	// Changed is set if something else was confirmed than may be sent now. Short says that the
	// balance does not cover it, nil if it does.
	Changed *service.ReleaseError
	Short   *service.ShortfallError
	// Going is set if the batch is released already and goes on.
	Going bool
	// Timing is when it may be sent, At the same in the form, in the zone that is named.
	Timing   service.Timing
	At, Zone string
	// Steps lead on where nothing may be sent.
	Steps []step
	// Late is set if a time was named that is over, or none that can be read.
	Late bool
}

// formTime is how a form has a time, in a zone that it names.
const formTime = "2006-01-02T15:04"

// showPay shows what going on with a batch may send.
func (s *server) showPay(w http.ResponseWriter, r *http.Request) error {
	return s.payPage(w, r, http.StatusOK, nil)
}

// payPage shows it with why it was not released as it was confirmed, nil if it was not.
func (s *server) payPage(w http.ResponseWriter, r *http.Request, status int, refused error) error {
	b, err := s.opened(r)
	if err != nil {
		return err
	}
	if b.State == ledger.BatchAwaitingApproval || b.State == ledger.BatchPaused {
		s.redirect(w, r, batchPath(b.ID, "/approval"))
		return nil
	}
	found, err := s.Service().Prepare(r.Context(), b.ID)
	if err != nil {
		return err
	}
	page := payPage{Batch: b, Path: batchPath(b.ID, ""), Sendable: found, Going: b.State == ledger.BatchPaying}
	if found.Balance != nil {
		after := found.Balance.Fine().Minus(found.Queued.Amount.Fine()).Minus(found.Fees)
		page.After = &after
	}
	if page.Timing, err = s.Service().Timing(r.Context(), b.ID); err != nil {
		return err
	}
	page.Zone, page.At, page.Late = s.Clock().In(s.Zone).Format("MST"), r.PostFormValue("at"), errors.Is(refused, service.ErrPast)
	if at := page.Timing.NotBefore; page.At == "" && at.After(s.Clock()) {
		page.At = at.In(s.Zone).Format(formTime)
	}
	page.Changed, _ = isA[*service.ReleaseError](refused)
	if short, is := isA[*service.ShortfallError](found.Covered()); is {
		page.Short = short
	}
	if found.Total().Count == 0 {
		if page.Steps, err = s.stepsOf(r, b.ID, "/pay"); err != nil {
			return err
		}
	}
	return s.renderAs(w, r, status, "pay", page)
}

// confirmedOf returns the count and total that a form says its sender saw, in minor units of the
// batch's currency.
func confirmedOf(r *http.Request, currency money.Currency) (service.Confirmed, error) {
	count, countErr := strconv.Atoi(r.PostFormValue("count"))
	total, totalErr := strconv.ParseInt(r.PostFormValue("total"), 10, 64)
	if countErr != nil || totalErr != nil || count < 0 || total < 0 {
		return service.Confirmed{}, errRequest
	}
	c := service.Confirmed{Partial: r.PostFormValue("partial") == "yes"}
	if count > 0 {
		c.Total = ledger.Total{Count: count, Amount: currency.Of(total)}
	}
	return c, nil
}

// pay releases a batch as its maker confirmed it, and has it paid.
func (s *server) pay(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	confirmed, err := confirmedOf(r, b.Currency)
	if err != nil {
		return err
	}
	if confirmed.At, err = s.timeOf(r); err != nil {
		return s.payPage(w, r, http.StatusUnprocessableEntity, service.ErrPast)
	}
	confirmed.Timed = true
	between := func(do func() error) error { return s.Payroll.Between(r.Context(), do) }
	err = s.change(r.Context(), func() error { return s.Service().Confirm(r.Context(), s.actor(r), b.ID, confirmed, between) })
	_, short := isA[*service.ShortfallError](err)
	switch {
	case err == nil:
		s.Payroll.Wake(b.ID)
		word := "released"
		if !confirmed.At.IsZero() {
			word = "scheduled"
		}
		s.done(w, r, batchPath(b.ID, ""), word)
		return nil
	case errors.Is(err, service.ErrNotAsConfirmed), errors.Is(err, service.ErrPast), short:
		return s.payPage(w, r, http.StatusConflict, err)
	case errors.Is(err, clearance.ErrUnapproved):
		s.redirect(w, r, batchPath(b.ID, "/approval"))
		return nil
	default:
		return err
	}
}

// timeOf is the time before which a form wants nothing to be sent, zero for at once.
func (s *server) timeOf(r *http.Request) (time.Time, error) {
	switch r.PostFormValue("when") {
	case "now":
		return time.Time{}, nil
	case "at":
		return time.ParseInLocation(formTime, r.PostFormValue("at"), s.Zone)
	default:
		return time.Time{}, errRequest
	}
}
