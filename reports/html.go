package reports

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"

	"payrun/ledger"
	"payrun/ledger/money"
)

// attentionMax is how many rows the page lists; it is to be read by a person.
const attentionMax = 200

//go:embed page.html.tmpl
var pageSource string

// htmlReport is a report as one page that needs nothing beside it.
type htmlReport struct {
	w     io.Writer
	words words
	page  *template.Template
	// attention is what a person has to deal with, failures first; hidden
	// counts what did not fit.
	failures, open []pageLine
	hidden         int
}

// pageLine is a row of the page's list.
type pageLine struct {
	Row                            int
	ID, Number, Name, Amount       string
	State, StateName, Reason, Todo string
}

// pagePart is a part of the file in the page's table of totals, with its share
// of the amount in percent for the bar.
type pagePart struct {
	State, Name, Amount string
	Count               int
	Share               string
}

// pageOperator is an operator's bar.
type pageOperator struct {
	Name, Amount, Paid string
	Count              int
	Parts              []pagePart
}

// pageData is all that the page shows.
type pageData struct {
	W           map[string]string
	Lang        string
	Summary     *Summary
	Generated   string
	Head        string
	Parts       []pagePart
	Total, Fees string
	Operators   []pageOperator
	Attention   []pageLine
	Hidden      int
}

func beginHTML(w io.Writer, _ Header, o Options) (format, error) {
	page, err := template.New("report").Parse(pageSource)
	if err != nil {
		return nil, fmt.Errorf("read the page's template: %w", err)
	}
	return &htmlReport{w: w, words: wordsFor(o.French), page: page}, nil
}

func (h *htmlReport) line(l line) error {
	if !needsAttention(l.state) && l.difference == "" {
		return nil
	}
	list := &h.open
	if l.state == ledger.Failed.String() || l.state == StateRejected {
		list = &h.failures
	}
	if len(*list) == attentionMax {
		h.hidden++
		return nil
	}
	reason := l.code
	if l.message != "" {
		reason += ": " + l.message
	}
	if l.difference != "" {
		reason = l.difference
	}
	*list = append(*list, pageLine{
		Row: l.row, ID: string(l.id), Number: l.number.Reveal(), Name: l.name, Amount: l.amount.Grouped(),
		State: l.state, StateName: h.words.stateName(l.state), Reason: reason, Todo: h.words.remedies[l.state],
	})
	return nil
}

func (h *htmlReport) finish(s *Summary) error {
	data := pageData{
		W: h.words.labels(), Lang: h.words.lang, Summary: s, Generated: s.GeneratedAt.Format("2006-01-02 15:04:05"),
		Head: s.LedgerHead, Parts: h.parts(s.Totals), Total: s.Amount.Grouped(), Fees: s.Fees.Grouped(),
		Attention: append(h.failures, h.open...), Hidden: h.hidden,
	}
	for _, operator := range slices.Sorted(maps.Keys(s.ByOperator)) {
		totals := s.ByOperator[operator]
		data.Operators = append(data.Operators, pageOperator{
			Name: operator, Count: totals.Rows, Amount: totals.Amount.Grouped(),
			Paid: share(totals.Successful.Amount, totals.Amount), Parts: h.parts(totals),
		})
	}
	return h.page.Execute(h.w, data)
}

func (h *htmlReport) parts(t Totals) []pagePart {
	parts := make([]pagePart, 0, len(t.states()))
	for _, state := range t.states() {
		parts = append(parts, pagePart{
			State: state.name, Name: h.words.stateName(state.name), Count: state.count.Count,
			Amount: state.count.Amount.Grouped(), Share: share(state.count.Amount, t.Amount),
		})
	}
	return parts
}

// share returns a part of a whole in percent, with one decimal, rounded down so
// that only the whole is ever shown as 100.
func share(part, whole money.XOF) string {
	const perMille, decimals = 1000, 10
	if whole == 0 {
		return "0"
	}
	value := int64(part) * perMille / int64(whole)
	if value%decimals == 0 {
		return fmt.Sprint(value / decimals)
	}
	return fmt.Sprintf("%d.%d", value/decimals, value%decimals)
}

func (w words) labels() map[string]string {
	return map[string]string{
		"title": w.title, "file": w.file, "environment": w.environment, "generated": w.generated, "head": w.head,
		"events": w.events, "state": w.state, "operator": w.operator, "count": w.count, "amount": w.amount,
		"total": w.total, "fees": w.fees, "differences": w.differences, "attention": w.attention, "nothing": w.nothing,
		"more": w.more, "row": w.row, "beneficiary": w.beneficiary, "reason": w.reason, "remedy": w.remedy,
		"adds": w.adds, "share": w.share, "signed": w.signed, "date": w.date,
	}
}

func (h *htmlReport) close() error { return nil }
