package console_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"payrun/batch/outbox"
	"payrun/internal/browsertest"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
)

// receiver takes a notice in, or says why not.
type receiver func() error

func (r receiver) Send(context.Context, outbox.Fact) error { return r() }

// tells has the outbox tell a channel so many notices, as a server does: told of none, the channel
// only begins.
func (o *office) tells(channel string, notices int, takes receiver) {
	o.t.Helper()
	accepting, enough := context.WithCancel(o.t.Context())
	defer enough()
	if notices == 0 {
		enough()
	}
	sender := receiver(func() error {
		if notices--; notices == 0 {
			enough()
		}
		return takes()
	})
	err := outbox.Run(o.t.Context(), accepting, outbox.Config{
		Store: o.store, Process: "caisse/1", Look: time.Millisecond, Jitter: func(int64) int64 { return 0 },
		Channels: []outbox.Channel{{Name: channel, Kinds: outbox.Kinds(), Sender: sender}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// happens records something of a batch, of which others are told.
func (o *office) happens(id ledger.BatchID, codes ...ledger.ActCode) {
	o.t.Helper()
	for _, code := range codes {
		if err := o.store.Record(o.t.Context(), ledger.Act{Code: code, Batch: id, At: time.Now(), By: ledger.Person{Name: "awa"}}); err != nil {
			o.t.Fatal(err)
		}
	}
}

// letters enters a batch of which a mail was given up, a call waits for its second try, and another
// was taken in.
func (o *office) letters(id ledger.BatchID, mail, reason string) {
	o.t.Helper()
	if _, err := o.store.Enrol(o.t.Context(), ledgertest.Batch(id), ledgertest.Each(ledgertest.Entries("N", 2))); err != nil {
		o.t.Fatal(err)
	}
	o.tells(mail, 0, nil)
	o.happens(id, ledger.ActReleased)
	o.tells(mail, 1, func() error { return fmt.Errorf("%w: %s", outbox.ErrGone, reason) })
	o.tells("webhook", 0, nil)
	o.happens(id, ledger.ActStopped, ledger.ActStopped)
	tried := 0
	o.tells("webhook", 2, func() error {
		if tried++; tried == 1 {
			return errors.New("the receiver is away")
		}
		return nil
	})
	o.tells(mail, 2, func() error { return nil })
}

// noticeRow is a row of the page of notices, with the kind and the number of what happened.
var noticeRow = regexp.MustCompile(`(?s)<tr><th scope="row" data-label="[^"]*"><span>([^<]*)<br>[^\n]*?<small>(?:event|événement) ([0-9]+) .*?</tr>`)

// TestWhatWasGivenUpStandsFirst, then what waits, each with its batch, whom it was for, how often it was tried
// and why it failed, in the visitor's words.
func TestWhatWasGivenUpStandsFirst(t *testing.T) {
	o := open(t, false)
	adjoua := o.as("adjoua")
	o.wants("nobody is told", adjoua.get("/notices"), http.StatusOK, "Nobody was to be told of anything yet")
	o.letters("may", "mail awa@firm.example", markup)
	page := o.wants("all", adjoua.get("/notices"), http.StatusOK, `<a href="/batches/may">may</a>`, ">mail awa@firm.example<", "the receiver is away", "wants no more: &lt;img", "next try")
	if strings.Contains(page.body, "<img") {
		t.Error("what a receiver said is markup")
	}
	rows := noticeRow.FindAllStringSubmatch(page.body, -1)
	want := []string{"released to be paid given up 1", "stopped early waiting 1", "stopped early taken in 1", "stopped early taken in 1", "stopped early taken in 1"}
	words := regexp.MustCompile(`(?s)class="badge [a-z]+">([^<]+)</span><br><small>([0-9]+) try`)
	for i, row := range rows {
		cells := words.FindStringSubmatch(row[0])
		if cells == nil || i >= len(want) || row[1]+" "+cells[1]+" "+cells[2] != want[i] {
			t.Errorf("row %d is %q with %q, want %q", i+1, row[1], cells, want)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d rows, want %d", len(rows), len(want))
	}
	for show, count := range map[string]int{"dead": 1, "waiting": 1, "sent": 3} {
		if got := noticeRow.FindAllString(adjoua.get("/notices?show="+show).body, -1); len(got) != count {
			t.Errorf("%s: %d rows, want %d", show, len(got), count)
		}
	}
	adjoua.language = "fr"
	o.wants("in French", adjoua.get("/notices"), http.StatusOK, "abandonné", "en attente", "reçu", "mis en paiement", "prochain essai", "Dernière erreur")
	for _, path := range []string{"/notices?show=lost", "/notices?after=x", "/notices?after=dead.x.webhook", "/notices?after=lost.1.webhook"} {
		o.wants(path, adjoua.get(path), http.StatusBadRequest)
	}
}

// TestAnAdminHasANoticeSentAgain, once however often they ask, and nobody else does; what was taken in
// meanwhile is not sent again.
func TestAnAdminHasANoticeSentAgain(t *testing.T) {
	const mail = "mail awa/paie@firm.example"
	o := open(t, false)
	o.letters("may", mail, "no such address")
	for name := range staff {
		if got := strings.Count(o.as(name).get("/notices").body, "<button>Send again"); got != map[string]int{"root": 2}[name] {
			t.Errorf("%s is offered %d to send again", name, got)
		}
	}
	root := o.as("root")
	path := o.found(root.get("/notices?show=dead"), `action="(/notices/[^"]+/again)"`)
	head := func() uint64 {
		t.Helper()
		count, _, err := o.store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return count
	}
	before := head()
	for range 2 {
		if got := o.wants("again", root.post(path, nil), http.StatusSeeOther); got.to() != "/notices" {
			t.Errorf("led to %q", got.to())
		}
	}
	if got := head() - before; got != 1 {
		t.Errorf("asked twice, %d events are recorded, want 1", got)
	}
	o.wants("said", root.get("/notices"), http.StatusOK, "It is to be sent once more")
	o.wants("by whom", o.as("adjoua").get("/audit?person=root"), http.StatusOK, "notice sent")
	o.tells(mail, 1, func() error { return nil })
	o.wants("none is given up any more", root.get("/notices?show=dead"), http.StatusOK, "There is no such notice")
	o.wants("too late", root.post(path, nil), http.StatusConflict, "taken in meanwhile")
	for _, nothing := range []string{"/notices/webhook/1/again", "/notices/nobody/7/again", "/notices/webhook/x/again"} {
		o.wants(nothing, root.post(nothing, nil), http.StatusNotFound)
	}
}

// TestNoticesArePaged: each is on one page, whatever happens meanwhile, and also where
// two channels are told of one event on two of them.
func TestNoticesArePaged(t *testing.T) {
	o := open(t, false)
	o.letters("may", "mail awa@firm.example", "no such address")
	o.happens("may", slices.Repeat([]ledger.ActCode{ledger.ActStopped}, 120)...)
	adjoua, seen, pages := o.as("adjoua"), map[string]int{}, 0
	for next := "/notices"; next != ""; pages++ {
		page := o.wants(next, adjoua.get(next), http.StatusOK)
		for _, row := range noticeRow.FindAllStringSubmatch(page.body, -1) {
			mail := strings.Contains(row[0], ">mail awa@firm.example<")
			seen[fmt.Sprint(row[2], mail)]++
		}
		link := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(page.body)
		if next = ""; link != nil {
			next = html.UnescapeString(link[1])
			o.happens("may", ledger.ActStopped) // which stands on the first page
		}
	}
	for notice, times := range seen {
		if times != 1 {
			t.Errorf("%s is on %d pages", notice, times)
		}
	}
	if len(seen) != 245 || pages != 5 {
		t.Errorf("%d notices on %d pages, want 245 on 5", len(seen), pages)
	}
}

// TestTheListOfBatchesLeadsToWhatWasGivenUp.
func TestTheListOfBatchesLeadsToWhatWasGivenUp(t *testing.T) {
	o := open(t, false)
	awa := o.as("awa")
	const leads = `<a href="/notices?show=dead">`
	if got := awa.get("/batches"); strings.Contains(got.body, leads) {
		t.Error("there is nothing to lead to")
	}
	o.letters("may", "mail awa@firm.example", "no such address")
	o.happens("may", slices.Repeat([]ledger.ActCode{ledger.ActStopped}, 120)...)
	o.wants("given up", awa.get("/batches"), http.StatusOK, leads+"1 notice was given up: nobody took it in")
	awa.language = "fr"
	o.wants("in French", awa.get("/batches"), http.StatusOK, leads+"1 avis abandonné : personne ne l&#39;a reçu")
	root := o.as("root")
	path := o.found(root.get("/notices?show=dead"), `action="(/notices/[^"]+/again)"`)
	o.wants("again", root.post(path, nil), http.StatusSeeOther)
	if got := awa.get("/batches"); strings.Contains(got.body, leads) {
		t.Error("it leads to what is to be sent again")
	}
}

// TestANoticeIsSentAgainWithoutScripts, from the list of batches on.
func TestANoticeIsSentAgainWithoutScripts(t *testing.T) {
	o := open(t, false, named)
	o.letters("may", "mail awa@firm.example", "no such address")
	root := o.desk(browsertest.Open(t, browsertest.Options{}), "root", french)
	root.WithoutScripts()
	root.open("/batches")
	root.Press(`a[href="/notices?show=dead"]`)
	if status := root.Press(`form[action$="/again"] button`); status != http.StatusOK {
		t.Fatalf("it is answered with %d: %s", status, root.Text("main"))
	}
	if said := root.Text(".notice.good"); !strings.Contains(said, "Il sera envoyé encore une fois") {
		t.Errorf("it says %q", said)
	}
}
