package httpapi

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/reports"
)

// format is one of those of reports.
type format struct {
	// Ending of the file's name, and of the call's.
	ending, name, contentType string
}

func formats() []format {
	return []format{
		{"json", reports.FormatJSON, "application/json"},
		{"csv", reports.FormatCSV, "text/csv; charset=utf-8"},
		{"xlsx", reports.FormatXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"html", reports.FormatHTML, "text/html; charset=utf-8"},
		{"journal.csv", reports.FormatJournal, "text/csv; charset=utf-8"},
	}
}

// documented describes the answer.
func (f format) documented(op *huma.Operation) {
	schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	if f.name == reports.FormatJSON {
		schema = &huma.Schema{Type: huma.TypeObject, Description: "The report that payrun report writes as JSON."}
	}
	op.Responses["200"] = &huma.Response{
		Description: "The report, whole.", Content: map[string]*huma.MediaType{f.contentType: {Schema: schema}},
	}
}

// reportAs answers with a batch's report. It is written to its end first: half of one would
// look like a whole one.
func (s *server) reportAs(f format) func(context.Context, *BatchPath) (*huma.StreamResponse, error) {
	return func(ctx context.Context, in *BatchPath) (*huma.StreamResponse, error) {
		file, err := os.CreateTemp(s.Files, "report-*")
		if err != nil {
			return nil, s.problem(ctx, fmt.Errorf("write the report: %w", err))
		}
		_ = os.Remove(file.Name()) // it lives as long as it is open; where that cannot be, until the next start
		size, err := s.render(ctx, file, f, ledger.BatchID(in.ID))
		if err != nil {
			_ = file.Close() // of no use
			return nil, s.problem(ctx, err)
		}
		return &huma.StreamResponse{Body: func(to huma.Context) {
			defer file.Close() //nolint:errcheck // only read by now
			to.SetHeader("Content-Type", f.contentType)
			to.SetHeader("Content-Length", strconv.FormatInt(size, 10))
			to.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", in.ID+"."+f.ending))
			_, _ = io.Copy(to.BodyWriter(), file) // whoever asked may have gone
		}}, nil
	}
}

// render writes the report into a file and returns to its beginning.
func (s *server) render(ctx context.Context, file *os.File, f format, id ledger.BatchID) (int64, error) {
	b, err := s.Store.Batch(ctx, id)
	if err != nil {
		return 0, err
	}
	options := reports.Options{French: languageOf(ctx) == catalogue.French, Journal: reports.DefaultJournal()}
	if err := s.Service().RenderReport(ctx, b, options, reports.Output{Format: f.name, To: file}); err != nil {
		return 0, err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return size, err
}
