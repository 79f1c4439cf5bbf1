package reports

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"payrun/internal/sheet"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Row is a payout or a rejected row as a JSON report has it. Amounts are decimal numbers
// as they stand there, empty for none.
type Row struct {
	Row         int
	ID          ledger.TransactionID
	Reference   string
	Attempt     int
	ProviderRef string
	Operator    string
	Number      string
	Name        string
	Amount      string
	Currency    string
	Fees, Total string
	State       string
	Code        string
	Message     string
	SubmittedAt string
	SettledAt   string
	Difference  string
}

// RowOf returns the row that a report has for a payout, unless its row of the file was
// turned away later: Code and Message then go on.
func RowOf(p ledger.Payout) Row {
	l := newJSONLine(payoutLine(p))
	r := Row{
		Row: l.Row, ID: ledger.TransactionID(l.ID), Reference: l.Reference, Attempt: l.Attempt, ProviderRef: l.ProviderRef,
		Operator: l.Operator, Number: l.Number, Name: l.Name, Currency: l.Currency,
		State: l.State, Code: l.Code, Message: l.Message, Difference: l.Difference,
		SubmittedAt: orEmpty(l.SubmittedAt), SettledAt: orEmpty(l.SettledAt),
	}
	if l.Amount != nil {
		r.Amount = l.Amount.Plain()
	}
	if l.Fees != nil && l.Total != nil {
		r.Fees, r.Total = l.Fees.Plain(), l.Total.Plain()
	}
	return r
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// CSV returns the row as the report in CSV has it, without a French locale.
func (r Row) CSV() []string {
	attempt := ""
	if r.Attempt > 0 {
		attempt = strconv.Itoa(r.Attempt)
	}
	safe := sheet.EscapeFormula
	return []string{
		strconv.Itoa(r.Row), safe(string(r.ID)), safe(r.Reference), attempt, safe(r.ProviderRef), safe(r.Operator), safe(r.Number),
		safe(r.Name), r.Amount, r.Currency, r.Fees, r.Total, r.State, safe(r.Code), safe(r.Message), r.SubmittedAt, r.SettledAt,
		safe(r.Difference),
	}
}

// Columns are the names of a row's columns in CSV, in their order.
func Columns() []string { return columns() }

// Counted is a number of rows and their sum, as a report says it.
type Counted struct {
	Count  int         `json:"count"`
	Amount json.Number `json:"amount"`
}

// Figures divide rows by their state, as a report says it. Its keys are those of Totals.
type Figures struct {
	Rows        int         `json:"rows"`
	Amount      json.Number `json:"amount"`
	Successful  Counted     `json:"successful"`
	Failed      Counted     `json:"failed"`
	Pending     Counted     `json:"pending"`
	Unknown     Counted     `json:"unknown"`
	Queued      Counted     `json:"queued"`
	Cancelled   Counted     `json:"cancelled"`
	Rejected    Counted     `json:"rejected"`
	Fees        json.Number `json:"fees"`
	FeesUnknown int         `json:"fees_unknown"`
}

// ReadSummary is the summary of a report that was read: the batch as a whole.
type ReadSummary struct {
	LogHead
	Figures

	Batch       ledger.BatchID     `json:"batch"`
	File        string             `json:"file"`
	SHA256      string             `json:"sha256"`
	Environment string             `json:"environment"`
	Currency    money.Currency     `json:"currency"`
	ByOperator  map[string]Figures `json:"by_operator"`
}

// ErrNoReport is returned for what is no report in JSON.
var ErrNoReport = errors.New("not a report in JSON")

// Read reads a report in JSON row by row, and then its summary. An error of row ends it; any
// other is an ErrNoReport.
func Read(r io.Reader, row func(Row) error) (ReadSummary, error) {
	decoder := jsontext.NewDecoder(bufio.NewReader(r))
	var told error
	read := func(next Row) error {
		told = row(next)
		return told
	}
	summary, err := readReport(decoder, read)
	if err != nil && told == nil {
		err = fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	return summary, err
}

func readReport(d *jsontext.Decoder, row func(Row) error) (summary ReadSummary, err error) {
	if err := tokens(d, "{", "payouts", "["); err != nil {
		return summary, err
	}
	for d.PeekKind() == '{' {
		text, err := d.ReadValue()
		if err != nil {
			return summary, err
		}
		next, err := parseRow(text)
		if err == nil {
			err = row(next)
		}
		if err != nil {
			return summary, err
		}
	}
	if err := tokens(d, "]", "summary"); err != nil {
		return summary, err
	}
	text, err := d.ReadValue()
	if err == nil {
		err = json.Unmarshal(text, &summary)
	}
	if err == nil {
		err = tokens(d, "}")
	}
	if err != nil {
		return summary, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return summary, errors.New("there is something behind it")
	}
	return summary, nil
}

// tokens reads tokens that must be these.
func tokens(d *jsontext.Decoder, want ...string) error {
	for _, one := range want {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		if got := token.String(); got != one {
			return fmt.Errorf("%q where %q was expected", got, one)
		}
	}
	return nil
}

func parseRow(text []byte) (Row, error) {
	var l struct {
		jsonLine

		Amount *json.Number `json:"amount"`
		Fees   *json.Number `json:"fees"`
		Total  *json.Number `json:"total"`
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return Row{}, err
	}
	number := func(n *json.Number) string {
		if n == nil {
			return ""
		}
		return n.String()
	}
	return Row{
		Row: l.Row, ID: ledger.TransactionID(l.ID), Reference: l.Reference, Attempt: l.Attempt, ProviderRef: l.ProviderRef,
		Operator: l.Operator, Number: l.Number, Name: l.Name,
		Amount: number(l.Amount), Currency: l.Currency, Fees: number(l.Fees), Total: number(l.Total),
		State: l.State, Code: l.Code, Message: l.Message, SubmittedAt: orEmpty(l.SubmittedAt), SettledAt: orEmpty(l.SettledAt),
		Difference: l.Difference,
	}, nil
}
