package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
)

// TestEachPageIsForItsRoles: every page and every act of a batch, and who is let through.
func TestEachPageIsForItsRoles(t *testing.T) {
	o := open(t, false)
	o.wants("submit", o.as("awa").submitted("may", november), http.StatusSeeOther)
	everybody, makers, readers, resolvers := "root awa koffi adjoua", "awa", "awa koffi adjoua", "awa koffi"
	for path, may := range map[string]string{
		"GET /batches": everybody, "GET /batches/may": everybody, "GET /batches/may/payouts": everybody,
		"GET /uploads": makers, "POST /uploads": makers, "GET /uploads/x": makers, "POST /uploads/x": makers, "GET /uploads/x/changes": makers, "GET /uploads/x/progress": makers,
		"GET /uploads/x/copy/fixed": makers, "POST /uploads/x/copy/fixed": makers, "POST /uploads/x/remove": makers, "POST /uploads/x/submit": makers,
		"GET /batches/may/pay": makers, "POST /batches/may/pay": makers, "GET /batches/may/retry": makers, "POST /batches/may/retry": makers,
		"GET /batches/may/cancel": makers, "POST /batches/may/cancel": makers,
		"GET /batches/may/payouts/NOV-001/correct": makers, "POST /batches/may/payouts/NOV-001/correct": makers,
		"GET /batches/may/payouts/NOV-001/resolve": resolvers, "POST /batches/may/payouts/NOV-001/resolve": resolvers,
		"GET /batches/may/changes": readers, "GET /batches/may/rejected": readers, "GET /batches/may/report": readers, "GET /batches/may/report/csv": readers,
		"GET /notices": everybody, "POST /notices/webhook/1/again": "root",
	} {
		method, at, _ := strings.Cut(path, " ")
		for name := range staff {
			visitor := o.as(name)
			var got answer
			if method == http.MethodGet {
				got = visitor.get(at)
			} else {
				got = visitor.post(at, url.Values{})
			}
			if let := got.status != http.StatusForbidden; let != strings.Contains(may, name) {
				t.Errorf("%s for %s: %d", path, name, got.status)
			}
		}
		if got := o.stranger().send(method, at, "", "Sec-Fetch-Site", "same-origin"); got.status != http.StatusSeeOther && got.status != http.StatusUnauthorized {
			t.Errorf("%s for a stranger: %d", path, got.status)
		}
	}
	if b, err := o.store.Batch(t.Context(), "may"); err != nil || b.State != ledger.BatchReady || b.Release != nil {
		t.Errorf("%+v, %v: an empty form changed something", b, err)
	}
	for name, may := range map[string]bool{"root": false, "awa": true, "koffi": true, "adjoua": true} {
		if got := o.as(name).get("/batches/may/payouts?numbers=full"); strings.Contains(got.body, "0701020304") != may {
			t.Errorf("%s sees numbers in full: %t", name, !may)
		}
	}
}

// TestNoPathLeadsOutOfThePages, nor into a header.
func TestNoPathLeadsOutOfThePages(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	o.wants("submit", awa.submitted("may", november), http.StatusSeeOther)
	for _, path := range []string{
		"/static/..%2f..%2fgo.mod", "/static/%2e%2e/console.go", "/static/", "/uploads/..%2F..%2Fetc%2Fpasswd", "/uploads/%2e%2e%2fwaiting",
		"/uploads/%00", "/uploads/..%2fx/copy/fixed", "/batches/..%2f..%2fetc", "/batches/..%2f..%2fetc/report/csv", "/batches/may/report/..%2f..%2fx",
		"/batches/%0d%0aX:%20y/report/csv", "/batches/may/payouts/..%2f..%2fx/correct", "/invitation/..%2f..%2fme", "/waiting", "/files", "/debug/pprof/",
	} {
		got := awa.send(http.MethodGet, path, "")
		if got.status < 400 || got.status >= 500 || got.header.Get("X") != "" || strings.Contains(got.body, "module payrun") || strings.Contains(got.body, "root:") {
			t.Errorf("%s: %d %.200s", path, got.status, got.body)
		}
	}
}

// markup is a text that a page must never have as it is.
const markup = `<img src=x onerror=alert(1)>`

// TestNothingOfAFileIsMarkup: name, note, title, file name, and whatever the provider says.
func TestNothingOfAFileIsMarkup(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	quoted := `"` + strings.ReplaceAll(markup, `"`, `""`) + `"`
	file := "transaction_id,name,customer_id,operator,amount,note," + quoted + "\n" +
		"A-1," + quoted + ",0701020304,Orange,45000," + quoted + "," + quoted + "\n" +
		"A-2," + quoted + "," + quoted + "," + quoted + "," + quoted + "," + quoted + "," + quoted + "\n" + quoted + ",Yao,0501020304,MTN,100,,\n"
	came := o.wants("bring", awa.bring("may", markup+".csv", file), http.StatusSeeOther)
	pages := []string{came.to(), "/uploads", came.to() + "/changes"}
	o.wants("skip", awa.post(came.to(), url.Values{"batch": {"may"}, "skip_invalid": {"yes"}}), http.StatusSeeOther)
	page := o.wants("understood", awa.get(came.to()), http.StatusOK, "&lt;img")
	for _, path := range pages {
		if got := awa.get(path); got.status != http.StatusOK || strings.Contains(got.body, "<img") {
			t.Errorf("%s: %d, has markup of the file", path, got.status)
		}
	}
	o.wants("submit", awa.post(came.to()+"/submit", hidden(t, page.body, "/submit")), http.StatusSeeOther)
	failed := ledgertest.Move("A-1", ledger.Submitting, ledger.Failed)
	failed.Answer = ledger.Answer{Code: markup, Message: markup, ProviderRef: markup}
	ledgertest.Apply(t, o.store, ledgertest.Move("A-1", ledger.Queued, ledger.Submitting), failed)
	differs := ledgertest.Move("A-1", ledger.Failed, ledger.Failed)
	differs.Difference = &ledger.Difference{Code: markup, Recorded: ledger.Failed, ProviderCode: markup, ProviderRef: markup, Reference: markup, At: time.Now()}
	paths := []string{
		"/batches", "/batches/may", "/batches/may/payouts", "/batches/may/payouts?show=failed", "/batches/may/rejected", "/batches/may/changes",
		"/batches/may/retry", "/batches/may/payouts/A-1/correct",
	}
	for _, path := range paths {
		if got := awa.get(path); got.status != http.StatusOK || strings.Contains(got.body, "<img") {
			t.Errorf("%s: %d, has markup of the file or the provider", path, got.status)
		}
	}
	ledgertest.Apply(t, o.store, differs)
	for _, path := range []string{"/batches/may/payouts?show=disputed", "/batches/may/payouts/A-1/resolve"} {
		if got := awa.get(path); got.status != http.StatusOK || strings.Contains(got.body, "<img") || !strings.Contains(got.body, "&lt;img") {
			t.Errorf("%s: %d, has markup of the provider", path, got.status)
		}
	}
	o.wants("typed", awa.post("/batches/may/payouts/A-1/correct", url.Values{"number": {markup}, "name": {markup}, "operator": {markup}, "amount": {markup}}), http.StatusUnprocessableEntity)
	for _, path := range []string{"/batches/" + url.PathEscape(markup), "/batches?after=" + url.QueryEscape(markup), "/batches/may/payouts?show=" + url.QueryEscape(markup)} {
		if got := awa.get(path); got.status < 400 || got.status >= 500 || strings.Contains(got.body, "<img") {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}
