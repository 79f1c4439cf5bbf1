package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"payrun/batch/audit"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/anchor"
)

// EvidenceOptions say what evidence about a batch is written, and where.
type EvidenceOptions struct {
	// Folder is the folder to make.
	Folder string
	// File is the file that was accepted, where a person names it; it has to be that one.
	// Otherwise it is looked for by its name in the folder Place, and may be missing.
	File, Place string
	// French chooses the language of the page and the workbook among the reports.
	French bool
	// Version is that of payrun.
	Version string
}

// ErrOtherCopy matches every *OtherCopyError.
var ErrOtherCopy = errors.New("it is not the file that was accepted")

// OtherCopyError says that a file is not the one of which a batch was made.
type OtherCopyError struct {
	Path, SHA256 string
	Batch        ledger.Batch
}

func (e *OtherCopyError) Error() string {
	return fmt.Sprintf("%s: %v as batch %q: its SHA-256 is %s, not %s", e.Path, ErrOtherCopy, e.Batch.ID, e.SHA256, e.Batch.SHA256)
}

// Is makes errors.Is(err, ErrOtherCopy) hold.
func (e *OtherCopyError) Is(target error) bool { return target == ErrOtherCopy }

// Evidence writes the evidence about a batch into a folder, and returns what verifying it
// found; it is signed if the anchors have a key. It needs the ledger alone, at one moment:
// an error that wraps audit.ErrMoved says that it went on meanwhile. Errors are those of
// audit.Export, and an *OtherCopyError.
func (s *Service) Evidence(ctx context.Context, id ledger.BatchID, o EvidenceOptions) (audit.Result, error) {
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return audit.Result{}, err
	}
	files := []string{filepath.Join(o.Place, b.File)}
	if o.File != "" {
		files = []string{o.File}
		digest, err := fsx.SHA256(o.File)
		if err != nil {
			return audit.Result{}, err
		}
		if digest != b.SHA256 {
			return audit.Result{}, &OtherCopyError{Path: o.File, SHA256: digest, Batch: b}
		}
	}
	header, err := s.header(ctx, b)
	if err != nil {
		return audit.Result{}, err
	}
	var key *anchor.Key
	if header.Checkpoint != "" {
		if key, err = s.config.Anchors.Key(); err != nil {
			return audit.Result{}, err
		}
	}
	return audit.Export(ctx, s.config.Ledger, audit.Options{
		Folder: o.Folder, Batch: b, Header: header, Key: key, Files: files,
		French: o.French, Version: o.Version, MadeAt: s.now(),
	})
}

// EvidenceName is the name of the folder that an archive of evidence has.
func EvidenceName(id ledger.BatchID) string { return string(id) + "-evidence" }

// PackEvidence writes Evidence as a zip archive, for whoever fetches it. The folder is made, and
// removed, in o.Place; the file that was accepted is put into it if it is kept there under its
// SHA-256. While the ledger goes on it is begun anew, a few times. What was written is an archive
// only if the error is nil.
func (s *Service) PackEvidence(ctx context.Context, id ledger.BatchID, o EvidenceOptions, to io.Writer) error {
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return err
	}
	if kept := filepath.Join(o.Place, b.SHA256); b.SHA256 != "" && !fsx.Missing(kept) {
		o.File = kept
	}
	place, err := os.MkdirTemp(o.Place, "evidence-*")
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	defer os.RemoveAll(place) //nolint:errcheck // what a process that was killed leaves is removed at its next start
	o.Folder = filepath.Join(place, EvidenceName(id))
	const tries = 3
	for range tries {
		if _, err = s.Evidence(ctx, id, o); !errors.Is(err, audit.ErrMoved) {
			break
		}
	}
	if err != nil {
		return err
	}
	return audit.Pack(to, o.Folder, EvidenceName(id))
}

// UnpackEvidence writes the folder that an archive of PackEvidence has, of so many bytes, and
// returns what verifying it found. Errors are those of audit.Unpack.
func UnpackEvidence(ctx context.Context, archive io.ReaderAt, size int64, folder string) (audit.Result, error) {
	return audit.Unpack(ctx, archive, size, folder)
}

// VerifyEvidence checks a folder of evidence without a ledger, and what was handed out
// before against it. Errors are those of audit.Verify.
func VerifyEvidence(ctx context.Context, folder string, past []PastHead) (audit.Result, error) {
	return audit.Verify(ctx, folder, audit.Known{Past: past})
}
