package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"payrun/batch/service"
	"payrun/ledger"
)

// bring sends a file by the form, as a browser without scripts does.
func (b *browser) bring(name, file, content string) answer {
	b.o.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("batch", name); err != nil {
		b.o.t.Fatal(err)
	}
	part, err := form.CreateFormFile("file", file)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.o.t.Fatal(err)
	}
	return b.send(http.MethodPost, "/uploads", body.String(), "Content-Type", form.FormDataContentType(), "Sec-Fetch-Site", "same-origin", "Origin", b.o.URL)
}

// hidden are the hidden fields of the form of a page whose action ends so.
func hidden(tb testing.TB, page, action string) url.Values {
	tb.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="[^"]*` + regexp.QuoteMeta(action) + `".*?</form>`).FindString(page)
	if form == "" {
		tb.Fatalf("there is no form for %s in\n%s", action, page)
	}
	values := url.Values{}
	for _, one := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(form, -1) {
		values.Add(one[1], one[2])
	}
	return values
}

// submitted brings a file in and submits it as the page asks.
func (b *browser) submitted(name, content string) answer {
	b.o.t.Helper()
	came := b.o.wants("bring", b.bring(name, name+".csv", content), http.StatusSeeOther)
	page := b.o.wants("understood", b.get(came.to()), http.StatusOK)
	return b.post(came.to()+"/submit", hidden(b.o.t, page.body, "/submit"))
}

// paidAs has a batch released by its page and paid as far as it goes.
func (b *browser) paidAs(id ledger.BatchID) {
	b.o.t.Helper()
	page := b.o.wants("see", b.get("/batches/"+string(id)+"/pay"), http.StatusOK)
	form := hidden(b.o.t, page.body, "/pay")
	form.Set("when", "now")
	b.o.wants("release", b.post("/batches/"+string(id)+"/pay", form), http.StatusSeeOther)
	b.o.goOn(id)
}

// goOn pays what is released of a batch.
func (o *office) goOn(id ledger.BatchID) {
	o.t.Helper()
	batch, err := o.store.Batch(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.service().Pay(o.t.Context(), service.Actor{Person: "server", Host: "caisse"}, service.Payment{Batch: batch}); err != nil {
		o.t.Fatal(err)
	}
}

// TestAFileIsBroughtInUnderstoodSubmittedAndPaid, by forms alone, until the money is booked.
func TestAFileIsBroughtInUnderstoodSubmittedAndPaid(t *testing.T) {
	for _, language := range []string{"en", "fr"} {
		o := open(t, false)
		awa := o.as("awa")
		awa.language = language
		o.wants("form", awa.get("/uploads"), http.StatusOK, `enctype="multipart/form-data"`)
		came := o.wants("bring", awa.bring("", "paie novembre.csv", november), http.StatusSeeOther)
		page := o.wants("understood", awa.get(came.to()), http.StatusOK, "paie novembre.csv", "beneficiary_name", "Awa Koné", "275 500 XOF", "45000")
		form := hidden(t, page.body, "/submit")
		if form.Get("count") != "3" || form.Get("total") != "275500" {
			t.Fatalf("it is submitted as %v", form)
		}
		if b, err := o.store.Batches(t.Context()); err != nil || len(b) != 0 {
			t.Fatalf("%v, %v, and nobody submitted anything", b, err)
		}
		wrong := url.Values{"count": {"3"}, "total": {"275501"}, "corrections": {"0"}}
		o.wants("another total", awa.post(came.to()+"/submit", wrong), http.StatusConflict)
		done := o.wants("submit", awa.post(came.to()+"/submit", form), http.StatusSeeOther)
		const id = "paie-novembre"
		if done.to() != "/batches/"+id {
			t.Fatalf("it leads to %q", done.to())
		}
		o.wants("ready", awa.get(done.to()), http.StatusOK, `href="/batches/`+id+`/pay"`, `class="notice good"`)
		if again := o.wants("it was submitted", awa.get(came.to()), http.StatusSeeOther); again.to() != done.to() {
			t.Errorf("the file leads to %q", again.to())
		}

		see := o.wants("see", awa.get(done.to()+"/pay"), http.StatusOK, "275 500 XOF")
		o.wants("another count", awa.post(done.to()+"/pay", url.Values{"count": {"2"}, "total": {"275500"}, "when": {"now"}}), http.StatusConflict, "275 500 XOF")
		for what, form := range map[string]url.Values{"nothing": {}, "no number": {"count": {"x"}, "total": {"1"}}, "less than none": {"count": {"-1"}, "total": {"0"}}} {
			o.wants(what, awa.post(done.to()+"/pay", form), http.StatusBadRequest)
		}
		if b, err := o.store.Batch(t.Context(), id); err != nil || b.Release != nil {
			t.Fatalf("%+v, %v, and nobody confirmed it", b.Release, err)
		}
		confirmed := hidden(t, see.body, "/pay")
		o.wants("no time", awa.post(done.to()+"/pay", confirmed), http.StatusUnprocessableEntity)
		confirmed.Set("when", "now")
		o.wants("pay", awa.post(done.to()+"/pay", confirmed), http.StatusSeeOther)
		o.goOn(id)
		b, err := o.store.Batch(t.Context(), id)
		if err != nil || b.State != ledger.BatchClosed || b.Release.By.Name != "awa" || b.By.Name != "awa" {
			t.Fatalf("%+v, %v, want it paid by awa", b, err)
		}
		o.wants("closed", awa.get(done.to()), http.StatusOK, `badge closed`, "275 500 XOF", `/report"`)
		o.wants("list", awa.get("/batches"), http.StatusOK, id, "275 500 XOF")
		for _, ending := range []string{"html", "xlsx", "csv", "journal.csv", "json"} {
			got := o.wants(ending, awa.get(done.to()+"/report/"+ending), http.StatusOK)
			if want := "attachment; filename*=UTF-8''" + id + "." + ending; got.header.Get("Content-Disposition") != want || len(got.body) < 300 {
				t.Errorf("%s: %q, %d bytes", ending, got.header.Get("Content-Disposition"), len(got.body))
			}
		}
		o.wants("no such form", awa.get(done.to()+"/report/exe"), http.StatusNotFound)
	}
}

// TestABatchIsReleasedForATime: nothing is sent before it, and what is over is no time.
func TestABatchIsReleasedForATime(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	o.wants("submit", awa.submitted("may", november), http.StatusSeeOther)
	form := hidden(t, awa.get("/batches/may/pay").body, "/pay")
	form.Set("when", "at")
	for what, at := range map[string]string{"over": "2020-01-01T08:00", "no time": "soon", "none": ""} {
		form.Set("at", at)
		if got := awa.post("/batches/may/pay", form); got.status != http.StatusConflict && got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	if b, err := o.store.Batch(t.Context(), "may"); err != nil || b.Release != nil {
		t.Fatalf("%+v, %v, and no time was right", b.Release, err)
	}
	at := time.Now().Add(48 * time.Hour).Truncate(time.Minute)
	form.Set("at", at.Format("2006-01-02T15:04"))
	o.wants("released", awa.post("/batches/may/pay", form), http.StatusSeeOther)
	o.wants("waits", awa.get("/batches/may"), http.StatusOK, "Nothing is sent before")
	b, err := o.store.Batch(t.Context(), "may")
	if err != nil || b.Release == nil || !b.Release.NotBefore.Equal(at) {
		t.Fatalf("%+v, %v, want it released for %s", b.Release, err, at)
	}
	o.goOn("may")
	if p, err := o.store.Payout(t.Context(), "NOV-001"); err != nil || p.State != ledger.Queued {
		t.Errorf("%s, %v, want nothing sent", p.State, err)
	}
	form = hidden(t, awa.get("/batches/may/pay").body, "/pay")
	form.Set("when", "now")
	o.wants("now after all", awa.post("/batches/may/pay", form), http.StatusSeeOther)
	o.goOn("may")
	if p, err := o.store.Payout(t.Context(), "NOV-001"); err != nil || p.State != ledger.Successful {
		t.Errorf("%s, %v, want it paid", p.State, err)
	}
}

// TestUnderAPolicyNothingIsPaidBeforeOthersSign.
func TestUnderAPolicyNothingIsPaidBeforeOthersSign(t *testing.T) {
	o := open(t, false)
	o.govern()
	awa := o.as("awa")
	o.wants("submit", awa.submitted("may", november), http.StatusSeeOther)
	o.wants("waits", awa.get("/batches/may"), http.StatusOK, "awaiting_approval", `href="/batches/may/approval"`)
	if got := awa.post("/batches/may/pay", url.Values{"count": {"3"}, "total": {"275500"}, "when": {"now"}}); got.to() != "/batches/may/approval" {
		t.Errorf("it is paid: %d %q", got.status, got.to())
	}
	if b, err := o.store.Batch(t.Context(), "may"); err != nil || b.Release != nil {
		t.Errorf("released %+v, %v", b.Release, err)
	}
	o.wants("nobody's maker", o.as("root").get("/uploads"), http.StatusForbidden)
}
