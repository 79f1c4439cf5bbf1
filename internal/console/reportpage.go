package console

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/reports"
)

// reportFormat is a form in which a report comes.
type reportFormat struct {
	// Ending of the file's name, and of its address; Key is that of what it is for.
	Ending, Key string
	format      string
	contentType string
}

func reportFormats() []reportFormat {
	return []reportFormat{
		{"html", "html", reports.FormatHTML, "text/html; charset=utf-8"},
		{"xlsx", "xlsx", reports.FormatXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"csv", "csv", reports.FormatCSV, "text/csv; charset=utf-8"},
		{"journal.csv", "journal", reports.FormatJournal, "text/csv; charset=utf-8"},
		{"json", "json", reports.FormatJSON, "application/json"},
	}
}

// reportPage leads to the reports of a batch.
type reportPage struct {
	Batch   ledger.Batch
	Path    string
	Formats []reportFormat
	// Open counts the payouts without an end: the report is not the last.
	Open int
}

// showReports leads to the reports of a batch.
func (s *server) showReports(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	counts, err := s.Store.Counts(r.Context(), b.ID)
	if err != nil {
		return err
	}
	page := reportPage{Batch: b, Path: batchPath(b.ID, ""), Formats: reportFormats(), Open: counts.ByState().Open().Count}
	return s.render(w, r, "report", page)
}

// report answers with a report as a file. It is written to its end first: half of one would look like
// a whole one.
func (s *server) report(w http.ResponseWriter, r *http.Request) error {
	formats := reportFormats()
	at := slices.IndexFunc(formats, func(f reportFormat) bool { return f.Ending == r.PathValue("format") })
	if at < 0 {
		return errNowhere
	}
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	file, err := s.scratch("report-*")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read by then
	options := reports.Options{French: visitorOf(r).Language == catalogue.French, Journal: reports.DefaultJournal(), Letterhead: s.Letterhead}
	if err := s.Service().RenderReport(r.Context(), b, options, reports.Output{Format: formats[at].format, To: file}); err != nil {
		return err
	}
	return sendFile(w, file, string(b.ID)+"."+formats[at].Ending, formats[at].contentType)
}

// sendFile answers with a file, from its beginning, for a browser to keep under a name.
func sendFile(w http.ResponseWriter, file *os.File, name, contentType string) error {
	info, err := file.Stat()
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	header.Set("Content-Disposition", attachment(name))
	_, _ = io.Copy(w, file) // whoever asked may have gone
	return nil
}

// attachment names a file that a browser is to keep.
func attachment(name string) string {
	return "attachment; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
