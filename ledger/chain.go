package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"time"

	"payrun/ledger/canonical"
	"payrun/ledger/money"
)

// The audit log is one chain a batch and one chain of heads, in every store the same
// bytes. A batch's chain has a line for each event of the batch; the ledger's own events
// have a chain of their own, without a batch. The chain of heads has a line for each event
// of all of them, in the order in which they became part of the ledger: the number of an
// event is its place there, and the hash of its line there stands for everything before.
// docs/evidence.md publishes the lines.

// Chain is how far a chain of lines reaches: how many there are, and the SHA-256 of the
// last. The zero value is a chain without a line.
type Chain struct {
	Count uint64
	Hash  [sha256.Size]byte
}

func (c *Chain) add(line []byte) {
	c.Count++
	c.Hash = sha256.Sum256(line)
}

// Linker appends events to their chains. The zero value begins a ledger.
type Linker struct {
	// Heads is the chain of heads.
	Heads Chain
	line  []byte
}

// Link gives an event its place in its batch's chain, which goes on with it, and its
// number. Its Hash is left to whoever wants it in hex: it is that of Heads.
func (l *Linker) Link(event *Event, batch *Chain) {
	event.Place, event.Sequence = batch.Count+1, l.Heads.Count+1
	l.line = event.AppendLine(l.line[:0], batch.Hash)
	batch.add(l.line)
	l.line = HeadLine{
		Event: event.Sequence, Batch: event.Batch, Place: event.Place, Line: batch.Hash, Previous: l.Heads.Hash,
	}.AppendLine(l.line[:0])
	l.Heads.add(l.line)
}

// HeadLine is a line of the chain of heads.
type HeadLine struct {
	// Event is the number of the event, Place that in the chain of Batch.
	Event uint64
	Batch BatchID
	Place uint64
	// Line is the hash of the event's line there, Previous that of the head before.
	Line, Previous [sha256.Size]byte
}

// AppendLine appends the line, with its line feed.
func (h HeadLine) AppendLine(b []byte) []byte {
	b = append(b, `{"event":`...)
	b = strconv.AppendUint(b, h.Event, 10)
	b = append(b, `,"batch":`...)
	b = canonical.AppendQuoted(b, string(h.Batch))
	b = append(b, `,"place":`...)
	b = strconv.AppendUint(b, h.Place, 10)
	b = append(b, `,"line":"`...)
	b = hex.AppendEncode(b, h.Line[:])
	b = append(b, `","previous":"`...)
	b = hex.AppendEncode(b, h.Previous[:])
	return append(b, '"', '}', '\n')
}

// AppendLine appends an event's line of its batch's chain: a JSON object without spaces,
// of the keys that say something, in one order, and a line feed. Previous is the SHA-256
// of the line before, zeros for the first.
func (e *Event) AppendLine(b []byte, previous [sha256.Size]byte) []byte {
	w := objectWriter{b: append(b, '{')}
	w.text("batch", string(e.Batch))
	w.uint("place", e.Place)
	w.time("at", e.At)
	w.text("actor", e.Actor)
	if e.Payout != "" {
		w.text("transaction_id", string(e.Payout))
		w.text("from", e.From.String())
		w.text("to", e.To.String())
		w.move(e)
	}
	w.int("enrolled", e.Enrolled)
	w.int("first", e.First)
	w.optional("digest", e.Digest)
	w.optional("act", string(e.Act))
	w.person("by", e.By)
	w.count("count", e.Count)
	w.optional("text", e.Text)
	w.optional("signature", e.Signature)
	w.key("previous")
	w.b = hex.AppendEncode(append(w.b, '"'), previous[:])
	return append(w.b, '"', '}', '\n')
}

// objectWriter writes the keys of a JSON object. Those that say nothing are left out,
// unless they are written by text, uint or time.
type objectWriter struct{ b []byte }

func (w *objectWriter) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *objectWriter) text(name, value string) {
	w.key(name)
	w.b = canonical.AppendQuoted(w.b, value)
}

func (w *objectWriter) optional(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *objectWriter) uint(name string, value uint64) {
	w.key(name)
	w.b = strconv.AppendUint(w.b, value, 10)
}

func (w *objectWriter) int(name string, value int) {
	if value != 0 {
		w.key(name)
		w.b = strconv.AppendInt(w.b, int64(value), 10)
	}
}

func (w *objectWriter) flag(name string, value bool) {
	if value {
		w.key(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *objectWriter) time(name string, value time.Time) {
	w.key(name)
	w.b = append(value.UTC().AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
}

// object writes an object as the value of a key.
func (w *objectWriter) object(name string, write func()) {
	w.key(name)
	w.b = append(w.b, '{')
	write()
	w.b = append(w.b, '}')
}

// money writes minor units, exactly, and their currency.
func (w *objectWriter) money(minor int64, currency string) {
	w.key("minor")
	w.b = append(strconv.AppendInt(append(w.b, '"'), minor, 10), '"')
	w.text("currency", currency)
}

// move writes what is of moves only.
func (w *objectWriter) move(e *Event) {
	w.int("attempt", e.Attempt)
	w.optional("reference", string(e.Reference))
	if e.Answer != (Answer{}) {
		w.object("answer", func() { w.answer(&e.Answer) })
	}
	w.optional("said", e.Said.String())
	w.optional("about", string(e.About))
	w.flag("unused", e.Unused)
	if e.Terms != nil {
		w.key("terms")
		line := e.Terms.AppendLine(w.b)
		w.b = line[:len(line)-1]
	}
	if e.Difference != nil {
		w.object("difference", func() { w.difference(e.Difference) })
	}
	if e.Resolution != nil {
		w.object("resolution", func() { w.resolution(e.Resolution) })
	}
	w.optional("worker", e.Worker)
	if e.Epoch != 0 {
		w.uint("epoch", e.Epoch)
	}
}

func (w *objectWriter) answer(a *Answer) {
	w.optional("provider_ref", a.ProviderRef)
	w.optional("code", a.Code)
	w.optional("message", a.Message)
	if a.FeesKnown {
		w.object("fees", func() {
			w.key("hundredths")
			w.b = append(strconv.AppendInt(append(w.b, '"'), a.Fees.Hundredths, 10), '"')
			w.text("currency", string(a.Fees.Currency))
		})
	}
}

func (w *objectWriter) difference(d *Difference) {
	w.text("code", d.Code)
	if d.Recorded != 0 {
		w.text("recorded", d.Recorded.String())
	}
	w.optional("said", d.Said)
	w.optional("provider_code", d.ProviderCode)
	w.optional("provider_ref", d.ProviderRef)
	w.optional("reference", string(d.Reference))
	if !d.Amount.IsZero() {
		w.object("amount", func() { w.money(d.Amount.Minor, string(d.Amount.Currency)) })
	}
	w.time("at", d.At)
}

func (w *objectWriter) resolution(r *Resolution) {
	w.key("paid")
	w.b = strconv.AppendBool(w.b, r.Paid)
	w.text("because", r.Because)
	w.person("by", r.By)
	w.time("at", r.At)
}

func (w *objectWriter) person(name string, p Person) {
	if p == (Person{}) {
		return
	}
	w.object(name, func() {
		w.optional("name", p.Name)
		w.optional("host", p.Host)
		w.optional("confirmed", p.Confirmed)
	})
}

func (w *objectWriter) count(name string, c Total) {
	if c == (Total{}) {
		return
	}
	w.object(name, func() {
		w.int("count", c.Count)
		if !c.Amount.IsZero() {
			w.money(c.Amount.Minor, string(c.Amount.Currency))
		}
	})
}

// Canonical returns the line of the canonical list that has the terms.
func (t *Terms) Canonical() canonical.Payout {
	return canonical.Payout{
		ID: string(t.ID), Number: t.Number, Name: t.Name, Amount: t.Amount.Minor, Currency: string(t.Amount.Currency),
		Country: t.Country, Scheme: string(t.Operator), Note: t.Note,
	}
}

// TermsOf returns the terms of a line of the canonical list.
func TermsOf(p canonical.Payout) Terms {
	return Terms{
		ID: TransactionID(p.ID), Number: p.Number, Name: p.Name, Amount: money.Currency(p.Currency).Of(p.Amount),
		Country: p.Country, Operator: Operator(p.Scheme), Note: p.Note,
	}
}

// AppendLine appends that line to others.
func (t *Terms) AppendLine(line []byte) []byte { return t.Canonical().AppendLine(line) }

// ListDigest is the SHA-256 of a canonical list, taken while its payouts go by.
type ListDigest struct {
	sum  hash.Hash
	line []byte
}

// NewListDigest begins a list.
func NewListDigest() *ListDigest { return &ListDigest{sum: sha256.New()} }

// Add takes in the next payout, and returns its line, which the next call overwrites.
func (d *ListDigest) Add(terms *Terms) (line []byte) {
	d.line = terms.AppendLine(d.line[:0])
	d.sum.Write(d.line)
	return d.line
}

// AddLine takes in the line of the next payout.
func (d *ListDigest) AddLine(line []byte) { d.sum.Write(line) }

// Hex returns the digest as sha256sum prints it.
func (d *ListDigest) Hex() string { return hex.EncodeToString(d.sum.Sum(nil)) }
