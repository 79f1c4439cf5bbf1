package console

import (
	"net/http"
	"net/url"
	"strconv"

	"payrun/internal/catalogue"
	"payrun/ledger"
)

// rejectedPage is a page of the rows of a file that were turned away.
type rejectedPage struct {
	Batch ledger.Batch
	Path  string
	Rows  []rejectedRow
	// From and To are the places of its first and last row among all of them, counted from 1.
	From, To int
	Pages    paging
}

type rejectedRow struct {
	ledger.Entry

	Reasons []reason
}

// reason is why a row was turned away, and what to do about it.
type reason struct{ Message, Hint, Code string }

// showRejected lists the rows of the file that were turned away, and why.
func (s *server) showRejected(w http.ResponseWriter, r *http.Request) error {
	after, err := strconv.ParseUint("0"+r.URL.Query().Get("after"), 10, 31)
	if err != nil {
		return errRequest
	}
	b, err := s.Store.Batch(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	page := rejectedPage{Batch: b, Path: batchPath(b.ID, ""), From: int(after) + 1, To: int(after)}
	if after > 0 {
		page.Pages.First = page.Path + "/rejected"
	}
	words := s.words(r)
	for e, err := range s.Store.RejectedRows(r.Context(), b.ID, int(after)) {
		if err != nil {
			return err
		}
		if len(page.Rows) == payoutsShown {
			page.Pages.Next = page.Path + "/rejected?" + url.Values{"after": {strconv.Itoa(page.To)}}.Encode()
			break
		}
		page.Rows = append(page.Rows, rejectedRowOf(e, words))
		page.To++
	}
	return s.render(w, r, "rejected", page)
}

// rejectedRowOf words why a row was turned away.
func rejectedRowOf(e ledger.Entry, words texts) rejectedRow {
	row := rejectedRow{Entry: e}
	for _, one := range e.Rejections {
		message, hint := wordProblem(words, catalogue.Finding{Code: one.Code, Value: one.Value, Details: one.Details})
		row.Reasons = append(row.Reasons, reason{message, hint, one.Code})
	}
	return row
}
