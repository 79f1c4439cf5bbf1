package console

import (
	"net/http"
	"net/url"
	"strconv"

	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

// payoutsShown is how many payouts a page of the list has.
const payoutsShown = 50

// payoutList is a page of a batch's payouts.
type payoutList struct {
	Batch ledger.Batch
	Path  string
	// Show is the filter, Filters all there are.
	Show    string
	Filters []filterLink
	Payouts []payoutLine
	Pages   paging
	// Partial is set if there may be more although the page is not full: the search was long.
	Partial bool
	// Reveals is set if numbers are shown in full, MayReveal if the visitor may have that; Other
	// is the page the other way.
	Reveals, MayReveal bool
	Other              string
	Makes, Resolves    bool
	// Retriable is set if something that failed is on the page.
	Retriable bool
}

// filterLink leads to a part of the list.
type filterLink struct {
	Show, Path string
	Current    bool
}

// payoutLine is a payout as the list shows it.
type payoutLine struct {
	ledger.Payout

	// Path is that of its own pages, RetryPath that of a new attempt.
	Number, Path, RetryPath string
	// Why is the provider's answer, Todo the key of what to do about it.
	Why, Todo string
	// Disputes are the provider's words against the record.
	Disputes                      []string
	Attempts                      []attemptLine
	Retries, Corrects, Resolvable bool
}

// attemptLine is a try to pay a payout.
type attemptLine struct {
	ledger.Attempt

	Number, Why string
	// Changed is set if a later attempt has other terms.
	Changed bool
	Current bool
}

// The filters of the list, by their words in its address.
func payoutFilters() []string { return []string{"", "failed", "open", "disputed", "paid"} }

func payoutFilter(show string) (service.PayoutFilter, bool) {
	switch show {
	case "":
		return service.PayoutFilter{}, true
	case "failed":
		return service.PayoutFilter{States: []ledger.State{ledger.Failed}}, true
	case "open":
		return service.PayoutFilter{States: ledger.OpenStates()}, true
	case "disputed":
		return service.PayoutFilter{Disputed: true}, true
	case "paid":
		return service.PayoutFilter{States: []ledger.State{ledger.Successful}}, true
	default:
		return service.PayoutFilter{}, false
	}
}

// reveals reports whether a visitor may see numbers in full.
func (v Visitor) reveals() bool { return v.Is(Maker, Approver, Auditor) }

// showPayouts lists payouts in the order of the file, one line each.
func (s *server) showPayouts(w http.ResponseWriter, r *http.Request) error {
	query, v, id := r.URL.Query(), visitorOf(r), batchOf(r)
	show := query.Get("show")
	filter, known := payoutFilter(show)
	after, err := strconv.ParseUint("0"+query.Get("after"), 10, 32)
	if !known || err != nil {
		return errRequest
	}
	b, err := s.Store.Batch(r.Context(), id)
	if err != nil {
		return err
	}
	found, err := s.Service().Payouts(r.Context(), id, filter, uint32(after), payoutsShown)
	if err != nil {
		return err
	}
	list := payoutList{
		Batch: b, Path: batchPath(id, ""), Show: show, MayReveal: v.reveals(), Reveals: v.reveals() && query.Get("numbers") == "full",
		Makes: v.Is(Maker), Resolves: v.Is(Maker, Approver), Partial: found.More && len(found.Payouts) < payoutsShown,
	}
	address := func(after string, full bool) string {
		q := url.Values{}
		for name, value := range map[string]string{"show": show, "after": after} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if full {
			q.Set("numbers", "full")
		}
		return list.Path + "/payouts?" + q.Encode()
	}
	list.Other = address(query.Get("after"), !list.Reveals)
	if after > 0 {
		list.Pages.First = address("", list.Reveals)
	}
	if found.More {
		list.Pages.Next = address(strconv.FormatUint(uint64(found.Next), 10), list.Reveals)
	}
	for _, one := range payoutFilters() {
		path := list.Path + "/payouts"
		if one != "" {
			path += "?show=" + one
		}
		list.Filters = append(list.Filters, filterLink{Show: one, Path: path, Current: one == show})
	}
	for _, p := range found.Payouts {
		line := s.payoutLine(r, list, p.Payout)
		list.Retriable = list.Retriable || line.Retries
		list.Payouts = append(list.Payouts, line)
	}
	return s.render(w, r, "payouts", list)
}

// payoutLine is a payout with what is known of it.
func (s *server) payoutLine(r *http.Request, list payoutList, p ledger.Payout) payoutLine {
	number := func(t ledger.Terms) string {
		if list.Reveals {
			return t.Number.Reveal()
		}
		return t.Number.String()
	}
	line := payoutLine{
		Payout: p, Number: number(p.Terms), Path: batchPath(list.Batch.ID, "/payouts/"+url.PathEscape(string(p.ID))), Why: answered(p.Answer),
		Retries: list.Makes && p.Retriable(), Corrects: list.Makes && p.Correctable(list.Batch.ID),
		Resolvable: list.Resolves && service.Resolvable(p) == nil,
		Todo:       todo(p, list.Batch), RetryPath: batchPath(list.Batch.ID, "/retry"),
	}
	if p.State == ledger.Successful {
		line.Why = "" // that it was paid needs no reason
	}
	words := s.words(r)
	for _, d := range p.Unresolved() {
		line.Disputes = append(line.Disputes, disputed(words, d))
	}
	attempts := p.Attempts()
	for i, a := range attempts {
		line.Attempts = append(line.Attempts, attemptLine{
			Attempt: a, Number: number(a.Terms), Why: said(a.Answer), Current: i == len(attempts)-1, Changed: i < len(attempts)-1 && a.Terms != attempts[i+1].Terms,
		})
	}
	return line
}

// answered is an answer for whoever looks after the payment: the provider's words, or its code where
// it has none.
func answered(a ledger.Answer) string {
	if a.Message == "" {
		return catalogue.Visible(a.Code)
	}
	return catalogue.Visible(a.Message)
}

// said is an answer in one line: the provider's code and words.
func said(a ledger.Answer) string {
	switch {
	case a.Message == "" || a.Message == a.Code:
		return catalogue.Visible(a.Code)
	case a.Code == "":
		return catalogue.Visible(a.Message)
	default:
		return catalogue.Visible(a.Code + ": " + a.Message)
	}
}

// disputed words a difference that is on record.
func disputed(words *catalogue.Catalogue, d ledger.Difference) string {
	there := d.ProviderCode
	if there == "" {
		there = d.Said
	}
	return words.Text("people.disputed", "state", words.Text("state."+d.Recorded.String()), "provider", catalogue.Visible(there),
		"reference", string(d.Reference), "code", d.Code)
}

// todo is the key of what to do about a payout, empty for nothing.
func todo(p ledger.Payout, b ledger.Batch) string {
	switch {
	case len(p.Unresolved()) > 0:
		return "console.todo.disputed"
	case p.Row == 0 && p.State == ledger.Failed:
		return "console.todo.removed"
	case p.Batch != b.ID && p.State == ledger.Failed:
		return "console.todo.elsewhere"
	}
	switch p.State {
	case ledger.Failed, ledger.Pending, ledger.Unknown:
		return "console.todo." + p.State.String()
	case ledger.Queued:
		if !p.NeverSent() {
			return "console.todo.again"
		}
	case ledger.Submitting, ledger.Successful, ledger.Cancelled:
	}
	return ""
}
