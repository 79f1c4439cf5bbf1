package console

import (
	"errors"
	"net/http"

	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
)

// retryShown is how many payouts the page of a retry names one by one.
const retryShown = 500

// retryPage shows which payouts would be tried again, for a person to confirm.
type retryPage struct {
	service.Retriable

	Path string
	// Lines are the chosen, Hidden counts those that are not named.
	Lines  []payoutLine
	Hidden int
	// LeftOut are those that failed and are not tried again, each kind with why.
	LeftOut []leftOut
	// Only are the ids that were asked for, none for all.
	Only []ledger.TransactionID
	// Changed and Short are as in payPage; Held were held back by the provider's word.
	Changed *service.ReleaseError
	Short   *service.ShortfallError
	Held    []heldLine
}

// leftOut is a kind of payouts that are not tried again.
type leftOut struct {
	// Words is the key of why.
	Words string
	Lines []payoutLine
}

// heldLine is a payout that was held back.
type heldLine struct {
	ledger.Payout

	Why string
}

// retryChoice is a link's or a form's choice of whom to try again.
func retryChoice(r *http.Request) (retry.Choice, error) {
	if err := r.ParseForm(); err != nil {
		return retry.Choice{}, err
	}
	var choice retry.Choice
	for _, id := range r.Form["only"] {
		choice.Only = append(choice.Only, ledger.TransactionID(id))
	}
	return choice, nil
}

// showRetry shows who would be paid, how much, and why they were not.
func (s *server) showRetry(w http.ResponseWriter, r *http.Request) error {
	return s.retryPage(w, r, http.StatusOK, nil, nil)
}

func (s *server) retryPage(w http.ResponseWriter, r *http.Request, status int, refused error, held []retry.Held) error {
	choice, err := retryChoice(r)
	if err != nil {
		return err
	}
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	found, err := s.Service().PrepareRetry(r.Context(), b, choice)
	if err != nil {
		return err
	}
	page := retryPage{Retriable: found, Path: batchPath(b.ID, ""), Only: choice.Only}
	list := payoutList{Batch: b}
	lines := func(payouts []ledger.Payout) []payoutLine {
		var all []payoutLine
		for _, p := range payouts[:min(len(payouts), retryShown)] {
			all = append(all, s.payoutLine(r, list, p))
		}
		return all
	}
	page.Lines, page.Hidden = lines(found.Chosen), max(0, len(found.Chosen)-retryShown)
	var since []ledger.Payout
	for _, one := range found.PaidSince {
		since = append(since, one.Payout)
	}
	for _, kind := range []struct {
		words   string
		payouts []ledger.Payout
	}{
		{"console.retry.removed", found.Removed},
		{"console.retry.corrected", found.Corrected},
		{"console.retry.unresolved", found.Unresolved},
		{"console.retry.paid_since", since},
		{"console.retry.sent", found.Sent},
	} {
		if len(kind.payouts) > 0 {
			page.LeftOut = append(page.LeftOut, leftOut{kind.words, lines(kind.payouts)})
		}
	}
	page.Changed, _ = isA[*service.ReleaseError](refused)
	page.Short, _ = isA[*service.ShortfallError](refused)
	page.Held = s.heldLines(r, held)
	return s.renderAs(w, r, status, "retry", page)
}

// heldLines words why payouts were held back.
func (s *server) heldLines(r *http.Request, held []retry.Held) []heldLine {
	words := s.words(r)
	var all []heldLine
	for _, h := range held {
		all = append(all, heldLine{h.Payout, words.Text("console.held."+string(h.Code), "when", shown(h.Until))})
	}
	return all
}

// retry gives what failed a new attempt, as it was confirmed, and has it paid.
func (s *server) retry(w http.ResponseWriter, r *http.Request) error {
	choice, err := retryChoice(r)
	if err != nil {
		return err
	}
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	confirmed, err := confirmedOf(r, b.Currency)
	if err != nil {
		return err
	}
	var done retry.Retried
	err = s.between(r.Context(), func() (err error) {
		done, err = s.Service().ConfirmRetry(r.Context(), s.actor(r), b.ID, choice, confirmed)
		return err
	})
	if err == nil {
		s.Payroll.Wake(b.ID)
	}
	_, short := isA[*service.ShortfallError](err)
	switch {
	case err == nil && len(done.Held) > 0:
		return s.retryPage(w, r, http.StatusOK, nil, done.Held)
	case err == nil:
		s.done(w, r, batchPath(b.ID, ""), "retried")
		return nil
	case errors.Is(err, service.ErrNotAsConfirmed), short:
		return s.retryPage(w, r, http.StatusConflict, err, nil)
	case errors.Is(err, clearance.ErrUnapproved):
		s.redirect(w, r, batchPath(b.ID, "/approval"))
		return nil
	default:
		return err
	}
}
