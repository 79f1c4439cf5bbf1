package service

import (
	"context"
	"errors"
	"fmt"
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

// VerifyEvidence checks a folder of evidence without a ledger, and what was handed out
// before against it. Errors are those of audit.Verify.
func VerifyEvidence(ctx context.Context, folder string, past []PastHead) (audit.Result, error) {
	return audit.Verify(ctx, folder, audit.Known{Past: past})
}
