package console

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"payrun/batch/audit"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/internal/fsx"
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
	}{b, evidenceName(b)})
}

// evidenceName is the folder's name on the machine of whoever keeps it.
func evidenceName(b ledger.Batch) string { return string(b.ID) + "-evidence" }

// evidence answers with the folder that payrun evidence writes, as an archive. It is written
// and verified whole first: half of it would be evidence of nothing.
func (s *server) evidence(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	place, err := os.MkdirTemp(s.Files, "evidence-*")
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	defer os.RemoveAll(place) //nolint:errcheck // what is left is removed at the next start
	folder := filepath.Join(place, evidenceName(b))
	if err := s.writeEvidence(r, b, folder); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", attachment(evidenceName(b)+".zip"))
	if err := archive(w, place); err != nil {
		s.Log.Warn().Err(err).Str("batch", string(b.ID)).Msg("an archive of evidence broke off")
		panic(http.ErrAbortHandler) // what was sent must not look whole
	}
	return nil
}

// writeEvidence writes the folder, with the file that was brought in if it is still here. While
// the ledger goes on it is begun anew.
func (s *server) writeEvidence(r *http.Request, b ledger.Batch, folder string) error {
	o := service.EvidenceOptions{
		Folder: folder, Place: s.Files, French: visitorOf(r).Language == catalogue.French, Version: s.Version,
	}
	if kept := filepath.Join(s.Files, b.SHA256); b.SHA256 != "" && !fsx.Missing(kept) {
		o.File = kept
	}
	const tries = 3
	var err error
	for range tries {
		if _, err = s.Service().Evidence(r.Context(), b.ID, o); !errors.Is(err, audit.ErrMoved) {
			return err
		}
	}
	return errMoved
}

// archive writes a folder as a zip, with the times of now.
func archive(w io.Writer, root string) error {
	archived := zip.NewWriter(w)
	now := time.Now()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		to, err := archived.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now})
		if err != nil {
			return err
		}
		from, err := os.Open(filepath.Join(root, filepath.FromSlash(name))) //nolint:gosec // a file that was just written there
		if err != nil {
			return err
		}
		defer from.Close() //nolint:errcheck // only read
		_, err = io.Copy(to, from)
		return err
	})
	return errors.Join(err, archived.Close())
}
