package reports

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"payrun/internal/sheet"
	"payrun/ledger/money"
)

// record is a line as CSV has it; the tags name the columns.
type record struct {
	Row         int    `csv:"row"`
	ID          string `csv:"transaction_id"`
	Reference   string `csv:"reference"`
	Attempt     string `csv:"attempt"`
	ProviderRef string `csv:"provider_ref"`
	Operator    string `csv:"operator"`
	Number      string `csv:"number"`
	Name        string `csv:"name"`
	Amount      string `csv:"amount"`
	Currency    string `csv:"currency"`
	Fees        string `csv:"fees"`
	Total       string `csv:"total"`
	State       string `csv:"state"`
	Code        string `csv:"code"`
	Message     string `csv:"message"`
	SubmittedAt string `csv:"submitted_at"`
	SettledAt   string `csv:"settled_at"`
	Difference  string `csv:"difference"`
}

// columns are the names of a line's columns, which scripts rely on.
func columns() []string {
	return []string{
		"row", "transaction_id", "reference", "attempt", "provider_ref", "operator", "number", "name",
		"amount", "currency", "fees", "total", "state", "code", "message", "submitted_at", "settled_at", "difference",
	}
}

func (c *csvReport) record(l line) record {
	r := record{
		Row: l.row, ID: sheet.EscapeFormula(string(l.id)), Reference: sheet.EscapeFormula(string(l.reference)), ProviderRef: sheet.EscapeFormula(l.providerRef),
		Operator: sheet.EscapeFormula(string(l.operator)), Number: sheet.EscapeFormula(l.number.National().Reveal()), Name: sheet.EscapeFormula(l.name),
		Currency: string(l.amount.Currency), State: l.state, Code: sheet.EscapeFormula(l.code), Message: sheet.EscapeFormula(l.message),
		SubmittedAt: l.submitted, SettledAt: l.settled, Difference: sheet.EscapeFormula(l.plainDifference()),
	}
	if !l.amountUnread {
		r.Amount = l.amount.Plain()
	}
	if l.attempt > 0 {
		r.Attempt = strconv.Itoa(l.attempt)
	}
	if total, known := l.total(); known {
		r.Fees, r.Total = c.decimal(l.fees), c.decimal(total)
	}
	return r
}

// decimal writes fees as the reader's spreadsheet expects a number.
func (c *csvReport) decimal(fees money.Fine) string {
	if c.french {
		return strings.Replace(fees.String(), ".", ",", 1)
	}
	return fees.String()
}

// csvReport is a report as CSV.
type csvReport struct {
	buffered *bufio.Writer
	writer   *gocsv.SafeCSVWriter
	// pending holds lines until there are enough to hand over together, since
	// gocsv looks at the record's type anew at each call.
	pending []record
	begun   bool
	french  bool
}

const csvGroup = 1000

func beginCSV(w io.Writer, _ Header, o Options) (format, error) {
	buffered := bufio.NewWriterSize(w, bufferSize)
	writer := csv.NewWriter(buffered)
	if o.FrenchCSV {
		if _, err := buffered.WriteString(sheet.ByteOrderMark); err != nil {
			return nil, err
		}
		writer.Comma, writer.UseCRLF = ';', true
	}
	return &csvReport{buffered: buffered, writer: gocsv.NewSafeCSVWriter(writer), french: o.FrenchCSV}, nil
}

func (c *csvReport) line(l line) error {
	c.pending = append(c.pending, c.record(l))
	if len(c.pending) < csvGroup {
		return nil
	}
	return c.flush()
}

func (c *csvReport) flush() error {
	marshal := gocsv.MarshalCSVWithoutHeaders
	if !c.begun {
		marshal = gocsv.MarshalCSV
	}
	c.begun = true
	err := marshal(c.pending, c.writer)
	c.pending = c.pending[:0]
	return err
}

func (c *csvReport) finish(*Summary) error {
	if len(c.pending) > 0 || !c.begun {
		if err := c.flush(); err != nil {
			return err
		}
	}
	c.writer.Flush()
	if err := c.writer.Error(); err != nil {
		return err
	}
	return c.buffered.Flush()
}

func (c *csvReport) close() error { return nil }
