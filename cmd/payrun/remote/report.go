package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	body, err := d.Client.Report(ctx, id, reports.Ending(reports.FormatJSON))
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
	for _, format := range (reports.Options{Formats: o.Formats}).Chosen() {
		path := reports.Place(o.Dir, id, format)
		file, err := fsx.NewPendingFile(path)
		if err != nil {
			return nil, err
		}
		files, paths = append(files, file), append(paths, path)
		if err := d.fetchInto(ctx, id, format, file); err != nil {
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

func (d *Desk) fetchInto(ctx context.Context, id ledger.BatchID, format string, to io.Writer) error {
	body, err := d.Client.Report(ctx, id, reports.Ending(format))
	if err != nil {
		return err
	}
	_, err = io.Copy(to, body)
	return errors.Join(err, body.Close())
}
