package console_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"payrun/batch/rules"
	"payrun/internal/catalogue"
	"payrun/internal/console"
)

// TestWhatIsInDoubtIsAskedAndAnswered: which column, hidden zeros, repeats, ids.
func TestWhatIsInDoubtIsAskedAndAnswered(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	const rivals = "Référence,Nom,Numéro,Opérateur,Montant (brut),Net à percevoir\nA-1,Awa Koné,0701020304,Orange,50000,45000\nA-2,Yao Kra,0501020304,MTN,160000,150000\n"
	came := o.wants("rivals", awa.bring("may", "may.csv", rivals), http.StatusSeeOther)
	page := o.wants("asked", awa.get(came.to()), http.StatusOK, "which column is meant", "Montant (brut)", "Net à percevoir", "45000", `aria-invalid="true"`)
	if strings.Contains(page.body, came.to()+"/submit") {
		t.Error("it can be submitted although it is open what is paid")
	}
	o.wants("nonsense", awa.post(came.to(), url.Values{"batch": {"may"}, "column.amount": {"99"}}), http.StatusBadRequest)
	o.wants("a name", awa.post(came.to(), url.Values{"batch": {"../may"}}), http.StatusUnprocessableEntity)
	o.wants("answered", awa.post(came.to(), url.Values{"batch": {"may"}, "column.amount": {"5"}}), http.StatusSeeOther)
	page = o.wants("understood", awa.get(came.to()), http.StatusOK, "195 000 XOF")
	if form := hidden(t, page.body, "/submit"); form.Get("total") != "195000" {
		t.Errorf("%v", form)
	}

	const lost = "transaction_id,name,customer_id,operator,amount\nB-1,Awa Koné,701020304,Orange,45000\n"
	came = o.wants("lost zeros", awa.bring("june", "june.csv", lost), http.StatusSeeOther)
	o.wants("told", awa.get(came.to()), http.StatusOK, "number.lost_zero", `name="restore_zero"`, came.to()+"/copy/annotated")
	o.wants("restored", awa.post(came.to(), url.Values{"batch": {"june"}, "restore_zero": {"yes"}}), http.StatusSeeOther)
	o.wants("submit", awa.get(came.to()), http.StatusOK, came.to()+"/submit")
	fixed := o.wants("mended", awa.get(came.to()+"/copy/fixed"), http.StatusOK, "0701020304")
	if got := fixed.header.Get("Content-Disposition"); got != "attachment; filename*=UTF-8''june-mended.csv" {
		t.Errorf("the copy is called %q", got)
	}

	const none = "Nom,Numéro,Opérateur,Montant\nAwa Koné,0701020304,Orange,45000\nYao Kra,0501020304,MTN,150000\n"
	came = o.wants("no ids", awa.bring("july", "july.csv", none), http.StatusSeeOther)
	o.wants("told", awa.get(came.to()), http.StatusOK, came.to()+"/copy/ids")
	with := o.wants("ids", awa.post(came.to()+"/copy/ids", url.Values{}), http.StatusSeeOther)
	o.wants("gone", awa.get(came.to()), http.StatusNotFound)
	o.wants("submit", awa.get(with.to()), http.StatusOK, with.to()+"/submit", "july-with-ids.csv", "195 000 XOF")

	const twice = "transaction_id,name,customer_id,operator,amount\nC-1,Awa Koné,0701020304,Orange,45000\nC-2,Awa Koné,0701020304,Orange,45000\n"
	came = o.wants("repeats", awa.bring("august", "august.csv", twice), http.StatusSeeOther)
	page = o.wants("asked", awa.get(came.to()), http.StatusOK, "payment.repeated", `name="repeats"`)
	if strings.Contains(page.body, "/submit") {
		t.Error("it can be submitted although a payment is repeated")
	}
	o.wants("answered", awa.post(came.to(), url.Values{"batch": {"august"}, "repeats": {"1"}}), http.StatusSeeOther)
	o.wants("submit", awa.get(came.to()), http.StatusOK, came.to()+"/submit")
}

// TestAnnotationsStandBesideTheRows, in the reader's language.
func TestAnnotationsStandBesideTheRows(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	awa.language = "fr"
	came := o.wants("bring", awa.bring("may", "mai.csv", "transaction_id,name,customer_id,operator,amount\nA-1,Awa Koné,07010,Orange,45000\nA-2,Yao,0501020304,MTN,0\n"), http.StatusSeeOther)
	o.wants("told", awa.get(came.to()), http.StatusOK, "number.length", "amount.zero")
	copied := o.wants("copy", awa.get(came.to()+"/copy/annotated"), http.StatusOK, "A-1", "number.length", "amount.zero", "erreurs")
	if got := copied.header.Get("Content-Disposition"); got != "attachment; filename*=UTF-8''mai-annotee.csv" {
		t.Errorf("the copy is called %q", got)
	}
	o.wants("nothing is paid", awa.get("/batches"), http.StatusOK, "Aucun fichier")
	o.wants("no such copy", awa.get(came.to()+"/copy/other"), http.StatusNotFound)
	o.wants("not by itself", awa.post(came.to()+"/copy/annotated", url.Values{}), http.StatusNotFound)
}

// TestWhatChangedIsShown against the batch before, and any other.
func TestWhatChangedIsShown(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	o.wants("october", awa.submitted("october", strings.ReplaceAll(november, "NOV-", "OCT-")), http.StatusSeeOther)
	awa.paidAs("october")
	next := strings.NewReplacer("45000", "46000", "0501020304", "0509999999").Replace(november) + "NOV-004,Issa Traoré,0702020202,ORANGE,10000\n"
	came := o.wants("bring", awa.bring("november", "november.csv", next), http.StatusSeeOther)
	o.wants("understood", awa.get(came.to()), http.StatusOK, "Against batch october", came.to()+"/changes")
	o.wants("changes", awa.get(came.to()+"/changes"), http.StatusOK, "New people", "Issa Traoré", "Changed amounts", "45 000 XOF", "46 000 XOF", "Changed numbers", "Yao Kra")
	o.wants("no such batch", awa.get(came.to()+"/changes?against=none"), http.StatusOK, "cannot be compared")
	o.wants("again", awa.get(came.to()+"/changes?against="), http.StatusOK, "Issa Traoré")
}

// TestAFirstBatchIsComparedWithNothing: no page offers what changed before there is an earlier batch,
// and a later one changes nothing about that.
func TestAFirstBatchIsComparedWithNothing(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	came := o.wants("bring", awa.bring("october", "october.csv", strings.ReplaceAll(november, "NOV-", "OCT-")), http.StatusSeeOther)
	offered := func(page answer) bool { return strings.Contains(page.body, "/changes") }
	page := o.wants("understood", awa.get(came.to()), http.StatusOK, "This is the first batch")
	if offered(page) {
		t.Error("its file is compared with nothing")
	}
	o.wants("submit", awa.post(came.to()+"/submit", hidden(t, page.body, "/submit")), http.StatusSeeOther)
	o.wants("another one", awa.submitted("november", strings.NewReplacer("45000", "46000", "150000", "151000", "80500", "81500").Replace(november)), http.StatusSeeOther)
	if offered(awa.get("/batches/october")) || !offered(awa.get("/batches/november")) {
		t.Error("the first batch is compared, or the second is not")
	}
	first := o.wants("by its address", awa.get("/batches/october/changes"), http.StatusOK, "This is the first batch")
	if strings.Contains(first.body, "<select") {
		t.Error("there is nothing to choose, and a choice")
	}
}

// TestAnUploadIsItsMakersAlone.
func TestAnUploadIsItsMakersAlone(t *testing.T) {
	o := open(t, false)
	came := o.wants("bring", o.as("awa").bring("may", "may.csv", november), http.StatusSeeOther)
	o.enter("mariam", "maker")
	other := o.as("mariam")
	for _, path := range []string{came.to(), came.to() + "/changes", came.to() + "/copy/annotated", "/uploads/" + strings.Repeat("0", 32), "/uploads/..%2f" + strings.TrimPrefix(came.to(), "/uploads/")} {
		if got := other.get(path); got.status != http.StatusNotFound {
			t.Errorf("%s for somebody else: %d", path, got.status)
		}
	}
	o.wants("theirs", other.get("/uploads"), http.StatusOK)
	o.wants("remove", o.as("awa").post(came.to()+"/remove", url.Values{}), http.StatusSeeOther)
	o.wants("gone", o.as("awa").get(came.to()), http.StatusNotFound)
}

// TestABadUploadIsToldOnTheForm.
func TestABadUploadIsToldOnTheForm(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	o.wants("empty", awa.bring("may", "may.csv", ""), http.StatusUnprocessableEntity, "Choose a file")
	o.wants("a name", awa.bring("../../etc", "may.csv", november), http.StatusUnprocessableEntity, "name has letters")
	o.wants("too large", awa.bring("may", "may.csv", strings.Repeat("x", 1<<20+1)), http.StatusRequestEntityTooLarge, "larger than")
	o.wants("no form", awa.send(http.MethodPost, "/uploads", november, "Content-Type", "text/csv", "Sec-Fetch-Site", "same-origin", "Origin", o.URL), http.StatusBadRequest)
	o.wants("no table", awa.get(awa.bring("may", "photo.csv", "\x89PNG\r\n\x1a\n\x00\x00").to()), http.StatusOK, "file.not_table")
	came := awa.bring("may", `..\..\autoexec.bat`, november)
	o.wants("a path", awa.get(came.to()), http.StatusOK, "autoexec.bat")
	if strings.Contains(awa.get(came.to()).body, `..\`) {
		t.Error("the folder of a file's name is shown")
	}
}

// TestNoPageTellsOfACommand: where the command line has a flag for something, a page has a field.
func TestNoPageTellsOfACommand(t *testing.T) {
	command := regexp.MustCompile(`(?i)(^|[ '("])--[a-z]|payrun [a-z]+ (FILE|BATCH|\{)|payrun (ids|resume|cancel|retry|resolve|run|ledger)\b`)
	for _, language := range []catalogue.Language{catalogue.English, catalogue.French} {
		words, err := catalogue.Console(language)
		if err != nil {
			t.Fatal(err)
		}
		for code := range rules.Codes() {
			for _, then := range []string{"", "open", "queued", "contradicted", "elsewhere", "successful", "failed"} {
				message, hint := console.WordProblem(words, catalogue.Finding{Code: code, Details: map[string]string{
					"then": then, "remedy": "ask", "reason": "", "choices": "", "command": "", "count": "2", "given": "1", "rows": "2",
				}})
				if command.MatchString(message) || command.MatchString(hint) {
					t.Errorf("%s in %s: %s → %s", code, language, message, hint)
				}
			}
		}
	}
}

// TestALargeFileIsTakenAsItComes: a list of more than 32 MB, which is never in memory as a whole form.
// It is read beside the requests for it, and its page tells how far that is.
func TestALargeFileIsTakenAsItComes(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a file of 32 MB")
	}
	o := open(t, false, func(c *console.Config) { c.UploadMax, c.Limits.Patience = 64<<20, time.Millisecond })
	awa := o.as("awa")
	const rows = 70_000
	note := strings.Repeat("novembre ", 50)
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	sent := make(chan error, 1)
	go func() {
		part, err := form.CreateFormFile("file", "large.csv")
		if err == nil {
			lines := bufio.NewWriter(part)
			_, _ = lines.WriteString("transaction_id,name,customer_id,operator,amount,note\n")
			for i := range rows {
				_, _ = fmt.Fprintf(lines, "L-%07d,Awa Koné %d,07%08d,ORANGE,%d,%s\n", i, i, i, 1000+i%5000, note)
			}
			err = lines.Flush()
		}
		sent <- errors.Join(err, form.Close(), writer.Close())
	}()
	began := time.Now()
	got := awa.stream("/uploads", form.FormDataContentType(), reader)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	o.wants("bring", got, http.StatusSeeOther)
	info, err := os.Stat(filepath.Join(o.files, "waiting", strings.TrimPrefix(got.to(), "/uploads/"), "content"))
	if err != nil || info.Size() < 32<<20 {
		t.Fatalf("%v, %v, want more than 32 MB", info, err)
	}
	t.Logf("%d MB were taken in %s", info.Size()>>20, time.Since(began).Round(time.Millisecond))
	page := o.wants("read", awa.get(got.to()), http.StatusOK, "large.csv is being checked", `http-equiv="refresh"`, "data-reload")
	if changes := awa.get(got.to() + "/changes"); changes.status != http.StatusOK || !strings.Contains(changes.body, "is being checked") {
		t.Errorf("what changed: %d, want the same", changes.status)
	}
	began = time.Now()
	told := awa.get(o.found(page, `data-live="([^"]+)"`))
	t.Logf("it was understood in %s", time.Since(began).Round(time.Millisecond))
	if !regexp.MustCompile(`event: figures\ndata: {"bar":"0\.\d+","spoken":"Checking: [^"]+ of 70.001 rows"`).MatchString(told.body) || !strings.Contains(told.body, "event: end\n") {
		t.Errorf("the page was told\n%s", told.body)
	}
	o.wants("understood", awa.get(got.to()), http.StatusOK, got.to()+"/submit")
	o.wants("again", awa.get(got.to()), http.StatusOK, got.to()+"/submit")
}

// TestAServerThatStopsReadsTheFileAfterwards: the file stays, and the next server reads it anew.
func TestAServerThatStopsReadsTheFileAfterwards(t *testing.T) {
	var files string
	before := open(t, false, func(c *console.Config) { files = c.Files })
	came := before.wants("bring", before.as("awa").bring("may", "may.csv", november), http.StatusSeeOther)
	before.pages.Close()
	before.wants("stopping", before.as("awa").get(came.to()), http.StatusServiceUnavailable, "The server is stopping")
	after := open(t, false, func(c *console.Config) { c.Files = files })
	after.wants("understood", after.as("awa").get(came.to()), http.StatusOK, came.to()+"/submit")
}
