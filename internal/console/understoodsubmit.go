package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"payrun/batch/inbox"
	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// submit enters a file as its batch, if it comes to what its maker saw. Nothing of it is released. It
// goes on beside the request: whoever waits longer than a moment is shown how far it is.
func (s *server) submit(w http.ResponseWriter, r *http.Request) error {
	one, err := s.beginSubmission(r)
	if err != nil {
		return err
	}
	timer := time.NewTimer(s.Limits.Patience)
	defer timer.Stop()
	switch err := one.wait(r.Context(), timer.C); {
	case err == nil:
		s.done(w, r, batchPath(one.of.Batch, ""), "submitted")
		return nil
	case errors.Is(err, errNotYet):
		s.redirect(w, r, uploadPath(one.of, ""))
		return nil
	case errors.Is(err, errChanged):
		return s.showChanged(w, r, one.of)
	default:
		return err
	}
}

// beginSubmission submits the file that a request names, by whoever asks; one that is on its way, or was
// entered, is not submitted twice.
func (s *server) beginSubmission(r *http.Request) (*submitting, error) {
	up, err := s.uploadOf(r)
	if one := s.submissionOf(r); errors.Is(err, errNowhere) && one != nil && !one.failed() {
		return one, nil
	}
	if err != nil {
		return nil, err
	}
	count, countErr := strconv.Atoi(r.PostFormValue("count"))
	total, totalErr := strconv.ParseInt(r.PostFormValue("total"), 10, 64)
	corrections, correctionsErr := strconv.Atoi(r.PostFormValue("corrections"))
	if errors.Join(countErr, totalErr, correctionsErr) != nil {
		return nil, errRequest
	}
	rows := s.checks.forget(up.ID) // whatever comes of it, the ledger may have moved on
	return s.submits.begin(up, s.actor(r), seen{count, total, corrections}, rows), nil
}

// submissionOf is the submission of the visitor's file that a request's path names, nil for none.
func (s *server) submissionOf(r *http.Request) *submitting {
	return s.submits.of(r.PathValue("upload"), visitorOf(r).Person)
}

// showSubmission shows how far a file is on its way into its batch, or leads there.
func (s *server) showSubmission(w http.ResponseWriter, r *http.Request, one *submitting) error {
	if one.ended() {
		s.done(w, r, batchPath(one.of.Batch, ""), "submitted")
		return nil
	}
	return s.render(w, r, "underway", underwayPage{
		Upload: one.of, Path: uploadPath(one.of, ""), Title: "console.submitting.title", Share: "console.submitting.progress", Hint: "console.submitting.hint",
		Figures: one.figures(s.words(r)),
	})
}

// enter checks a file once more, and makes it its batch if it comes to what was seen; errChanged if not.
func (s *server) enter(ctx context.Context, one *submitting) error {
	up, to := one.of, s.Service()
	defer s.checks.forget(up.ID) // whatever was read meanwhile
	file, err := to.OpenRead(s.inbox.Content(up), readingOf(up))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	checking := checkingOf(up)
	checking.Read = &one.read
	one.enters(submitChecks)
	checked, err := to.Check(ctx, file, checking)
	if err != nil {
		return err
	}
	if checked.Verdict(up.SkipInvalid) != service.Payable || !one.seen.is(checked) {
		return errChanged
	}
	if err := to.Admissible(ctx, checked); err != nil {
		if httpapi.CodeOf(err) == "internal" {
			return err
		}
		return errChanged
	}
	one.rows.Store(one.read.Load())
	one.read.Store(0)
	if err := s.bringIn(ctx, one, to, checked); err != nil {
		return err
	}
	if len(up.Columns) > 0 {
		if _, err := to.RememberColumns(file, up.Name); err != nil {
			s.Log.Warn().Err(err).Msg("the choice of columns is not kept for the next file")
		}
	}
	return nil
}

// is reports whether a checked file comes to that.
func (v seen) is(c *service.Checked) bool {
	toPay := c.ToPay()
	return toPay.Count == v.count && toPay.Amount.Minor == v.total && len(c.Corrections) == v.corrections
}

// showChanged shows what a file comes to now, which is not what its maker saw. Where it takes long to read
// that, its page does.
func (s *server) showChanged(w http.ResponseWriter, r *http.Request, up inbox.Upload) error {
	found, err := s.soon(r.Context(), up)
	if errors.Is(err, errNotYet) {
		s.redirect(w, r, uploadPath(up, ""))
		return nil
	}
	if err != nil {
		return err
	}
	return s.understoodPage(w, r, http.StatusConflict, up, found, errChanged)
}

// bringIn makes the rows durable, and keeps the file. Rows that enter a known batch come in between
// payments, and so does what asks the provider first.
func (s *server) bringIn(ctx context.Context, one *submitting, to *service.Service, checked *service.Checked) error {
	enter := func() error {
		one.enters(submitEnters)
		if _, _, err := to.BringIn(ctx, one.by, checked, one.of.Name); err != nil {
			return err
		}
		return s.inbox.Keep(one.of)
	}
	one.enters(submitQueues)
	switch _, err := s.Store.Batch(ctx, one.of.Batch); {
	case errors.Is(err, ledger.ErrNotFound):
		return s.change(ctx, enter)
	case err != nil:
		return err
	}
	return s.between(ctx, enter)
}
