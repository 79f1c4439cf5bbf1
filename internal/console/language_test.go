package console_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"testing"

	"payrun/batch/signin"
	"payrun/internal/catalogue"
	"payrun/internal/console"
	"payrun/ledger"
)

// TestALanguageFollowsItsPerson to each machine and page, whatever the browsers there ask for, and
// nobody else.
func TestALanguageFollowsItsPerson(t *testing.T) {
	o := open(t, false)
	desk, phone := o.as("awa"), o.as("awa")
	desk.language, phone.language = "en", "en"
	got := o.wants("choose", desk.post("/language", url.Values{"language": {"fr"}, "then": {"/me"}}), http.StatusSeeOther)
	if got.to() != "/me" || got.header.Get("Set-Cookie") != "" {
		t.Errorf("led to %q, with the cookie %q", got.to(), got.header.Get("Set-Cookie"))
	}
	for _, at := range []*browser{desk, phone, o.as("awa")} {
		for _, path := range []string{"/batches", "/uploads", "/people", "/me"} {
			o.wants(path, at.get(path), http.StatusOK, `<html lang="fr">`)
		}
		o.wants("a problem", at.get("/batches/none"), http.StatusNotFound, `<html lang="fr">`)
	}
	o.wants("their page", phone.get("/me"), http.StatusOK, "à tous vos postes et dans vos courriels")
	koffi := o.as("koffi")
	o.wants("koffi", koffi.get("/me"), http.StatusOK, `<html lang="en">`, "that of this browser")
	koffi.language = "fr"
	o.wants("koffi's other browser", koffi.get("/batches"), http.StatusOK, `<html lang="fr">`)
	o.wants("signed out", desk.post("/sign-out", nil), http.StatusSeeOther)
	o.wants("a stranger", desk.get("/sign-in"), http.StatusOK, `<html lang="en">`)
}

// TestALanguageChosenBeforeSigningInIsKept with whoever then signs in and has chosen none, and with
// nobody after them.
func TestALanguageChosenBeforeSigningInIsKept(t *testing.T) {
	o := open(t, false)
	b := o.stranger()
	signIn := func(name string) {
		t.Helper()
		page := b.get("/sign-in")
		o.wants("sign in", b.post("/sign-in", url.Values{"signature": {sign(t, name, console.Namespace, o.found(page, textOnPage))}}), http.StatusSeeOther)
	}
	o.wants("choose", b.post("/language", url.Values{"language": {"fr"}, "then": {"/sign-in"}}), http.StatusSeeOther)
	o.wants("the choice", b.get("/sign-in"), http.StatusOK, `<html lang="fr">`)
	signIn("awa")
	o.wants("awa", b.get("/batches"), http.StatusOK, `<html lang="fr">`)
	o.wants("awa elsewhere", o.as("awa").get("/batches"), http.StatusOK, `<html lang="fr">`)
	o.wants("signed out", b.post("/sign-out", nil), http.StatusSeeOther)
	o.wants("the next one", b.get("/sign-in"), http.StatusOK, `<html lang="en">`)
	o.wants("chosen for awa", b.post("/language", url.Values{"language": {"en"}, "then": {"/sign-in"}}), http.StatusSeeOther)
	signIn("awa")
	o.wants("what awa chose stays", b.get("/batches"), http.StatusOK, `<html lang="fr">`)
	if got, err := o.keeper.Language(t.Context(), "awa"); err != nil || got != "fr" {
		t.Errorf("awa speaks %q, %v", got, err)
	}
}

// TestAVisitorOfTheSandboxHasALanguageToo.
func TestAVisitorOfTheSandboxHasALanguageToo(t *testing.T) {
	o := open(t, false, func(c *console.Config) { c.Sandbox = true })
	b := o.stranger()
	_, secret, err := o.keeper.Invite(t.Context(), ledger.Person{Name: "root"}, signin.Invitation{Sandbox: true, Person: "kone", Roles: []string{"maker"}})
	if err != nil {
		t.Fatal(err)
	}
	o.wants("enter", b.post("/invitation/"+secret, nil), http.StatusSeeOther)
	o.wants("choose", b.post("/language", url.Values{"language": {"fr"}}), http.StatusSeeOther)
	o.wants("chosen", b.get("/batches"), http.StatusOK, `<html lang="fr">`)
}

// TestTheAuditLogWordsEveryAct: one without words is shown as its code, as if it were of a newer payrun.
func TestTheAuditLogWordsEveryAct(t *testing.T) {
	source, err := os.ReadFile("../../ledger/act.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`ActCode += "([a-z._]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 30 {
		t.Fatalf("found %d acts", len(codes))
	}
	for _, language := range []catalogue.Language{catalogue.French, catalogue.English} {
		words, err := catalogue.Console(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if words.Texts["console.audit.kind."+code[1]] == "" {
				t.Errorf("%s: no words for %s", language, code[1])
			}
		}
	}
}
