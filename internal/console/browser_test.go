package console_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig/sshsigtest"
	"payrun/batch/service"
	"payrun/internal/browsertest"
	"payrun/internal/console"
	"payrun/ledger"
)

func TestMain(m *testing.M) {
	os.Exit(browsertest.Main(m)) //nolint:forbidigo // how TestMain ends
}

// named has the office called by a name, as passkeys want it.
func named(c *console.Config) {
	c.Named = func(r *http.Request) bool {
		return strings.HasPrefix(r.Host, "localhost:") || strings.HasPrefix(r.Host, "127.0.0.1:")
	}
}

// desk is a machine of a person of the office.
type desk struct {
	*browsertest.Page
	o *office
}

// seat is a machine at which nobody has signed in.
func (o *office) seat(b *browsertest.Browser, languages string) desk {
	o.t.Helper()
	t, is := o.t.(*testing.T)
	if !is {
		o.t.Fatal("browsers are for tests")
	}
	d := desk{b.Page(t), o}
	d.Speak(languages)
	return d
}

// desk is a machine at which somebody of the staff has signed in.
func (o *office) desk(b *browsertest.Browser, name, languages string) desk {
	o.t.Helper()
	d := o.seat(b, languages)
	d.Cookie(o.address(""), "payrun", o.as(name).cookie("payrun"))
	return d
}

// address is that of a page, by the office's name.
func (o *office) address(path string) string {
	return strings.Replace(o.URL, "127.0.0.1", "localhost", 1) + path
}

// open opens a page, which has to be one.
func (d desk) open(path string) {
	d.o.t.Helper()
	if status := d.Go(d.o.address(path)); status != http.StatusOK {
		d.o.t.Fatalf("%s: %d\n%s", path, status, d.Text("main"))
	}
}

// join has somebody leave a passkey by an invitation, the admin sign for it, and them sign in
// with it.
func (d desk) join(name, fullName, role string) {
	o, t := d.o, d.o.t
	t.Helper()
	_, secret, err := o.keeper.InvitePerson(t.Context(), ledger.Person{Name: "root", Host: "caisse"}, name, []string{role})
	if err != nil {
		t.Fatal(err)
	}
	d.Passkeys()
	d.open("/invitation/" + secret)
	d.Fill("#full-passkey", fullName)
	if status := d.Press(`form[data-passkey="create"] button`); status != http.StatusOK {
		t.Fatalf("the key was answered with %d: %s", status, d.Text("main"))
	}
	root := o.as("root")
	page := root.get(o.found(root.get("/people"), `href="(/people/add\?key=[^"]+)"`))
	text := o.found(page, `name="text" value="([^"]+)"`)
	o.wants("sign for the key", root.post("/people/sign", url.Values{"text": {text}, "signature": {sign(t, "root", approval.Namespace, text)}}), http.StatusSeeOther)
	d.open("/sign-in?then=/batches")
	if d.Press(`form[data-passkey="get"] button`); !strings.HasSuffix(d.Address(), "/batches") {
		t.Fatalf("signed in, and at %s: %s", d.Address(), d.Text("main"))
	}
}

// TestAPasskeyComesByInvitationAndApproves a batch, and the stock ssh-keygen accepts what the evidence holds.
func TestAPasskeyComesByInvitationAndApproves(t *testing.T) {
	browser := browsertest.Open(t, browsertest.Options{})
	o := open(t, false, named)
	o.govern()
	ama := o.seat(browser, "fr-CI,fr;q=0.9")
	ama.join("ama", "Ama Kouassi", "checker")
	o.bring("november", "awa")
	ama.open("/batches/november/approval")
	ama.Press(`form[data-passkey="get"] button`)
	if notice := ama.Text(".notice.good"); !strings.Contains(notice, "Votre approbation est enregistrée") {
		t.Fatalf("it says %q", notice)
	}
	folder := filepath.Join(unzip(t, o.as("adjoua").get("/batches/november/evidence.zip").body), "november-evidence")
	if result, err := service.VerifyEvidence(t.Context(), folder, nil); err != nil {
		t.Fatalf("%v: %+v", err, result)
	}
	texts, err := filepath.Glob(filepath.Join(folder, "approval", "*.decision.txt"))
	if err != nil || len(texts) != 1 {
		t.Fatalf("%q, %v", texts, err)
	}
	base := strings.TrimSuffix(texts[0], ".txt")
	text, err := os.ReadFile(texts[0])
	if err != nil {
		t.Fatal(err)
	}
	said, err := sshsigtest.Keygen(t, text, "-Y", "verify", "-f", base+".signers", "-I", "ama", "-n", approval.Namespace, "-s", base+".sig")
	if err != nil {
		t.Errorf("%v: %s", err, said)
	}
	if _, err := sshsigtest.Keygen(t, text[1:], "-Y", "verify", "-f", base+".signers", "-I", "ama", "-n", approval.Namespace, "-s", base+".sig"); err == nil {
		t.Error("ssh-keygen accepts it for another text")
	}
}

// TestAPersonWhoSaysNoToTheirPasskeyIsTold, and nothing is recorded.
func TestAPersonWhoSaysNoToTheirPasskeyIsTold(t *testing.T) {
	browser := browsertest.Open(t, browsertest.Options{})
	o := open(t, false, named)
	o.govern()
	ama := o.seat(browser, "fr-CI,fr;q=0.9")
	ama.join("ama", "Ama Kouassi", "checker")
	o.bring("november", "awa")
	ama.open("/batches/november/approval")
	ama.Refuse()
	ama.Click(`form[data-passkey="get"] button`)
	ama.Wait("[data-passkey-problem]")
	if got := ama.Text("[data-passkey-problem]"); got == "" {
		t.Error("it says nothing")
	}
	if standing, err := o.service().Approval(t.Context(), "november"); err != nil || len(standing.Decisions) > 0 {
		t.Errorf("%+v, %v", standing.Decisions, err)
	}
}
