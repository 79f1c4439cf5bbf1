package console

import (
	"net/http"
	"net/url"
	"strings"

	"payrun/batch/service"
	"payrun/ledger"
)

// resolvePage asks what a person saw at the provider about a payout.
type resolvePage struct {
	Batch      ledger.Batch
	Path, Back string
	Line       payoutLine
	// Because is the reason in the form; Missing is set if it says too little, or not what was seen.
	Because string
	Missing bool
}

// showResolve shows the payout with all its attempts, to be looked up by a person.
func (s *server) showResolve(w http.ResponseWriter, r *http.Request) error {
	return s.resolvePage(w, r, http.StatusOK, "", false)
}

func (s *server) resolvePage(w http.ResponseWriter, r *http.Request, status int, because string, missing bool) error {
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	p, err := s.Service().PrepareResolve(r.Context(), b.ID, payoutOf(r))
	if err == nil {
		err = service.Resolvable(p)
	}
	if err != nil {
		return err
	}
	line := s.payoutLine(r, payoutList{Batch: b, Reveals: true}, p)
	return s.renderAs(w, r, status, "resolve", resolvePage{
		Batch: b, Path: batchPath(b.ID, "/payouts/"+url.PathEscape(string(p.ID))+"/resolve"), Back: batchPath(b.ID, "/payouts"),
		Line: line, Because: because, Missing: missing,
	})
}

// resolve records what they saw.
func (s *server) resolve(w http.ResponseWriter, r *http.Request) error {
	const shortest, longest = 3, 1000
	because, paid := strings.TrimSpace(r.PostFormValue("because")), r.PostFormValue("paid")
	if count := len([]rune(because)); count < shortest || count > longest || (paid != "yes" && paid != "no") {
		return s.resolvePage(w, r, http.StatusUnprocessableEntity, because, true)
	}
	id, to := batchOf(r), s.Service()
	err := s.between(r.Context(), func() error {
		p, err := to.PrepareResolve(r.Context(), id, payoutOf(r))
		if err != nil {
			return err
		}
		_, err = to.Resolve(r.Context(), s.actor(r), p, service.Seen{Paid: paid == "yes", Because: because})
		return err
	})
	if err != nil {
		return err
	}
	s.done(w, r, batchPath(id, ""), "resolved")
	return nil
}
