package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"payrun/internal/browsertest"
)

func TestMain(m *testing.M) {
	os.Exit(browsertest.Main(m)) //nolint:forbidigo // how TestMain ends
}

const strict = "default-src 'none'; script-src 'self'; style-src 'self'"

// page serves a page, and a script for it.
func page(t *testing.T, body, script string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Security-Policy", strict)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!doctype html><html lang=en><head> <title>A page</title></head><body><main><h1>A page</h1>" + body + "</main></body></html>"))
		case "/script.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(script))
		default: // the browser asks for an icon
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestABrowserSaysWhatIsWrong with a page, and nothing about one that is right.
func TestABrowserSaysWhatIsWrong(t *testing.T) {
	browser := browsertest.Open(t, browsertest.Options{})
	for name, c := range map[string]struct{ body, script, want string }{
		"right":               {`<p>Hello</p><script src=script.js></script>`, `document.title = "Still a page"`, ""},
		"a script within":     {`<script>document.title = "x"</script>`, "", "content security policy: script-src-elem"},
		"a style within":      {`<p style="color:red">Hello</p>`, "", "content security policy: style-src-attr"},
		"of somebody else":    {`<img alt="" src="http://127.0.0.1:9/x.png">`, "", "content security policy: img-src"},
		"an exception":        {`<script src=script.js></script>`, `missing()`, "exception"},
		"a promise that ends": {`<script src=script.js></script>`, `Promise.reject(new Error("lost"))`, "lost"},
		"an error is told":    {`<script src=script.js></script>`, `console.error("broken")`, "console: \"broken\""},
	} {
		t.Run(name, func(t *testing.T) {
			p := browser.Page(t)
			if status := p.Go(page(t, c.body, c.script)); status != http.StatusOK {
				t.Errorf("answered with %d", status)
			}
			said := strings.Join(p.Complaints(), "\n")
			if !strings.Contains(said, c.want) || c.want == "" && said != "" {
				t.Errorf("it says %q, want %q", said, c.want)
			}
		})
	}
}

// TestScriptsCanBeOff, and the page is seen all the same.
func TestScriptsCanBeOff(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{}).Page(t)
	p.WithoutScripts()
	p.Go(page(t, `<p id=p>Hello</p><script src=script.js></script>`, `document.getElementById("p").textContent = "Scripts"`))
	if got := p.Text("#p"); got != "Hello" {
		t.Errorf("a script wrote %q", got)
	}
}
