package reports_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"payrun/internal/programtest"
	"payrun/ledger"
	"payrun/reports"
	letter "payrun/reports/page"
)

// letterhead is a company with a logo.
func letterhead(t *testing.T) letter.Letterhead {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 60, 20))); err != nil {
		t.Fatal(err)
	}
	logo, err := letter.ReadLogo(&file)
	if err != nil {
		t.Fatal(err)
	}
	return letter.Letterhead{Company: "Textile & Fils <SARL>", Logo: logo}
}

// TestTheListIsForPeople: seven columns in their language, everybody in the file's order,
// and no whole number that nobody asked for.
func TestTheListIsForPeople(t *testing.T) {
	masked := write(t, eachState(), header(), reports.Options{French: true})
	rows := cells(t, masked.Files[1], "Liste")
	if got, want := strings.Join(rows[0], ", "), "Ligne, Paiement, Bénéficiaire, Numéro, Opérateur, Montant (XOF), État"; got != want {
		t.Errorf("the list's columns are %s", got)
	}
	for at, want := range map[int]string{
		1:  "2, PAY-0001, Dago Solange, 07•••••771, ORANGE, 1000000, Payé",
		2:  "3, PAY-0002, N’Guessan Aïcha, 05•••••114, MTN, 97000, Contesté",
		4:  "5, PAY-0009, '@Silué Éric, '+2•• 78, ORANGE, 99, Rejeté",
		10: "11, PAY-0010, Gnagne Paul, 07•••••572, T*MONEY, 20000, Rejeté",
	} {
		if got := strings.Join(rows[at], ", "); got != want {
			t.Errorf("line %d is %s, want %s", at, got, want)
		}
	}
	whole := write(t, eachState(), header(), reports.Options{Numbers: true})
	if got := cells(t, whole.Files[1], "List")[1][3]; got != "0700086771" {
		t.Errorf("asked for, the number is %s", got)
	}
}

// TestTheListPrintsOnUprightA4 with its header and the company on every page, and the
// page's number: in the file, and on LibreOffice's paper.
func TestTheListPrintsOnUprightA4(t *testing.T) {
	const people = 150
	written := write(t, manyPayouts(people), header(), reports.Options{French: true, Letterhead: letterhead(t)})
	book, err := excelize.OpenFile(written.Files[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	pictures, err := book.GetPictures("Summary", "A1")
	if picture, _ := letterhead(t).Logo.Picture(); err != nil || len(pictures) != 1 || !bytes.Equal(pictures[0].File, picture) {
		t.Errorf("the workbook shows %d logos at its head, %v", len(pictures), err)
	}
	titles := ""
	for _, name := range book.GetDefinedName() {
		if name.Name == "_xlnm.Print_Titles" && name.Scope == "Liste" {
			titles = name.RefersTo
		}
	}
	if titles != "'Liste'!$1:$1" {
		t.Errorf("the rows %q stand on every page", titles)
	}
	folder := t.TempDir()
	alone := filepath.Join(folder, "list.xlsx")
	if index, err := book.GetSheetIndex("Liste"); err != nil {
		t.Fatal(err)
	} else {
		book.SetActiveSheet(index)
	}
	for _, sheet := range []string{"Summary", "Payouts", "Failures"} {
		if err := book.DeleteSheet(sheet); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(alone); err != nil {
		t.Fatal(err)
	}
	programtest.NewOffice(t).Convert(t, "pdf", folder, alone)
	pages := programtest.ReadPDF(t, filepath.Join(folder, "list.pdf"))
	if len(pages) < 2 {
		t.Fatalf("%d people print on %d pages", people, len(pages))
	}
	for i, page := range pages {
		text := page.Text()
		for _, want := range []string{"Bénéficiaire", "Textile&Fils<SARL>", "payroll", fmt.Sprintf("%d/%d", i+1, len(pages))} {
			if !strings.Contains(text, want) {
				t.Errorf("page %d of %d lacks %q: %.300s", i+1, len(pages), want, text)
			}
		}
		if page.Width > page.Height {
			t.Errorf("page %d lies on its side", i+1)
		}
	}
}

// TestTheAnnexListsEverybodyMasked, in the file's order, and prints within the margins.
func TestTheAnnexListsEverybodyMasked(t *testing.T) {
	written := write(t, unwieldy(), header(), reports.Options{French: true, Payees: true, Letterhead: letterhead(t)})
	text := string(content(t, written.Files[3]))
	_, annex, found := strings.Cut(text, `<section class="annex">`)
	if !found {
		t.Fatal("the page has no annex")
	}
	at := -1
	for row := 2; row <= 11; row++ {
		next := strings.Index(annex, fmt.Sprintf(`data-label="Ligne">%d<`, row))
		if next <= at {
			t.Fatalf("row %d is not where it belongs", row)
		}
		at = next
	}
	if whole := regexp.MustCompile(`0[157]\d{8}`).FindString(annex); whole != "" {
		t.Errorf("the number %s is whole", whole)
	}
	if strings.Contains(annex, "<b>Ibrahim") || !strings.Contains(annex, "Traoré &lt;b&gt;Ibrahim&lt;/b&gt;") {
		t.Error("a name is taken for a part of the page")
	}
	if !strings.HasSuffix(text, "</section>\n</body>\n</html>\n") {
		t.Errorf("the page ends with %q", text[len(text)-40:])
	}
	if strings.Contains(page(t, eachState(), header(), reports.Options{}), `class="annex"`) {
		t.Error("a page that nobody asked it of lists everybody")
	}
	numbered := write(t, eachState(), header(), reports.Options{Payees: true, Numbers: true})
	if _, annex, _ := strings.Cut(string(content(t, numbered.Files[3])), `<section class="annex">`); !strings.Contains(annex, "0700086771") {
		t.Error("asked for, the number is not whole")
	}
	programtest.Print(t, written.Files[3])
}

// TestAReceiptIsOfWhatIsPaid, not contradicted, and one stands on a page.
func TestAReceiptIsOfWhatIsPaid(t *testing.T) {
	options := reports.Options{Formats: []string{reports.FormatReceipts}}
	english := write(t, eachState(), header(), options)
	compare(t, "receipts.html", english.Files[0])
	if english.Receipts != 1 {
		t.Errorf("%d receipts of one payout that is paid and not contradicted", english.Receipts)
	}
	options.French, options.Numbers = true, true
	compare(t, "receipts.fr.html", write(t, eachState(), header(), options).Files[0])

	options.Letterhead = letterhead(t)
	const people = 5
	many := write(t, manyPayouts(people), header(), options)
	for i, page := range programtest.Print(t, many.Files[0]) {
		text := page.Text()
		if id := fmt.Sprintf("PAY-202611-%07d", i+1); !strings.Contains(text, id) || !strings.Contains(text, "Textile&Fils<SARL>") {
			t.Errorf("page %d is not the receipt of %s: %s", i+1, id, text)
		}
		if i >= people-1 {
			t.Errorf("%d people paid have more than %d pages", people-1, people-1)
		}
	}
}

// TestOneReceiptIsAskedForByItsID, and where there can be none the reason is said.
func TestOneReceiptIsAskedForByItsID(t *testing.T) {
	for id, want := range map[ledger.TransactionID]string{
		"PAY-0001": "", "PAY-0002": "difference", "PAY-0003": "failed", "PAY-0004": "pending", "PAY-0005": "unknown",
		"PAY-0006": "unknown", "PAY-0007": "queued", "PAY-0008": "cancelled", "PAY-0009": "rejected",
	} {
		folder := t.TempDir()
		o := reports.Options{Formats: []string{reports.FormatReceipts}, Receipt: id}
		written, err := reports.Write(t.Context(), folder, eachState(), header(), o)
		none, refused := errors.AsType[*reports.NoReceiptError](err)
		switch {
		case want == "" && (err != nil || filepath.Base(written.Files[0]) != "payroll.receipt.PAY-0001.html"):
			t.Errorf("%s: %v, %q", id, err, written.Files)
		case want != "" && (!refused || none.State != want || none.ID != id || len(names(t, folder)) > 0):
			t.Errorf("%s: %v, want %s; left behind: %q", id, err, want, names(t, folder))
		}
	}
	for _, o := range []reports.Options{{Receipt: "PAY-9999"}, {}} {
		o.Formats = []string{reports.FormatReceipts}
		source := eachState()
		if o.Receipt == "" {
			source.payouts = source.payouts[2:] // nobody is paid
		}
		_, err := reports.Write(t.Context(), t.TempDir(), source, header(), o)
		if none, refused := errors.AsType[*reports.NoReceiptError](err); !refused || none.State != "" || none.ID != o.Receipt {
			t.Errorf("%q: %v", o.Receipt, err)
		}
	}
}

// TestALogoIsTheOnlyPictureAPageAllows, and only where there is one.
func TestALogoIsTheOnlyPictureAPageAllows(t *testing.T) {
	with := page(t, eachState(), header(), reports.Options{Letterhead: letterhead(t)})
	if !strings.Contains(with, "; img-src data:\"") || !strings.Contains(with, `<img src="data:image/png;base64,`) ||
		!strings.Contains(with, "Textile &amp; Fils &lt;SARL&gt;") {
		t.Errorf("the page does not show who it is from: %.900s", with)
	}
	if strings.Contains(page(t, eachState(), header(), reports.Options{}), "img-src") {
		t.Error("a page without a logo allows pictures")
	}
}

// TestACommandBreaksBetweenItsWords: never within an option, on paper as narrow as a
// telephone.
func TestACommandBreaksBetweenItsWords(t *testing.T) {
	h := header()
	h.Environment = "sandbox"
	written := write(t, eachState(), h, reports.Options{Ledger: "/srv/payrun/ledgers/november.db", Formats: []string{reports.FormatHTML}})
	pdf := filepath.Join(t.TempDir(), "page.pdf")
	programtest.PrintTo(t, written.Files[0], pdf)
	text, err := exec.CommandContext(t.Context(), programtest.Find(t, "pdftotext"), "-layout", pdf, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if trimmed := strings.TrimSpace(line); strings.HasSuffix(trimmed, "--") || strings.HasSuffix(trimmed, " -") {
			t.Errorf("an option is broken: %s", trimmed)
		}
	}
	if !strings.Contains(string(text), "--ledger") {
		t.Error("no command names the ledger")
	}
}
