package console_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/signin"
	"payrun/internal/console"
	"payrun/ledger"
	"payrun/provider/sandbox"
)

const textInForm = `name="text" value="([^"]*)"`

// TestAPolicyIsProposedAndSignedOnItsPage, as by the command line, by whoever it asks.
func TestAPolicyIsProposedAndSignedOnItsPage(t *testing.T) {
	o := open(t, false)
	awa, root := o.as("awa"), o.as("root")
	const policy = "currency: XOF\r\ntiers:\r\n  - name: every batch\r\n    approvals:\r\n      - count: 1\r\n        from: [checker]\r\n"
	o.wants("no policy", awa.get("/policy"), http.StatusOK, "There is no policy")
	if got := awa.post("/policy", url.Values{"policy": {"tiers: nonsense"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("nonsense is proposed: %d", got.status)
	}
	o.wants("propose", awa.post("/policy", url.Values{"policy": {policy}}), http.StatusSeeOther)
	if got := awa.post("/policy", url.Values{"policy": {policy}}); got.status != http.StatusConflict {
		t.Errorf("it is proposed twice: %d", got.status)
	}
	page := o.wants("what is proposed", root.get("/policy"), http.StatusOK, "Proposed by awa", "from admin")
	digest := o.found(page, `name="digest" value="([^"]*)"`)
	if got := root.get("/policy/decide?decision=reject&digest=" + digest); got.status != http.StatusBadRequest {
		t.Errorf("a rejection without a reason: %d", got.status)
	}
	asked := o.wants("ask", root.get("/policy/decide?decision=approve&digest="+digest), http.StatusOK, "ssh-keygen -Y sign -n approval@payrun")
	text := o.found(asked, textInForm)
	forged := url.Values{"text": {text}, "signature": {sign(t, "awa", approval.Namespace, text)}}
	if got := root.post("/policy/decisions", forged); got.status < 400 || got.status >= 500 {
		t.Errorf("signed by another: %d", got.status)
	}
	o.wants("sign", root.post("/policy/decisions", url.Values{"text": {text}, "signature": {sign(t, "root", approval.Namespace, text)}}), http.StatusSeeOther)
	o.wants("in force", root.get("/policy"), http.StatusOK, "every batch")
	o.wants("its roles can be invited to", root.get("/people"), http.StatusOK, `value="checker"`)
	if g, err := o.service().Governance(t.Context()); err != nil || g.Policy == nil {
		t.Errorf("policy %v, %v", g.Policy, err)
	}
}

// TestAFurtherKeyIsAddedWithThoseThatAreKept: its owner leaves it, an admin removes and adds.
func TestAFurtherKeyIsAddedWithThoseThatAreKept(t *testing.T) {
	var origin string
	o := open(t, false, func(c *console.Config) { origin = c.Origin })
	awa, root, d := o.as("awa"), o.as("root"), newDevice(t)
	left := o.wants("leave it", awa.post("/me/keys", url.Values{"credential": {d.create(t, o.ceremony(awa.get("/me")), origin)}}), http.StatusOK)
	add := "/people/add?key=" + url.QueryEscape(o.found(left, `<code>(SHA256:[^<]*)</code>`))
	o.wants("while awa is listed", root.get(add), http.StatusConflict, "Remove them first")
	for _, path := range []string{"/people/remove?person=awa", add + "&keep=" + url.QueryEscape(sshsig.Fingerprint(signer(t, "awa").PublicKey()))} {
		text := o.found(root.get(path), textInForm)
		if got := root.post("/people/sign", url.Values{"text": {text}, "signature": {sign(t, "koffi", approval.Namespace, text)}}); got.status < 400 || got.status >= 500 {
			t.Errorf("%s signed by no admin: %d", path, got.status)
		}
		o.wants("sign "+path, root.post("/people/sign", url.Values{"text": {text}, "signature": {sign(t, "root", approval.Namespace, text)}}), http.StatusSeeOther)
	}
	for range 2 {
		b := o.stranger()
		o.wants("by passkey", b.post("/sign-in", url.Values{"credential": {d.get(t, o.ceremony(b.get("/sign-in")), origin)}}), http.StatusSeeOther)
	}
	o.wants("by the key of before", o.stranger().signIn("awa"), http.StatusSeeOther)
	g, err := o.service().Governance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if person, _ := g.People.Find("awa"); len(person.Keys) != 2 || person.Keys[1].Origin != origin || person.FullName != "awa of the office" {
		t.Errorf("awa is %+v", person)
	}
}

// TestALostKeyDoesNotComeBack: whoever was removed and comes again has the key that they left
// then, and neither a key nor a visit of before.
func TestALostKeyDoesNotComeBack(t *testing.T) {
	o := open(t, false)
	awa, root := o.as("awa"), o.as("root")
	lost := sshsig.Fingerprint(signer(t, "awa").PublicKey())
	signs := func(path string) answer {
		t.Helper()
		page := o.wants("ask for "+path, root.get(path), http.StatusOK)
		text := o.found(page, textInForm)
		o.wants("sign "+path, root.post("/people/sign", url.Values{"text": {text}, "signature": {sign(t, "root", approval.Namespace, text)}}), http.StatusSeeOther)
		return page
	}
	invited := func(key string) string {
		t.Helper()
		page := o.wants("invite", root.post("/people/invite", url.Values{"person": {"awa"}, "role": {"maker"}}), http.StatusOK)
		_, link, _ := strings.Cut(o.found(page, `<code>(http[^<]*)</code>`), "/invitation/")
		line := string(ssh.MarshalAuthorizedKey(signer(t, key).PublicKey()))
		o.wants("leave a key", o.stranger().post("/invitation/"+link, url.Values{"full_name": {"Awa"}, "key": {line}}), http.StatusOK)
		return "/people/add?key=" + url.QueryEscape(sshsig.Fingerprint(signer(t, key).PublicKey()))
	}
	signs("/people/remove?person=awa")
	page := signs(invited("awa's new one"))
	shown, _, _ := strings.Cut(html.UnescapeString(page.body), "<section")
	fresh := sshsig.Fingerprint(signer(t, "awa's new one").PublicKey())
	if !strings.Contains(shown, `value="`+lost+`"><label`) || strings.Contains(shown, " checked") || !strings.Contains(shown, "<li><code>"+fresh) {
		t.Errorf("the key of before is not offered unticked:\n%s", page.body)
	}
	if got := awa.get("/people"); got.status != http.StatusSeeOther {
		t.Errorf("the visit of before goes on: %d", got.status)
	}
	if got := o.stranger().signIn("awa"); got.status != http.StatusForbidden {
		t.Errorf("the lost key signs in: %d", got.status)
	}
	o.wants("the new key", o.stranger().signIn("awa's new one"), http.StatusSeeOther)

	// With her key of before, left anew, she is there again: her old visit is not.
	signs("/people/remove?person=awa")
	if got := root.get("/people"); strings.Contains(got.body, "/people/add?key=") {
		t.Errorf("a key that was taken off the list waits to come back:\n%s", got.body)
	}
	signs(invited("awa"))
	if got := awa.get("/people"); got.status != http.StatusSeeOther {
		t.Errorf("the visit of before goes on with its key: %d", got.status)
	}
	o.wants("anew", o.stranger().signIn("awa"), http.StatusSeeOther)
}

// TestAVisitorOfTheSandboxBecomesItsFirstAdmin, to try approvals there.
func TestAVisitorOfTheSandboxBecomesItsFirstAdmin(t *testing.T) {
	o := openOffice(t, false, true, sandbox.Options{}, func(c *console.Config) { c.Sandbox = true })
	_, secret, err := o.keeper.Invite(t.Context(), ledger.Person{Name: "server"}, signin.Invitation{Sandbox: true, Person: "visitor", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	b := o.stranger()
	o.wants("come in", b.post("/invitation/"+secret, nil), http.StatusSeeOther)
	o.wants("nobody is listed", b.get("/people"), http.StatusOK, "Register as the first admin")
	o.wants("where to", b.get(o.wants("register", b.post("/people/first", nil), http.StatusSeeOther).to()), http.StatusOK, "first admin")
}

// TestCookiesOverTLSAreOfThisHostAlone.
func TestCookiesOverTLSAreOfThisHostAlone(t *testing.T) {
	o := open(t, false, func(c *console.Config) { c.Origin = "https://payrun.example" })
	got := o.stranger().get("/sign-in")
	if cookie := got.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-payrun-challenge=") || !strings.Contains(cookie, "; Secure") || !strings.Contains(cookie, "; Path=/;") {
		t.Errorf("cookie %q", cookie)
	}
	if got.header.Get("Strict-Transport-Security") == "" {
		t.Error("a browser is not told to stay with TLS")
	}
	o.wants("the name", got, http.StatusOK, `&#34;rpId&#34;:&#34;payrun.example&#34;`)
}

// TestAPasskeyIsAskedForItsOwnTextAlone: a text names the key that signs it, and of two passkeys the
// browser is offered the one that it names.
func TestAPasskeyIsAskedForItsOwnTextAlone(t *testing.T) {
	var origin string
	o := openOffice(t, false, true, sandbox.Options{}, func(c *console.Config) { origin = c.Origin })
	_, secret, err := o.keeper.Invite(t.Context(), ledger.Person{Name: "server"}, signin.Invitation{First: true, Roles: []string{"maker"}})
	if err != nil {
		t.Fatal(err)
	}
	b, phone, laptop := o.stranger(), newDevice(t), newDevice(t)
	page := o.wants("leave the passkey", b.post("/invitation/"+secret, url.Values{
		"person": {"awa@firm"}, "full_name": {"Awa"}, "credential": {phone.create(t, o.ceremony(b.get("/invitation/"+secret)), origin)},
	}), http.StatusOK)
	form := url.Values{"text": {o.found(page, `name="text" value="([^"]*)"`)}, "credential": {phone.get(t, o.ceremony(page), origin)}}
	o.wants("be the first admin", b.post("/first-admin", form), http.StatusSeeOther)
	o.wants("leave another", b.post("/me/keys", url.Values{"credential": {laptop.create(t, o.ceremony(b.get("/me")), origin)}}), http.StatusOK)
	const policy = "currency: XOF\ntiers:\n  - name: every batch\n    approvals:\n      - count: 1\n        from: [admin]\n"
	o.wants("propose", b.post("/policy", url.Values{"policy": {policy}}), http.StatusSeeOther)
	digest := o.found(b.get("/policy"), `name="digest" value="([^"]*)"`)
	for _, path := range []string{"/people/remove?person=awa%40firm", "/policy/decide?decision=approve&digest=" + digest} {
		if got := o.ceremony(b.get(path)).AllowCredentials; len(got) != 1 || got[0].ID != encoded(phone.id) {
			t.Errorf("%s: %+v are offered, want the phone's passkey alone", path, got)
		}
	}
}
