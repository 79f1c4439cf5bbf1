package console_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/batch/signin"
	"payrun/internal/browsertest"
	"payrun/internal/console"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider/sandbox"
)

// tour is a walk through the pages, which remembers what was seen.
type tour struct {
	t       *testing.T
	browser *browsertest.Browser
	axe     browsertest.Axe
	routes  *http.ServeMux
	// pages are the templates that were seen, paths the routes.
	pages, paths map[string]bool
}

// noPages are the routes that answer with something else.
func noPages() []string {
	return []string{
		"/{$}", "/batches/{id}/events", "/batches/{id}/evidence.zip", "/batches/{id}/report/{format}",
		"/batches/{id}/approval/content.txt", "/batches/{id}/approval/list.jsonl", "/uploads/{upload}/copy/{kind}", "/uploads/{upload}/progress",
	}
}

func begin(t *testing.T) *tour {
	t.Helper()
	axe := browsertest.FindAxe(t)
	to := &tour{t: t, browser: browsertest.Open(t, browsertest.Options{}), axe: axe, routes: http.NewServeMux(), pages: map[string]bool{}, paths: map[string]bool{}}
	for _, one := range console.Routes() {
		if one.Method == http.MethodGet {
			to.routes.Handle("GET "+one.Path, http.NotFoundHandler())
		}
	}
	return to
}

// look holds the page that somebody is at against what every page has to be.
func (to *tour) look(d desk) {
	to.t.Helper()
	d.Fits(360, 768, 1280)
	d.Accessible(to.axe)
	to.pages[browsertest.Value[string](d.Page, `document.querySelector("main").dataset.page`)] = true
	if _, path := to.routes.Handler(httptest.NewRequest(http.MethodGet, d.Address(), nil)); path != "" {
		to.paths[strings.TrimPrefix(path, "GET ")] = true
	}
}

// see has somebody open pages.
func (to *tour) see(d desk, paths ...string) {
	to.t.Helper()
	for _, path := range paths {
		d.open(path)
		to.look(d)
	}
}

// refused has somebody open pages that they do not get.
func (to *tour) refused(d desk, paths ...string) {
	to.t.Helper()
	for _, path := range paths {
		if status := d.Go(d.o.address(path)); status < http.StatusBadRequest {
			to.t.Errorf("%s: %d", path, status)
		}
		to.look(d)
	}
}

// forgotten names what nobody saw.
func (to *tour) forgotten() {
	to.t.Helper()
	for _, name := range console.Templates() {
		if !to.pages[name] {
			to.t.Errorf("templates/%s.html was not seen", name)
		}
	}
	for _, one := range console.Routes() {
		if one.Method == http.MethodGet && !to.paths[one.Path] && !slices.Contains(noPages(), one.Path) {
			to.t.Errorf("%s was not seen", one.Path)
		}
	}
}

// TestEachPageFitsAndKeepsNobodyOut, in each language, at three widths: every page that there is.
func TestEachPageFitsAndKeepsNobodyOut(t *testing.T) {
	to := begin(t)
	to.comeIn()
	o := openBefore(t, false, failing(), named, func(c *console.Config) { c.Limits.Patience = 3 * time.Second })
	to.see(o.desk(to.browser, "awa", french), "/batches")
	to.payFails(o)
	to.waits(o)
	to.uploads(o)
	to.people(o)
	o.govern()
	to.approves(o)
	to.doubts()
	to.notices()
	to.forgotten()
}

// comeIn are the pages of whoever is not known yet.
func (to *tour) comeIn() {
	o := openOffice(to.t, false, true, sandbox.Options{}, named)
	server := ledger.Person{Name: "server", Host: "caisse"}
	stranger := o.seat(to.browser, french)
	for _, invitation := range []signin.Invitation{{First: true, Roles: []string{"admin"}}, {Person: "awa", Roles: []string{"maker"}}} {
		_, secret, err := o.keeper.Invite(to.t.Context(), server, invitation)
		if err != nil {
			to.t.Fatal(err)
		}
		to.see(stranger, "/invitation/"+secret)
		if invitation.First {
			stranger.Fill("#person-ssh", "root")
		}
		stranger.Fill("#full-ssh", "Ama Kouassi")
		stranger.Put("#key", string(ssh.MarshalAuthorizedKey(signer(to.t, "a new key "+invitation.Person).PublicKey())))
		stranger.press(`form:has(#key) button`)
		to.look(stranger)
		to.refused(stranger, "/invitation/none")
	}
	to.see(stranger, "/sign-in")
	trial := openOffice(to.t, false, true, sandbox.Options{}, named, func(c *console.Config) { c.Sandbox = true })
	_, secret, err := trial.keeper.Invite(to.t.Context(), server, signin.Invitation{Sandbox: true, Person: "visitor", Roles: []string{"maker", "admin"}})
	if err != nil {
		to.t.Fatal(err)
	}
	visitor := trial.seat(to.browser, "en")
	to.see(visitor, "/invitation/"+secret)
	visitor.press("main form button")
	to.see(visitor, "/batches", "/people", "/me")
}

// long is a name that nobody would choose.
const long = "paie-du-personnel-administratif-et-technique-novembre-2026"

// payFails are the pages of a batch from its file to its failures.
func (to *tour) payFails(o *office) {
	maker, awa := o.as("awa"), o.desk(to.browser, "awa", french)
	right := o.wants("bring", maker.bring(long, long+".csv", strings.ReplaceAll(november, "NOV-", "SAL-")), http.StatusSeeOther).to()
	to.see(awa, right, right+"/changes")
	o.wants("submit", maker.post(right+"/submit", hidden(to.t, maker.get(right).body, "/submit")), http.StatusSeeOther)
	batch := "/batches/" + long
	to.see(awa, batch, batch+"/pay", batch+"/cancel")
	o.release(long, "awa")
	to.see(awa, batch, batch+"/live")
	to.refused(awa, "/batches/none", "/audit")
	o.goOn(long)
	to.see(awa, "/batches", batch, batch+"/live", batch+"/payouts?numbers=full", batch+"/payouts?show=failed", batch+"/payouts?show=open",
		batch+"/retry", batch+"/cancel", batch+"/pay", batch+"/payouts/SAL-001/correct", batch+"/report", batch+"/approval", batch+"/evidence")
	to.refused(awa, batch+"/payouts/SAL-001/resolve")
	awa.open(batch + "/payouts/SAL-001/correct")
	awa.Fill("#number", "0709999999")
	awa.press(`form[action$="/correct"] button`)
	to.look(awa) // what was typed beside what was sent
	awa.open(batch + "/payouts/SAL-001/correct")
	awa.Fill("#number", "07")
	awa.Press(`form[action$="/correct"] button`)
	to.look(awa) // what is wrong with it
}

// waits are the pages of a batch that is to be paid at a time.
func (to *tour) waits(o *office) {
	maker := o.as("awa")
	o.wants("submit", maker.submitted("december", strings.NewReplacer("NOV-", "DEC-", "45000", "46000", "150000", "151000", "80500", "81500").Replace(november)), http.StatusSeeOther)
	form := hidden(to.t, maker.get("/batches/december/pay").body, "/pay")
	form.Set("when", "at")
	form.Set("at", time.Now().Add(48*time.Hour).Format("2006-01-02T15:04"))
	o.wants("release", maker.post("/batches/december/pay", form), http.StatusSeeOther)
	to.see(o.desk(to.browser, "awa", french), "/batches/december", "/batches/december/pay", "/batches/december/live", "/batches/december/changes")
	to.see(o.desk(to.browser, "koffi", "en"), "/batches/december")
}

// uploads are the pages of files, good ones and others.
func (to *tour) uploads(o *office) {
	maker, awa := o.as("awa"), o.desk(to.browser, "awa", french)
	wrong := strings.NewReplacer("0701020304", "07010", "80500", "0", "MTN", "WAVE").Replace(november)
	for name, content := range map[string]string{
		"faux": wrong, "vide": "transaction_id,customer_id\n", "sans": strings.ReplaceAll(november, "transaction_id", "remarque"),
	} {
		to.see(awa, o.wants("bring", maker.bring(name, long+".csv", content), http.StatusSeeOther).to())
	}
	to.see(awa, "/uploads")
	release := o.pages.HoldChecks()
	to.see(awa, o.wants("bring", o.as("awa").bring("busy", long+".csv", november), http.StatusSeeOther).to())
	release()
	to.submitting(o)
	entries := ledgertest.Entries("R", 5)
	for i := range entries[1:] {
		entries[i+1].Rejections = []ledger.Rejection{{Code: "number.length", Value: "07010"}, {Code: "amount.zero", Value: "0"}}
	}
	batch := ledger.Batch{ID: "refus", File: "refus.csv", Account: ledger.Account{Place: "sandbox"}, Currency: money.XOF, CreatedAt: time.Now()}
	if _, err := o.store.Enrol(to.t.Context(), batch, ledgertest.Each(entries)); err != nil {
		to.t.Fatal(err)
	}
	to.see(awa, "/batches/refus", "/batches/refus/rejected", "/batches/december/rejected")
}

// submitting are the pages of a file on its way into its batch, and of one of which a part is in.
func (to *tour) submitting(o *office) {
	maker, awa := o.as("awa"), o.desk(to.browser, "awa", french)
	file := strings.NewReplacer("NOV-", "JAN-", "45000", "47000", "150000", "152000", "80500", "82500").Replace(november)
	path := o.wants("bring", maker.bring("janvier", long+".csv", file), http.StatusSeeOther).to()
	form := hidden(to.t, maker.get(path).body, "/submit")
	release := o.pages.HoldSubmits()
	o.wants("submit", maker.post(path+"/submit", form), http.StatusSeeOther)
	to.see(awa, path)
	release()
	maker.get(path + "/progress") // until it is in

	file = strings.NewReplacer("JAN-", "FEB-", "47000", "48000", "152000", "153000", "82500", "83500").Replace(file)
	sum := sha256.Sum256([]byte(file))
	batch := ledger.Batch{ID: "fevrier", File: long + ".csv", SHA256: hex.EncodeToString(sum[:]), Account: ledger.Account{Place: "sandbox"}, Currency: money.XOF, CreatedAt: time.Now()}
	_, err := o.store.Enrol(to.t.Context(), batch, func(yield func(ledger.Entry, error) bool) { yield(ledger.Entry{}, context.Canceled) })
	if !errors.Is(err, context.Canceled) {
		to.t.Fatal(err)
	}
	awa = o.desk(to.browser, "awa", french) // the other page leads on by itself, whenever that is
	to.see(awa, o.wants("bring", maker.bring("fevrier", long+".csv", file), http.StatusSeeOther).to())
	awa.reads(".notice.care", "Le serveur s'est arrêté avant que tout le fichier soit dans son lot")
}

// people are the pages of people, their keys and policies.
func (to *tour) people(o *office) {
	root, koffi := o.desk(to.browser, "root", french), o.desk(to.browser, "koffi", "en")
	to.see(koffi, "/people", "/policy", "/me")
	to.see(root, "/people", "/people/remove?person=koffi", "/policy")
	root.open("/people")
	root.Fill("#person", "fatoumata-binta")
	root.Click(`form[action="/people/invite"] input[type=checkbox]`)
	root.press(`form[action="/people/invite"] button`)
	to.look(root)
	awa := o.desk(to.browser, "awa", french)
	awa.open("/me")
	awa.Put("#key", string(ssh.MarshalAuthorizedKey(signer(to.t, "awa's other key").PublicKey())))
	awa.press(`form:has(#key) button`)
	to.look(awa)
	_, secret, err := o.keeper.InvitePerson(to.t.Context(), ledger.Person{Name: "root", Host: "caisse"}, "ama", []string{"checker"})
	if err != nil {
		to.t.Fatal(err)
	}
	key := signer(to.t, "ama").PublicKey()
	o.wants("leave a key", o.stranger().post("/invitation/"+secret, url.Values{"full_name": {"Ama"}, "key": {string(ssh.MarshalAuthorizedKey(key))}}), http.StatusOK)
	to.see(root, "/people", "/people/add?key="+url.QueryEscape(sshsig.Fingerprint(key)))
	const policy = "currency: XOF\ntiers:\n  - name: every batch\n    approvals:\n      - count: 1\n        from: [approver]\n"
	o.wants("propose", o.as("awa").post("/policy", url.Values{"policy": {policy}}), http.StatusSeeOther)
	digest := o.found(o.as("root").get("/policy"), `name="digest" value="([^"]*)"`)
	to.see(root, "/policy", "/policy/decide?decision=approve&digest="+digest)
}

// approves are the pages of who signs, and of who reads what was done.
func (to *tour) approves(o *office) {
	o.bring("november", "awa")
	to.see(o.desk(to.browser, "awa", french), "/batches", "/batches/november", "/batches/november/approval")
	koffi := o.desk(to.browser, "koffi", french)
	to.see(koffi, "/batches", "/batches/november/approval", signPage(to.t, "koffi", "november", "approve"), "/batches/november/live", "/batches/november/evidence", "/policy")
	o.wants("decide", o.as("koffi").post("/batches/november/decisions", keygen(to.t, "koffi", o.as("koffi").get(signPage(to.t, "koffi", "november", "approve")).body)), http.StatusSeeOther)
	to.see(koffi, "/batches/november", "/batches/november/approval")
	to.see(o.desk(to.browser, "root", "en"), "/people", "/batches/november")
	to.see(o.desk(to.browser, "adjoua", "en"), "/audit", "/batches/november")
}

// doubts are the pages of what nobody knows for sure.
func (to *tour) doubts() {
	o := open(to.t, false, named)
	ledgertest.Reach(to.t, o.store, ledger.Unknown, ledger.Successful, ledger.Pending, ledger.Cancelled, ledger.Queued)
	differs := ledgertest.Move("A-00001", ledger.Successful, ledger.Successful)
	differs.Difference = &ledger.Difference{Code: ledger.DifferenceReversed, Recorded: ledger.Successful, ProviderCode: "CANCEL", Reference: "A-00001", At: time.Now()}
	ledgertest.Apply(to.t, o.store, differs)
	to.see(o.desk(to.browser, "awa", french), "/batches", "/batches/may", "/batches/may/payouts", "/batches/may/payouts?show=open", "/batches/may/payouts?show=disputed",
		"/batches/may/payouts/A-00000/resolve", "/batches/may/payouts/A-00001/resolve")
	to.see(o.desk(to.browser, "koffi", "en"), "/batches/may/payouts/A-00000/resolve")
}

// notices are the pages of what others are told, and what leads there.
func (to *tour) notices() {
	o := open(to.t, false, named)
	root, adjoua := o.desk(to.browser, "root", french), o.desk(to.browser, "adjoua", "en")
	to.see(root, "/notices")
	o.letters(long, "mail "+long+"@comptabilite.firme.example", "550 5.1.1 <"+long+"@comptabilite.firme.example>: recipient address rejected")
	to.see(adjoua, "/batches", "/notices")
	to.see(root, "/notices", "/notices?show=dead")
	root.press(`form[action$="/again"] button`)
	to.look(root)
}
