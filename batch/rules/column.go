package rules

import (
	"strconv"
	"strings"
	"unicode"

	"payrun/batch/intake/table"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

func (c *check) id() ledger.TransactionID {
	text := c.row.TransactionID.Text
	id := ledger.TransactionID(text)
	if !c.trusted(table.FieldTransactionID, c.row.TransactionID) {
		return id
	}
	switch {
	case text == "":
		c.add(table.FieldTransactionID, CodeIDMissing, nil)
	case inexact(text):
		c.add(table.FieldTransactionID, CodeIDScientific, nil)
	case !readableID(text):
		c.add(table.FieldTransactionID, CodeIDCharacters, nil)
	case !c.v.set.takesCharacters(text):
		c.add(table.FieldTransactionID, CodeIDAlphabet, map[string]string{"allowed": c.v.set.IDCharacters()})
	case len(text) > c.v.set.idLengthMax:
		c.add(table.FieldTransactionID, CodeIDLength, map[string]string{"max": strconv.Itoa(c.v.set.idLengthMax)})
	default:
		c.uniqueID(text)
	}
	return id
}

// uniqueID holds an id against those of the rows before.
func (c *check) uniqueID(text string) {
	before := c.v.of(c.row.Number, func(found *repeat) { c.v.seen.id(text, c.row.Number, found) })
	switch {
	case before.similar:
		c.before(table.FieldTransactionID, CodeIDSimilar, before.id)
	case before.id > 0:
		c.before(table.FieldTransactionID, CodeIDDuplicate, before.id)
	case rewritten(text):
		c.add(table.FieldTransactionID, CodeIDRewritten, nil)
	case c.v.zeros.lost(text, c.row.Number):
		c.add(table.FieldTransactionID, CodeIDLostZero, map[string]string{"digits": strconv.Itoa(c.v.zeros.length)})
	}
}

func (c *check) number(o *operator) phone.Number {
	if !c.trusted(table.FieldNumber, c.row.Beneficiary) {
		return phone.Number(c.row.Beneficiary.Text)
	}
	number, code := c.v.set.ParseNumber(c.row.Beneficiary)
	full := number
	if code == CodeNumberLostZero {
		full = "0" + number
	}
	switch {
	case code == CodeNumberLostZero && c.v.options.RestoreLeadingZero && o != c.v.set.all && o.acceptsNumber(full):
		number = full
		c.add(table.FieldNumber, CodeNumberZeroRestored, map[string]string{"number": number.Reveal()})
	case code != "":
		details := c.v.set.NumberDetails(code, number)
		if code == CodeNumberOldFormat && len(o.prefixes) == 1 {
			details["plan"] = o.prefixes[0] + " (" + o.name + ") → " + prefixed(o.prefixes[0], number).Reveal()
		}
		if code == CodeNumberLostZero {
			details["remedy"] = lostZeroRemedy(o != c.v.set.all && o.acceptsNumber(full))
		}
		c.add(table.FieldNumber, code, details)
	}
	if code == "" || code == CodeNumberLostZero {
		c.prefix(o, full)
	}
	return number
}

// lostZeroRemedy names what mends a number without its zero: the flag that restores it,
// or a person, where the restored number would begin as no number of the operator's.
func lostZeroRemedy(sure bool) string {
	if sure {
		return "restore"
	}
	return "ask"
}

// prefixed is a number of eight digits as it is since the reform of 2021.
func prefixed(prefix string, number phone.Number) phone.Number {
	return phone.Number(prefix) + number
}

// prefix holds a number's first digits against the operator. A number of another
// operator's may have been taken along: numbers are portable in Côte d'Ivoire since 3
// September 2018 (ARTCI). One that no operator has is nobody's.
func (c *check) prefix(o *operator, number phone.Number) {
	if o.acceptsNumber(number) {
		return
	}
	code := CodeNumberUnassigned
	if c.v.set.all.acceptsNumber(number) {
		code = CodeNumberPrefix
	}
	c.add(table.FieldNumber, code, map[string]string{
		"operator": o.name, "prefixes": strings.Join(o.prefixes, ", "), "plan": c.v.set.plan(),
		"of": c.v.set.owners(number),
	})
}

// NumberDetails are the arguments of the message about a number that ParseNumber turned away
// needs to know.
func (s *Set) NumberDetails(code string, number phone.Number) map[string]string {
	country := "+" + s.numbers.country
	switch code {
	case CodeNumberLostZero:
		return map[string]string{"restored": "0" + number.Reveal()}
	case CodeNumberOldFormat:
		return map[string]string{"plan": s.plan()}
	case CodeNumberCountry:
		return map[string]string{"country": country}
	case CodeNumberLength:
		return map[string]string{
			"digits": strconv.Itoa(len(number)), "length": strconv.Itoa(s.numbers.length), "country": country,
		}
	default:
		return nil
	}
}

func (c *check) amount(o *operator) money.Amount {
	if other := c.v.otherCurrency; other != "" {
		c.unread = true
		c.add(table.FieldAmount, CodeCurrencyTitle, map[string]string{
			"title": c.v.options.Headers[table.FieldAmount], "named": other, "want": c.v.set.currency.code,
		})
		return money.Amount{}
	}
	if !c.trusted(table.FieldAmount, c.row.Amount) {
		c.unread = true
		return money.Amount{}
	}
	amount, code := ParseAmount(c.v.set.Currency(), c.row.Amount.Text)
	c.unread = code != "" && code != CodeAmountMissing && code != CodeAmountZero
	switch {
	case code != "":
		c.add(table.FieldAmount, code, AmountDetails(c.v.set.Currency(), code, c.row.Amount.Text))
	case amount.Less(o.amountMin):
		c.add(table.FieldAmount, CodeAmountMin, map[string]string{"operator": o.name, "min": o.amountMin.String()})
	case o.amountMax.Less(amount):
		c.add(table.FieldAmount, CodeAmountMax, map[string]string{"operator": o.name, "max": o.amountMax.String()})
	}
	return amount
}

// otherCurrency returns the currency that a title of amounts names instead of that of the
// rules, empty if it does not: by a word for it, or by the ISO 4217 code that it ends with.
func otherCurrency(title string, of money.Currency) string {
	if other := table.OtherCurrency(title, string(of)); other != "" {
		return other
	}
	words := strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) < 2 { // "ALL" alone is a word
		return ""
	}
	last, err := money.ParseCurrency(words[len(words)-1])
	if err != nil || last == of {
		return ""
	}
	return string(last)
}

// AmountDetails are the arguments of the message about an amount that ParseAmount turned away
// needs to know.
func AmountDetails(c money.Currency, code, text string) map[string]string {
	if code != CodeAmountAmbiguous {
		return nil
	}
	return bothReadings(c, text)
}

// bothReadings of an ambiguous amount are that of its point or comma as a group
// separator, and as a decimal sign: with nothing of worth behind it, or with one zero more
// than the decimals that the currency has, which makes it plain.
func bothReadings(c money.Currency, text string) map[string]string {
	text = strings.TrimSpace(text)
	at := strings.IndexAny(text, ".,")
	whole, decimals := text[:at], text[at+1:at+1+groupLength]
	small := whole
	if c.Digits() >= groupLength {
		small += "." + decimals + "0"
	}
	return map[string]string{"large": whole + decimals, "small": small}
}

// operator returns whose rules hold for the row: those of all together if it
// cannot be told.
func (c *check) operator() *operator {
	set, text := c.v.set, c.row.Operator.Text
	if !c.trusted(table.FieldOperator, c.row.Operator) {
		return set.all
	}
	if text == "" {
		c.add(table.FieldOperator, CodeOperatorMissing, map[string]string{"operators": set.ids()})
		return set.all
	}
	if o := set.operator(text); o != nil {
		return o
	}
	c.add(table.FieldOperator, CodeOperatorUnknown, map[string]string{"operators": set.ids()})
	return set.all
}

// ids lists the operators as a file may name them.
func (s *Set) ids() string {
	var ids []string
	for _, o := range s.order {
		ids = append(ids, string(o.id))
	}
	return strings.Join(ids, ", ")
}

// mustEqual refuses a column that says something else than the one thing there is.
func (c *check) mustEqual(field table.Field, cell table.Cell, want named, code string) {
	if c.trusted(field, cell) && cell.Text != "" && !want.means(cell.Text) {
		c.add(field, code, map[string]string{"want": want.code})
	}
}
