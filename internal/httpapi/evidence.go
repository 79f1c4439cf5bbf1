package httpapi

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

//nolint:gochecknoglobals // a value that nothing writes to
var evidenceArchive = download{contentType: "application/zip"}

func evidenceDescribed(op *huma.Operation) {
	evidenceArchive.described("The folder that payrun evidence writes, as an archive.", binary())(op)
}

// evidence answers with the folder that payrun evidence writes, as an archive. It is written and
// verified whole first: half of it would be evidence of nothing.
func (s *server) evidence(ctx context.Context, in *BatchPath) (*huma.StreamResponse, error) {
	id := ledger.BatchID(in.ID)
	archive := evidenceArchive
	archive.name = service.EvidenceName(id) + ".zip"
	answer, err := s.whole(archive, func(to io.Writer, _ *download) error {
		return s.Service().PackEvidence(ctx, id, service.EvidenceOptions{
			Place: s.Files, French: languageOf(ctx) == catalogue.French, Version: s.Version,
		}, to)
	})
	return answer, s.problem(ctx, err)
}

//nolint:gochecknoglobals // a value that nothing writes to
var exported = download{name: "ledger.jsonl", contentType: "application/jsonl"}

func exportDescribed(op *huma.Operation) {
	exported.described("One object a line; its kind is batch, payout, rejected or event. It breaks off if it cannot be written to its end.", binary())(op)
}

// copiesMax bounds the exports that are under way: each may take a copy of the ledger.
const copiesMax = 2

// export answers with everything that the ledger has, as it stands now. It may be long, and goes out
// as it is read: one that breaks off is cut off, so that it does not look whole.
func (s *server) export(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	if !s.copies.TryAcquire(1) {
		return nil, problemOf(ctx, codeBusy, "others are exporting the ledger")
	}
	store, done, err := s.Moment(ctx)
	if err != nil {
		s.copies.Release(1)
		return nil, s.problem(ctx, err)
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		defer s.copies.Release(1)
		defer done()
		exported.head(to)
		if err := service.New(service.Config{Ledger: store}).Export(ctx, s.steady(to)); err != nil {
			s.Log.Warn().Err(err).Msg("an export broke off")
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
