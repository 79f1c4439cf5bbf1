package console_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"payrun/internal/catalogue"
)

// TestAPageIsForWhoIsSignedIn, in their language, and leads whoever is not to signing in.
func TestAPageIsForWhoIsSignedIn(t *testing.T) {
	o := open(t, false)
	got := o.wants("a stranger", o.stranger().get("/batches?state=paying"), http.StatusSeeOther)
	if want := "/sign-in?then=" + url.QueryEscape("/batches?state=paying"); got.to() != want {
		t.Errorf("a stranger is led to %q, want %q", got.to(), want)
	}
	awa := o.as("awa")
	o.wants("batches", awa.get("/batches"), http.StatusOK, "No file was brought in yet", "awa of the office", `aria-current="page"`)
	awa.language = "fr-CI,fr;q=0.9"
	o.wants("lots", awa.get("/batches"), http.StatusOK, `<html lang="fr">`, "Aucun fichier")
	o.wants("choose", awa.post("/language", url.Values{"language": {"en"}, "then": {"/batches"}}), http.StatusSeeOther)
	o.wants("chosen", awa.get("/batches"), http.StatusOK, `<html lang="en">`, "No file was brought in yet")
	o.wants("nowhere", awa.get("/batches/none/at/all"), http.StatusNotFound, "There is no such page")
}

// TestNoPageOfAnotherSiteActsForAnybody.
func TestNoPageOfAnotherSiteActsForAnybody(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	form := url.Values{"language": {"fr"}}
	for name, headers := range map[string][]string{
		"another site":     {"Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"},
		"a sibling":        {"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"},
		"an older browser": {"Sec-Fetch-Site", "", "Origin", "https://elsewhere.example"},
	} {
		if got := awa.post("/language", form, headers...); got.status != http.StatusForbidden || got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, %q", name, got.status, got.header.Get("Set-Cookie"))
		}
	}
	if got := awa.get("/language"); got.status == http.StatusOK || got.header.Get("Set-Cookie") != "" {
		t.Errorf("a link changes something: %d", got.status)
	}
	o.wants("another name", awa.get("/batches", "Host", "elsewhere.example"), http.StatusMisdirectedRequest)
}

// TestNobodyIsLedElsewhere, whatever a form names.
func TestNobodyIsLedElsewhere(t *testing.T) {
	o := open(t, false)
	for _, then := range []string{
		"https://elsewhere.example", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)", "elsewhere", "/\t/elsewhere.example", "",
	} {
		if got := o.stranger().post("/language", url.Values{"language": {"fr"}, "then": {then}}); got.to() != "/" {
			t.Errorf("%q leads to %q", then, got.to())
		}
	}
}

// TestPagesLoadNothingOfOthers, and each is protected the same.
func TestPagesLoadNothingOfOthers(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	asset := regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)
	for _, path := range []string{"/batches", "/none"} {
		got := awa.get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
		} {
			if !strings.HasPrefix(got.header.Get(name), want) {
				t.Errorf("%s: %s is %q, want %q", path, name, got.header.Get(name), want)
			}
		}
		if csp := got.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: %s", path, csp)
		}
		found := asset.FindAllStringSubmatch(got.body, -1)
		if len(found) < 3 {
			t.Errorf("%s loads %q", path, found)
		}
		for _, one := range found {
			part := awa.get(one[1])
			if part.status != http.StatusOK || !strings.Contains(part.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %q", one[1], part.status, part.header.Get("Cache-Control"))
			}
		}
	}
	if got := awa.get("/static/..%2fdoc.go"); got.status != http.StatusNotFound {
		t.Errorf("a file beside the assets: %d", got.status)
	}
}

// sources are the files of the package that show something, or choose its words.
func sources(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.go", "templates/*.html", "templates/parts/*.html"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %q, %v", pattern, found, err)
		}
		for _, file := range found {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(text)
		}
	}
	return texts
}

// TestThePagesUseEveryWordAndNoOther. A key that ends with a point is the beginning of one that
// is made up.
func TestThePagesUseEveryWordAndNoOther(t *testing.T) {
	words, err := catalogue.Console(catalogue.English)
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`"(console\.[a-z_.]+)"`)
	used := map[string]bool{}
	for file, text := range sources(t) {
		for _, match := range key.FindAllStringSubmatch(text, -1) {
			before := len(used)
			for own := range words.Texts {
				if own == match[1] || strings.HasSuffix(match[1], ".") && strings.HasPrefix(own, match[1]) {
					used[own] = true
				}
			}
			if len(used) == before && words.Texts[match[1]] == "" && !strings.HasSuffix(match[1], ".") {
				t.Errorf("%s asks for %q, which has no words", file, match[1])
			}
		}
	}
	for own := range words.Texts {
		if strings.HasPrefix(own, "console.") && !used[own] {
			t.Errorf("nothing says %s", own)
		}
	}
}

// TestNoPageHasAStyleOrScriptOfItsOwn, which the policy would refuse.
func TestNoPageHasAStyleOrScriptOfItsOwn(t *testing.T) {
	own := regexp.MustCompile(`(?i)<style|<script(?: [^>]*)?>[^<]|\sstyle=|\son[a-z]+=|javascript:`)
	for file, text := range sources(t) {
		if strings.HasSuffix(file, ".html") {
			if found := own.FindString(text); found != "" {
				t.Errorf("%s: %q", file, found)
			}
		}
	}
}

// TestAProblemIsToldInSentences of the visitor's language, with the space before a colon that French
// has; what only exists in English stands aside.
func TestAProblemIsToldInSentences(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	awa.language = "fr"
	o.wants("no such batch", awa.get("/batches/none"), http.StatusNotFound, "<b>Le registre ne connaît pas ce lot.</b>", "Code : <code>not_found</code>", "<details class=\"small\"><summary>Détail technique, en anglais")
	awa.language = "en"
	o.wants("in English", awa.get("/batches/none"), http.StatusNotFound, "Code: <code>not_found</code>")
	for file, text := range sources(t) {
		if strings.HasSuffix(file, ".html") && regexp.MustCompile(`\}\}: `).MatchString(text) {
			t.Errorf("%s has a colon that French would write otherwise", file)
		}
	}
}
