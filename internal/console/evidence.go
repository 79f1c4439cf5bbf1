package console

import (
	"errors"
	"fmt"
	"net/http"
	"os"

	"payrun/batch/audit"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

// showEvidence says what the evidence about a batch is, and how it is checked.
func (s *server) showEvidence(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	return s.render(w, r, "evidence", struct {
		Batch  ledger.Batch
		Folder string
	}{b, service.EvidenceName(b.ID)})
}

// evidence answers with the folder that payrun evidence writes, as an archive. It is written and
// verified whole first: half of it would be evidence of nothing.
func (s *server) evidence(w http.ResponseWriter, r *http.Request) error {
	file, err := s.scratch("evidence-*")
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read by then
	id := batchOf(r)
	err = s.Service().PackEvidence(r.Context(), id, service.EvidenceOptions{
		Place: s.Files, French: visitorOf(r).Language == catalogue.French, Version: s.Version,
	}, file)
	if errors.Is(err, audit.ErrMoved) {
		return errMoved
	}
	if err != nil {
		return err
	}
	return sendFile(w, file, service.EvidenceName(id)+".zip", "application/zip")
}

// scratch is a file that lives as long as it is open; where that cannot be, until the next start.
func (s *server) scratch(pattern string) (*os.File, error) {
	file, err := os.CreateTemp(s.Files, pattern)
	if err == nil {
		_ = os.Remove(file.Name())
	}
	return file, err
}
