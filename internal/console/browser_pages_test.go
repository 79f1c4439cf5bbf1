package console_test

import (
	"net/http"
	"strings"
	"testing"

	"payrun/internal/browsertest"
)

// TestEachPageFitsAndKeepsNobodyOut, in each language, at three widths.
func TestEachPageFitsAndKeepsNobodyOut(t *testing.T) {
	axe := browsertest.FindAxe(t)
	browser := browsertest.Open(t, browsertest.Options{})
	o := openBefore(t, false, failing(), named)
	fits := func(d desk) {
		t.Helper()
		d.Fits(360, 768, 1280)
		d.Accessible(axe)
	}
	axed := func(d desk, paths ...string) {
		t.Helper()
		for _, path := range paths {
			d.open(path)
			fits(d)
		}
	}
	const long = "paie-du-personnel-administratif-et-technique-novembre-2026"
	maker := o.as("awa")
	awa := o.desk(browser, "awa", french)
	right := o.wants("bring", maker.bring(long, long+".csv", strings.ReplaceAll(november, "NOV-", "SAL-")), http.StatusSeeOther).to()
	axed(awa, right, right+"/changes")
	o.wants("submit", maker.post(right+"/submit", hidden(t, maker.get(right).body, "/submit")), http.StatusSeeOther)
	axed(awa, "/batches/"+long, "/batches/"+long+"/pay", "/batches/"+long+"/cancel")
	maker.paidAs(long)
	axed(awa, "/batches/"+long, "/batches/"+long+"/payouts?numbers=full", "/batches/"+long+"/payouts?show=failed",
		"/batches/"+long+"/retry", "/batches/"+long+"/payouts/SAL-001/correct", "/batches/"+long+"/report", "/batches/"+long+"/live")
	awa.open("/batches/" + long + "/payouts/SAL-001/correct")
	awa.Fill("#number", "0709999999")
	awa.press(`form[action$="/correct"] button`)
	fits(awa) // what was typed beside what was sent

	o.govern()
	o.bring("november", "awa")
	wrong := o.wants("bring", maker.bring("faux", long+".csv", strings.NewReplacer("0701020304", "07010", "80500", "0", "MTN", "WAVE").Replace(november)), http.StatusSeeOther).to()
	axed(awa, wrong, "/uploads", "/batches/november")
	axed(o.seat(browser, french), "/sign-in")
	axed(o.desk(browser, "koffi", french), "/batches", "/batches/november/approval", signPage(t, "koffi", "november", "approve"),
		"/batches/november/live", "/batches/november/evidence", "/people", "/policy", "/me")
	axed(o.desk(browser, "root", "en"), "/people")
	axed(o.desk(browser, "adjoua", "en"), "/audit")
}
