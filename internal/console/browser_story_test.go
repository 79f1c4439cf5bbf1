package console_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/internal/browsertest"
)

// french are the languages that a browser in Abidjan asks for.
const french = "fr-CI,fr;q=0.9"

// reads fails the test unless an element says all of the words.
func (d desk) reads(selector string, words ...string) {
	d.o.t.Helper()
	text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(d.Text(selector)) // figures do not break
	for _, one := range words {
		if !strings.Contains(text, one) {
			d.o.t.Errorf("%s: %s does not say %q, but\n%s", d.Address(), selector, one, text)
		}
	}
}

// press leads to a page, which has to be one.
func (d desk) press(selector string) {
	d.o.t.Helper()
	if status := d.Press(selector); status != http.StatusOK {
		d.o.t.Fatalf("%s: %d\n%s", selector, status, d.Text("main"))
	}
}

// chooses has the maker choose a file on the page of files, that they come to from the batches.
func (d desk) chooses(name string) {
	o := d.o
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(november), 0o600); err != nil {
		o.t.Fatal(err)
	}
	d.open("/batches")
	d.press("main a.button.main")
	d.Choose("#file", path)
}

// submits has the maker confirm what was understood of the file.
func (d desk) submits() {
	d.o.t.Helper()
	d.reads("h1", "paie novembre.csv")
	d.reads("main", "275 500 XOF", "beneficiary_name", "Awa Koné", "ORANGE")
	d.press(`form[action$="/submit"] button`)
	d.reads("main", "Soumis. Rien n'est encore payé.", "275 500 XOF", "attend d'être approuvé")
}

// pays has the maker see what it comes to, release it, and go to where it can be followed.
func (d desk) pays() {
	d.o.t.Helper()
	d.open("/batches/paie-novembre")
	d.press("main .notice a.button.main")
	d.reads("main", "275 500 XOF")
	d.press(`form[action$="/pay"] button`)
	d.reads("main", "Lancé. Le paiement est en cours.")
	d.press(`main a.button.main[href$="/live"]`)
	d.reads("[data-figure=final]", "0 sur 3")
}

// seesTheEnd pays the batch while its page is open, which says the end.
func (d desk) seesTheEnd() {
	d.o.t.Helper()
	d.o.goOn("paie-novembre")
	d.Wait("[data-ended]")
	d.reads("[data-figure=final]", "3 sur 3")
	d.press("[data-ended] a")
	d.reads("main", "clos", "tous ceux qui pouvaient l'être ont été payés", "275 500 XOF")
}

// keeps downloads the report, and all evidence, which is whole.
func (d desk) keeps(t *testing.T) {
	t.Helper()
	d.press(`main a.button.main[href$="/report"]`)
	report, err := os.ReadFile(d.Download(`a[href$="/report/csv"]`))
	if err != nil || !strings.Contains(string(report), "NOV-003") || !strings.Contains(string(report), "Fatou Bamba") {
		t.Errorf("%v: the report is\n%.500s", err, report)
	}
	d.open("/batches/paie-novembre")
	d.press(`nav a[href$="/evidence"]`)
	archive, err := os.ReadFile(d.Download("a.button[download]"))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(unzip(t, string(archive)), "paie-novembre-evidence")
	if result, err := service.VerifyEvidence(t.Context(), folder, nil); err != nil {
		t.Errorf("%v: %+v", err, result)
	}
}

// TestTwoPeoplePayAFileInFrench, from the file to the evidence.
func TestTwoPeoplePayAFileInFrench(t *testing.T) {
	browser := browsertest.Open(t, browsertest.Options{})
	o := open(t, false, named)
	o.govern()
	ama, awa := o.seat(browser, french), o.desk(browser, "awa", french)
	ama.join("ama", "Ama Kouassi", "checker")

	awa.chooses("paie novembre.csv")
	awa.Click("form[data-upload] button")
	awa.Wait(`form[action$="/submit"]`)
	awa.submits()

	ama.open("/batches")
	ama.press(`a[href="/batches/paie-novembre"]`)
	ama.press("main .notice a.button.main")
	ama.reads("main", "275 500 XOF")
	ama.press(`form[data-passkey="get"] button`)
	ama.reads(".notice.good", "Votre approbation est enregistrée")

	awa.pays()
	awa.seesTheEnd()
	awa.keeps(t)
}

// TestScriptsAreNotNeeded by the two of them, with a key of ssh-keygen.
func TestScriptsAreNotNeeded(t *testing.T) {
	browser := browsertest.Open(t, browsertest.Options{})
	o := open(t, false, named)
	o.govern()
	awa, koffi := o.desk(browser, "awa", french), o.desk(browser, "koffi", french)
	awa.WithoutScripts()
	koffi.WithoutScripts()

	awa.chooses("paie novembre.csv")
	awa.press("form[data-upload] button")
	awa.submits()

	koffi.open("/batches/paie-novembre/approval")
	koffi.press(`a.button[href*="/approval/sign"]`)
	text := browsertest.Value[string](koffi.Page, `document.querySelector("input[name=text]").value`)
	koffi.Put("#signature", sign(t, "koffi", approval.Namespace, text))
	koffi.press(`form[action$="/decisions"] button`)
	koffi.reads("main", "Votre approbation est enregistrée")

	awa.pays()
	awa.seesTheEnd() // once the page was loaded anew
	awa.keeps(t)
}
