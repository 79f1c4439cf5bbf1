package console_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/signin"
	"payrun/internal/console"
	"payrun/ledger"
	"payrun/provider/sandbox"
)

// found is the first match of a pattern in a page, as it was before it was escaped.
func (o *office) found(page answer, pattern string) string {
	o.t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(page.body)
	if match == nil {
		o.t.Fatalf("there is no %s in\n%s", pattern, page.body)
	}
	return html.UnescapeString(match[1])
}

// sign signs a text as ssh-keygen does.
func sign(tb testing.TB, name, namespace, text string) string {
	tb.Helper()
	signature, err := sshsig.Sign(signer(tb, name), namespace, strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return string(signature.Armour())
}

const textOnPage = `(?s)<pre class="mono" tabindex="0">(payrun [^<]*)</pre>`

// signIn signs in with a key of ssh-keygen, as somebody does who has no scripts.
func (b *browser) signIn(name string) answer {
	b.o.t.Helper()
	page := b.get("/sign-in?then=" + url.QueryEscape("/people"))
	text := b.o.found(page, textOnPage)
	return b.post("/sign-in", url.Values{"then": {"/people"}, "signature": {sign(b.o.t, name, console.Namespace, text)}})
}

// cookie is the value of a cookie of the browser, empty for none.
func (b *browser) cookie(name string) string {
	at, _ := url.Parse(b.o.URL)
	for _, one := range b.Jar.Cookies(at) {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

// TestAKeyOfTheListSignsIn, to the page that was asked for, without any script.
func TestAKeyOfTheListSignsIn(t *testing.T) {
	o := open(t, false)
	b := o.stranger()
	got := o.wants("sign in", b.signIn("awa"), http.StatusSeeOther)
	if got.to() != "/people" {
		t.Errorf("led to %q", got.to())
	}
	o.wants("people", b.get("/people"), http.StatusOK, "koffi of the office")
	for _, cookie := range got.header.Values("Set-Cookie") {
		if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
			t.Errorf("cookie %q", cookie)
		}
	}
	o.wants("out", b.post("/sign-out", nil), http.StatusSeeOther)
	if got := b.get("/people"); got.status != http.StatusSeeOther {
		t.Errorf("signed out, and people is %d", got.status)
	}
}

// TestTheTextToSignIsAFile, byte for byte, although browsers write the ends of its lines anew.
func TestTheTextToSignIsAFile(t *testing.T) {
	o := open(t, false)
	b := o.stranger()
	text := o.found(b.get("/sign-in"), textOnPage)
	got := b.post("/sign.txt", url.Values{"text": {strings.ReplaceAll(text, "\n", "\r\n")}})
	if got.body != text || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("%q of %v, want %q", got.body, got.header, text)
	}
	o.wants("signed", b.post("/sign-in", url.Values{"signature": {sign(t, "awa", console.Namespace, got.body)}}), http.StatusSeeOther)
}

// TestWhatLetsNobodyIn.
func TestWhatLetsNobodyIn(t *testing.T) {
	o := open(t, false)
	for name, test := range map[string]struct {
		form   func(text string) url.Values
		status int
	}{
		"nothing": {func(string) url.Values { return nil }, http.StatusForbidden},
		"a signature for an approval": {func(text string) url.Values {
			return url.Values{"signature": {sign(t, "awa", approval.Namespace, text)}}
		}, http.StatusForbidden},
		"one over another text": {func(text string) url.Values {
			return url.Values{"signature": {sign(t, "awa", console.Namespace, text+" ")}}
		}, http.StatusForbidden},
		"a key of nobody": {func(text string) url.Values {
			return url.Values{"signature": {sign(t, "mallory", console.Namespace, text)}}
		}, http.StatusForbidden},
		"an answer that is no passkey": {func(string) url.Values { return url.Values{"credential": {`{"id":"x"}`}} }, http.StatusForbidden},
	} {
		b := o.stranger()
		text := o.found(b.get("/sign-in"), textOnPage)
		got := b.post("/sign-in", test.form(text))
		if got.status != test.status || b.cookie("payrun") != "" {
			t.Errorf("%s: %d, cookie %q, want %d", name, got.status, b.cookie("payrun"), test.status)
		}
	}
	// What one browser was asked lets no other in.
	asked, other := o.stranger(), o.stranger()
	text := o.found(asked.get("/sign-in"), textOnPage)
	other.get("/sign-in")
	form := url.Values{"signature": {sign(t, "awa", console.Namespace, text)}}
	if got := other.post("/sign-in", form); got.status != http.StatusForbidden {
		t.Errorf("another browser: %d", got.status)
	}
	if got := o.stranger().post("/sign-in", form); got.status != http.StatusBadRequest {
		t.Errorf("one that was asked nothing: %d", got.status)
	}
}

// TestASignatureLetsInOnce, and only while it is fresh.
func TestASignatureLetsInOnce(t *testing.T) {
	late := time.Duration(0)
	o := open(t, false, func(c *console.Config) { c.Clock = func() time.Time { return time.Now().Add(late) } })
	b := o.stranger()
	text := o.found(b.get("/sign-in"), textOnPage)
	challenge := b.cookie("payrun-challenge")
	form := url.Values{"signature": {sign(t, "awa", console.Namespace, text)}}
	o.wants("once", b.post("/sign-in", form), http.StatusSeeOther)
	if got := o.stranger().post("/sign-in", form, "Cookie", "payrun-challenge="+challenge); got.status != http.StatusBadRequest {
		t.Errorf("again, with the cookie of before: %d", got.status)
	}
	b = o.stranger()
	text = o.found(b.get("/sign-in"), textOnPage)
	late = 11 * time.Minute
	if got := b.post("/sign-in", url.Values{"signature": {sign(t, "awa", console.Namespace, text)}}); got.status != http.StatusBadRequest {
		t.Errorf("after eleven minutes: %d", got.status)
	}
}

// TestNobodyPlantsASession: signing in gives a new secret, and ends what was there.
func TestNobodyPlantsASession(t *testing.T) {
	o := open(t, false)
	b := o.as("awa")
	planted := b.cookie("payrun")
	victim := o.stranger()
	asked := victim.get("/sign-in")
	got := victim.post("/sign-in", url.Values{
		"signature": {sign(t, "koffi", console.Namespace, o.found(asked, textOnPage))},
	}, "Cookie", "payrun="+planted+"; payrun-challenge="+victim.cookie("payrun-challenge"))
	o.wants("sign in over it", got, http.StatusSeeOther)
	if now := victim.cookie("payrun"); now == "" || now == planted {
		t.Errorf("the session is %q, and was %q", now, planted)
	}
	if got := b.get("/people"); got.status != http.StatusSeeOther {
		t.Errorf("the planted session goes on: %d", got.status)
	}
}

// TestASessionEnds: by time, by its owner, by an admin, and with its owner's key.
func TestASessionEnds(t *testing.T) {
	o := open(t, false)
	awa, root := o.as("awa"), o.as("root")
	all, err := o.keeper.Sessions(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("sessions %+v, %v", all, err)
	}
	for _, one := range all {
		if one.Person == "root" {
			if got := awa.post("/sessions/"+one.ID+"/end", nil); got.status != http.StatusForbidden {
				t.Errorf("awa ends root's session: %d", got.status)
			}
		}
	}
	for _, one := range all {
		if one.Person == "awa" {
			o.wants("root ends awa's", root.post("/sessions/"+one.ID+"/end", nil), http.StatusSeeOther)
		}
	}
	if got := awa.get("/people"); got.status != http.StatusSeeOther {
		t.Errorf("an ended session goes on: %d", got.status)
	}
	koffi := o.as("koffi")
	page := o.wants("ask", root.get("/people/remove?person=koffi"), http.StatusOK)
	text := o.found(page, `name="text" value="([^"]*)"`)
	o.wants("remove koffi", root.post("/people/sign", url.Values{"text": {text}, "signature": {sign(t, "root", approval.Namespace, text)}}), http.StatusSeeOther)
	if got := koffi.get("/people"); got.status != http.StatusSeeOther {
		t.Errorf("koffi is off the list, and people is %d", got.status)
	}
}

// TestTriesAreBoundedByAddress, and lock nobody else out.
func TestTriesAreBoundedByAddress(t *testing.T) {
	o := open(t, false, func(c *console.Config) { c.Proxied, c.Limits.Tries = true, 10 })
	b, refused := o.stranger(), 0
	for range 30 {
		if got := b.post("/sign-in", nil, "X-Forwarded-For", "192.0.2.1"); got.status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("of 30 tries %d were refused", refused)
	}
	if got := b.get("/invitation/guessed", "X-Forwarded-For", "192.0.2.1"); got.status != http.StatusTooManyRequests {
		t.Errorf("an invitation is looked up after that: %d", got.status)
	}
	awa := o.stranger()
	text := o.found(awa.get("/sign-in"), textOnPage)
	o.wants("awa, from elsewhere", awa.post("/sign-in", url.Values{"signature": {sign(t, "awa", console.Namespace, text)}}, "X-Forwarded-For", "192.0.2.1, 192.0.2.2"), http.StatusSeeOther)
}

// device is a passkey in software.
type device struct {
	key  *ecdsa.PrivateKey
	id   []byte
	user []byte
	// flags are those of its answers: present and verified.
	flags byte
	// count is how many signatures it made, zero for one that does not count.
	count uint32
}

// idLength is that of its credential's id.
const idLength = 16

func newDevice(tb testing.TB) *device {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return &device{key: key, id: []byte(rand.Text())[:idLength], flags: 0x05}
}

// ceremony are the options that a page gives to a browser.
type ceremony struct {
	Challenge, RPID string
	RP              struct{ ID string }
	User            struct{ ID string }
	// AllowCredentials are the passkeys that are asked, none for any.
	AllowCredentials []struct{ ID string }
}

func (o *office) ceremony(page answer) ceremony {
	o.t.Helper()
	var c ceremony
	if err := json.Unmarshal([]byte(o.found(page, `data-options="([^"]*)"`)), &c); err != nil {
		o.t.Fatal(err)
	}
	return c
}

func encoded(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func clientData(kind, challenge, origin string) []byte {
	return []byte(`{"type":"` + kind + `","challenge":"` + challenge + `","origin":"` + origin + `","crossOrigin":false}`)
}

func (d *device) authenticatorData(party string, more ...byte) []byte {
	hash := sha256.Sum256([]byte(party))
	flags := d.flags
	if len(more) > 0 {
		flags |= 0x40
	}
	return slices.Concat(hash[:], []byte{flags}, binary.BigEndian.AppendUint32(nil, d.count), more)
}

// create answers navigator.credentials.create.
func (d *device) create(tb testing.TB, c ceremony, origin string) string {
	tb.Helper()
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		tb.Fatal(err)
	}
	d.user, _ = base64.RawURLEncoding.DecodeString(c.User.ID)
	attested := slices.Concat(make([]byte, 16), []byte{0, idLength}, d.id, cose)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.authenticatorData(c.RP.ID, attested...)})
	if err != nil {
		tb.Fatal(err)
	}
	return answerOf(tb, d.id, map[string]any{
		"clientDataJSON": encoded(clientData("webauthn.create", c.Challenge, origin)), "attestationObject": encoded(object),
	})
}

// get answers navigator.credentials.get.
func (d *device) get(tb testing.TB, c ceremony, origin string) string {
	tb.Helper()
	if d.count > 0 {
		d.count++
	}
	data, client := d.authenticatorData(c.RPID), clientData("webauthn.get", c.Challenge, origin)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature, err := d.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		tb.Fatal(err)
	}
	return answerOf(tb, d.id, map[string]any{
		"clientDataJSON": encoded(client), "authenticatorData": encoded(data), "signature": encoded(signature), "userHandle": encoded(d.user),
	})
}

func answerOf(tb testing.TB, id []byte, response map[string]any) string {
	tb.Helper()
	text, err := json.Marshal(map[string]any{
		"id": encoded(id), "rawId": encoded(id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// TestAPasskeyComesByInvitation: it is left once, an admin signs for it, and it signs in.
func TestAPasskeyComesByInvitation(t *testing.T) {
	var origin string
	o := open(t, false, func(c *console.Config) { origin = c.Origin })
	root, guest, d := o.as("root"), o.stranger(), newDevice(t)
	page := o.wants("invite", root.post("/people/invite", url.Values{"person": {"moussa@firm"}, "role": {"maker", "checker"}}), http.StatusOK)
	link := strings.TrimPrefix(o.found(page, `<code>(http[^<]*)</code>`), origin)
	o.wants("open it", guest.get(link), http.StatusOK, "moussa@firm")
	asked := o.wants("open it again", guest.get(link), http.StatusOK)
	form := url.Values{"full_name": {"Moussa <b>Diallo</b>"}, "credential": {d.create(t, o.ceremony(asked), origin)}}
	left := o.wants("leave the key", guest.post(link, form), http.StatusOK, "SHA256:")
	fingerprint := o.found(left, `<code>(SHA256:[^<]*)</code>`)
	if got := guest.post(link, form); got.status != http.StatusNotFound {
		t.Errorf("the invitation works twice: %d", got.status)
	}
	early := o.stranger()
	if got := early.post("/sign-in", url.Values{"credential": {d.get(t, o.ceremony(early.get("/sign-in")), origin)}}); got.status != http.StatusForbidden {
		t.Errorf("before an admin signed: %d", got.status)
	}

	people := o.wants("people", root.get("/people"), http.StatusOK, "&lt;b&gt;Diallo")
	if strings.Contains(people.body, "<b>Diallo") {
		t.Error("a name is markup")
	}
	text := o.found(root.get("/people/add?key="+url.QueryEscape(fingerprint)), `name="text" value="([^"]*)"`)
	o.wants("root signs", root.post("/people/sign", url.Values{"text": {text}, "signature": {sign(t, "root", approval.Namespace, text)}}), http.StatusSeeOther)

	moussa := o.stranger()
	o.wants("sign in", moussa.post("/sign-in", url.Values{"credential": {d.get(t, o.ceremony(moussa.get("/sign-in")), origin)}}), http.StatusSeeOther)
	o.wants("at home", moussa.get("/me"), http.StatusOK, "moussa@firm", "maker")

	for name, change := range map[string]func(*device, *ceremony, *string){
		"nobody verified":     func(d *device, _ *ceremony, _ *string) { d.flags = 0x01 },
		"another page":        func(_ *device, _ *ceremony, at *string) { *at = "http://localhost:1" },
		"another name":        func(_ *device, c *ceremony, _ *string) { c.RPID = "elsewhere.example" },
		"another challenge":   func(_ *device, c *ceremony, _ *string) { c.Challenge = encoded(make([]byte, 32)) },
		"another key's":       func(d *device, _ *ceremony, _ *string) { d.key = newDevice(t).key },
		"another credential":  func(d *device, _ *ceremony, _ *string) { d.id = []byte("none") },
		"another user handle": func(d *device, _ *ceremony, _ *string) { d.user = []byte("awa") },
	} {
		b, bad := o.stranger(), *d
		c, at := o.ceremony(b.get("/sign-in")), origin
		change(&bad, &c, &at)
		if got := b.post("/sign-in", url.Values{"credential": {bad.get(t, c, at)}}); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}

// TestACopiedPasskeyIsNoticed by the count of its signatures: what goes back lets nobody in, and
// stands in the audit log, on every server over the ledger.
func TestACopiedPasskeyIsNoticed(t *testing.T) {
	var origin string
	o := openOffice(t, false, true, sandbox.Options{}, func(c *console.Config) { origin = c.Origin })
	_, secret, err := o.keeper.Invite(t.Context(), ledger.Person{Name: "server"}, signin.Invitation{First: true, Roles: []string{"auditor"}})
	if err != nil {
		t.Fatal(err)
	}
	b, d := o.stranger(), newDevice(t)
	d.count = 5
	page := o.wants("leave the passkey", b.post("/invitation/"+secret, url.Values{
		"person": {"awa@firm"}, "full_name": {"Awa"}, "credential": {d.create(t, o.ceremony(b.get("/invitation/"+secret)), origin)},
	}), http.StatusOK)
	form := url.Values{"text": {o.found(page, `name="text" value="([^"]*)"`)}, "credential": {d.get(t, o.ceremony(page), origin)}}
	o.wants("be the first admin", b.post("/first-admin", form), http.StatusSeeOther)

	enter := func(what string, with *device, status int, says ...string) {
		t.Helper()
		b := o.stranger()
		o.wants(what, b.post("/sign-in", url.Values{"credential": {with.get(t, o.ceremony(b.get("/sign-in")), origin)}}), status, says...)
	}
	stolen := *d
	enter("the passkey", d, http.StatusSeeOther)
	enter("its copy", &stolen, http.StatusForbidden, "may be a copy")
	enter("the passkey again", d, http.StatusSeeOther)
	stolen.count = 1000
	enter("a copy that is ahead", &stolen, http.StatusSeeOther)
	enter("the passkey, which is behind it", d, http.StatusForbidden, "may be a copy")
	refused := 0
	for event, err := range o.store.Acts(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if event.Act == ledger.ActPasskeyUsed && strings.Contains(event.Text, `"refused":true`) && event.By.Name == "awa@firm" {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d refusals are on record, want 2", refused)
	}
	for _, path := range []string{"/people", "/me"} {
		o.wants("the page that marks it", b.get(path), http.StatusOK, "may be copied", "there may be a copy of it")
	}
}

// TestTheFirstAdminComesByALink, which makes nobody an admin afterwards.
func TestTheFirstAdminComesByALink(t *testing.T) {
	var origin string
	late := time.Duration(0)
	o := openOffice(t, false, true, sandbox.Options{}, func(c *console.Config) {
		origin = c.Origin
		c.SignIn = signin.New(c.Store, func() time.Time { return time.Now().Add(late) }, rand.Reader)
	})
	invite := func() string {
		t.Helper()
		_, secret, err := o.keeper.Invite(t.Context(), ledger.Person{Name: "server"}, signin.Invitation{First: true, Roles: []string{"maker"}})
		if err != nil {
			t.Fatal(err)
		}
		return "/invitation/" + secret
	}
	older, link := invite(), invite()
	o.wants("an older link", o.stranger().get(older), http.StatusNotFound)
	b, d := o.stranger(), newDevice(t)
	page := o.wants("the link", b.get(link), http.StatusOK, "first admin")
	page = o.wants("leave the passkey", b.post(link, url.Values{
		"person": {"awa@firm"}, "full_name": {"Awa"}, "credential": {d.create(t, o.ceremony(page), origin)},
	}), http.StatusOK)
	text := o.found(page, `name="text" value="([^"]*)"`)
	form := url.Values{"text": {text}, "credential": {d.get(t, o.ceremony(page), origin)}}
	late = signin.FirstKeyLasts
	o.wants("sign an hour late", b.post("/first-admin", form), http.StatusNotFound)
	late = 0
	o.wants("sign", b.post("/first-admin", form), http.StatusSeeOther)
	o.wants("people", b.get("/people"), http.StatusOK, "awa@firm", "You are the first admin")
	for _, path := range []string{older, link, invite()} {
		if got := o.stranger().get(path); got.status != http.StatusNotFound {
			t.Errorf("%s is open still: %d", path, got.status)
		}
	}

	// Whoever signs that they are an admin, and was not invited, is none.
	empty := openOffice(t, false, true, sandbox.Options{})
	key := approval.Key{Public: signer(t, "mallory").PublicKey()}
	act := approval.Act{Kind: approval.Add, By: "mallory", Nonce: approval.NewNonce(), Person: approval.Person{
		Name: "mallory", FullName: "M", Roles: []string{"admin"}, Keys: []approval.Key{key},
	}}
	signed, err := approval.SignAct(act, signer(t, "mallory"))
	if err != nil {
		t.Fatal(err)
	}
	form = url.Values{"text": {string(signed.Text)}, "signature": {string(signed.Signature)}}
	if got := empty.stranger().post("/first-admin", form); got.status != http.StatusNotFound {
		t.Errorf("an admin by herself: %d", got.status)
	}
}

// TestTheSandboxsLinkNeedsNoKey, and is worth nothing where money moves.
func TestTheSandboxsLinkNeedsNoKey(t *testing.T) {
	for _, sandboxed := range []bool{true, false} {
		o := open(t, false, func(c *console.Config) { c.Sandbox = sandboxed })
		_, secret, err := o.keeper.Invite(t.Context(), ledger.Person{Name: "server"}, signin.Invitation{
			Sandbox: true, Person: "visitor", Roles: []string{"admin", "approver", "auditor", "maker"},
		})
		if err != nil {
			t.Fatal(err)
		}
		b := o.stranger()
		if !sandboxed {
			if got := b.post("/invitation/"+secret, nil); got.status != http.StatusNotFound {
				t.Errorf("it lets in: %d", got.status)
			}
			continue
		}
		o.wants("look", b.get("/invitation/"+secret), http.StatusOK, "no money moves")
		o.wants("come in", b.post("/invitation/"+secret, nil), http.StatusSeeOther)
		o.wants("batches", b.get("/batches"), http.StatusOK)
		if got := o.stranger().post("/invitation/"+secret, nil); got.status != http.StatusNotFound {
			t.Errorf("it lets in twice: %d", got.status)
		}
	}
}
