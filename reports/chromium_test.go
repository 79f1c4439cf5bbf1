package reports_test

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"payrun/internal/programtest"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// probe runs in a copy of the page and writes into it what a reader sees: which
// elements are wider than the page, and the figures as shown. The page itself
// has no script.
const probe = `<script>
addEventListener("load", () => {
  const root = document.documentElement, wide = [];
  const page = Math.min(root.clientWidth, WIDTH);
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    if (box.right > page + 0.5 || box.left < -0.5) wide.push(e.tagName + " " + e.className + " " + Math.round(box.right));
  }
  const shown = {};
  for (const e of document.querySelectorAll("[data-count]")) shown["count " + e.dataset.count] = e.textContent;
  for (const e of document.querySelectorAll("[data-amount]")) shown["amount " + e.dataset.amount] = e.textContent;
  for (const id of ["fees", "differences"]) shown[id] = document.getElementById(id).textContent;
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = JSON.stringify({width: root.clientWidth, scroll: root.scrollWidth, wide, shown});
  document.body.append(out);
});
</script>`

// seen is the probe's finding.
type seen struct {
	Width  int               `json:"width"`
	Scroll int               `json:"scroll"`
	Wide   []string          `json:"wide"`
	Shown  map[string]string `json:"shown"`
}

// TestThePageFitsAndTellsTheTruth opens the page as a telephone, a screen and
// an A4 sheet show it: nothing may stick out, and the figures must be those of
// the JSON.
func TestThePageFitsAndTellsTheTruth(t *testing.T) {
	chromium := programtest.Find(t, "chromium", "chromium-browser", "google-chrome")
	const phone, screen, paper = 360, 1280, 673 // A4 without its margins, 178 mm at 96 dpi
	var frames []frame
	for _, french := range []bool{false, true} {
		written := write(t, unwieldy(), header(), reports.Options{French: french})
		for _, width := range []int{phone, screen, paper} {
			frames = append(frames, frame{french, width, width == paper, written})
		}
	}
	for i, got := range look(t, chromium, frames) {
		f := frames[i]
		t.Run(fmt.Sprintf("french=%t/%d", f.french, f.width), func(t *testing.T) {
			if len(got.Wide) > 0 || got.Scroll > got.Width {
				t.Errorf("%d wide, content %d; sticking out: %q", got.Width, got.Scroll, got.Wide)
			}
			agree(t, got.Shown, f.written)
		})
	}
}

// frame is a page as one reader has it.
type frame struct {
	french  bool
	width   int
	printed bool
	written reports.Written
}

// page is the report with the probe in it. For paper, the rules for printing are
// made to hold on the screen, in a frame as wide as the sheet.
func (f frame) page(t *testing.T) string {
	t.Helper()
	page := string(content(t, f.written.Files[3]))
	page = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`).ReplaceAllString(page, "")
	if f.printed {
		page = strings.NewReplacer("@media screen", "@media not all", "@media print", "@media all").Replace(page)
	}
	return strings.Replace(page, "</body>", strings.ReplaceAll(probe, "WIDTH", strconv.Itoa(f.width))+"</body>", 1)
}

// unwieldy is eachState with the longest texts that may come.
func unwieldy() books {
	source := eachState()
	for i := range source.payouts {
		p := &source.payouts[i]
		p.Operator += "-OF-A-VERY-LONG-NAME-WITHOUT-A-SPACE"
		p.Amount = p.Amount.Plus(money.XOF.Of(99_999_000_000))
	}
	source.payouts[2].Name = strings.Repeat("Ouattaraaaaaaaaaaaaaa", 6)
	source.payouts[2].Answer.Message = strings.Repeat("/path/without/any/space", 12)
	source.payouts[3].Answer.Code = strings.Repeat("CODE_WITHOUT_A_SPACE_", 6)
	return source
}

// look opens all frames in one window, which could not be as narrow as a
// telephone itself.
func look(t *testing.T, chromium string, frames []frame) []seen {
	t.Helper()
	var shell strings.Builder
	shell.WriteString("<!doctype html><body>")
	for _, f := range frames {
		fmt.Fprintf(&shell, `<iframe style="border:0;width:%dpx;height:4000px" srcdoc="%s"></iframe>`, f.width, html.EscapeString(f.page(t)))
	}
	shell.WriteString(`<script>
addEventListener("load", () => {
  const out = document.createElement("pre");
  out.id = "seen";
  const found = [...document.querySelectorAll("iframe")].map(f => f.contentDocument.getElementById("probe").textContent);
  out.textContent = "[" + found.join(",") + "]";
  document.body.append(out);
});
</script>`)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(shell.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), chromium,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+path)
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	_, rest, _ := strings.Cut(string(dom), `<pre id="seen">`)
	text, _, found := strings.Cut(rest, "</pre>")
	if !found {
		t.Fatalf("the probe did not run:\n%.2000s", dom)
	}
	var got []seen
	if err := json.Unmarshal([]byte(html.UnescapeString(text)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(frames) {
		t.Fatalf("%d of %d frames were seen", len(got), len(frames))
	}
	return got
}

// agree compares the figures shown with those of the JSON report.
func agree(t *testing.T, shown map[string]string, written reports.Written) {
	t.Helper()
	summary := readJSON(t, written.Files[2]).Summary
	want := map[string]string{
		"count file": strconv.Itoa(summary.Rows), "amount file": summary.Amount.Plain(),
		"fees": summary.Fees.String(), "differences": strconv.Itoa(summary.Differences),
	}
	for name, count := range map[string]ledger.Total{
		"paid": summary.Successful, "failed": summary.Failed, "open": summary.Open(), "pending": summary.Pending,
		"unknown": summary.Unknown, "queued": summary.Queued, "cancelled": summary.Cancelled, "rejected": summary.Rejected,
	} {
		want["count "+name], want["amount "+name] = strconv.Itoa(count.Count), count.Amount.Plain()
	}
	plain := strings.NewReplacer("\u202f", "", ",", ".")
	for name, figure := range want {
		if got := plain.Replace(shown[name]); got != figure {
			t.Errorf("%s: the page shows %q, the JSON says %q", name, got, figure)
		}
	}
}
