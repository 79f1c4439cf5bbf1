package pgledger

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"payrun/ledger"
	"payrun/ledger/money"
)

// PostgreSQL's text holds neither the character U+0000 nor what is not UTF-8. The first is
// written as U+001A and a digit, as U+001A itself is; the second as U+FFFD, as it is hashed.
const (
	escape       = '\x1a'
	escapedNull  = "\x1a0"
	escapedItsel = "\x1a1"
)

// toText returns a text as a column can hold it.
func toText[T ~string](text T) string {
	s := string(text)
	if !utf8.ValidString(s) {
		var valid strings.Builder
		for _, r := range s {
			valid.WriteRune(r)
		}
		s = valid.String()
	}
	if strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, escape) < 0 {
		return s
	}
	return strings.NewReplacer("\x00", escapedNull, string(escape), escapedItsel).Replace(s)
}

// fromText returns the text that toText wrote.
func fromText(column string) string {
	if strings.IndexByte(column, escape) < 0 {
		return column
	}
	return strings.NewReplacer(escapedNull, "\x00", escapedItsel, string(escape)).Replace(column)
}

// toTime returns a time as a column has it.
func toTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromTime(column int64) time.Time {
	if column == 0 {
		return time.Time{}
	}
	return time.Unix(0, column).UTC()
}

func toJSON(value any) (string, error) {
	text, err := json.Marshal(value, money.Exact(), jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	return string(text), err
}

// toOptionalJSON returns nil for a value that says nothing.
func toOptionalJSON(says bool, value any) (*string, error) {
	if !says {
		return nil, nil
	}
	text, err := toJSON(value)
	return &text, err
}

func fromJSON(column string, value any) error {
	return json.Unmarshal([]byte(column), value, money.Exact())
}

func fromOptionalJSON(column *string, value any) error {
	if column == nil {
		return nil
	}
	return fromJSON(*column, value)
}

// record is a payout as the table has it.
type record struct {
	ledger.Payout
	// batch is the number of its batch, position its place there.
	batch, position int
	// at is its place in the batch that was asked for, which may be another.
	at int
	// epoch is that of whoever holds it, 0 for nobody.
	epoch int64
	// event is the number of the event that wrote it last.
	event uint64
}

// recordColumns are read by scan: of payouts p and batches b.
const recordColumns = `p.id, b.id, p.batch, p.position, p.number, p.name, p.minor, p.currency, p.country, p.operator, p.note,
	p.queued_at, p.state, p.attempt, p.reference, p.intents, p.first_intent, p.submitted_at, p.settled_at, p.doubted,
	p.said, p.answered, p.provider_ref, p.code, p.message, p.fees, p.fees_currency, p.fees_known,
	p.differences, p.resolution, p.epoch, p.event`

// scan reads a row of recordColumns and whatever columns come behind them. Earlier attempts
// are not among them.
func (r *record) scan(row interface{ Scan(dest ...any) error }, behind ...any) error {
	var queued, first, submitted, settled, event int64
	var state, said, answered int16
	var number, currency, operator, feesCurrency string
	var differences, resolution *string
	p := &r.Payout
	err := row.Scan(append([]any{
		&p.ID, &p.Batch, &r.batch, &r.position, &number, &p.Name, &p.Amount.Minor, &currency, &p.Country, &operator, &p.Note,
		&queued, &state, &p.Attempt, &p.Reference, &p.Intents, &first, &submitted, &settled, &p.Doubted,
		&said, &answered, &p.Answer.ProviderRef, &p.Answer.Code, &p.Answer.Message,
		&p.Answer.Fees.Hundredths, &feesCurrency, &p.Answer.FeesKnown, &differences, &resolution, &r.epoch, &event,
	}, behind...)...)
	if err != nil {
		return err
	}
	p.ID, p.Batch, p.Reference = ledger.TransactionID(fromText(string(p.ID))), ledger.BatchID(fromText(string(p.Batch))), ledger.Reference(fromText(string(p.Reference)))
	p.Number, p.Amount.Currency, p.Operator = phoneOf(number), money.Currency(fromText(currency)), ledger.Operator(fromText(operator))
	p.Name, p.Country, p.Note = fromText(p.Name), fromText(p.Country), fromText(p.Note)
	p.QueuedAt, p.FirstIntent, p.SubmittedAt, p.SettledAt = fromTime(queued), fromTime(first), fromTime(submitted), fromTime(settled)
	p.State, p.Said, p.Answered = ledger.State(state), ledger.Said(said), ledger.Said(answered) //nolint:gosec // written from the same types
	p.Answer.ProviderRef, p.Answer.Code, p.Answer.Message = fromText(p.Answer.ProviderRef), fromText(p.Answer.Code), fromText(p.Answer.Message)
	p.Answer.Fees.Currency = money.Currency(fromText(feesCurrency))
	r.event = uint64(event) //nolint:gosec // written from the number of an event
	if err := fromOptionalJSON(differences, &p.Differences); err != nil {
		return err
	}
	return fromOptionalJSON(resolution, &p.Resolution)
}
