package httpapi_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/access"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// TestAFileIsBroughtInReleasedAndPaid, each payout once, in the name of the token's person.
func TestAFileIsBroughtInReleasedAndPaid(t *testing.T) {
	o := open(t, true)
	made := o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november&file=november.csv", november), http.StatusCreated, "")
	var created httpapi.CreatedBatch
	made.into(t, &created)
	if b := created.Batch; b.State != "ready" || b.By != "awa" || b.File != "november.csv" || b.ToConfirm.Count != 3 || b.ToConfirm.Amount != "275500" || b.Released != nil {
		t.Fatalf("brought in %s", made.body)
	}
	if kept, err := os.ReadFile(filepath.Join(o.files, created.Batch.SHA256)); err != nil || string(kept) != november {
		t.Errorf("the file is not kept: %v", err)
	}
	wrong := o.wants("another total", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275501}`), http.StatusConflict, "not_as_confirmed")
	var told httpapi.Problem
	wrong.into(t, &told)
	if told.Found == nil || told.Found.Amount != "275500" {
		t.Errorf("it does not say what may be paid: %s", wrong.body)
	}
	for what, body := range map[string]string{
		"nothing": `{"count":0,"total":0}`, "a part": `{"count":1,"total":45000}`, "as text": `{"count":3,"total":"275500"}`,
		"centimes": `{"count":3,"total":275500.5}`, "an exponent": `{"count":3,"total":2755e2}`, "another currency": `{"count":3,"total":275500,"currency":"EUR"}`,
		"no count": `{"total":275500}`, "no total": `{"count":3}`, "more": `{"count":3,"total":275500,"yes":true}`,
	} {
		if got := o.call(http.MethodPost, "/v1/batches/november/pay", body); got.status < 400 || got.status >= 500 {
			t.Errorf("%s was confirmed: %d %s", what, got.status, got.body)
		}
	}
	if b, err := o.store.Batch(t.Context(), "november"); err != nil || b.Release != nil {
		t.Fatalf("released %+v, %v, and nobody confirmed it", b.Release, err)
	}
	o.wants("pay", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500,"currency":"XOF"}`), http.StatusOK, "")
	sent := map[ledger.TransactionID]int{}
	for _, event := range o.until("0", "batch.closed") {
		if event.To == "submitting" {
			sent[event.Payout]++
		}
	}
	if len(sent) != 3 || sent["NOV-001"] != 1 || sent["NOV-002"] != 1 || sent["NOV-003"] != 1 {
		t.Errorf("sent %v, want each once", sent)
	}
	var after httpapi.Batch
	o.call(http.MethodGet, "/v1/batches/november", "").into(t, &after)
	if after.State != "closed" || after.Payouts["successful"].Count != 3 || after.Released.By != "awa" || after.ToConfirm.Count != 0 {
		t.Errorf("it ends as %+v", after)
	}
	b, err := o.store.Batch(t.Context(), "november")
	if err != nil || b.Release.By.Confirmed != "request" || !strings.HasPrefix(b.Release.By.Host, "caisse/") {
		t.Errorf("released by %+v, %v, want a request by a token", b.Release.By, err)
	}
	o.wants("pay a closed one", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`), http.StatusConflict, "not_as_confirmed")
}

// TestARepeatGetsTheSameAnswer, also of a server that began since, and does nothing again.
func TestARepeatGetsTheSameAnswer(t *testing.T) {
	o := open(t, false)
	const path, key = "/v1/batches?batch=november&file=a.csv", "Idempotency-Key"
	first := o.wants("bring in", o.call(http.MethodPost, path, november, key, "one"), http.StatusCreated, "")
	paid := o.wants("pay", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`, key, "two"), http.StatusOK, "")
	before, _, err := o.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []struct {
		path, body, key string
		want            answer
	}{{path, november, "one", first}, {"/v1/batches/november/pay", `{"count":3,"total":275500}`, "two", paid}} {
		got := o.call(http.MethodPost, again.path, again.body, key, again.key)
		if got.status != again.want.status || string(got.body) != string(again.want.body) || got.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: %d %s, want the first answer", again.path, got.status, got.body)
		}
	}
	if after, _, err := o.store.Head(t.Context()); err != nil || after != before {
		t.Errorf("%d events, want %d: a repeat changed something", after, before)
	}
	o.wants("the key for other content", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":2,"total":1}`, key, "two"), http.StatusUnprocessableEntity, "key_reused")
	o.wants("the key for another call", o.call(http.MethodPost, "/v1/batches/november/cancel", "", key, "two"), http.StatusUnprocessableEntity, "key_reused")
	other := o.token("koffi", access.Scopes()...)
	o.wants("the key of somebody else", o.as(other, http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`, key, "two"), http.StatusOK, "")
	o.wants("without a key", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`), http.StatusOK, "")
}

// TestARefusedFileLeavesNothingBehind but its problems, in the caller's language.
func TestARefusedFileLeavesNothingBehind(t *testing.T) {
	o := open(t, false)
	broken := strings.Replace(november, "0501020304,MTN,150000", "05010203,MTN,-4", 1)
	for what, test := range map[string]struct{ path, body, code string }{
		"bad rows":           {"/v1/batches?batch=november", broken, "file"},
		"no table":           {"/v1/batches?batch=november", "hello", "file"},
		"another order":      {"/v1/batches?batch=november", "\x50\x4b\x03\x04rubbish", "file"},
		"nothing":            {"/v1/batches?batch=november", "", "request"},
		"a name that leads":  {"/v1/batches?batch=..%2F..%2Fetc", november, "request"},
		"an unknown setting": {"/v1/batches?batch=november&yes=1", november, "request"},
		"a bad map":          {"/v1/batches?batch=november&map=amount", november, "request"},
	} {
		got := o.call(http.MethodPost, test.path, test.body, "Accept-Language", "fr-CI, en;q=0.5")
		if got.status < 400 || got.status >= 500 || got.code() != test.code {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
		if strings.Contains(string(got.body), o.files) {
			t.Errorf("%s: the answer names a folder of this machine: %s", what, got.body)
		}
		if what == "bad rows" && !strings.Contains(string(got.body), "rien n'a été gardé") {
			t.Errorf("it is not in French: %s", got.body)
		}
	}
	if left, err := os.ReadDir(o.files); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	if batches, err := o.store.Batches(t.Context()); err != nil || len(batches) > 0 {
		t.Errorf("batches %+v, %v", batches, err)
	}
	var checked httpapi.CreatedBatch
	o.wants("a check", o.call(http.MethodPost, "/v1/batches?batch=november&check=true", november), http.StatusOK, "").into(t, &checked)
	if checked.Batch != nil || checked.Found.Valid.Count != 3 {
		t.Errorf("checked %+v", checked)
	}
	o.wants("nothing kept", o.call(http.MethodGet, "/v1/batches/november", ""), http.StatusNotFound, "not_found")
	o.wants("without the bad row", o.call(http.MethodPost, "/v1/batches?batch=november&skip_invalid=true", broken), http.StatusCreated, "")
	var rejected httpapi.Rejected
	o.call(http.MethodGet, "/v1/batches/november/rejected", "").into(t, &rejected)
	if len(rejected.Rows) != 1 || rejected.Rows[0].Row != 3 || rejected.Rows[0].Reasons[0].Message == "" {
		t.Errorf("rejected %+v", rejected)
	}
}

// TestAFormBringsAFileInAsABodyDoes.
func TestAFormBringsAFileInAsABodyDoes(t *testing.T) {
	o := open(t, false)
	form := "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../décembre.csv\"\r\n\r\n" + november + "\r\n--x--\r\n"
	var created httpapi.CreatedBatch
	o.wants("a form", o.call(http.MethodPost, "/v1/batches?batch=one", form, "Content-Type", "multipart/form-data; boundary=x"), http.StatusCreated, "").into(t, &created)
	if created.Batch.File != "décembre.csv" || created.Batch.ToConfirm.Count != 3 {
		t.Errorf("brought in %+v", created.Batch)
	}
	o.wants("no file in it", o.call(http.MethodPost, "/v1/batches?batch=two", strings.ReplaceAll(form, `name="file"`, `name="fichier"`), "Content-Type", "multipart/form-data; boundary=x"),
		http.StatusBadRequest, "request")
}

// TestPagesHaveEveryPayoutOnce.
func TestPagesHaveEveryPayoutOnce(t *testing.T) {
	o := open(t, false)
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=december", strings.ReplaceAll(november, "NOV", "DEC"), "X", "y"), http.StatusUnprocessableEntity, "file")
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=december&repeat_ok=3", strings.ReplaceAll(november, "NOV", "DEC")), http.StatusCreated, "")
	var seen []string
	for after, pages := "", 0; ; pages++ {
		var page httpapi.Payouts
		o.call(http.MethodGet, "/v1/batches/november/payouts?limit=1&state=queued&after="+after, "").into(t, &page)
		for _, p := range page.Payouts {
			seen = append(seen, string(p.ID))
		}
		if after = page.Next; after == "" || pages > 5 {
			break
		}
	}
	if got := strings.Join(seen, " "); got != "NOV-001 NOV-002 NOV-003" {
		t.Errorf("pages have %s", got)
	}
	var first, second httpapi.Batches
	o.call(http.MethodGet, "/v1/batches?limit=1", "").into(t, &first)
	o.call(http.MethodGet, "/v1/batches?limit=1&after="+first.Next, "").into(t, &second)
	if first.Batches[0].ID != "december" || second.Batches[0].ID != "november" || second.Next != "" {
		t.Errorf("batches %+v, then %+v", first, second)
	}
}

// TestACancelledBatchSendsNothing, and what it was comes in every report.
func TestACancelledBatchSendsNothing(t *testing.T) {
	o := open(t, true)
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	var b httpapi.Batch
	o.wants("cancel", o.call(http.MethodPost, "/v1/batches/november/cancel", ""), http.StatusOK, "").into(t, &b)
	if b.State != "cancelled" || b.Payouts["cancelled"].Count != 3 {
		t.Errorf("cancelled %+v", b)
	}
	o.wants("pay it", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`), http.StatusConflict, "not_as_confirmed")
	o.wants("resolve", o.call(http.MethodPost, "/v1/batches/november/payouts/NOV-001/resolve", `{"paid":true,"because":"seen"}`), http.StatusConflict, "nothing_open")
	for _, ending := range []string{"json", "csv", "xlsx", "html", "journal.csv"} {
		got := o.call(http.MethodGet, "/v1/batches/november/report."+ending, "")
		if got.status != http.StatusOK || len(got.body) == 0 || ending == "json" && !json.Valid(got.body) {
			t.Errorf("report.%s: %d, %d bytes", ending, got.status, len(got.body))
		}
	}
	if left, err := filepath.Glob(filepath.Join(o.files, "report-*")); err != nil || len(left) > 0 {
		t.Errorf("reports are left: %v, %v", left, err)
	}
}
