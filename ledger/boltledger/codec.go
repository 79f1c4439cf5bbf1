package boltledger

import (
	"encoding/binary"
	"errors"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// The encodings of payouts and events begin with a version byte. After it come
// the fields in the order in which the functions below write them: strings and
// numbers as varints with their length or value, times as nanoseconds since 1970
// (0 for none), flags as one byte.
const (
	payoutVersion = 1
	eventVersion  = 1
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

func (e *encoder) terms(t ledger.Terms) {
	e.string(string(t.ID))
	e.string(t.Number.Reveal())
	e.string(t.Name)
	e.int(int64(t.Amount))
	e.string(string(t.Operator))
	e.string(t.Note)
}

func (e *encoder) answer(a ledger.Answer) {
	e.string(a.ProviderRef)
	e.string(a.Code)
	e.string(a.Message)
	e.int(int64(a.Fees))
	e.bool(a.FeesKnown)
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

func (d *decoder) terms() ledger.Terms {
	return ledger.Terms{
		ID:       ledger.TransactionID(d.string()),
		Number:   msisdn.Number(d.string()),
		Name:     d.string(),
		Amount:   money.XOF(d.int()),
		Operator: ledger.Operator(d.string()),
		Note:     d.string(),
	}
}

func (d *decoder) answer() ledger.Answer {
	return ledger.Answer{
		ProviderRef: d.string(),
		Code:        d.string(),
		Message:     d.string(),
		Fees:        money.Centimes(d.int()),
		FeesKnown:   d.bool(),
	}
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
}

func (r record) encode() []byte {
	e := encoder{buf: make([]byte, 0, 256)} // a paid payout and some
	e.byte(payoutVersion)
	e.terms(r.Terms)
	e.string(string(r.Batch))
	e.uint(uint64(r.position))
	e.int(int64(r.Row))
	e.byte(byte(r.State))
	e.int(int64(r.Attempt))
	e.string(string(r.Reference))
	e.bool(r.Doubted)
	e.answer(r.Answer)
	e.string(r.Difference)
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
	r.Row = int(d.int())
	r.State = ledger.State(d.byte())
	r.Attempt = int(d.int())
	r.Reference = ledger.Reference(d.string())
	r.Doubted = d.bool()
	r.Answer = d.answer()
	r.Difference = d.string()
	r.QueuedAt, r.SubmittedAt, r.SettledAt = d.time(), d.time(), d.time()
	return r, d.done()
}

func encodeEvent(event ledger.Event) []byte {
	e := encoder{buf: make([]byte, 0, 192)} // with room for its hash
	e.byte(eventVersion)
	e.uint(event.Sequence)
	e.time(event.At)
	e.string(event.Actor)
	e.string(string(event.Payout))
	e.byte(byte(event.From))
	e.byte(byte(event.To))
	e.int(int64(event.Attempt))
	e.string(string(event.Reference))
	e.answer(event.Answer)
	e.string(event.Difference)
	e.string(string(event.Batch))
	e.int(int64(event.Enrolled))
	e.string(event.Digest)
	return e.buf
}

func decodeEvent(value []byte) (ledger.Event, error) {
	d := newDecoder(value)
	if d.byte() != eventVersion {
		return ledger.Event{}, errEncoding
	}
	event := ledger.Event{
		Sequence:   d.uint(),
		At:         d.time(),
		Actor:      d.string(),
		Payout:     ledger.TransactionID(d.string()),
		From:       ledger.State(d.byte()),
		To:         ledger.State(d.byte()),
		Attempt:    int(d.int()),
		Reference:  ledger.Reference(d.string()),
		Answer:     d.answer(),
		Difference: d.string(),
		Batch:      ledger.BatchID(d.string()),
		Enrolled:   int(d.int()),
		Digest:     d.string(),
	}
	return event, d.done()
}
