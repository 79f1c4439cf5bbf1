package boltledger

import (
	"encoding/binary"
	"errors"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// The encodings of payouts, events, batches and rejected rows begin with a version byte. After it come
// the fields in the order in which the functions below write them: strings and
// numbers as varints with their length or value, times as nanoseconds since 1970
// (0 for none), flags as one byte.
const (
	payoutVersion   = 3
	eventVersion    = 4
	batchVersion    = 3
	batchUntimed    = 2 // before a release had a time
	rejectedVersion = 1
)

var errEncoding = errors.New("not an encoding of this version")

type encoder struct{ buf []byte }

func (e *encoder) byte(b byte)     { e.buf = append(e.buf, b) }
func (e *encoder) uint(n uint64)   { e.buf = binary.AppendUvarint(e.buf, n) }
func (e *encoder) int(n int64)     { e.buf = binary.AppendVarint(e.buf, n) }
func (e *encoder) string(s string) { e.uint(uint64(len(s))); e.buf = append(e.buf, s...) }

func (e *encoder) bool(b bool) {
	if b {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

func (e *encoder) time(t time.Time) {
	if t.IsZero() {
		e.int(0)
	} else {
		e.int(t.UnixNano())
	}
}

func (e *encoder) amount(a money.Amount) {
	e.int(a.Minor)
	e.string(string(a.Currency))
}

func (e *encoder) count(c ledger.Total) {
	e.int(int64(c.Count))
	e.amount(c.Amount)
}

func (e *encoder) terms(t ledger.Terms) {
	e.string(string(t.ID))
	e.string(t.Number.Reveal())
	e.string(t.Name)
	e.amount(t.Amount)
	e.string(t.Country)
	e.string(string(t.Operator))
	e.string(t.Note)
}

func (e *encoder) answer(a ledger.Answer) {
	e.string(a.ProviderRef)
	e.string(a.Code)
	e.string(a.Message)
	e.int(a.Fees.Hundredths)
	e.string(string(a.Fees.Currency))
	e.bool(a.FeesKnown)
}

func (e *encoder) attempt(a ledger.Attempt) {
	e.int(int64(a.Number))
	e.string(string(a.Reference))
	e.terms(a.Terms)
	e.byte(byte(a.State))
	e.int(int64(a.Intents))
	e.time(a.FirstIntent)
	e.byte(byte(a.Said))
	e.byte(byte(a.Answered))
	e.answer(a.Answer)
	e.time(a.SettledAt)
}

func (e *encoder) difference(d ledger.Difference) {
	e.string(d.Code)
	e.byte(byte(d.Recorded))
	e.string(d.Said)
	e.string(d.ProviderCode)
	e.string(d.ProviderRef)
	e.string(string(d.Reference))
	e.amount(d.Amount)
	e.time(d.At)
}

func (e *encoder) person(p ledger.Person) {
	e.string(p.Name)
	e.string(p.Host)
	e.string(p.Confirmed)
}

func (e *encoder) resolution(r ledger.Resolution) {
	e.bool(r.Paid)
	e.string(r.Because)
	e.person(r.By)
	e.time(r.At)
}

// optional writes whether there is a value, and then the value.
func optional[T any](e *encoder, value *T, write func(T)) {
	e.bool(value != nil)
	if value != nil {
		write(*value)
	}
}

// many writes how many values there are, and then the values.
func many[T any](e *encoder, values []T, write func(T)) {
	e.uint(uint64(len(values)))
	for _, value := range values {
		write(value)
	}
}

// decoder reads what encoder wrote. After the first thing that does not fit it
// reads nothing but zeros.
type decoder struct {
	buf []byte
	// text is all that there was: its parts need no copies of their own.
	text string
	bad  bool
}

func newDecoder(value []byte) decoder { return decoder{buf: value, text: string(value)} }

func (d *decoder) byte() byte {
	if len(d.buf) == 0 {
		d.bad = true
		return 0
	}
	b := d.buf[0]
	d.buf = d.buf[1:]
	return b
}

func (d *decoder) advance(n int) {
	if n <= 0 {
		d.bad, d.buf = true, nil
		return
	}
	d.buf = d.buf[n:]
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.buf)
	d.advance(n)
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.buf)
	d.advance(n)
	return v
}

func (d *decoder) string() string {
	n := d.uint()
	if n > uint64(len(d.buf)) {
		d.bad, d.buf = true, nil
		return ""
	}
	from := len(d.text) - len(d.buf)
	d.buf = d.buf[n:]
	return d.text[from : from+int(n)] //nolint:gosec // checked against the length
}

func (d *decoder) bool() bool {
	b := d.byte()
	d.bad = d.bad || b > 1
	return b == 1
}

func (d *decoder) time() time.Time {
	n := d.int()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func (d *decoder) amount() money.Amount {
	return money.Amount{Minor: d.int(), Currency: money.Currency(d.string())}
}

func (d *decoder) count() ledger.Total {
	return ledger.Total{Count: int(d.int()), Amount: d.amount()}
}

func (d *decoder) terms() ledger.Terms {
	return ledger.Terms{
		ID:       ledger.TransactionID(d.string()),
		Number:   phone.E164(d.string()),
		Name:     d.string(),
		Amount:   d.amount(),
		Country:  d.string(),
		Operator: ledger.Operator(d.string()),
		Note:     d.string(),
	}
}

func (d *decoder) answer() ledger.Answer {
	return ledger.Answer{
		ProviderRef: d.string(),
		Code:        d.string(),
		Message:     d.string(),
		Fees:        money.Fine{Hundredths: d.int(), Currency: money.Currency(d.string())},
		FeesKnown:   d.bool(),
	}
}

func (d *decoder) attempt() ledger.Attempt {
	return ledger.Attempt{
		Number:      int(d.int()),
		Reference:   ledger.Reference(d.string()),
		Terms:       d.terms(),
		State:       ledger.State(d.byte()),
		Intents:     int(d.int()),
		FirstIntent: d.time(),
		Said:        ledger.Said(d.byte()),
		Answered:    ledger.Said(d.byte()),
		Answer:      d.answer(),
		SettledAt:   d.time(),
	}
}

func (d *decoder) difference() ledger.Difference {
	return ledger.Difference{
		Code:         d.string(),
		Recorded:     ledger.State(d.byte()),
		Said:         d.string(),
		ProviderCode: d.string(),
		ProviderRef:  d.string(),
		Reference:    ledger.Reference(d.string()),
		Amount:       d.amount(),
		At:           d.time(),
	}
}

func (d *decoder) person() ledger.Person {
	return ledger.Person{Name: d.string(), Host: d.string(), Confirmed: d.string()}
}

func (d *decoder) resolution() ledger.Resolution {
	return ledger.Resolution{Paid: d.bool(), Because: d.string(), By: d.person(), At: d.time()}
}

// readOptional reads what optional wrote.
func readOptional[T any](d *decoder, read func() T) *T {
	if !d.bool() {
		return nil
	}
	value := read()
	return &value
}

// readMany reads what many wrote.
func readMany[T any](d *decoder, read func() T) []T {
	n := d.uint()
	// Each takes at least a byte: a count that damage made large is noticed.
	if n > uint64(len(d.buf)) {
		d.bad, d.buf = true, nil
		return nil
	}
	if n == 0 {
		return nil
	}
	values := make([]T, 0, n)
	for range n {
		values = append(values, read())
	}
	return values
}

// done returns an error unless everything was read and fitted.
func (d *decoder) done() error {
	if d.bad || len(d.buf) > 0 {
		return errEncoding
	}
	return nil
}

// record is a payout as it is kept: with its position in the batch that brought
// it in, where the index of open payouts has it.
type record struct {
	ledger.Payout
	position uint32
	// event is the number of the last event that is about the payout: a record
	// that a lost write left behind has an older one than the audit log.
	event uint64
}

// spot is where the payout is kept.
func (r record) spot() spot { return spot{batch: r.Batch, position: r.position} }

func (r record) encode() []byte {
	e := encoder{buf: make([]byte, 0, 256)} // a paid payout and some
	e.byte(payoutVersion)
	e.terms(r.Terms)
	e.string(string(r.Batch))
	e.uint(uint64(r.position))
	e.uint(r.event)
	e.int(int64(r.Row))
	e.byte(byte(r.State))
	e.int(int64(r.Attempt))
	e.string(string(r.Reference))
	e.int(int64(r.Intents))
	e.time(r.FirstIntent)
	e.bool(r.Doubted)
	e.byte(byte(r.Said))
	e.byte(byte(r.Answered))
	e.answer(r.Answer)
	many(&e, r.Earlier, e.attempt)
	many(&e, r.Differences, e.difference)
	optional(&e, r.Resolution, e.resolution)
	e.time(r.QueuedAt)
	e.time(r.SubmittedAt)
	e.time(r.SettledAt)
	return e.buf
}

func decodeRecord(value []byte) (record, error) {
	d := newDecoder(value)
	if d.byte() != payoutVersion {
		return record{}, errEncoding
	}
	var r record
	r.Terms = d.terms()
	r.Batch = ledger.BatchID(d.string())
	r.position = uint32(d.uint()) //nolint:gosec // written from a uint32
	r.event = d.uint()
	r.Row = int(d.int())
	r.State = ledger.State(d.byte())
	r.Attempt = int(d.int())
	r.Reference = ledger.Reference(d.string())
	r.Intents = int(d.int())
	r.FirstIntent = d.time()
	r.Doubted = d.bool()
	r.Said, r.Answered = ledger.Said(d.byte()), ledger.Said(d.byte())
	r.Answer = d.answer()
	r.Earlier = readMany(&d, d.attempt)
	r.Differences = readMany(&d, d.difference)
	r.Resolution = readOptional(&d, d.resolution)
	r.QueuedAt, r.SubmittedAt, r.SettledAt = d.time(), d.time(), d.time()
	return r, d.done()
}

func encodeEvent(event ledger.Event) []byte {
	e := encoder{buf: make([]byte, 0, 192)} // with room for its hash
	e.byte(eventVersion)
	e.uint(event.Sequence)
	e.uint(event.Place)
	e.time(event.At)
	e.string(event.Actor)
	e.string(string(event.Payout))
	e.byte(byte(event.From))
	e.byte(byte(event.To))
	e.int(int64(event.Attempt))
	e.string(string(event.Reference))
	e.answer(event.Answer)
	e.byte(byte(event.Said))
	e.string(string(event.About))
	e.bool(event.Unused)
	optional(&e, event.Terms, e.terms)
	optional(&e, event.Difference, e.difference)
	optional(&e, event.Resolution, e.resolution)
	e.string(event.Worker)
	e.uint(event.Epoch)
	e.string(string(event.Batch))
	e.int(int64(event.Enrolled))
	e.int(int64(event.First))
	e.string(event.Digest)
	e.string(string(event.Act))
	e.person(event.By)
	e.count(event.Count)
	e.string(event.Text)
	e.string(event.Signature)
	return e.buf
}

func decodeEvent(value []byte) (ledger.Event, error) {
	d := newDecoder(value)
	if d.byte() != eventVersion {
		return ledger.Event{}, errEncoding
	}
	event := ledger.Event{
		Sequence:   d.uint(),
		Place:      d.uint(),
		At:         d.time(),
		Actor:      d.string(),
		Payout:     ledger.TransactionID(d.string()),
		From:       ledger.State(d.byte()),
		To:         ledger.State(d.byte()),
		Attempt:    int(d.int()),
		Reference:  ledger.Reference(d.string()),
		Answer:     d.answer(),
		Said:       ledger.Said(d.byte()),
		About:      ledger.Reference(d.string()),
		Unused:     d.bool(),
		Terms:      readOptional(&d, d.terms),
		Difference: readOptional(&d, d.difference),
		Resolution: readOptional(&d, d.resolution),
		Worker:     d.string(),
		Epoch:      d.uint(),
		Batch:      ledger.BatchID(d.string()),
		Enrolled:   int(d.int()),
		First:      int(d.int()),
		Digest:     d.string(),
		Act:        ledger.ActCode(d.string()),
		By:         d.person(),
		Count:      d.count(),
		Text:       d.string(),
		Signature:  d.string(),
	}
	return event, d.done()
}
