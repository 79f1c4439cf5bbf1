package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/internal/fsx"
	"payrun/internal/httpapi"
	"payrun/ledger"
	"payrun/reports"
)

// Report fetches a batch's reports, in the formats that are asked for.
func (d *Desk) Report(ctx context.Context, id ledger.BatchID, o settings.ReportOptions) (reports.Written, error) {
	reported, err := d.reports(ctx, id, o)
	if err == nil {
		err = reported.Unwritten
	}
	return reported.Written, err
}

// reports fetches the reports, and what they add up to, whatever becomes of the files. They
// are put in place when all are there.
func (d *Desk) reports(ctx context.Context, id ledger.BatchID, o settings.ReportOptions) (service.Reported, error) {
	sum, err := d.summary(ctx, id)
	if err != nil {
		return service.Reported{}, err
	}
	out := service.Reported{Written: reports.Written{Summary: sum, Files: []string{}}}
	files, unwritten := d.fetch(ctx, id, sum.Environment, o)
	if _, refused := errors.AsType[*httpapi.Problem](unwritten); refused {
		return out, unwritten
	}
	if unwritten == nil {
		out.Files = files
	}
	out.Unwritten = unwritten
	return out, nil
}

// summary reads the totals of a batch from its report.
func (d *Desk) summary(ctx context.Context, id ledger.BatchID) (reports.Summary, error) {
	body, err := d.Client.Report(ctx, id, reports.Ending(reports.FormatJSON), nil)
	if err != nil {
		return reports.Summary{}, d.word(ctx, id, err)
	}
	defer body.Close() //nolint:errcheck // only read
	return reports.SummaryIn(body)
}

// fetch writes each format beside its place, and then puts all of them there.
func (d *Desk) fetch(ctx context.Context, id ledger.BatchID, environment string, o settings.ReportOptions) (paths []string, err error) {
	if err := d.settings.CheckReports(o, id, environment); err != nil {
		return nil, err
	}
	var files []*fsx.PendingFile
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.Discard()) // what is complete has its name
		}
	}()
	options := reports.Options{Formats: o.Formats, Receipt: o.Receipt}
	for _, format := range options.Chosen() {
		path := options.Place(o.Dir, id, format)
		file, err := fsx.NewPendingFile(path)
		if err != nil {
			return nil, err
		}
		files, paths = append(files, file), append(paths, path)
		if err := d.fetchInto(ctx, id, format, o, file); err != nil {
			return nil, d.word(ctx, id, fmt.Errorf("fetch %s: %w", path, err))
		}
		if err := file.Sync(); err != nil {
			return nil, err
		}
	}
	for _, file := range slices.Clone(files) {
		if err := file.Complete(); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

func (d *Desk) fetchInto(ctx context.Context, id ledger.BatchID, format string, o settings.ReportOptions, to io.Writer) error {
	body, err := d.Client.Report(ctx, id, reports.Ending(format), queryOfReport(format, o))
	if err != nil {
		return err
	}
	_, err = io.Copy(to, body)
	return errors.Join(err, body.Close())
}

// queryOfReport says how a report is written, with what is not as a server has it anyway.
func queryOfReport(format string, o settings.ReportOptions) url.Values {
	query := url.Values{}
	flag := func(name string, set bool) {
		if set {
			query.Set(name, "true")
		}
	}
	word := func(name, value, usual string) {
		if value != usual {
			query.Set(name, value)
		}
	}
	usual := reports.DefaultJournal()
	switch format {
	case reports.FormatHTML:
		flag("payees", o.Payees)
		flag("numbers", o.Numbers)
	case reports.FormatXLSX:
		flag("numbers", o.Numbers)
	case reports.FormatCSV:
		word("csv_locale", o.CsvLocale, "")
	case reports.FormatJournal:
		word("csv_locale", o.CsvLocale, "")
		flag("journal_detail", o.Journal.Detail)
		word("journal_code", o.Journal.Code, usual.Code)
		word("account_beneficiaries", o.Journal.Beneficiaries, usual.Beneficiaries)
		word("account_wallet", o.Journal.Wallet, usual.Wallet)
		word("account_fees", o.Journal.Fees, usual.Fees)
	}
	return query
}

// Receipts fetches the receipts of whoever is paid, or of one payout, and puts them in their place.
func (d *Desk) Receipts(ctx context.Context, id ledger.BatchID, o settings.ReportOptions) (reports.Written, error) {
	sum, err := d.summary(ctx, id)
	if err != nil {
		return reports.Written{}, err
	}
	if err := d.settings.CheckReports(o, id, sum.Environment); err != nil {
		return reports.Written{}, err
	}
	body, count, err := d.Client.Receipts(ctx, id, o.Receipt, o.Numbers)
	if problem, is := errors.AsType[*httpapi.Problem](err); is && problem.Code == "no_receipt" {
		return reports.Written{}, d.settings.WordNoReceipt(&reports.NoReceiptError{ID: o.Receipt, State: problem.State}, id)
	}
	if err != nil {
		return reports.Written{}, d.word(ctx, id, err)
	}
	defer body.Close() //nolint:errcheck // only read
	path := reports.Options{Receipt: o.Receipt}.Place(o.Dir, id, reports.FormatReceipts)
	if err := keep(body, path); err != nil {
		return reports.Written{}, err
	}
	return reports.Written{Summary: sum, Files: []string{path}, Receipts: count}, nil
}

// keep writes what is fetched into a file, which is whole or not there.
func keep(body io.Reader, path string) (err error) {
	file, err := fsx.NewPendingFile(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Discard()) }() // what is complete has its name
	if _, err := io.Copy(file, body); err != nil {
		return fmt.Errorf("fetch %s: %w", path, err)
	}
	return file.Complete()
}
