package console_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"payrun/internal/browsertest"
	"payrun/internal/console"
)

// uploadForm is a form as the page of files has it.
const uploadForm = `<!doctype html><html lang="en"><head><title>Files</title><script src="/payrun.js" defer></script></head><body><main><h1>Files</h1>
<form method="post" action="/uploads" enctype="multipart/form-data" data-upload>
<label class="drop" for="file">A file <input type="file" id="file" name="file" required></label>
<div data-upload-progress hidden><progress max="1" value="0"></progress><output></output></div>
<p data-upload-problem hidden>The line broke.</p><button>Send</button></form></main></body></html>`

// dropAFile drops a file on the form, as from a person's desktop.
const dropAFile = `(() => {
  const carried = new DataTransfer();
  carried.items.add(new File(["a,b\n".repeat(100000)], "november.csv", {type: "text/csv"}));
  const drop = document.querySelector(".drop");
  drop.dispatchEvent(new DragEvent("dragover", {dataTransfer: carried, bubbles: true, cancelable: true}));
  const over = drop.classList.contains("over");
  drop.dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
  return over && !drop.classList.contains("over") && document.querySelector("#file").files[0].name === "november.csv";
})()`

// TestAFileIsDroppedAndSent, and the page that answers is shown, whether it is another one or tells
// what is wrong with the form. A line that breaks is told.
func TestAFileIsDroppedAndSent(t *testing.T) {
	var answer atomic.Value
	received := make(chan string, 3)
	mux := http.NewServeMux()
	page := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, text)
		}
	}
	mux.HandleFunc("GET /{$}", page(uploadForm))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /understood", page(`<!doctype html><html lang="en"><title>Understood</title><body><main id="understood">Understood</main></body></html>`))
	mux.HandleFunc("GET /payrun.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "static/payrun.js") })
	mux.HandleFunc("POST /uploads", func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		content, err := io.ReadAll(file)
		if err != nil || len(content) != 400_000 {
			t.Errorf("%d bytes came, %v", len(content), err)
		}
		received <- header.Filename
		switch answer.Load() {
		case "led on":
			http.Redirect(w, r, "/understood", http.StatusSeeOther)
		case "told":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, strings.Replace(uploadForm, "<h1>Files", `<p id="wrong">Not a table.</p><h1>Files`, 1))
		default:
			panic(http.ErrAbortHandler)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	browser := browsertest.Open(t, browsertest.Options{})
	send := func(p *browsertest.Page, what string) {
		t.Helper()
		answer.Store(what)
		if !browsertest.Value[bool](p, dropAFile) {
			t.Fatal("the form did not take the file")
		}
		p.Click("button")
		if name := <-received; name != "november.csv" {
			t.Errorf("%q came", name)
		}
	}
	p := browser.Page(t)
	p.Go(server.URL)
	send(p, "told")
	p.Wait("#wrong")
	send(p, "led on") // the form that came with the answer works as the first one
	p.Wait("#understood")

	broken := browser.Page(t)
	broken.Go(server.URL)
	send(broken, "broken off")
	broken.Wait("[data-upload-problem]")
	if browsertest.Value[bool](broken, "document.querySelector('button').disabled || !document.querySelector('[data-upload-progress]').hidden") {
		t.Error("after the line broke the form cannot be sent again")
	}
	for _, complaint := range broken.Complaints() {
		if !strings.Contains(complaint, "ERR_EMPTY_RESPONSE") {
			t.Errorf("the browser says %s", complaint)
		}
	}
}

// TestAFileIsCheckedBesideItsPage, which leads on by itself to what was understood: by its script, and
// without scripts by loading itself anew.
func TestAFileIsCheckedBesideItsPage(t *testing.T) {
	o := open(t, false, named, func(c *console.Config) { c.Limits.Patience = time.Millisecond })
	browser := browsertest.Open(t, browsertest.Options{})
	var rows strings.Builder
	rows.WriteString("transaction_id,name,customer_id,operator,amount\n")
	for i := range 15_000 {
		fmt.Fprintf(&rows, "L-%05d,Awa Koné,07%08d,ORANGE,%d\n", i, i, 1000+i%5000)
	}
	for name, scripts := range map[string]bool{"scripts": true, "none": false} {
		awa := o.desk(browser, "awa", "fr")
		if !scripts {
			awa.WithoutScripts()
		}
		came := o.wants("bring", o.as("awa").bring(name, name+".csv", rows.String()), http.StatusSeeOther)
		awa.open(came.to())
		if title := awa.Text("h1"); !strings.Contains(title, "en cours de vérification") {
			t.Fatalf("%s: the page is %q: the file is read at once", name, title)
		}
		awa.Wait(`form[action$="/submit"]`)
	}
}
