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

// Print prints a page of HTML with Chromium, found as Find does, and reads it with
// pdftotext. It fails the test unless the sheets are A4 and every word stands between
// their margins.
func Print(t *testing.T, page string) []Paper {
	t.Helper()
	chromium, pdftotext := Find(t, "chromium", "chromium-browser", "google-chrome"), Find(t, "pdftotext")
	pdf := filepath.Join(t.TempDir(), "page.pdf")
	printing := exec.CommandContext(t.Context(), chromium, //nolint:gosec // found by Find, for a test
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--no-pdf-header-footer", "--print-to-pdf="+pdf, "file://"+page)
	if out, err := printing.CombinedOutput(); err != nil {
		t.Fatalf("print the page: %v\n%s", err, out)
	}
	text, err := exec.CommandContext(t.Context(), pdftotext, "-bbox", pdf, "-").Output() //nolint:gosec // as above
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
		if page.Width < paperWidth-paperSlack || page.Width > paperWidth+paperSlack ||
			page.Height < paperHeight-paperSlack || page.Height > paperHeight+paperSlack {
			t.Errorf("page %d is %.0f by %.0f points, not A4", i+1, page.Width, page.Height)
		}
		for _, word := range page.Words {
			if word.Left < paperMargin-paperSlack || word.Right > paperWidth-paperMargin+paperSlack {
				t.Errorf("page %d: %q stands in the margin, from %.0f to %.0f", i+1, word.Text, word.Left, word.Right)
			}
		}
	}
	return printed.Pages
}
