package console_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"payrun/internal/browsertest"
	"payrun/internal/console"
	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider/sandbox"
)

// holding is a ledger that, in the middle of a file, says so and waits for what comes next: the error
// with which it goes on, nil for none.
type holding struct {
	ledger.Store
	after      int
	held       chan struct{}
	next       chan error
	enrolments int
}

func newHolding(after int) *holding {
	return &holding{Store: memledger.New(), after: after, held: make(chan struct{}), next: make(chan error)}
}

func (h *holding) Enrol(ctx context.Context, batch ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	h.enrolments++
	return h.Store.Enrol(ctx, batch, func(yield func(ledger.Entry, error) bool) {
		rows := 0
		for entry, err := range entries {
			if rows == h.after && err == nil {
				err = h.hold(ctx)
			}
			rows++
			if !yield(entry, err) || err != nil {
				return
			}
		}
	})
}

func (h *holding) hold(ctx context.Context) error {
	select {
	case h.held <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-h.next:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hasty has every page show at once how far its file is.
func hasty(c *console.Config) { c.Limits.Patience = time.Nanosecond }

// understood brings a file in, and returns its page's address and the form that submits it.
func (b *browser) understood(name, content string) (path string, form url.Values) {
	b.o.t.Helper()
	path = b.o.wants("bring", b.bring(name, name+".csv", content), http.StatusSeeOther).to()
	b.get(path + "/progress") // until it is read
	return path, hidden(b.o.t, b.o.wants("understood", b.get(path), http.StatusOK, path+"/submit").body, "/submit")
}

// TestAFileIsSubmittedBesideItsPage: the page shows how far it is, and leads to the batch; submitting it
// again joins, nothing else is done with it meanwhile, and who signs out does not end it.
func TestAFileIsSubmittedBesideItsPage(t *testing.T) {
	store := newHolding(2)
	o := openOver(t, store, false, false, sandbox.Options{}, hasty)
	awa, elsewhere := o.as("awa"), o.as("awa")
	path, form := awa.understood("may", november)
	o.wants("submit", awa.post(path+"/submit", form), http.StatusSeeOther)
	<-store.held
	page := o.wants("on its way", awa.get(path), http.StatusOK, "may.csv is being submitted", "Entering: 3 of 3 rows", `http-equiv="refresh"`, "data-reload")
	if strings.Contains(page.body, "/remove") || strings.Contains(page.body, "/submit") {
		t.Error("the page offers to remove the file, or to submit it")
	}
	for _, again := range []*browser{awa, elsewhere} {
		if got := o.wants("again", again.post(path+"/submit", form), http.StatusSeeOther); got.to() != path {
			t.Errorf("it leads to %s", got.to())
		}
	}
	if got := o.wants("what changed", elsewhere.get(path+"/changes"), http.StatusSeeOther); got.to() != path {
		t.Errorf("what changed leads to %s", got.to())
	}
	for _, other := range []string{path + "/remove", path} {
		o.wants("something else", elsewhere.post(other, url.Values{"batch": {"june"}}), http.StatusConflict, "The file is being submitted")
	}
	o.wants("sign out", awa.post("/sign-out", url.Values{}), http.StatusSeeOther)
	told := make(chan answer, 1)
	go func() { told <- elsewhere.get(path + "/progress") }()
	store.next <- nil
	if got := <-told; !strings.Contains(got.body, "event: end\n") {
		t.Errorf("the page was told\n%s", got.body)
	}
	for what, got := range map[string]answer{"looked at": elsewhere.get(path), "submitted once more": elsewhere.post(path+"/submit", form)} {
		if got.status != http.StatusSeeOther || got.to() != "/batches/may" {
			t.Errorf("%s: %d %s, want the batch", what, got.status, got.to())
		}
	}
	b, err := o.store.Batch(t.Context(), "may")
	if err != nil || !b.Sealed || b.Accepted.Count != 3 || b.By.Name != "awa" || store.enrolments != 1 {
		t.Errorf("%+v, %v, entered %d times", b, err, store.enrolments)
	}
	o.enter("mariam", "maker")
	o.wants("somebody else", o.as("mariam").get(path), http.StatusNotFound)
}

// TestWhatFailedIsToldOnTheFilesPage, until it is submitted again.
func TestWhatFailedIsToldOnTheFilesPage(t *testing.T) {
	store := newHolding(2)
	o := openOver(t, store, false, false, sandbox.Options{}, hasty)
	awa := o.as("awa")
	path, form := awa.understood("may", november)
	o.wants("submit", awa.post(path+"/submit", form), http.StatusSeeOther)
	<-store.held
	told := make(chan answer, 1)
	go func() { told <- awa.get(path + "/progress") }()
	store.next <- errors.New("no space left on device")
	<-told
	awa.get(path + "/progress") // until it is read again
	for range 2 {
		page := o.wants("failed", awa.get(path), http.StatusOK, "The file could not be submitted", "<code>internal</code>", path+"/submit")
		if strings.Contains(page.body, "no space left") {
			t.Error("the page says what only the log may")
		}
	}
	o.wants("again", awa.post(path+"/submit", form), http.StatusSeeOther)
	<-store.held
	o.wants("on its way", awa.get(path), http.StatusOK, "is being submitted")
	store.next <- nil

	path, form = awa.understood("june", strings.NewReplacer("NOV-", "JUN-", "45000", "46000", "150000", "151000", "80500", "81500").Replace(november))
	form.Set("total", "1")
	o.wants("another total", awa.post(path+"/submit", form), http.StatusSeeOther)
	for range 2 { // until it ended, and until it is read again
		awa.get(path + "/progress")
	}
	o.wants("changed", awa.get(path), http.StatusOK, "Nothing was submitted: look at it once more", path+"/submit")
	if _, err := o.store.Batch(t.Context(), "june"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("of a file with another total: %v", err)
	}
}

// TestASubmissionGoesOnAfterTheServersEnd: what was entered stays, the file says so, and submitting it
// again completes its batch.
func TestASubmissionGoesOnAfterTheServersEnd(t *testing.T) {
	var files string
	store := newHolding(2)
	before := openOver(t, store, false, false, sandbox.Options{}, hasty, func(c *console.Config) { files = c.Files })
	path, form := before.as("awa").understood("may", november)
	before.wants("submit", before.as("awa").post(path+"/submit", form), http.StatusSeeOther)
	<-store.held
	before.pages.Close()
	if b, err := store.Batch(t.Context(), "may"); err != nil || b.Sealed {
		t.Fatalf("%+v, %v", b, err)
	}
	store.after = -1
	after := openOver(t, store, false, true, sandbox.Options{}, func(c *console.Config) { c.Files = files })
	awa := after.as("awa")
	form = hidden(t, after.wants("cut short", awa.get(path), http.StatusOK, "The server stopped before the whole file was in its batch").body, "/submit")
	if got := after.wants("again", awa.post(path+"/submit", form), http.StatusSeeOther); got.to() != "/batches/may" {
		t.Errorf("it leads to %s", got.to())
	}
	b, err := store.Batch(t.Context(), "may")
	if err != nil || !b.Sealed || b.Accepted.Count != 3 || b.Release != nil {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestASubmissionLeadsOnByItself to the batch: by its script, and without scripts by loading itself anew.
func TestASubmissionLeadsOnByItself(t *testing.T) {
	store := newHolding(2)
	o := openOver(t, store, false, false, sandbox.Options{}, named, hasty)
	browser := browsertest.Open(t, browsertest.Options{})
	december := strings.NewReplacer("NOV-", "DEC-", "45000", "46000", "150000", "151000", "80500", "81500").Replace(november)
	for name, file := range map[string]string{"scripts": november, "none": december} {
		awa := o.desk(browser, "awa", "fr")
		if name == "none" {
			awa.WithoutScripts()
		}
		path, _ := o.as("awa").understood(name, file)
		awa.open(path)
		awa.press(`form[action$="/submit"] button`)
		<-store.held
		awa.open(path)
		if title := awa.Text("h1"); !strings.Contains(title, "en cours de soumission") {
			t.Fatalf("%s: the page is %q", name, title)
		}
		store.next <- nil
		awa.Wait(`main[data-page="batch"]`)
		awa.reads("main", "Soumis. Rien n'est encore payé.")
	}
}
