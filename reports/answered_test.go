package reports_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// TestAnAnsweredDifferenceStaysVisible: who was paid twice was paid twice, whatever a
// person said of it; it counts as answered, and not as open.
func TestAnAnsweredDifferenceStaysVisible(t *testing.T) {
	found := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	p := payout(2, "PAY-1", "WAVE", "0701234570", "Awa Koné", money.XOF.Of(1000), ledger.Successful)
	p.Differences = []ledger.Difference{{Code: ledger.DifferencePaidTwice, Recorded: ledger.Successful, Said: "successful", Reference: "PAY-1", At: found}}
	p.Resolution = &ledger.Resolution{Paid: true, Because: "their letter of 3 May", By: ledger.Person{Name: "Fatou"}, At: found.Add(time.Hour)}
	written := write(t, books{payouts: []ledger.Payout{p}}, header(), reports.Options{Formats: []string{reports.FormatCSV, reports.FormatJSON, reports.FormatHTML, reports.FormatXLSX}})
	if written.Summary.Differences != 0 || written.Summary.Answered != 1 || written.Summary.Contradicted.Count != 0 {
		t.Errorf("the summary counts %+v", written.Summary)
	}
	for _, path := range written.Files {
		text := string(content(t, path))
		switch {
		case strings.HasSuffix(path, ".json"):
			var report struct {
				Payouts []struct{ Difference string }
			}
			if err := json.Unmarshal([]byte(text), &report); err != nil {
				t.Fatal(err)
			}
			text = report.Payouts[0].Difference
		case strings.HasSuffix(path, ".xlsx"):
			continue // its formulas are calculated where LibreOffice is
		}
		for _, want := range []string{"nswered", "2026-11-24", "Fatou", "their letter of 3 May", "more than once"} {
			if !strings.Contains(strings.ReplaceAll(text, "Paid more", "paid more"), want) {
				t.Errorf("%s does not say %q:\n%s", path, want, text)
			}
		}
	}
	// What came after the answer is open again.
	p.Differences = append(p.Differences, ledger.Difference{Code: ledger.DifferenceReversed, Recorded: ledger.Successful, Said: "failed", At: found.Add(2 * time.Hour)})
	written = write(t, books{payouts: []ledger.Payout{p}}, header(), reports.Options{Formats: []string{reports.FormatCSV}})
	if written.Summary.Differences != 1 || written.Summary.Answered != 0 {
		t.Errorf("after another one: %+v", written.Summary)
	}
}
