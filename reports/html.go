package reports

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports/page"
)

//go:embed page.html.tmpl
var pageSource string

// rehearsed says that no money was moved, empty where it was.
func (w words) rehearsed(environment string) string {
	switch {
	case page.Simulated(environment):
		return w.Rehearsal
	case page.Rehearsal(environment):
		return w.RehearsalThere
	default:
		return ""
	}
}

// htmlReport is a report as one page that needs nothing beside it.
type htmlReport struct {
	w io.Writer
	// batch names the batch in commands: its id, and the flags that find it.
	batch    string
	words    words
	page     *template.Template
	items    actionItems
	timeline timeline
	// answered words the differences that were answered.
	answered   []string
	letterhead page.Letterhead
	// annex lists everybody, nil if nobody asked for it.
	annex *annex
}

// pageData is all that the page shows.
type pageData struct {
	Letterhead page.Letterhead
	W          words
	Summary    *Summary
	Generated  string
	Rehearsal  string
	// Headline is empty unless all is paid.
	Headline string
	Paid     pagePart
	// SureCount and SureAmount are what is paid and not contradicted.
	SureCount, SureAmount string
	Groups                []pagePart
	Sum                   pageSum
	// Rows and Total are the file's.
	Rows, Total       string
	Fees, FeesUnknown string
	Differences       string
	// Answered words the differences that were answered, MoreAnswered counts those of
	// which there is no room.
	Answered     []string
	MoreAnswered string
	// Elsewhere is empty if no other batch paid any of it, AmountsUnread if all
	// amounts were read.
	Elsewhere, AmountsUnread string
	Events                   string
	Operators                []pageOperator
	Attention                []pageKind
	Timeline                 *pageTimeline
}

// pagePart is a part of the file: one of the terms of the page's sum, or within
// it a state.
type pagePart struct {
	Name, Class, Count, Amount string
	// PerMille is its share of the amount, for a bar; Share is the same for
	// people.
	PerMille int64
	Share    string
	// Any is set if there is at least one row in it.
	Any   bool
	Parts []pagePart
}

// pageSum is the sum as a person checks it.
type pageSum struct{ Counts, Amounts string }

// pageOperator is an operator's bar and its figures.
type pageOperator struct {
	Name, Count, Amount string
	// Width is the bar's in percent of the largest operator's.
	Width  int64
	Groups []pagePart
}

func beginHTML(w io.Writer, h Header, o Options) (format, error) {
	parsed, err := page.Parse("report", pageSource)
	if err != nil {
		return nil, err
	}
	batch := string(h.Batch)
	if o.Ledger != "" {
		batch += " --ledger " + o.Ledger
	}
	if page.Simulated(h.Environment) {
		batch += " --sandbox"
	}
	report := &htmlReport{w: w, batch: batch, words: wordsFor(o.French).in(h.Currency), page: parsed, letterhead: o.Letterhead}
	if o.Payees {
		report.annex, err = newAnnex(w, o, report.words)
	}
	return report, err
}

// answeredMax bounds how many answered differences the page lists.
const answeredMax = 100

func (h *htmlReport) line(l line) error {
	if h.annex != nil {
		if err := h.annex.line(l); err != nil {
			return err
		}
	}
	h.timeline.add(l)
	if l.answered != nil && len(h.answered) < answeredMax {
		h.answered = append(h.answered, h.words.answeredLine(l))
	}
	if needsAttention(l) {
		h.items.add(h.words, l)
	}
	return nil
}

func (h *htmlReport) finish(s *Summary) error {
	groups := h.groups(s.Totals)
	sure := ledger.Total{Count: s.Successful.Count - s.Contradicted.Count, Amount: s.Successful.Amount.Minus(s.Contradicted.Amount)}
	data := pageData{
		Letterhead: h.letterhead,
		SureCount:  grouped(sure.Count), SureAmount: sure.Amount.Grouped(),
		W: h.words, Summary: s, Generated: h.words.moment(s.GeneratedAt),
		Rehearsal: h.words.rehearsed(s.Environment),
		Headline:  h.headline(s),
		Paid:      groups[0], Groups: groups, Sum: sumOf(groups, s.Totals, s.Currency),
		Rows: grouped(s.Rows), Total: s.Amount.Grouped(), Fees: h.decimal(s.Fees.Grouped()),
		Answered: h.answered, Differences: grouped(s.Differences), Events: money.Group(int64(s.LedgerCount)), //nolint:gosec // G115: fewer events than 2^63
		Attention: h.items.page(h.words, h.batch), Timeline: h.timeline.page(h.words),
		Operators: h.operators(s),
	}
	if more := s.Answered - len(h.answered); more > 0 {
		data.MoreAnswered = "+ " + grouped(more)
	}
	if s.Elsewhere.Count > 0 {
		data.Elsewhere = fmt.Sprintf("%s, %s %s", grouped(s.Elsewhere.Count), s.Elsewhere.Amount.Grouped(), s.Currency)
	}
	if s.AmountsUnread > 0 {
		data.AmountsUnread = grouped(s.AmountsUnread)
	}
	if s.FeesUnknown > 0 {
		data.FeesUnknown = grouped(s.FeesUnknown)
	}
	if err := h.page.Execute(h.w, data); err != nil {
		return err
	}
	if h.annex != nil {
		if err := h.annex.write(h.w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(h.w, "\n</body>\n</html>\n")
	return err
}

func (h *htmlReport) close() error {
	if h.annex == nil {
		return nil
	}
	return h.annex.close()
}

// headline is the one thing that nobody must overlook: that all is paid, or that it is but this
// batch paid none of it, as of last month's file under another name.
func (h *htmlReport) headline(s *Summary) string {
	switch {
	case s.Rows == 0 || s.Successful.Count < s.Rows || s.Differences+s.Returned > 0:
		return ""
	case s.Elsewhere.Count == s.Rows:
		return h.words.AllElsewhere
	default:
		return h.words.AllPaid
	}
}

func (h *htmlReport) operators(s *Summary) []pageOperator {
	var largest money.Amount
	for _, totals := range s.ByOperator {
		if largest.Less(totals.Amount) {
			largest = totals.Amount
		}
	}
	const perCent = 10
	var operators []pageOperator
	for _, operator := range s.operators() {
		totals := s.ByOperator[operator]
		name := operator
		if name == noOperator {
			name = h.words.NoOperator
		}
		operators = append(operators, pageOperator{
			Name: name, Count: grouped(totals.Rows), Amount: totals.Amount.Grouped(),
			Width: max(1, perMille(totals.Amount, largest)/perCent), Groups: h.groups(totals),
		})
	}
	return operators
}

// groups divides totals as the page does: into the terms of the sum, and what is
// open into its states.
func (h *htmlReport) groups(t Totals) []pagePart {
	states := make(map[string]ledger.Total)
	for _, state := range t.states() {
		states[state.name] = state.count
	}
	var parts []pagePart
	for _, group := range t.groups() {
		part := h.part(h.words.Groups[group.name], group.name, group.count, t.Amount)
		if len(group.states) > 1 && group.count.Count > 0 {
			for _, state := range group.states {
				part.Parts = append(part.Parts, h.part(h.words.stateName(state), state, states[state], t.Amount))
			}
		}
		parts = append(parts, part)
	}
	return parts
}

func (h *htmlReport) part(name, class string, count ledger.Total, whole money.Amount) pagePart {
	return pagePart{
		Name: name, Class: class, Count: grouped(count.Count), Amount: count.Amount.Grouped(),
		PerMille: perMille(count.Amount, whole), Share: h.share(count.Amount, whole), Any: count.Count > 0,
	}
}

// grouped writes a number of rows in groups of three digits, as amounts are.
func grouped(count int) string { return money.Group(int64(count)) }

// sumOf writes the sum out: 198 + 1 + 0 + 0 + 1 = 200.
func sumOf(groups []pagePart, t Totals, currency string) pageSum {
	var counts, amounts []string
	for _, group := range groups {
		counts = append(counts, group.Count)
		amounts = append(amounts, group.Amount)
	}
	return pageSum{
		Counts:  fmt.Sprintf("%s = %s", strings.Join(counts, " + "), grouped(t.Rows)),
		Amounts: fmt.Sprintf("%s = %s %s", strings.Join(amounts, " + "), t.Amount.Grouped(), currency),
	}
}

// perMille is a part of a whole in thousandths, rounded down so that only the
// whole is ever shown as such. Amounts are far from overflowing here: they are
// 1e11 a row at most.
func perMille(part, whole money.Amount) int64 {
	const thousand = 1000
	if whole.Minor == 0 {
		return 0
	}
	if whole.Minor > 1<<52 {
		return part.Minor / (whole.Minor / thousand)
	}
	return part.Minor * thousand / whole.Minor
}

// nearestPerMille is perMille rounded to the nearest, but for what is nearly the
// whole.
func nearestPerMille(part, whole money.Amount) int64 {
	const thousand = 1000
	if whole.Minor == 0 || part == whole || whole.Minor > 1<<52 {
		return perMille(part, whole)
	}
	return min((2*thousand*part.Minor+whole.Minor)/(2*whole.Minor), thousand-1)
}

// share writes a part of a whole as a percentage with one decimal.
func (h *htmlReport) share(part, whole money.Amount) string {
	const ten = 10
	value := nearestPerMille(part, whole)
	if value == 0 && part.Minor > 0 {
		return "< 0" + h.words.DecimalPoint + "1" + h.words.Percent
	}
	text := strconv.FormatInt(value/ten, 10)
	if rest := value % ten; rest != 0 {
		text += h.words.DecimalPoint + strconv.FormatInt(rest, 10)
	}
	return text + h.words.Percent
}

func (h *htmlReport) decimal(text string) string {
	return strings.Replace(text, ".", h.words.DecimalPoint, 1)
}
