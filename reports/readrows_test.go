package reports_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"payrun/reports"
)

// TestAReportReadsBackAsItWasWritten: the rows of the JSON are those of the CSV, and the
// summary is there.
func TestAReportReadsBackAsItWasWritten(t *testing.T) {
	text, err := os.ReadFile("testdata/payroll.json")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.Open("testdata/payroll.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	records := csv.NewReader(table)
	if first, err := records.Read(); err != nil || !slices.Equal(first, reports.Columns()) {
		t.Fatalf("columns %q, %v", first, err)
	}
	count := 0
	summary, err := reports.Read(bytes.NewReader(text), func(row reports.Row) error {
		count++
		want, err := records.Read()
		if got := row.CSV(); err == nil && !slices.Equal(got, want) {
			t.Errorf("row %d is read as\n%q, and in the CSV it is\n%q", row.Row, got, want)
		}
		return err
	})
	if _, more := records.Read(); err != nil || !errors.Is(more, io.EOF) {
		t.Fatal(err, more)
	}
	if summary.Rows != count || summary.Batch != "payroll" || summary.Hash == "" || summary.Successful.Count == 0 || summary.ByOperator["ORANGE"].Rows == 0 {
		t.Errorf("%d rows, and the summary %+v", count, summary)
	}
}

// TestWhatIsNoReportIsNotRead, a part of one among it; what a reader of rows says is passed on.
func TestWhatIsNoReportIsNotRead(t *testing.T) {
	text, err := os.ReadFile("testdata/payroll.json")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	for name, other := range map[string]string{
		"nothing":           "",
		"a list":            "[]",
		"another object":    `{"summary":{}}`,
		"a part":            whole[:len(whole)/2],
		"no summary":        whole[:strings.Index(whole, `],"summary"`)] + "]}",
		"something behind":  whole + "{}",
		"a row of another":  strings.Replace(whole, `"row":2`, `"row":"2"`, 1),
		"a key twice":       strings.Replace(whole, `"row":2`, `"row":2,"row":2`, 1),
		"an amount in text": strings.Replace(whole, `"amount":1000000`, `"amount":"x"`, 1),
	} {
		if _, err := reports.Read(strings.NewReader(other), func(reports.Row) error { return nil }); !errors.Is(err, reports.ErrNoReport) {
			t.Errorf("%s: %v, want ErrNoReport", name, err)
		}
	}
	full := errors.New("enough")
	if _, err := reports.Read(strings.NewReader(whole), func(reports.Row) error { return full }); err != full { //nolint:errorlint // as it is
		t.Errorf("%v, want the reader's own error", err)
	}
}

// FuzzRead holds that whatever is read is told of once, and that nothing breaks it.
func FuzzRead(f *testing.F) {
	text, err := os.ReadFile("testdata/payroll.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := reports.Read(bytes.NewReader(text), func(row reports.Row) error {
			if got := len(row.CSV()); got != len(reports.Columns()) {
				t.Errorf("%d columns", got)
			}
			return nil
		})
		if err != nil && !errors.Is(err, reports.ErrNoReport) {
			t.Errorf("%v, want ErrNoReport", err)
		}
	})
}
