package reports_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/reports"
)

// TestAReportGoesToAnyWriter: what a folder gets, a connection gets, byte by byte.
func TestAReportGoesToAnyWriter(t *testing.T) {
	folder := t.TempDir()
	options := reports.Options{Formats: reports.Formats(), Journal: reports.DefaultJournal()}
	written, err := reports.Write(t.Context(), folder, eachState(), header(), options)
	if err != nil {
		t.Fatal(err)
	}
	buffers := make([]bytes.Buffer, len(reports.Formats()))
	var outputs []reports.Output
	for i, format := range reports.Formats() {
		outputs = append(outputs, reports.Output{Format: format, To: &buffers[i]})
	}
	summary, err := reports.Render(t.Context(), eachState(), header(), options, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Rows != written.Summary.Rows || summary.Amount != written.Summary.Amount {
		t.Errorf("the summary is %+v, want %+v", summary, written.Summary)
	}
	for i, path := range written.Files {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// A workbook holds the moment at which it was packed.
		if same := bytes.Equal(buffers[i].Bytes(), want); !same && !strings.HasSuffix(path, ".xlsx") {
			t.Errorf("%s differs from what a writer gets", filepath.Base(path))
		}
		if buffers[i].Len() == 0 {
			t.Errorf("%s: a writer gets nothing", filepath.Base(path))
		}
	}
}

func TestAWriterThatIsFullIsSaid(t *testing.T) {
	full := errors.New("no space left")
	for _, format := range reports.Formats() {
		options := reports.Options{Journal: reports.DefaultJournal()}
		_, err := reports.Render(t.Context(), eachState(), header(), options, reports.Output{Format: format, To: refusing{full}})
		if !errors.Is(err, full) {
			t.Errorf("%s: %v, want %v", format, err, full)
		}
	}
	if _, err := reports.Render(t.Context(), eachState(), header(), reports.Options{}, reports.Output{Format: "pdf"}); !errors.Is(err, reports.ErrFormat) {
		t.Errorf("a format that there is none of: %v, want ErrFormat", err)
	}
}

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }
