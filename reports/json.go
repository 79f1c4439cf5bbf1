package reports

import (
	"bufio"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"payrun/ledger/money"
)

// jsonLine is a line as the JSON report has it.
type jsonLine struct {
	Row         int           `json:"row"`
	ID          string        `json:"transaction_id"`
	Reference   string        `json:"reference"`
	Attempt     int           `json:"attempt"`
	ProviderRef string        `json:"provider_ref"`
	Operator    string        `json:"operator"`
	Number      string        `json:"number"`
	Name        string        `json:"name"`
	Amount      *money.Amount `json:"amount"` // nil for one that could not be read
	Currency    string        `json:"currency"`
	Fees        *money.Fine   `json:"fees"`
	Total       *money.Fine   `json:"total"`
	State       string        `json:"state"`
	Code        string        `json:"code"`
	Message     string        `json:"message"`
	SubmittedAt *string       `json:"submitted_at"`
	SettledAt   *string       `json:"settled_at"`
	Difference  string        `json:"difference"`
}

func newJSONLine(l line) jsonLine {
	j := jsonLine{
		Row: l.row, ID: string(l.id), Reference: string(l.reference), Attempt: l.attempt, ProviderRef: l.providerRef,
		Operator: string(l.operator), Number: l.number.National().Reveal(), Name: l.name, Currency: string(l.amount.Currency),
		State: l.state, Code: l.code, Message: l.message, Difference: l.plainDifference(),
	}
	if !l.amountUnread {
		j.Amount = &l.amount
	}
	if total, known := l.total(); known {
		j.Fees, j.Total = &l.fees, &total
	}
	if l.submitted != "" {
		j.SubmittedAt = &l.submitted
	}
	if l.settled != "" {
		j.SettledAt = &l.settled
	}
	return j
}

// jsonBeforeSummary ends the payouts. The summary comes last: what reads the file
// as a stream knows by it that the file is whole.
const jsonBeforeSummary = `],"summary":`

// jsonReport streams {"payouts": […], "summary": {…}}, a payout per line.
type jsonReport struct {
	w       *bufio.Writer
	options json.Options
	lines   int
}

func beginJSON(w io.Writer, _ Header, _ Options) (format, error) {
	// A name that is not quite UTF-8 is written with the sign for that, and what is
	// listed by name comes in the same order each time.
	j := &jsonReport{w: bufio.NewWriterSize(w, bufferSize), options: json.JoinOptions(
		jsontext.AllowInvalidUTF8(true), json.Deterministic(true),
	)}
	_, err := j.w.WriteString("{\"payouts\":[\n")
	return j, err
}

func (j *jsonReport) line(l line) error {
	if j.lines++; j.lines > 1 {
		if err := j.w.WriteByte(','); err != nil {
			return err
		}
	}
	next := newJSONLine(l)
	return j.value(&next)
}

// value writes a value and ends its line.
func (j *jsonReport) value(v any) error {
	if err := json.MarshalWrite(j.w, v, j.options); err != nil {
		return err
	}
	return j.w.WriteByte('\n')
}

func (j *jsonReport) finish(s *Summary) error {
	if _, err := j.w.WriteString(jsonBeforeSummary); err != nil {
		return err
	}
	if err := j.value(s); err != nil {
		return err
	}
	if _, err := j.w.WriteString("}\n"); err != nil {
		return err
	}
	return j.w.Flush()
}

func (j *jsonReport) close() error { return nil }
