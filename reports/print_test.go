package reports_test

import (
	"encoding/xml"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"payrun/internal/programtest"
	"payrun/reports"
)

// printed is what pdftotext finds on paper, in points.
type printed struct {
	Pages []struct {
		Width  float64 `xml:"width,attr"`
		Height float64 `xml:"height,attr"`
		Words  []struct {
			Left  float64 `xml:"xMin,attr"`
			Right float64 `xml:"xMax,attr"`
			Text  string  `xml:",chardata"`
		} `xml:"word"`
	} `xml:"body>doc>page"`
}

// TestThePrintedPageKeepsItsMargins prints the page with the longest texts there
// can be: every word stays between the margins of an A4 sheet, and the totals are
// on the first.
func TestThePrintedPageKeepsItsMargins(t *testing.T) {
	chromium, pdftotext := programtest.Find(t, "chromium", "chromium-browser", "google-chrome"), programtest.Find(t, "pdftotext")
	const width, height, margin, slack = 595, 842, 45, 2 // A4, and 16 mm
	for _, french := range []bool{false, true} {
		written := write(t, unwieldy(), header(), reports.Options{French: french})
		pdf := filepath.Join(t.TempDir(), "page.pdf")
		printing := exec.CommandContext(t.Context(), chromium,
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
			"--no-pdf-header-footer", "--print-to-pdf="+pdf, "file://"+written.Files[3])
		if out, err := printing.CombinedOutput(); err != nil {
			t.Fatalf("print the page: %v\n%s", err, out)
		}
		text, err := exec.CommandContext(t.Context(), pdftotext, "-bbox", pdf, "-").Output()
		if err != nil {
			t.Fatalf("read the printed page: %v", err)
		}
		var got printed
		if err := xml.Unmarshal(text, &got); err != nil || len(got.Pages) == 0 {
			t.Fatalf("nothing was printed: %v", err)
		}
		for i, page := range got.Pages {
			if page.Width < width-slack || page.Width > width+slack || page.Height < height-slack || page.Height > height+slack {
				t.Errorf("page %d is %.0f by %.0f points, not A4", i+1, page.Width, page.Height)
			}
			for _, word := range page.Words {
				if word.Left < margin-slack || word.Right > width-margin+slack {
					t.Errorf("page %d: %q stands in the margin, from %.0f to %.0f", i+1, word.Text, word.Left, word.Right)
				}
			}
		}
		var first strings.Builder
		for _, word := range got.Pages[0].Words {
			first.WriteString(word.Text)
		}
		plain := strings.NewReplacer("\u202f", "", "\u00a0", "", "\u2009", "").Replace(first.String())
		if total := readJSON(t, written.Files[2]).Summary.Amount.Plain(); !strings.Contains(plain, total) {
			t.Errorf("the first page does not show %s: %s", total, plain)
		}
	}
}
