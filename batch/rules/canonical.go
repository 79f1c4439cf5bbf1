package rules

import (
	"strings"

	"payrun/batch/intake/table"
	"payrun/ledger/money"
)

// Canonical returns the row as these rules would write it themselves: the number
// as its digits, with the zero that a spreadsheet dropped and, where the operator
// leaves no doubt, with the prefix of 2021 before eight digits; the operator by its
// id; the name with single blanks; the amount as plain digits; currency and country
// by their codes. A cell that cannot be understood for certain is left as it is,
// for Check to say why.
func (s *Set) Canonical(row table.Row) table.Row {
	var o *operator
	if row.Operator.Problem == "" {
		o = s.operator(row.Operator.Text)
	}
	if o != nil {
		row.Operator.Text = string(o.id)
	}
	row.Beneficiary = s.canonicalNumber(row.Beneficiary, o)
	row.Name = CanonicalName(row.Name)
	row.Amount = canonicalAmount(s.Currency(), row.Amount)
	row.Currency = s.currency.canonical(row.Currency)
	row.Country = s.country.canonical(row.Country)
	return row
}

// canonicalNumber writes a number out. Without an operator a dropped zero is not
// restored: another operator's number may have lost another digit.
func (s *Set) canonicalNumber(cell table.Cell, o *operator) table.Cell {
	if cell.Problem != "" {
		return cell
	}
	number, code := s.ParseNumber(cell)
	switch {
	case code == "":
	case code == CodeNumberLostZero && o != nil && o.acceptsNumber("0"+number):
		number = "0" + number
	case code == CodeNumberOldFormat && o != nil && len(o.prefixes) == 1:
		number = prefixed(o.prefixes[0], number)
	default:
		return cell
	}
	return table.Cell{Text: number.Reveal()}
}

// CanonicalName writes each run of blanks and line breaks as one blank.
func CanonicalName(cell table.Cell) table.Cell {
	if cell.Problem == "" {
		cell.Text = strings.Join(strings.Fields(cell.Text), " ")
	}
	return cell
}

func canonicalAmount(c money.Currency, cell table.Cell) table.Cell {
	if cell.Problem != "" {
		return cell
	}
	amount, code := ParseAmount(c, cell.Text)
	if code != "" {
		return cell
	}
	return table.Cell{Text: amount.Plain(), Numeric: cell.Numeric}
}

func (n named) canonical(cell table.Cell) table.Cell {
	if cell.Problem == "" && cell.Text != "" && n.means(cell.Text) {
		cell.Text = n.code
	}
	return cell
}
