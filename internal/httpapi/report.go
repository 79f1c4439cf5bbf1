package httpapi

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/access"
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

// reporting are the calls about what became of a batch, to be kept.
func (s *server) reporting() {
	for _, f := range formats() {
		schema := binary()
		if f.name == reports.FormatJSON {
			schema = &huma.Schema{Type: huma.TypeObject, Description: "The report that payrun report writes as JSON."}
		}
		answer := download{contentType: f.contentType}.described("The report, whole.", schema)
		op := s.operation(http.MethodGet, "/v1/batches/{id}/report."+f.ending, access.Read, "Report what became of a batch, as "+f.ending, answer)
		huma.Register(s.api, op, s.reportAs(f))
	}
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/receipts.html", access.Read, "Write receipts for beneficiaries who were paid", receiptsDescribed), s.receipts)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/evidence.zip", access.Read, "Write a folder that shows what happened to a batch", evidenceDescribed), s.evidence)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/ledger.jsonl", access.Read, "Export every batch, payout and event as JSON lines", exportDescribed), s.export)
}

// reportInput says how a report is written. What a format has no use for is not looked at.
type reportInput struct {
	BatchPath

	Payees        bool   `query:"payees" doc:"html: list everybody at the end of the page"`
	Numbers       bool   `query:"numbers" doc:"html, xlsx: show numbers in full where people read them on paper"`
	CSVLocale     string `query:"csv_locale" enum:"fr" doc:"csv, journal.csv: as a French spreadsheet expects it"`
	Code          string `query:"journal_code" maxLength:"17" doc:"journal.csv: the journal's code in the books"`
	Detail        bool   `query:"journal_detail" doc:"journal.csv: book every payout and every fee by itself"`
	Beneficiaries string `query:"account_beneficiaries" maxLength:"17" doc:"journal.csv: the account that owed the payments"`
	Wallet        string `query:"account_wallet" maxLength:"17" doc:"journal.csv: the account of the mobile-money wallet"`
	Fees          string `query:"account_fees" maxLength:"17" doc:"journal.csv: the account of the fees"`
}

// options are those of reports, in a caller's language, from whoever the server belongs to.
func (s *server) reportOptions(ctx context.Context) reports.Options {
	return reports.Options{French: languageOf(ctx) == catalogue.French, Journal: reports.DefaultJournal(), Letterhead: s.Letterhead}
}

func (s *server) reportOptionsOf(ctx context.Context, in *reportInput) (reports.Options, error) {
	o := s.reportOptions(ctx)
	o.Payees, o.Numbers, o.FrenchCSV, o.Journal.Detail = in.Payees, in.Numbers, in.CSVLocale == "fr", in.Detail
	for _, given := range []struct {
		text string
		to   *string
	}{
		{in.Code, &o.Journal.Code},
		{in.Beneficiaries, &o.Journal.Beneficiaries},
		{in.Wallet, &o.Journal.Wallet},
		{in.Fees, &o.Journal.Fees},
	} {
		if given.text != "" {
			*given.to = given.text
		}
	}
	if err := o.Journal.Validate(); err != nil {
		return o, problemOf(ctx, codeRequest, err.Error())
	}
	return o, nil
}

// reportAs answers with a batch's report.
func (s *server) reportAs(f format) func(context.Context, *reportInput) (*huma.StreamResponse, error) {
	return func(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
		o, err := s.reportOptionsOf(ctx, in)
		if err != nil {
			return nil, err
		}
		answer, err := s.whole(download{name: in.ID + "." + f.ending, contentType: f.contentType}, func(to io.Writer, _ *download) error {
			return s.render(ctx, ledger.BatchID(in.ID), o, reports.Output{Format: f.name, To: to})
		})
		return answer, s.problem(ctx, err)
	}
}

// render writes a batch's report.
func (s *server) render(ctx context.Context, id ledger.BatchID, o reports.Options, output reports.Output) error {
	b, err := s.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	return s.Service().RenderReport(ctx, b, o, output)
}

// receiptsInput says whose receipts are written.
type receiptsInput struct {
	BatchPath

	Payout  string `query:"payout" maxLength:"64" doc:"of this one alone"`
	Numbers bool   `query:"numbers" doc:"show numbers in full"`
}

// ReceiptsHeader has how many receipts an answer has.
const ReceiptsHeader = "Payrun-Receipts"

//nolint:gochecknoglobals // a value that nothing writes to
var receiptsPage = download{contentType: "text/html; charset=utf-8"}

func receiptsDescribed(op *huma.Operation) {
	receiptsPage.described("The receipts, each on a page of its own.", binary())(op)
	op.Responses["200"].Headers = map[string]*huma.Param{
		ReceiptsHeader: {Description: "how many there are", Schema: &huma.Schema{Type: huma.TypeInteger}},
	}
}

// receipts answers with receipts for whoever is paid, to be printed.
func (s *server) receipts(ctx context.Context, in *receiptsInput) (*huma.StreamResponse, error) {
	o := s.reportOptions(ctx)
	o.Numbers, o.Receipt = in.Numbers, ledger.TransactionID(in.Payout)
	page := receiptsPage
	page.name = in.ID + "." + reports.Ending(reports.FormatReceipts)
	answer, err := s.whole(page, func(to io.Writer, d *download) error {
		count := 0
		err := s.render(ctx, ledger.BatchID(in.ID), o, reports.Output{Format: reports.FormatReceipts, To: to, Receipts: &count})
		d.more = map[string]string{ReceiptsHeader: strconv.Itoa(count)}
		return err
	})
	return answer, s.problem(ctx, err)
}
