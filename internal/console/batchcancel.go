package console

import (
	"net/http"
	"strconv"

	"payrun/ledger"
)

// cancelPage shows what of a batch can be withdrawn.
type cancelPage struct {
	Batch ledger.Batch
	Path  string
	Never ledger.Total
	// Sent and Elsewhere are queued, and stay.
	Sent, Elsewhere int
	// Steps lead on where nothing can be withdrawn.
	Steps []step
	// Changed is set if something else was confirmed.
	Changed bool
}

// showCancel shows what would be withdrawn.
func (s *server) showCancel(w http.ResponseWriter, r *http.Request) error {
	return s.cancelPage(w, r, http.StatusOK, false)
}

func (s *server) cancelPage(w http.ResponseWriter, r *http.Request, status int, changed bool) error {
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	found, err := s.Service().PrepareCancel(r.Context(), b.ID)
	if err != nil {
		return err
	}
	page := cancelPage{Batch: b, Path: batchPath(b.ID, ""), Never: found.Total(), Sent: len(found.Sent), Elsewhere: len(found.Elsewhere), Changed: changed}
	if page.Never.Count == 0 {
		if page.Steps, err = s.stepsOf(r, b.ID, "/cancel"); err != nil {
			return err
		}
	}
	return s.renderAs(w, r, status, "cancel", page)
}

// cancel withdraws what was never sent, if it is as much as its maker saw, or less: what was sent
// meanwhile stays.
func (s *server) cancel(w http.ResponseWriter, r *http.Request) error {
	count, err := strconv.Atoi(r.PostFormValue("count"))
	if err != nil {
		return errRequest
	}
	id, to := batchOf(r), s.Service()
	var more bool
	err = s.between(r.Context(), func() error {
		found, err := to.PrepareCancel(r.Context(), id)
		if err != nil {
			return err
		}
		if more = len(found.Never) > count; more {
			return nil
		}
		_, err = to.Cancel(r.Context(), s.actor(r), id)
		return err
	})
	switch {
	case err != nil:
		return err
	case more:
		return s.cancelPage(w, r, http.StatusConflict, true)
	}
	s.done(w, r, batchPath(id, ""), "withdrawn")
	return nil
}
