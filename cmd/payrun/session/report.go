package session

import (
	"errors"
	"fmt"
	"os"

	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/reports"
)

// ReadReportHead takes a past head of the ledger from a JSON report.
func ReadReportHead(path string) (service.PastHead, error) {
	file, err := os.Open(path) //nolint:gosec // the person names the file
	if err != nil {
		return service.PastHead{}, ui.UsageOf(fmt.Errorf("read the report: %w", err))
	}
	defer file.Close() //nolint:errcheck // only read
	head, err := service.ReadPastHead(file, path)
	switch {
	case errors.Is(err, reports.ErrNoHead):
		return head, ui.Mistaken("no_json_report", "file", path)
	case err != nil:
		return head, fmt.Errorf("report %q: %w", path, err)
	}
	return head, nil
}

// ReadReportHeads is ReadReportHead of several.
func ReadReportHeads(paths []string) ([]service.PastHead, error) {
	var heads []service.PastHead
	for _, path := range paths {
		head, err := ReadReportHead(path)
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return heads, nil
}
