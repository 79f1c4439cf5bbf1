package console

import (
	"errors"
	"net/http"
	"net/url"

	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
)

// correctPage is a payout that gets other terms in place.
type correctPage struct {
	service.Amendment

	Path, Back string
	// Typed has the fields of the form.
	Typed service.Mended
	// Checked is set once it was checked; Wrong are what is wrong with it, Warned what to look at.
	Checked       bool
	Wrong, Warned []reason
	Operators     []ledger.Operator
	Changed       *service.ReleaseError
	Held          []heldLine
}

// payoutOf is the payout that a request's path names.
func payoutOf(r *http.Request) ledger.TransactionID {
	return ledger.TransactionID(r.PathValue("payout"))
}

// showCorrect shows the form with the terms as they are.
func (s *server) showCorrect(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Service().PrepareResolve(r.Context(), batchOf(r), payoutOf(r))
	if err != nil {
		return err
	}
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	page := s.correctPage(service.Amendment{Batch: b, Payout: p}, service.Mended{
		Number: p.Number.National().Reveal(), Name: p.Name, Operator: string(p.Operator), Amount: p.Amount.Plain(),
	})
	return s.render(w, r, "correct", page)
}

func (s *server) correctPage(a service.Amendment, typed service.Mended) correctPage {
	page := correctPage{
		Amendment: a, Typed: typed, Back: batchPath(a.Batch.ID, "/payouts?show=failed"),
		Path: batchPath(a.Batch.ID, "/payouts/"+url.PathEscape(string(a.Payout.ID))+"/correct"),
	}
	page.Operators = s.Service().Operators()
	return page
}

// correct checks what was written, shows it beside what was, and carries it out once that is
// confirmed.
func (s *server) correct(w http.ResponseWriter, r *http.Request) error {
	typed := service.Mended{
		Number: r.PostFormValue("number"), Name: r.PostFormValue("name"), Operator: r.PostFormValue("operator"), Amount: r.PostFormValue("amount"),
	}
	if r.PostFormValue("confirm") != "yes" {
		a, err := s.Service().PrepareAmend(r.Context(), batchOf(r), payoutOf(r), typed)
		if err != nil {
			return err
		}
		return s.showCorrection(w, r, a, typed, nil, nil)
	}
	b, err := s.opened(r)
	if err != nil {
		return err
	}
	confirmed, err := confirmedOf(r, b.Currency)
	if err != nil {
		return err
	}
	to := s.Service()
	var a service.Amendment
	var done retry.Corrected
	err = s.between(r.Context(), func() error {
		var err error
		if a, err = to.PrepareAmend(r.Context(), b.ID, payoutOf(r), typed); err != nil || !a.Allowed() {
			return err
		}
		if a.Released() != confirmed.Total {
			return &service.ReleaseError{Batch: b.ID, Confirmed: confirmed.Total, Found: a.Released()}
		}
		done, err = to.Amend(r.Context(), s.actor(r), a)
		return err
	})
	switch {
	case errors.Is(err, clearance.ErrUnapproved):
		s.redirect(w, r, batchPath(b.ID, "/approval"))
		return nil
	case err != nil && !errors.Is(err, service.ErrNotAsConfirmed):
		return err
	case err != nil, !a.Allowed(), len(done.Held) > 0:
		return s.showCorrection(w, r, a, typed, err, done.Held)
	}
	s.Payroll.Wake(b.ID)
	s.done(w, r, batchPath(b.ID, ""), "corrected")
	return nil
}

// showCorrection shows what was written, with what is wrong with it, or beside what was.
func (s *server) showCorrection(w http.ResponseWriter, r *http.Request, a service.Amendment, typed service.Mended, refused error, held []retry.Held) error {
	page := s.correctPage(a, typed)
	page.Checked = a.Allowed() && len(held) == 0
	words := s.words(r)
	for _, p := range a.Problems {
		message, hint := wordProblem(words, finding(p))
		one := reason{message, hint, p.Code}
		if p.Severity == "error" {
			page.Wrong = append(page.Wrong, one)
		} else {
			page.Warned = append(page.Warned, one)
		}
	}
	page.Changed, _ = isA[*service.ReleaseError](refused)
	page.Held = s.heldLines(r, held)
	status := http.StatusOK
	if !page.Checked || refused != nil {
		status = http.StatusUnprocessableEntity
	}
	return s.renderAs(w, r, status, "correct", page)
}
