package rules

import (
	"slices"
	"strings"
	"unicode"

	"payrun/batch/intake/table"
)

// Kind classifies a row under the header.
type Kind uint8

// The kinds of rows. Only KindPerson is a payment; KindUnclear may be one and is
// rejected until a person has said.
const (
	KindPerson Kind = iota
	// KindTotal adds other rows up; KindFigure has an amount and nothing else, and
	// is a total if it is one of the sums above.
	KindTotal
	KindFigure
	// KindHeader repeats the titles, as a list that is printed on several pages does,
	// and KindOtherHeader has the titles of another table.
	KindHeader
	KindOtherHeader
	// KindRemark is a sentence, KindSignature who signs where.
	KindRemark
	KindSignature
	// KindPrefilled has an id, an operator, a country and the like, filled in for
	// people to come, and nobody in it.
	KindPrefilled
	// KindEnd marks the end of a list: Ctrl-Z, "FIN", "***".
	KindEnd
	KindUnclear
)

// Pays reports whether a row of the kind is a payment, or would be one.
func (k Kind) Pays() bool { return k == KindPerson || k == KindUnclear }

// Kind says what a row is, by itself: whether a figure is a total depends on the
// rows above, which a Validator has seen. In doubt a row is a person's: a payment
// that is told to be wrong can be mended, one that is passed over is not noticed.
// Headers are the columns' titles in the file.
func (s *Set) Kind(row table.Row, headers map[table.Field]string) Kind {
	if person := s.usualPerson(row); person || uncut(row) {
		return KindPerson
	}
	r := look(row)
	own, other := r.header(headers)
	switch {
	case row.Problem == CodeRowHeaderOther:
		return KindOtherHeader
	case SeverityOf(row.Problem, false) == Error && row.Problem != "":
		return r.uncertain()
	case r.endMark():
		return KindEnd
	case own > 1 && other:
		return KindOtherHeader
	case own > 1:
		return KindHeader
	case r.otherHeader() > 1:
		return KindOtherHeader
	case s.hasNumber(row):
		return KindPerson
	case r.total():
		return KindTotal
	case r.filled(row.Name) || r.filled(row.Beneficiary):
		return r.named()
	case r.sums:
		return r.figure()
	default:
		return r.empty()
	}
}

// usualPerson knows the rows of which there are millions without a closer look.
func (s *Set) usualPerson(row table.Row) bool {
	number := row.Beneficiary.Text
	return len(number) == s.numbers.length && asciiDigits(number) && row.Amount.Text != "" && row.Name.Text != ""
}

// uncut reports whether a row came without cells: that each of them is missing
// says nothing more.
func uncut(row table.Row) bool {
	return row.Problem != "" && row == table.Row{Number: row.Number, Problem: row.Problem}
}

// numberDigitsMin is the number of digits that make a telephone number of what is written in
// its column, however badly: fewer are a count, "2 agents".
const numberDigitsMin = 6

// hasNumber reports whether the row has somebody's number: one that can be read,
// or digits enough for one where the row does not say that it is something else.
func (s *Set) hasNumber(row table.Row) bool {
	cell := row.Beneficiary
	if cell.Text == "" {
		return cell.Problem != "" && cell.Problem != CodeCellMerged
	}
	if _, code := s.ParseNumber(cell); code == "" {
		return true
	}
	if saysTotal(row.Name.Text) || saysTotal(row.TransactionID.Text) || saysTotal(row.Beneficiary.Text) ||
		saysSignature(row.TransactionID.Text) || saysSignature(row.Name.Text) {
		return false
	}
	return digitsIn(cell.Text) >= numberDigitsMin
}

// looked is a row with what its cells look like.
type looked struct {
	row table.Row
	// texts are the cells that say something, from the left.
	texts []string
	// sums is set if the amount's cell has a figure other than zero.
	sums bool
}

func look(row table.Row) looked {
	r := looked{row: row}
	for _, cell := range []table.Cell{
		row.TransactionID, row.Beneficiary, row.Name, row.Amount, row.Operator, row.Currency, row.Country, row.Note,
	} {
		if cell.Text != "" {
			r.texts = append(r.texts, cell.Text)
		}
	}
	amount := row.Amount
	r.sums = strings.ContainsAny(amount.Text, "123456789") || amount.Problem != "" && amount.Problem != CodeCellMerged
	return r
}

// filled reports whether a cell says something.
func (r looked) filled(cell table.Cell) bool {
	return strings.ContainsFunc(cell.Text, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) ||
		cell.Problem != "" && cell.Problem != CodeCellMerged
}

// uncertain is the kind of a row whose cells may not be where they belong: whatever
// it looks like, its problem is told.
func (r looked) uncertain() Kind {
	if r.filled(r.row.Beneficiary) || r.filled(r.row.Amount) || r.filled(r.row.Name) {
		return KindPerson
	}
	return KindUnclear
}

// endMarks are the characters that lines under a list are drawn with, and Ctrl-Z, with
// which DOS ends a text. A quote or a separator is none: it may be what is left of a
// row.
const endMarks = "*-=_.#~+ \u2026\u2013\u2014\u2500\x1a"

// endMark reports whether every cell that says something is such a mark.
func (r looked) endMark() bool {
	return len(r.texts) > 0 && !slices.ContainsFunc(r.texts, func(text string) bool {
		return strings.Trim(text, endMarks) != "" && !slices.Contains(endWords, fold(text))
	})
}

// hides reports whether a text that looks like a remark may hold somebody's number, or
// a row that was not cut into its cells.
func hides(text string) bool {
	const fieldsMin = 3
	if strings.Count(text, ";") >= fieldsMin || strings.Count(text, "\t") >= fieldsMin || strings.ContainsAny(text, "\"|") {
		return true
	}
	run := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			if run++; run > numberDigitsMin+2 {
				return true
			}
		case !strings.ContainsRune(" .-\u00a0\u202f", r):
			run = 0
		}
	}
	return false
}

// header counts the cells that are the title of their own column, and reports whether
// another column that is paid by has a title that means something else, as "Montant
// (EUR)" under "Montant".
func (r looked) header(headers map[table.Field]string) (own int, other bool) {
	for field, title := range headers {
		text := r.row.Cell(field).Text
		switch {
		case text == "":
		case fold(text) == fold(title):
			own++
		case field == table.FieldAmount || field == table.FieldNumber || field == table.FieldTransactionID:
			meant := table.TitleOf(text)
			// The lower of two rows of titles has a part of the title alone.
			other = other || meant != field && (meant != "" || !strings.Contains(fold(title), fold(text)))
		}
	}
	return own, other
}

// otherHeader counts the cells that are a title of some column. A figure is none,
// so that a row with one is not taken for a header.
func (r looked) otherHeader() int {
	titles := 0
	for _, text := range r.texts {
		if digitsIn(text) > 0 {
			return 0
		}
		if table.TitleOf(text) != "" {
			titles++
		}
	}
	return titles
}

// total reports whether the row says that it is one. Words of its own beside an id
// and an operator are a name: a filling station may be called Total, too.
func (r looked) total() bool {
	if !slices.ContainsFunc(r.texts, saysTotal) {
		return false
	}
	if slices.ContainsFunc(r.texts, onlyTotal) {
		return true
	}
	return r.row.Operator.Text == "" || !plainID(r.row.TransactionID.Text)
}

// named is the kind of a row without a number of anybody's that has words where a
// name or a number belongs.
func (r looked) named() Kind {
	identified := plainID(r.row.TransactionID.Text) || r.row.Operator.Text != ""
	switch {
	case r.sums, identified:
		return KindPerson
	case slices.ContainsFunc(r.texts, hides):
		return KindUnclear
	case slices.ContainsFunc(r.texts, saysSignature):
		return KindSignature
	case r.row.Name.Text == "" || isSentence(r.row.Name.Text):
		return KindRemark
	default:
		return KindUnclear
	}
}

// figure is the kind of a row that has an amount, and neither name nor number.
func (r looked) figure() Kind {
	if r.row.TransactionID.Text != "" {
		return KindPerson
	}
	return KindFigure
}

// empty is the kind of a row without name, number and amount.
func (r looked) empty() Kind {
	switch {
	case slices.ContainsFunc(r.texts, hides):
		return KindUnclear
	case slices.ContainsFunc(r.texts, saysSignature):
		return KindSignature
	case r.filled(r.row.Amount) && strings.Trim(r.row.Amount.Text, "0.,- ") != "",
		r.row.TransactionID.Text != "" && !plainID(r.row.TransactionID.Text),
		len(r.texts) == 1 && r.row.Note.Text != "":
		return KindRemark
	default:
		return KindPrefilled
	}
}

// plainID reports whether a text looks like an id and not like a sentence.
func plainID(text string) bool {
	return text != "" && readableID(text) && !saysSignature(text) && !saysTotal(text)
}

func digitsIn(text string) int {
	count := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			count++
		}
	}
	return count
}
