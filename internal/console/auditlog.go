package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"payrun/internal/catalogue"
	"payrun/ledger"
)

// The audit log is shown in pages of auditShown events, the newest first. For one of them no
// more than auditRead are read: a filter that finds little leads on to the next page.
const (
	auditShown  = 100
	auditWindow = 500
	auditRead   = 10_000
)

// auditFilter is a choice of events.
type auditFilter struct {
	Batch, Person string
	// Before is the event before which the page begins, 0 for the newest.
	Before uint64
}

func (f auditFilter) holds(e ledger.Event) bool {
	return (f.Batch == "" || string(e.Batch) == f.Batch) && (f.Person == "" || e.By.Name == f.Person)
}

// from is the address of the page that begins before an event.
func (f auditFilter) from(before uint64) string {
	query := url.Values{}
	for name, value := range map[string]string{"batch": f.Batch, "person": f.Person} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if before > 0 {
		query.Set("before", strconv.FormatUint(before, 10))
	}
	if len(query) == 0 {
		return "/audit"
	}
	return "/audit?" + query.Encode()
}

// auditLine is an event as the page tells it. It names no person who is paid.
type auditLine struct {
	Sequence uint64
	At       time.Time
	Batch    ledger.BatchID
	// What happened, in words.
	What      string
	Payout    ledger.TransactionID
	From, To  string
	Detail    string
	Count     int
	By, Host  string
	Confirmed string
	Hash      string
}

func auditLineOf(e ledger.Event, words *catalogue.Catalogue) auditLine {
	line := auditLine{
		Sequence: e.Sequence, At: e.At, Batch: e.Batch, By: e.By.Name, Host: e.By.Host, Confirmed: e.By.Confirmed, Hash: e.Hash,
		Payout: e.Payout, Detail: e.Answer.Code,
	}
	kind := "rows.entered"
	switch {
	case e.Act != "":
		kind, line.Count = string(e.Act), e.Count.Count
	case e.Payout != "" && e.From == e.To:
		kind = "payout.heard"
	case e.Payout != "":
		kind, line.From, line.To = "payout.moved", words.Text("state."+e.From.String()), words.Text("state."+e.To.String())
	default:
		line.Count = e.Enrolled
	}
	line.What = words.Texts["console.audit.kind."+kind]
	if line.What == "" {
		line.What = kind // of a newer payrun
	}
	if line.By == "" {
		line.By = e.Actor
	}
	return line
}

// auditPage is a page of the log.
type auditPage struct {
	Filter auditFilter
	Lines  []auditLine
	Pages  paging
	Head   uint64
	Hash   string
	// Searched is the oldest event that was looked at, where the filter found less than a page.
	Searched uint64
}

// auditLog shows what happened, and who did it.
func (s *server) auditLog(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	f := auditFilter{Batch: strings.TrimSpace(query.Get("batch")), Person: strings.TrimSpace(query.Get("person"))}
	var err error
	if before := query.Get("before"); before != "" {
		if f.Before, err = strconv.ParseUint(before, 10, 63); err != nil {
			return errRequest
		}
	}
	page := auditPage{Filter: f}
	if f.Before > 0 {
		page.Pages.First = f.from(0)
	}
	if page.Head, page.Hash, err = s.Store.Head(r.Context()); err != nil {
		return err
	}
	before := page.Head + 1
	if f.Before > 0 {
		before = min(before, f.Before)
	}
	oldest, err := s.readAudit(r.Context(), s.words(r), f, before, &page.Lines)
	if err != nil {
		return err
	}
	if oldest > 1 {
		page.Pages.Next = f.from(oldest)
		if len(page.Lines) < auditShown {
			page.Searched = oldest
		}
	}
	return s.render(w, r, "audit", page)
}

// readAudit collects events before one, the newest first, and returns the oldest that it read.
func (s *server) readAudit(ctx context.Context, words *catalogue.Catalogue, f auditFilter, before uint64, lines *[]auditLine) (uint64, error) {
	end := before
	for end > 1 && len(*lines) < auditShown && before-end < auditRead {
		start := max(end, auditWindow+1) - auditWindow
		var window []ledger.Event
		for event, err := range s.Store.Events(ctx, start) {
			if err != nil {
				return end, err
			}
			if event.Sequence >= end {
				break
			}
			window = append(window, event)
		}
		for _, event := range slices.Backward(window) {
			if len(*lines) == auditShown {
				return end, nil
			}
			end = event.Sequence
			if f.holds(event) {
				*lines = append(*lines, auditLineOf(event, words))
			}
		}
		end = start
	}
	return end, nil
}
