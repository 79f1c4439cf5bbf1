package httpapi

import (
	"io"
	"net/http"

	"payrun/batch/access"
)

// healthy answers as long as the process can answer at all.
func (s *server) healthy(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok\n") }

// ready answers whether calls can be served now.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.Ready(r.Context()); err != nil {
		s.Log.Warn().Err(err).Msg("not ready")
		say(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	say(w, http.StatusOK, "ready\n")
}

// measured serves the measurements to whose token is for them: they tell what a company
// pays.
func (s *server) measured(w http.ResponseWriter, r *http.Request) {
	if _, p := s.admit(r, access.Metrics); p != nil {
		s.tell(w, r, p)
		return
	}
	s.Metrics.ServeHTTP(w, r)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // whoever asked may have gone
}
