package table

import (
	"strings"
	"unicode/utf8"
)

// The codes of Cell.Problem and Row.Problem; see the package comment.
const (
	problemTooLong   = "cell.too_long"
	problemError     = "cell.formula_error"
	problemUncached  = "cell.formula_uncached"
	problemDate      = "cell.date"
	problemBoolean   = "cell.boolean"
	problemScaled    = "cell.scaled"
	problemFormat    = "cell.format"
	problemInvisible = "cell.invisible"
	problemStale     = "cell.formula_stale"
	problemPrecision = "cell.precision"
	problemMerged    = "cell.merged"

	problemWidth  = "row.width"
	problemQuotes = "row.quotes"
	problemHidden = "row.hidden"

	problemThousands   = "row.thousands"
	problemAbove       = "row.above_header"
	problemOtherHeader = "row.header_other"
	problemUnderOther  = "row.under_other_header"
)

const (
	// cellMax bounds a cell, in bytes; the longest field of a
	// transfer is a name.
	cellMax = 4 << 10
	// shownMax bounds the part of a longer one that is kept to show.
	shownMax = 80
)

// textCell makes a cell of text as the file has it.
func textCell(text string) Cell {
	text = trim(text)
	if len(text) > 1 && text[0] == '\'' {
		text = withoutMark(text)
	}
	switch {
	case text == "":
		return Cell{}
	case len(text) > cellMax:
		return Cell{Text: shorten(text), Problem: problemTooLong}
	case text[0] == '=':
		return Cell{Text: unwrapFormula(text)}
	case text[0] == '#' && isFormulaError(text):
		return Cell{Text: text, Problem: problemError}
	default:
		return Cell{Text: text}
	}
}

// withoutMark takes off the apostrophe that payrun's copies and other exports put
// before what a spreadsheet would take for a formula, so that the text is what it
// was before.
func withoutMark(text string) string {
	if rest := text[1:]; strings.ContainsAny(trim(rest)[:min(1, len(trim(rest)))], "=+-@") {
		return trim(rest)
	}
	return text
}

// unwrapFormula reads ="0777101301", with which exports make Excel keep a
// leading zero, as the text it stands for.
func unwrapFormula(text string) string {
	inner, opened := strings.CutPrefix(text, `="`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !opened || !closed || strings.Contains(inner, `"`) {
		return text
	}
	return trim(inner)
}

// isFormulaError knows the error values of French and English spreadsheets, as
// a CSV export writes them.
func isFormulaError(text string) bool {
	switch strings.ToUpper(text) {
	case "#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#VALEUR!", "#NAME?", "#NOM?", "#NOM ?",
		"#NUM!", "#NOMBRE!", "#NULL!", "#NUL!", "#SPILL!", "#PROPAGATION!", "#CALC!", "#CALCUL!":
		return true
	}
	return false
}

// shorten keeps the beginning of a text, cut between characters.
func shorten(text string) string {
	if len(text) <= shownMax {
		return text
	}
	cut := shownMax
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.ToValidUTF8(text[:cut], "\ufffd") + "…"
}

// set puts a cell into the row. Fields outside the contract, such as half a
// name, are the caller's.
func (r *Row) set(field Field, cell Cell) {
	switch field {
	case FieldTransactionID:
		r.TransactionID = cell
	case FieldNumber:
		r.Beneficiary = cell
	case FieldName:
		r.Name = cell
	case FieldAmount:
		r.Amount = cell
	case FieldOperator:
		r.Operator = cell
	case FieldCurrency:
		r.Currency = cell
	case FieldCountry:
		r.Country = cell
	case FieldNote:
		r.Note = cell
	}
}

// blank reports whether the row holds nothing.
func (r *Row) blank() bool {
	var none Cell
	return r.Problem == "" && r.TransactionID == none && r.Beneficiary == none && r.Name == none &&
		r.Amount == none && r.Operator == none && r.Currency == none && r.Country == none && r.Note == none
}

// joinNames makes one cell of a family name and given names.
func joinNames(family, given Cell) Cell {
	joined := Cell{Text: trim(family.Text + " " + given.Text), Problem: family.Problem}
	if joined.Problem == "" {
		joined.Problem = given.Problem
	}
	return joined
}
