package rules

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"payrun/batch/intake/table"
	"payrun/ledger/money"
)

// tally counts the rows of people and adds them up.
type tally struct {
	count  int
	amount money.Amount
	// unread counts the rows whose amount could not be read: their sum is not known.
	unread int
}

func (t tally) with(amount money.Amount, read bool) tally {
	if !read {
		return tally{t.count + 1, t.amount, t.unread + 1}
	}
	return tally{t.count + 1, t.amount.Plus(amount), t.unread}
}

func (t tally) less(other tally) tally {
	return tally{t.count - other.count, t.amount.Minus(other.amount), t.unread - other.unread}
}

// standing adds up the rows as far as some place, together and by operator.
type standing struct {
	all tally
	// byOperator has the operators in their order.
	byOperator []tally
}

// of returns the rows of an operator, of all if it is nil.
func (s standing) of(o *operator) tally {
	if o == nil {
		return s.all
	}
	if o.place >= len(s.byOperator) {
		return tally{}
	}
	return s.byOperator[o.place]
}

// section is the rows between two totals.
type section struct {
	// before adds up the rows above it, and from is its first person's row, 0 as
	// long as there is none.
	before standing
	from   int
}

// totals holds rows that add others up against the rows above them.
type totals struct {
	now      standing
	currency money.Currency
	// sections has the one that began last at its end, and to is the last person's row.
	sections []section
	to       int
	// above are the totals that stand before anybody's row: they add up what
	// follows.
	above []claim
}

// sectionsMax bounds what is kept of the totals before. A list with more of them has
// its later ones compared.
const sectionsMax = 1000

func newTotals(currency money.Currency, operators int) totals {
	return totals{currency: currency, now: standing{byOperator: make([]tally, operators)}, sections: make([]section, 1)}
}

// person counts a row; an operator that is not known is none of the ones that
// totals are about.
func (t *totals) person(row int, o *operator, amount money.Amount, read bool) {
	t.now.all = t.now.all.with(amount, read)
	if o != nil {
		t.now.byOperator[o.place] = t.now.byOperator[o.place].with(amount, read)
	}
	if last := &t.sections[len(t.sections)-1]; last.from == 0 {
		last.from = row
	}
	t.to = row
}

// mark begins a section behind a total. Of two totals, one under the other, the
// second begins none.
func (t *totals) mark() {
	if t.sections[len(t.sections)-1].from == 0 {
		return
	}
	if len(t.sections) == sectionsMax {
		t.sections = slices.Delete(t.sections, 1, 2)
	}
	before := standing{all: t.now.all, byOperator: slices.Clone(t.now.byOperator)}
	t.sections = append(t.sections, section{before: before})
}

// claim is a row that says what others come to.
type claim struct {
	row table.Row
	// figures are the sums it may state: an amount that can be read in two ways is two.
	figures []money.Amount
	// shown is the figure as it is written.
	shown string
	// operator is whose rows it adds up, nil for all.
	operator *operator
	// grand is set if it says that it is about all rows.
	grand bool
}

// sum is a result of rows above that a claim may state.
type sum struct {
	tally
	from int
}

// sums are the candidates for a total: the rows since a total before it, from the
// nearest to the first row, of one operator or of all.
func (t *totals) sums(c claim) []sum {
	var found []sum
	for i, section := range slices.Backward(t.sections) {
		since := t.now.of(c.operator).less(section.before.of(c.operator))
		if since.count > 0 && (i == 0 || !c.grand) {
			found = append(found, sum{since, section.from})
		}
	}
	return found
}

// judge holds a claim against the rows above and returns the code of what it is,
// with what the message needs.
func (t *totals) judge(c claim) (code string, details map[string]string) {
	if len(c.figures) == 0 {
		return CodeRowTotal, nil
	}
	candidates := t.sums(c)
	for _, candidate := range candidates {
		if candidate.unread == 0 && slices.Contains(c.figures, candidate.amount) {
			return CodeTotalAgrees, t.details(c, candidate)
		}
	}
	if slices.ContainsFunc(candidates, func(s sum) bool { return s.unread > 0 }) {
		return CodeRowTotal, nil
	}
	if len(candidates) == 0 {
		return CodeTotalDiffers, t.details(c, sum{from: t.sections[0].from})
	}
	return CodeTotalDiffers, t.details(c, candidates[0])
}

// details are the arguments of the message about a total.
func (t *totals) details(c claim, s sum) map[string]string {
	figure := c.shown
	if amount, code := ParseAmount(t.currency, figure); code == "" && amount.Plain() == figure {
		figure = amount.Grouped() // digits alone are hard to read
	}
	return map[string]string{
		"figure": figure, "sum": s.amount.Grouped(), "from": strconv.Itoa(s.from), "to": strconv.Itoa(t.to),
		"count": strconv.Itoa(s.count),
	}
}

// claim reads what a total says: in the amount's column, or where its figure
// stands if that is another one.
func (s *Set) claim(row table.Row) claim {
	c := claim{row: row}
	for _, cell := range []table.Cell{row.TransactionID, row.Beneficiary, row.Name, row.Amount, row.Operator, row.Note} {
		c.grand = c.grand || isGrand(cell.Text)
		for _, word := range append(words(cell.Text), fold(cell.Text)) {
			if o := s.byAlias[word]; o != nil {
				c.operator = o
			}
		}
	}
	if row.Amount.Text != "" || row.Amount.Problem != "" {
		c.take(s.Currency(), row.Amount)
		return c
	}
	for _, cell := range []table.Cell{row.Operator, row.Beneficiary, row.Name, row.TransactionID, row.Note} {
		if c.take(s.Currency(), cell); len(c.figures) > 0 {
			return c
		}
	}
	return c
}

// labelDigits bounds the digits of a label that are no figure: those of a
// year, or of how many people there are.
const labelDigits = 4

// take reads the figure of a cell, which may have words before it: "Total : 270 000
// FCFA". A count, as in "TOTAL (2 agents)", is none.
func (c *claim) take(currency money.Currency, cell table.Cell) {
	if cell.Problem != "" {
		return
	}
	text := cell.Text
	at := strings.IndexFunc(text, unicode.IsDigit)
	if at < 0 || saysTotal(text) && digitsIn(text) <= labelDigits {
		return
	}
	text = text[at:]
	if amount, read := parseSum(currency, text); read {
		c.figures = []money.Amount{amount}
	} else if _, code := ParseAmount(currency, text); code == CodeAmountAmbiguous {
		for _, reading := range bothReadings(currency, text) {
			if amount, read := parseSum(currency, reading); read {
				c.figures = append(c.figures, amount)
			}
		}
	}
	if len(c.figures) > 0 {
		c.shown = text
	}
}

// parseSum reads what many amounts come to, which may be nothing, and more than one
// amount can be.
func parseSum(c money.Currency, text string) (money.Amount, bool) {
	amount, code := ParseAmount(c, text)
	switch code {
	case "", CodeAmountZero:
		return amount, true
	case CodeAmountOverflow:
		whole, decimals, code := parts(withoutUnit(c, plainSpaces(text)))
		decimals = strings.TrimRight(decimals, "0")
		value, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", c.Digits()-len(decimals)), 10, 64)
		return c.Of(value), code == "" && err == nil
	default:
		return money.Amount{}, false
	}
}

// end judges the totals that stand above everybody's row, and calls tell with each.
func (t *totals) end(tell func(c claim, code string, details map[string]string)) {
	for _, c := range t.above {
		code, details := t.judge(claim{row: c.row, figures: c.figures, shown: c.shown, operator: c.operator, grand: true})
		tell(c, code, details)
	}
}
