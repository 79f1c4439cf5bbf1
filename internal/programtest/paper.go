package programtest

import (
	"encoding/xml"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A4 and the margins that all pages keep, in points.
const (
	paperWidth, paperHeight = 595, 842
	paperMargin             = 45 // 16 mm
	paperSlack              = 2
)

// Paper is a printed page with its words, in points from its upper left corner.
type Paper struct {
	Width  float64 `xml:"width,attr"`
	Height float64 `xml:"height,attr"`
	Words  []struct {
		Left  float64 `xml:"xMin,attr"`
		Right float64 `xml:"xMax,attr"`
		Text  string  `xml:",chardata"`
	} `xml:"word"`
}

// Text returns the words of the page, without any spaces.
func (p Paper) Text() string {
	var text strings.Builder
	for _, word := range p.Words {
		text.WriteString(word.Text)
	}
	return strings.NewReplacer("\u202f", "", "\u00a0", "", "\u2009", "").Replace(text.String())
}

// PrintTo prints a page of HTML with Chromium, found as Find does, into a PDF.
func PrintTo(t *testing.T, page, pdf string) {
	t.Helper()
	chromium := Find(t, "chromium", "chromium-browser", "google-chrome")
	printing := exec.CommandContext(t.Context(), chromium, //nolint:gosec // found by Find, for a test
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--no-pdf-header-footer", "--print-to-pdf="+pdf, "file://"+page)
	if out, err := printing.CombinedOutput(); err != nil {
		t.Fatalf("print the page: %v\n%s", err, out)
	}
}

// ReadPDF reads the pages of a PDF with pdftotext, found as Find does. It fails the test
// unless they are A4, upright or on its side.
func ReadPDF(t *testing.T, pdf string) []Paper {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), Find(t, "pdftotext"), "-bbox", pdf, "-").Output() //nolint:gosec // as above
	if err != nil {
		t.Fatalf("read the printed page: %v", err)
	}
	var printed struct {
		Pages []Paper `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(text, &printed); err != nil || len(printed.Pages) == 0 {
		t.Fatalf("nothing was printed: %v", err)
	}
	for i, page := range printed.Pages {
		short, long := min(page.Width, page.Height), max(page.Width, page.Height)
		if short < paperWidth-paperSlack || short > paperWidth+paperSlack || long < paperHeight-paperSlack || long > paperHeight+paperSlack {
			t.Errorf("page %d is %.0f by %.0f points, not A4", i+1, page.Width, page.Height)
		}
	}
	return printed.Pages
}

// Print prints a page of HTML as PrintTo does, and reads it as ReadPDF does. It fails the
// test unless the sheets stand upright and every word stands between their margins.
func Print(t *testing.T, page string) []Paper {
	t.Helper()
	pdf := filepath.Join(t.TempDir(), "page.pdf")
	PrintTo(t, page, pdf)
	pages := ReadPDF(t, pdf)
	for i, page := range pages {
		if page.Width > page.Height {
			t.Errorf("page %d lies on its side", i+1)
		}
		for _, word := range page.Words {
			if word.Left < paperMargin-paperSlack || word.Right > paperWidth-paperMargin+paperSlack {
				t.Errorf("page %d: %q stands in the margin, from %.0f to %.0f", i+1, word.Text, word.Left, word.Right)
			}
		}
	}
	return pages
}
