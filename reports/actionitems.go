package reports

import (
	"cmp"
	"slices"
	"strings"

	"payrun/ledger"
)

// The page is to be read by a person: it tells at most kindsMax kinds of trouble
// apart and lists at most linesPerKind rows of each. It counts them all.
const (
	kindsMax     = 40
	linesPerKind = 50
)

// actionItems collects what a person has to deal with, rows with the same cause
// together.
type actionItems struct {
	kinds map[kindKey]*kind
}

type kindKey struct{ state, code string }

type kind struct {
	kindKey
	count ledger.Total
	lines []pageLine
}

// pageKind is one kind of trouble: what it is, what to do, and its rows.
type pageKind struct {
	State, Name, Code string
	Todo              []pageText
	Count, Amount     string
	Lines             []pageLine
	// Hidden counts the rows that are not listed; empty if all are.
	Hidden string
}

// Short reports whether the kind fits on what is left of most printed pages, and
// should then not be torn.
func (k pageKind) Short() bool {
	const few = 4
	return len(k.Lines) <= few
}

// pageText is a part of a sentence: words, or a command to type.
type pageText struct {
	Text    string
	Command bool
}

// Words divides a command where a line may break: never within an option.
func (p pageText) Words() []string { return strings.Split(p.Text, " ") }

// pageLine is a row of the page's lists.
type pageLine struct {
	Row                              int
	ID, Number, Name, Amount, Reason string
}

func (a *actionItems) add(w words, l line) {
	key := kindOf(l)
	if a.kinds == nil {
		a.kinds = make(map[kindKey]*kind)
	}
	if _, known := a.kinds[key]; !known && len(a.kinds) >= kindsMax {
		key.code = ""
	}
	k := a.kinds[key]
	if k == nil {
		k = &kind{kindKey: key}
		a.kinds[key] = k
	}
	k.count.Add(l.amount)
	if len(k.lines) == linesPerKind {
		return
	}
	k.lines = append(k.lines, pageLine{
		Row: l.row, ID: string(l.id), Number: l.number.National().Reveal(), Name: l.name, Amount: shownAmount(w, l), Reason: reason(w, l, key),
	})
}

// shownAmount does not call an amount 0 that could not be read.
func shownAmount(w words, l line) string {
	if l.amountUnread {
		return w.Unread
	}
	return l.amount.Grouped()
}

// mayBePaid reports whether a payout in this state must not be paid in another way.
func mayBePaid(state string) bool {
	return state == ledger.Unknown.String() || state == ledger.Pending.String()
}

// kindOf sorts a line under its state and code; a row that was turned away for
// several reasons under the first.
func kindOf(l line) kindKey {
	if l.difference != nil {
		return kindKey{state: stateDifference}
	}
	if l.returned != "" && !mayBePaid(l.state) {
		return kindKey{state: stateReturned, code: l.returned}
	}
	code := l.code
	if l.state == StateRejected {
		code, _, _ = strings.Cut(code, ";")
	}
	return kindKey{state: l.state, code: code}
}

// reason returns the part of a row's story that its kind does not tell. What the machine said of
// a broken connection tells a person nothing, so payrun's own codes have words.
func reason(w words, l line, key kindKey) string {
	switch {
	case l.difference != nil:
		return w.difference(l.difference)
	case w.Reasons[l.code] != "":
		return w.Reasons[l.code]
	case l.code == key.code, (l.state == StateRejected || l.returned != "") && l.message != "":
		return l.message
	case l.message == "":
		return l.code
	default:
		return l.code + ": " + l.message
	}
}

// page returns the kinds, the gravest first: what contradicts a final state, what
// failed, what may have been paid, what waits.
func (a *actionItems) page(w words, batch string) []pageKind {
	order := []string{
		stateDifference, stateReturned, ledger.Failed.String(), StateRejected,
		ledger.Unknown.String(), ledger.Pending.String(), ledger.Queued.String(),
	}
	kinds := make([]*kind, 0, len(a.kinds))
	for _, k := range a.kinds {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(x, y *kind) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, x.state), slices.Index(order, y.state)),
			cmp.Compare(y.count.Count, x.count.Count),
			cmp.Compare(x.code, y.code))
	})
	page := make([]pageKind, 0, len(kinds))
	for _, k := range kinds {
		hidden := ""
		if more := k.count.Count - len(k.lines); more > 0 {
			hidden = grouped(more)
		}
		page = append(page, pageKind{
			State: k.state, Name: w.stateName(k.state), Code: k.code, Todo: w.remedy(batch, k.state, k.code),
			Count: grouped(k.count.Count), Amount: k.count.Amount.Grouped(), Lines: k.lines, Hidden: hidden,
		})
	}
	return page
}
