package rules

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"payrun/batch/input"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

func (c *check) id() ledger.TransactionID {
	text := c.row.TransactionID.Text
	id := ledger.TransactionID(text)
	if !c.trusted(input.FieldTransactionID, c.row.TransactionID) {
		return id
	}
	switch {
	case text == "":
		c.add(input.FieldTransactionID, CodeIDMissing, nil)
	case !idCharacters(text):
		c.add(input.FieldTransactionID, CodeIDCharacters, nil)
	case len(text) > c.v.set.idLengthMax:
		c.add(input.FieldTransactionID, CodeIDLength, map[string]string{"max": strconv.Itoa(c.v.set.idLengthMax)})
	default:
		if c.sameAs = c.v.seen.id(id, c.row.Number); c.sameAs > 0 {
			c.add(input.FieldTransactionID, CodeIDDuplicate, map[string]string{"row": strconv.Itoa(c.sameAs)})
		}
	}
	return id
}

// idCharacters admits what goes into a URL's path and a file as it is. The
// provider documents no set, only the length. Points alone are a path of their
// own.
func idCharacters(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.':
		default:
			return false
		}
	}
	return strings.Trim(text, ".") != ""
}

func (c *check) number(o *operator) msisdn.Number {
	if !c.trusted(input.FieldNumber, c.row.Beneficiary) {
		return msisdn.Number(c.row.Beneficiary.Text)
	}
	number, code := c.v.set.ParseNumber(c.row.Beneficiary)
	full := number
	if code == CodeNumberLostZero {
		full = "0" + number
	}
	switch {
	case code == CodeNumberLostZero && c.v.options.RestoreLeadingZero && o != c.v.set.all && o.rides(full):
		number = full
		c.add(input.FieldNumber, CodeNumberZeroRestored, map[string]string{"number": number.Reveal()})
	case code != "":
		details := c.v.set.NumberDetails(code, number)
		if code == CodeNumberOldFormat && len(o.prefixes) == 1 {
			details["plan"] = o.prefixes[0] + " (" + o.name + ") → " + o.prefixes[0] + number.Reveal()
		}
		c.add(input.FieldNumber, code, details)
	}
	if (code == "" || code == CodeNumberLostZero) && !o.rides(full) {
		c.add(input.FieldNumber, CodeNumberPrefix, map[string]string{
			"operator": o.name, "prefixes": strings.Join(o.prefixes, ", "), "plan": c.v.set.plan(),
		})
	}
	return number
}

// NumberDetails are what the message about a number that ParseNumber turned away
// needs to know.
func (s *Set) NumberDetails(code string, number msisdn.Number) map[string]string {
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

func (c *check) name() string {
	text := c.row.Name.Text
	if !c.trusted(input.FieldName, c.row.Name) {
		return text
	}
	switch {
	case text == "":
		c.add(input.FieldName, CodeNameMissing, nil)
	case strings.ContainsFunc(text, unreadable):
		c.add(input.FieldName, CodeNameCharacters, nil)
	case utf8.RuneCountInString(text) > c.v.set.nameLengthMax:
		c.add(input.FieldName, CodeNameLength, map[string]string{"max": strconv.Itoa(c.v.set.nameLengthMax)})
	}
	return text
}

// unreadable knows what a name never has: line breaks and other control
// characters, and what is left of a character in the wrong encoding.
func unreadable(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }

func (c *check) amount(o *operator) money.XOF {
	if !c.trusted(input.FieldAmount, c.row.Amount) {
		return 0
	}
	amount, code := ParseAmount(c.row.Amount.Text)
	switch {
	case code != "":
		c.add(input.FieldAmount, code, AmountDetails(code, c.row.Amount.Text))
	case amount < o.amountMin:
		c.add(input.FieldAmount, CodeAmountMin, map[string]string{"operator": o.name, "min": o.amountMin.String()})
	case amount > o.amountMax:
		c.add(input.FieldAmount, CodeAmountMax, map[string]string{"operator": o.name, "max": o.amountMax.String()})
	}
	return amount
}

// AmountDetails are what the message about an amount that ParseAmount turned away
// needs to know.
func AmountDetails(code, text string) map[string]string {
	if code != CodeAmountAmbiguous {
		return nil
	}
	return bothReadings(text)
}

// bothReadings of an ambiguous amount are that of its point or comma as a group
// separator, and as a decimal sign with nothing of worth behind it.
func bothReadings(text string) map[string]string {
	text = strings.TrimSpace(text)
	at := strings.IndexAny(text, ".,")
	return map[string]string{"large": text[:at] + text[at+1:at+1+groupLength], "small": text[:at]}
}

// operator returns whose rules hold for the row: those of all together if it
// cannot be told.
func (c *check) operator() *operator {
	set, text := c.v.set, c.row.Operator.Text
	if !c.trusted(input.FieldOperator, c.row.Operator) {
		return set.all
	}
	if text == "" {
		c.add(input.FieldOperator, CodeOperatorMissing, map[string]string{"operators": set.ids()})
		return set.all
	}
	if o := set.byAlias[fold(text)]; o != nil {
		return o
	}
	c.add(input.FieldOperator, CodeOperatorUnknown, map[string]string{"operators": set.ids()})
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

// only refuses a column that says something else than the one thing there is.
func (c *check) only(field input.Field, cell input.Cell, want named, code string) {
	if c.trusted(field, cell) && cell.Text != "" && !want.means(cell.Text) {
		c.add(field, code, map[string]string{"want": want.code})
	}
}
