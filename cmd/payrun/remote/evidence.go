package remote

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"payrun/batch/approval"
	"payrun/batch/audit"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// Evidence fetches the evidence about a batch, writes it as a folder and returns what verifying it
// here found. Errors are those of service.UnpackEvidence.
func (d *Desk) Evidence(ctx context.Context, id ledger.BatchID, folder string) (_ audit.Result, err error) {
	if !fsx.Missing(folder) {
		return audit.Result{}, fmt.Errorf("%s: %w", folder, audit.ErrTaken)
	}
	body, err := d.Client.Evidence(ctx, id)
	if err != nil {
		return audit.Result{}, d.word(ctx, id, err)
	}
	defer body.Close() //nolint:errcheck // only read
	archive, err := os.CreateTemp("", "payrun-evidence-*")
	if err != nil {
		return audit.Result{}, err
	}
	defer func() { err = errors.Join(err, archive.Close(), os.Remove(archive.Name())) }()
	size, err := io.Copy(archive, body)
	if err != nil {
		return audit.Result{}, fmt.Errorf("fetch the evidence: %w", err)
	}
	return service.UnpackEvidence(ctx, archive, size, folder)
}

// Export writes everything that the server's ledger has, as JSON lines.
func (d *Desk) Export(ctx context.Context, to io.Writer) error {
	body, err := d.Client.Export(ctx)
	if err != nil {
		return d.word(ctx, "", err)
	}
	_, err = io.Copy(to, body)
	return errors.Join(err, body.Close())
}

// ErrOtherList is returned where a server's list of payouts is not the one that the content names.
var ErrOtherList = errors.New("the server's list of payouts is not the one that the text names")

// List writes the list of payouts that a content names by its digest, which is computed here: it is
// that one, or ErrOtherList.
func (d *Desk) List(ctx context.Context, s clearance.Standing, to io.Writer) error {
	body, err := d.ApprovalList(ctx, s.Batch.ID)
	if err != nil {
		return d.word(ctx, s.Batch.ID, err)
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(to, sum), body)
	if err := errors.Join(err, body.Close()); err != nil {
		return err
	}
	if s.Content == nil || approval.Digest(sum.Sum(nil)) != s.Content.List {
		return ErrOtherList
	}
	return nil
}
