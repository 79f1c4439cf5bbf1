package rules

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"payrun/batch/input"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// PaidSince returns the payouts of the ledger that went to a number with an
// amount at or after a moment, other than the one with the id except.
type PaidSince func(number msisdn.Number, amount money.XOF, since time.Time, except ledger.TransactionID) ([]ledger.Payout, error)

// Options change how rows are judged. The zero value is the cautious default.
type Options struct {
	// Strict treats warnings as errors.
	Strict bool
	// RestoreLeadingZero puts back the zero that a spreadsheet dropped, where
	// the operator's prefixes leave no doubt. Each time is a warning.
	RestoreLeadingZero bool
	// Now is the moment from which recent payments are counted back.
	Now time.Time
	// Paid finds recent payments; nil finds none.
	Paid PaidSince
	// Describe words a problem for the record of a rejected row;
	// nil leaves only the code.
	Describe func(Problem) string
	// Headers are the columns' titles in the file, for problems to name.
	Headers map[input.Field]string
}

// Validator judges the rows of one file, in order. It remembers the rows before
// to see repetitions, in about 40 bytes each. It is not safe for concurrent use.
type Validator struct {
	set     *Set
	options Options
	seen    repetitions
}

// NewValidator returns a validator for one pass over a file.
func NewValidator(set *Set, options Options) *Validator {
	return &Validator{set: set, options: options, seen: newRepetitions()}
}

// Check judges a row. It returns what the row asks for, as far as it could be
// read, with its rejections if it may not be paid, and all its problems in the
// order of the columns. A problem with the ledger that Paid asks is one of the
// row, too: what cannot be checked is not paid.
func (v *Validator) Check(row input.Row) (ledger.Entry, []Problem) {
	c := check{v: v, row: row}
	if row.Problem != "" {
		c.add("", row.Problem, nil)
	}
	entry := ledger.Entry{Row: row.Number}
	entry.ID = c.id()
	operator := c.operator()
	entry.Number = c.number(operator)
	entry.Name = c.name()
	entry.Amount = c.amount(operator)
	if operator != nil {
		entry.Operator = operator.ID
	} else {
		entry.Operator = ledger.Operator(row.Operator.Text)
	}
	entry.Note = row.Note.Text
	c.fixed(input.FieldCurrency, v.set.currency, CodeCurrency, "FCFA", "CFA", "F CFA")
	c.fixed(input.FieldCountry, v.set.country, CodeCountry, "CIV", "COTE D'IVOIRE", "CÔTE D'IVOIRE", "IVORY COAST")
	if !c.failed {
		c.repeated(entry)
	}
	for _, problem := range c.problems {
		if problem.Severity == Error {
			entry.Rejections = append(entry.Rejections, ledger.Rejection{
				Code: problem.Code, Message: v.describe(problem),
			})
		}
	}
	return entry, c.problems
}

func (v *Validator) describe(problem Problem) string {
	if v.options.Describe == nil {
		return ""
	}
	return v.options.Describe(problem)
}

// check is the judgement of one row.
type check struct {
	v        *Validator
	row      input.Row
	problems []Problem
	failed   bool
}

func (c *check) add(field input.Field, code string, details map[string]string) {
	problem := Problem{
		Row: c.row.Number, Column: field, Header: c.v.options.Headers[field],
		Value: c.row.Cell(field).Text, Code: code, Severity: severities[code], Details: details,
	}
	if problem.Severity == "" || c.v.options.Strict {
		problem.Severity = Error
	}
	c.failed = c.failed || problem.Severity == Error
	c.problems = append(c.problems, problem)
}

// trusted reports whether a cell's text can be judged, and says so if not.
func (c *check) trusted(field input.Field) bool {
	code := c.row.Cell(field).Problem
	if code == "" {
		return true
	}
	c.add(field, code, nil)
	return severities[code] == Warning
}

func (c *check) id() ledger.TransactionID {
	text := c.row.TransactionID.Text
	id := ledger.TransactionID(text)
	if !c.trusted(input.FieldTransactionID) {
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
		if first := c.v.seen.id(text, c.row.Number); first > 0 {
			c.add(input.FieldTransactionID, CodeIDDuplicate, map[string]string{"row": strconv.Itoa(first)})
		}
	}
	return id
}

// idCharacters admits what goes into a URL's path and a file as it is. The
// provider documents no set, only the length.
func idCharacters(text string) bool {
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return strings.Trim(text, ".") != ""
}

func (c *check) operator() *operator {
	if !c.trusted(input.FieldOperator) {
		return nil
	}
	text := c.row.Operator.Text
	if text == "" {
		c.add(input.FieldOperator, CodeOperatorMissing, nil)
		return nil
	}
	found := c.v.set.byAlias[fold(text)]
	if found == nil {
		var names []string
		for _, o := range c.v.set.order {
			names = append(names, string(o.ID))
		}
		c.add(input.FieldOperator, CodeOperatorUnknown, map[string]string{"operators": strings.Join(names, ", ")})
	}
	return found
}

func (c *check) number(o *operator) msisdn.Number {
	if !c.trusted(input.FieldNumber) {
		return msisdn.Number(c.row.Beneficiary.Text)
	}
	number, code := ParseNumber(c.row.Beneficiary)
	if code == CodeNumberLostZero && c.v.options.RestoreLeadingZero && o != nil && o.rides("0"+number) {
		number = "0" + number
		c.add(input.FieldNumber, CodeNumberZeroRestored, map[string]string{"number": number.Reveal()})
		code = ""
	}
	switch {
	case code != "":
		c.add(input.FieldNumber, code, map[string]string{
			"digits": strconv.Itoa(len(number)), "restored": "0" + number.Reveal(),
		})
	case o != nil && !o.rides(number):
		c.add(input.FieldNumber, CodeNumberPrefix, map[string]string{
			"operator": o.Name, "prefixes": strings.Join(o.Prefixes, ", "), "owner": c.v.set.owner(number),
		})
	}
	return number
}

// rides reports whether the operator's accounts are on such numbers.
func (o *operator) rides(number msisdn.Number) bool {
	for _, prefix := range o.Prefixes {
		if strings.HasPrefix(number.Reveal(), prefix) {
			return true
		}
	}
	return false
}

// owner names the operator that a prefix belongs to alone.
func (s *Set) owner(number msisdn.Number) string {
	for _, o := range s.order {
		if len(o.Prefixes) == 1 && o.rides(number) {
			return o.Name
		}
	}
	return "?"
}

func (c *check) name() string {
	text := c.row.Name.Text
	if !c.trusted(input.FieldName) {
		return text
	}
	switch {
	case text == "":
		c.add(input.FieldName, CodeNameMissing, nil)
	case strings.ContainsFunc(text, unicode.IsControl), strings.ContainsRune(text, unicode.ReplacementChar):
		c.add(input.FieldName, CodeNameCharacters, nil)
	case len([]rune(text)) > c.v.set.nameLengthMax:
		c.add(input.FieldName, CodeNameLength, map[string]string{"max": strconv.Itoa(c.v.set.nameLengthMax)})
	}
	return text
}

func (c *check) amount(o *operator) money.XOF {
	if !c.trusted(input.FieldAmount) {
		return 0
	}
	amount, code := ParseAmount(c.row.Amount.Text)
	switch {
	case code != "":
		c.add(input.FieldAmount, code, nil)
	case o != nil && amount < o.AmountMin:
		c.add(input.FieldAmount, CodeAmountMin, map[string]string{"operator": o.Name, "min": o.AmountMin.String()})
	case o != nil && amount > o.AmountMax:
		c.add(input.FieldAmount, CodeAmountMax, map[string]string{"operator": o.Name, "max": o.AmountMax.String()})
	}
	return amount
}

// fixed refuses a column that says something else than the one thing there is.
func (c *check) fixed(field input.Field, want, code string, others ...string) {
	text := strings.ToUpper(c.row.Cell(field).Text)
	if !c.trusted(field) || text == "" || text == want {
		return
	}
	for _, other := range others {
		if text == other {
			return
		}
	}
	c.add(field, code, map[string]string{"want": want})
}

const dateOnly = "02/01/2006"

// repeated warns of the same amount to the same number, in the file and lately.
func (c *check) repeated(entry ledger.Entry) {
	if first := c.v.seen.payment(entry.Number, entry.Amount, entry.Row); first > 0 {
		c.add(input.FieldNumber, CodeRepeated, map[string]string{"row": strconv.Itoa(first)})
	}
	if c.v.options.Paid == nil {
		return
	}
	since := c.v.options.Now.Add(-c.v.set.repeatedWithin)
	paid, err := c.v.options.Paid(entry.Number, entry.Amount, since, entry.ID)
	if err != nil {
		c.add("", CodeFileUnreadable, map[string]string{"reason": err.Error()})
		return
	}
	for _, payout := range paid {
		if payout.State == ledger.Cancelled || payout.State == ledger.Failed {
			continue
		}
		c.add(input.FieldNumber, CodeRepeatedRecently, map[string]string{
			"date": payout.QueuedAt.Format(dateOnly), "batch": string(payout.Batch), "id": string(payout.ID),
		})
		return
	}
}
