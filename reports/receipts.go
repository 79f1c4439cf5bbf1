package reports

import (
	"bufio"
	_ "embed" // the receipts
	"fmt"
	"html/template"
	"io"
	"strings"

	"payrun/ledger"
	"payrun/reports/page"
)

//go:embed receipts.html.tmpl
var receiptsSource string

// NoReceiptError is returned where FormatReceipts would have none: a receipt says that
// somebody was paid.
type NoReceiptError struct {
	// ID is the payout that was asked for; empty if all were.
	ID ledger.TransactionID
	// State is why it has none: its state, "difference" for one that is recorded as paid
	// and contradicted, empty for one that the batch does not have.
	State string
}

func (e *NoReceiptError) Error() string {
	switch {
	case e.ID == "":
		return "nobody in the batch is paid, so there is no receipt"
	case e.State == "":
		return fmt.Sprintf("the batch has no payout %q", string(e.ID))
	case e.State == stateDifference:
		return fmt.Sprintf("the provider contradicts that %q is paid, so there is no receipt", string(e.ID))
	default:
		return fmt.Sprintf("%q is %s, and a receipt is for what is paid", string(e.ID), e.State)
	}
}

// receipts is one page for each payout that is paid, for its beneficiary. Pages are
// written as their payouts come, so memory does not grow with them.
type receipts struct {
	header   Header
	options  Options
	words    words
	template *template.Template
	w        *bufio.Writer
	// count is how many were written, found the state of the only one that is asked for.
	count int
	found string
}

// receiptsHead fills the part of the page before the receipts.
type receiptsHead struct {
	W     words
	Batch ledger.BatchID
	// Pictures is set if the page has any.
	Pictures bool
}

// receipt is one page.
type receipt struct {
	W          words
	Letterhead page.Letterhead
	Rehearsal  string
	Provider   string
	Batch      ledger.BatchID

	ID, Reference, ProviderRef, Name, Number, Operator, Amount, Settled, Says string
}

func beginReceipts(w io.Writer, h Header, o Options) (format, error) {
	parsed, err := page.Parse("receipts", receiptsSource)
	if err != nil {
		return nil, err
	}
	r := &receipts{
		header: h, options: o, words: wordsFor(o.French).in(h.Currency), template: parsed,
		w: bufio.NewWriterSize(w, bufferSize),
	}
	return r, parsed.ExecuteTemplate(r.w, "head", receiptsHead{r.words, h.Batch, o.Letterhead.Logo.URL() != ""})
}

func (r *receipts) line(l line) error {
	if r.options.Receipt != "" {
		if l.id != r.options.Receipt {
			return nil
		}
		r.found = l.state
		if l.difference != nil {
			r.found = stateDifference
		}
	}
	if l.state != ledger.Successful.String() || l.difference != nil {
		return nil
	}
	r.count++
	settled := r.words.moment(l.settledAt)
	number := r.options.number(l.number)
	return r.template.ExecuteTemplate(r.w, "receipt", receipt{
		W: r.words, Letterhead: r.options.Letterhead, Rehearsal: r.words.rehearsed(r.header.Environment),
		Provider: r.header.Environment, Batch: r.header.Batch,
		ID: string(l.id), Reference: string(l.reference), ProviderRef: l.providerRef,
		Name: l.name, Number: number, Operator: string(l.operator),
		Amount: l.amount.Grouped() + " " + string(l.amount.Currency), Settled: settled,
		Says: r.says(l),
	})
}

// says words the evidence that a receipt is, and that it is not.
func (r *receipts) says(l line) string {
	text := r.words.ReceiptSays
	if a := l.answered; a != nil {
		text = r.words.ReceiptAnswered
		return strings.NewReplacer("{who}", a.word.By.Name, "{when}", r.words.moment(a.word.At)).Replace(text)
	}
	return strings.NewReplacer("{provider}", r.header.Environment, "{when}", r.words.moment(l.settledAt)).Replace(text)
}

func (r *receipts) finish(*Summary) error {
	if r.count == 0 {
		return &NoReceiptError{ID: r.options.Receipt, State: r.found}
	}
	if err := r.template.ExecuteTemplate(r.w, "tail", nil); err != nil {
		return err
	}
	return r.w.Flush()
}

func (r *receipts) close() error { return nil }

// receiptsIn counts the receipts that a form wrote.
func receiptsIn(form format) int {
	if r, is := form.(*receipts); is {
		return r.count
	}
	return 0
}
