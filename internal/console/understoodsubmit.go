package console

import (
	"errors"
	"net/http"
	"strconv"

	"payrun/batch/inbox"
	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// submit enters a file as its batch, if it comes to what its maker saw. Nothing of it is released.
func (s *server) submit(w http.ResponseWriter, r *http.Request) error {
	up, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	count, countErr := strconv.Atoi(r.PostFormValue("count"))
	total, totalErr := strconv.ParseInt(r.PostFormValue("total"), 10, 64)
	corrections, correctionsErr := strconv.Atoi(r.PostFormValue("corrections"))
	if errors.Join(countErr, totalErr, correctionsErr) != nil {
		return errRequest
	}
	to := s.Service()
	file, err := to.OpenRead(s.inbox.Content(up), readingOf(up))
	if err != nil {
		return err
	}
	defer file.Close()     //nolint:errcheck // only read
	s.checks.forget(up.ID) // whatever comes of it, the ledger may have moved on
	checked, err := to.Check(r.Context(), file, checkingOf(up))
	if err != nil {
		return err
	}
	toPay := checked.ToPay()
	if checked.Verdict(up.SkipInvalid) != service.Payable || toPay.Count != count || toPay.Amount.Minor != total || len(checked.Corrections) != corrections {
		return s.showChanged(w, r, up)
	}
	if err := to.Admissible(r.Context(), checked); err != nil {
		if httpapi.CodeOf(err) == "internal" {
			return err
		}
		return s.showChanged(w, r, up)
	}
	if err := s.bringIn(r, to, up, checked); err != nil {
		return err
	}
	if len(up.Columns) > 0 {
		if _, err := to.RememberColumns(file, up.Name); err != nil {
			s.Log.Warn().Err(err).Msg("the choice of columns is not kept for the next file")
		}
	}
	s.done(w, r, batchPath(up.Batch, ""), "submitted")
	return nil
}

// showChanged shows what a file comes to now, which is not what its maker saw.
func (s *server) showChanged(w http.ResponseWriter, r *http.Request, up inbox.Upload) error {
	found, err := s.understand(r.Context(), up)
	if err != nil {
		return err
	}
	return s.understoodPage(w, r, http.StatusConflict, up, found, true)
}

// bringIn makes the rows durable, and keeps the file. Rows that enter a known batch come in between
// payments, and so does what asks the provider first.
func (s *server) bringIn(r *http.Request, to *service.Service, up inbox.Upload, checked *service.Checked) error {
	ctx := r.Context()
	enter := func() error {
		if _, _, err := to.BringIn(ctx, s.actor(r), checked, up.Name); err != nil {
			return err
		}
		return s.inbox.Keep(up)
	}
	switch _, err := s.Store.Batch(ctx, up.Batch); {
	case errors.Is(err, ledger.ErrNotFound):
		return s.change(ctx, enter)
	case err != nil:
		return err
	}
	return s.between(ctx, enter)
}
