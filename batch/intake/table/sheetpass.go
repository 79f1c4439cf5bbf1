package table

// sheetPass is one pass over the rows of a sheet.
type sheetPass struct {
	table    *sheetTable
	touching merges
	tally    *tally
	other    otherHeader
	// under is set below titles that put the fields into other columns.
	under bool
	// loose and texts are scratch.
	loose []looseCell
	texts []string
}

// judge says what a stored row is, and counts it; given is false for a row that is
// not a row of the table.
func (p *sheetPass) judge(stored *sheetRow) (row Row, given bool) {
	if stored.number <= p.table.layout.row {
		return p.above(stored)
	}
	row = p.table.row(stored, p.touching.at(stored.number))
	switch {
	case p.under || p.other.worth(row.Amount.Text) && p.other.is(stored.number, p.allTexts(stored)):
		if p.under && row.blank() && isBlank(p.allTexts(stored)) {
			return row, false
		}
		row = Row{Number: stored.number, Problem: problemUnderOther}
		if !p.under {
			row.Problem, p.under = problemOtherHeader, true
			row.Name.Text = firstOf(p.allTexts(stored))
		}
		p.tally.read++
		return row, true
	case stored.hidden && p.table.hidden == HiddenSkip:
		if !isBlank(p.allTexts(stored)) {
			p.tally.skipped++
		}
		return row, false
	}
	row.Mark = p.tally.row(stored.number, row.blank(), p.besides(stored))
	if row.blank() {
		return row, false
	}
	row.Mark = p.tally.marked(row, row.Mark)
	if stored.hidden && p.table.hidden == "" {
		row.Problem = problemHidden
	}
	return row, true
}

// above counts the header and what stands above it. A row that looks like a payment
// is given: the header has passed it over.
func (p *sheetPass) above(stored *sheetRow) (row Row, given bool) {
	texts := p.allTexts(stored)
	switch {
	case stored.number < p.table.layout.row && looksPaid(texts):
		p.tally.read++
		return Row{Number: stored.number, Problem: problemAbove}, true
	case !isBlank(texts):
		p.tally.above(stored.number, texts)
	}
	return Row{}, false
}

// allTexts returns the texts of a row, as far to the right as columns are looked at.
func (p *sheetPass) allTexts(stored *sheetRow) []string {
	p.texts = p.texts[:0]
	for _, c := range stored.cells {
		if text := p.text(c); text != "" {
			for len(p.texts) < min(c.column, columnsMax) {
				p.texts = append(p.texts, "")
			}
			p.texts = append(p.texts, text)
		}
	}
	return p.texts
}

// text returns what is seen of a cell, and something for one that holds what cannot
// be read.
func (p *sheetPass) text(c sheetCell) string {
	cell := p.table.book.cell(c, "")
	if cell.Text == "" {
		return cell.Problem
	}
	return cell.Text
}

// besides returns the cells of the columns that are not read.
func (p *sheetPass) besides(stored *sheetRow) []looseCell {
	p.loose = p.loose[:0]
	fields := p.table.layout.fields
	for _, c := range stored.cells {
		within := c.column < len(fields)
		if within && (fields[c.column] != "" || c.column == p.table.layout.errors) {
			continue
		}
		if text := p.text(c); text != "" {
			p.loose = append(p.loose, looseCell{c.column, text})
		}
	}
	return p.loose
}
