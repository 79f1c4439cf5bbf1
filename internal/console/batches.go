package console

import (
	"net/http"
	"slices"

	"payrun/ledger"
)

// batchRoutes are those of files and batches.
func (s *server) batchRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/batches", nav: "console.nav.batches", serve: s.batches},
	}
}

// batches lists the batches, the newest first.
func (s *server) batches(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Batches(r.Context())
	if err != nil {
		return err
	}
	slices.Reverse(all)
	return s.render(w, r, "batches", struct{ Batches []ledger.Batch }{all})
}
