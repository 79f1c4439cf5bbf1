package console_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// bring brings a file in as a batch, in somebody's name.
func (o *office) bring(id ledger.BatchID, by string) {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), string(id)+".csv")
	if err := os.WriteFile(path, []byte(november), 0o600); err != nil {
		o.t.Fatal(err)
	}
	file, err := table.Open(path, table.Options{})
	if err != nil {
		o.t.Fatal(err)
	}
	defer file.Close()
	to := o.service()
	checked, err := to.Check(o.t.Context(), file, service.CheckOptions{Batch: id})
	if err != nil {
		o.t.Fatal(err)
	}
	entering := checked.Submission(o.t.Context(), string(id)+".csv", nil)
	entering.Released = ledger.Total{}
	if _, err := to.Submit(o.t.Context(), service.Actor{Person: by, Host: "caisse"}, entering); err != nil {
		o.t.Fatal(err)
	}
}

// field is the value of a field of a form.
func field(t *testing.T, page, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("there is no field %s in\n%s", name, page)
	}
	return html.UnescapeString(found[1])
}

// keygen signs the text of a page as ssh-keygen does, and returns the form to send.
func keygen(t *testing.T, name, page string) url.Values {
	t.Helper()
	text := field(t, page, "text")
	signed, err := sshsig.Sign(signer(t, name), approval.Namespace, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"text": {strings.ReplaceAll(text, "\n", "\r\n")}, "signature": {strings.ReplaceAll(string(signed.Armour()), "\n", "\r\n")}}
}

// signPage is the page on which somebody signs with their key of ssh-keygen.
func signPage(t *testing.T, name, batch, decision string) string {
	t.Helper()
	return "/batches/" + batch + "/approval/sign?" + url.Values{
		"decision": {decision}, "key": {sshsig.Fingerprint(signer(t, name).PublicKey())}, "reason": {"Awa est payée deux fois"},
	}.Encode()
}

// TestAnApprovalWithoutScripts shows what is paid, and takes what ssh-keygen signed.
func TestAnApprovalWithoutScripts(t *testing.T) {
	o := open(t, false)
	o.govern()
	o.bring("november", "awa")
	koffi, awa := o.as("koffi"), o.as("awa")
	shown := o.wants("what is asked", koffi.get("/batches/november/approval"), http.StatusOK,
		"It waits for approval", "Who can approve: koffi", "Nobody has signed yet")
	if strings.Contains(awa.get("/batches/november/approval").body, "Your signature") {
		t.Error("the maker is asked for an approval")
	}
	if !strings.Contains(shown.body, "Your signature") {
		t.Error("the checker is not asked")
	}
	content := koffi.get("/batches/november/approval/content.txt")
	standing, err := o.service().Approval(t.Context(), "november")
	if err != nil || content.body != string(standing.Text) {
		t.Fatalf("%v: the text is\n%s\nwant\n%s", err, content.body, standing.Text)
	}
	if list := koffi.get("/batches/november/approval/list.jsonl"); strings.Count(list.body, "\n") != 3 {
		t.Errorf("the list is\n%s", list.body)
	}
	page := o.wants("sign", koffi.get(signPage(t, "koffi", "november", "approve")), http.StatusOK, "ssh-keygen -Y sign -n approval@payrun", "november-koffi.txt")
	form := keygen(t, "koffi", page.body)
	kept := koffi.post("/batches/november/approval/text", url.Values{"text": form["text"]})
	if kept.body != field(t, page.body, "text") || !strings.HasPrefix(kept.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file is\n%s", kept.body)
	}
	o.wants("another text", koffi.post("/batches/november/decisions", url.Values{"text": {strings.Replace(form.Get("text"), "275", "276", 1)}, "signature": form["signature"]}), http.StatusConflict, "does not count")
	o.wants("no signature", koffi.post("/batches/november/decisions", url.Values{"text": form["text"], "signature": {"x"}}), http.StatusForbidden)
	got := o.wants("decide", koffi.post("/batches/november/decisions", form), http.StatusSeeOther)
	o.wants("decided", koffi.get(got.to()), http.StatusOK, "Your approval is recorded", "It is approved", "koffi")
	if b, err := o.store.Batch(t.Context(), "november"); err != nil || b.State != ledger.BatchApproved {
		t.Errorf("%+v, %v", b, err)
	}
	o.wants("again", koffi.post("/batches/november/decisions", form), http.StatusConflict)
}

// TestARejectionEndsIt, with its reason.
func TestARejectionEndsIt(t *testing.T) {
	o := open(t, false)
	o.govern()
	o.bring("november", "awa")
	koffi := o.as("koffi")
	koffi.language = "fr"
	page := o.wants("sign", koffi.get(signPage(t, "koffi", "november", "reject")), http.StatusOK, "Awa est payée deux fois", "Refuser november")
	got := o.wants("reject", koffi.post("/batches/november/decisions", keygen(t, "koffi", page.body)), http.StatusSeeOther)
	o.wants("rejected", koffi.get(got.to()), http.StatusOK, "koffi", "Awa est payée deux fois", "Votre refus est enregistré")
	if b, err := o.store.Batch(t.Context(), "november"); err != nil || b.State != ledger.BatchRejected {
		t.Errorf("%+v, %v", b, err)
	}
	o.wants("no reason", koffi.get("/batches/november/approval/sign?decision=reject&key=x"), http.StatusConflict)
}

// TestEvidenceIsAnArchiveThatVerifies.
func TestEvidenceIsAnArchiveThatVerifies(t *testing.T) {
	o := open(t, false)
	o.govern()
	o.bring("november", "awa")
	auditor := o.as("adjoua")
	o.wants("the page", auditor.get("/batches/november/evidence"), http.StatusOK, "payrun verify november-evidence")
	got := auditor.get("/batches/november/evidence.zip")
	folder := unzip(t, got.body)
	result, err := service.VerifyEvidence(t.Context(), filepath.Join(folder, "november-evidence"), nil)
	if err != nil {
		t.Fatalf("%v: %+v", err, result)
	}
	if left, _ := filepath.Glob(filepath.Join(o.files, "*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// unzip keeps an archive's files, and returns the folder.
func unzip(t *testing.T, archive string) string {
	t.Helper()
	archived, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatalf("%v: %.300s", err, archive)
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, archived); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestTheAuditLogIsPagedAndFiltered, for auditors alone.
func TestTheAuditLogIsPagedAndFiltered(t *testing.T) {
	o := open(t, false)
	o.govern()
	o.bring("november", "awa")
	o.wants("a maker", o.as("awa").get("/audit"), http.StatusForbidden)
	auditor := o.as("adjoua")
	o.wants("all", auditor.get("/audit"), http.StatusOK, "submitted for approval", "policy in force", "file accepted")
	only := o.wants("of a batch", auditor.get("/audit?batch=november"), http.StatusOK, "submitted for approval")
	if strings.Contains(only.body, "policy in force") {
		t.Error("events of others are among a batch's")
	}
	of := o.wants("of a person", auditor.get("/audit?person=root"), http.StatusOK, "policy in force")
	if strings.Contains(of.body, "submitted for approval") {
		t.Error("events of others are among a person's")
	}
	for range 150 {
		if err := o.store.Record(t.Context(), ledger.Act{Code: ledger.ActWriter, At: time.Now(), By: ledger.Person{Name: "awa"}}); err != nil {
			t.Fatal(err)
		}
	}
	seen, rows := map[string]bool{}, regexp.MustCompile(`<th scope="row"[^>]*>([^<]+)</th>`)
	next := "/audit"
	for next != "" {
		page := auditor.get(next)
		for _, row := range rows.FindAllStringSubmatch(page.body, -1) {
			if seen[row[1]] {
				t.Errorf("event %s is on two pages", row[1])
			}
			seen[row[1]] = true
		}
		link := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(page.body)
		if next = ""; link != nil {
			next = html.UnescapeString(link[1])
		}
	}
	if head, _, err := o.store.Head(t.Context()); err != nil || uint64(len(seen)) != head {
		t.Errorf("%d of %d events are shown, %v", len(seen), head, err)
	}
}

// TestALivePageIsToldToTheEnd of a payment, and what failed, by figures in the visitor's words.
func TestALivePageIsToldToTheEnd(t *testing.T) {
	o := open(t, true)
	o.bring("november", "awa")
	awa := o.as("awa")
	page := o.wants("live", awa.get("/batches/november/live"), http.StatusOK, `data-figure="paid">0<`, `http-equiv="refresh"`)
	stream := regexp.MustCompile(`data-live="([^"]+)"`).FindStringSubmatch(page.body)
	if stream == nil {
		t.Fatal("the page follows nothing")
	}
	to := o.service()
	if err := to.Release(t.Context(), service.Actor{Person: "awa"}, "november", ledger.Total{Count: 3, Amount: money.XOF.Of(275_500)}); err != nil {
		t.Fatal(err)
	}
	o.pays.Wake("november")
	got := awa.get(html.UnescapeString(stream[1]))
	_, last, is := strings.Cut(got.body, "event: end\ndata: ")
	if !is {
		t.Fatalf("the stream has no end:\n%s", got.body)
	}
	var figures map[string]string
	if err := json.NewDecoder(bytes.NewReader([]byte(last))).Decode(&figures); err != nil {
		t.Fatal(err)
	}
	if figures["paid"] != "3" || figures["paid_amount"] != "275\u202f500 XOF" || figures["bar"] != "3" || figures["state"] != "closed" {
		t.Errorf("it ends with %v", figures)
	}
	after := awa.get("/batches/november/live")
	if strings.Contains(after.body, "data-live") || strings.Contains(after.body, `http-equiv="refresh"`) {
		t.Error("a page about what is over goes on asking")
	}
	o.wants("of nobody", o.stranger().get(html.UnescapeString(stream[1])), http.StatusUnauthorized)
}
