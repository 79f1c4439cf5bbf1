package service

import (
	"context"
	"errors"
	"fmt"

	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/reports"
)

// Reporting says where the reports of a batch go, and how they are written.
type Reporting struct {
	Folder string
	reports.Options
}

// Report writes the reports of a batch as the ledger has it, with the head of the audit
// log, signed if the anchors have a key. It needs the ledger alone.
func (s *Service) Report(ctx context.Context, b ledger.Batch, r Reporting) (reports.Written, error) {
	header, err := s.header(ctx, b)
	if err != nil {
		return reports.Written{}, err
	}
	return reports.Write(ctx, r.Folder, s.config.Ledger, header, r.Options)
}

// RenderReport writes reports of a batch as Report does, each to a writer. What was written
// is a whole report only if the error is nil. It needs the ledger alone.
func (s *Service) RenderReport(ctx context.Context, b ledger.Batch, o reports.Options, outputs ...reports.Output) error {
	header, err := s.header(ctx, b)
	if err != nil {
		return err
	}
	_, err = reports.Render(ctx, s.config.Ledger, header, o, outputs...)
	return err
}

// Reported is a batch's result, and its reports.
type Reported struct {
	reports.Written
	// Unwritten is why the reports were not written, nil if they were written.
	Unwritten error
}

// TryReport is Report where it changes nothing about what was paid that no report can be
// written: the summary is there all the same. The error is of a batch that cannot be
// counted.
func (s *Service) TryReport(ctx context.Context, b ledger.Batch, r Reporting) (Reported, error) {
	written, unwritten := s.Report(ctx, b, r)
	if unwritten == nil || errors.Is(unwritten, reports.ErrDoesNotAddUp) {
		return Reported{Written: written}, unwritten
	}
	var err error
	if written.Summary, err = reports.Render(ctx, s.config.Ledger, headerOf(b), reports.Options{}); err != nil {
		return Reported{}, errors.Join(unwritten, err)
	}
	return Reported{Written: written, Unwritten: unwritten}, nil
}

func headerOf(b ledger.Batch) reports.Header {
	return reports.Header{
		Batch: b.ID, File: b.File, SHA256: b.SHA256, Environment: b.Account.Place, Currency: b.Currency, CreatedAt: b.CreatedAt,
	}
}

// header is headerOf with where the audit log stands.
func (s *Service) header(ctx context.Context, b ledger.Batch) (reports.Header, error) {
	header := headerOf(b)
	var err error
	if header.Events, header.Head, err = s.config.Ledger.Head(ctx); err != nil {
		return header, fmt.Errorf("read the audit log: %w", err)
	}
	header.Checkpoint, header.CheckpointKey = s.checkpoint(ctx, anchor.Head{Events: header.Events, Hash: header.Head})
	return header, nil
}

// checkpoint signs the head of the audit log with the key that lies with the anchors.
// Without a key, which a folder that cannot be written does not get, a report says
// what the head is all the same; that it cannot be signed is no reason to have none.
func (s *Service) checkpoint(ctx context.Context, head anchor.Head) (signed, public string) {
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil || head.Events == 0 || s.config.Anchors == nil {
		return "", ""
	}
	key, err := s.config.Anchors.Key()
	if err == nil {
		signed, err = key.Sign(identity.ID, head)
	}
	if err != nil {
		s.config.Log.Debug().Err(err).Msg("the report has no signed checkpoint")
		return "", ""
	}
	return signed, key.Public()
}
