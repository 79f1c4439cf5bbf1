package reconcile

import (
	"encoding/binary"
	"errors"
	"iter"
	"time"

	"payrun/internal/placeindex"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// transferFile keeps the rows of a statement or a list in the order in which they came, out of
// memory if they are many.
type transferFile struct{ placeindex.Log }

// kept is a row of a statement, with the way its money went.
type kept struct {
	Transfer
	credited, negative bool
	// ordinal is its number from 0.
	ordinal int
}

// add appends a row, numbers it and returns its place.
func (f *transferFile) add(row kept) (place int64, err error) {
	row.ordinal = f.Count()
	return f.Append(row.append(nil))
}

// at reads the row at a place.
func (f *transferFile) at(place int64) (kept, error) {
	record, err := f.At(place)
	if err != nil {
		return kept{}, err
	}
	return readKept(record)
}

// all yields the rows that were added so far, in order.
func (f *transferFile) all() iter.Seq2[kept, error] {
	return func(yield func(kept, error) bool) {
		for record, err := range f.All() {
			var row kept
			if err == nil {
				row, err = readKept(record)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// append encodes a row.
func (k kept) append(to []byte) []byte {
	to = appendMarks(to, k.credited, k.negative, k.Returned, k.FeesKnown)
	for _, number := range []int64{
		int64(k.ordinal), int64(k.Row), int64(k.Class), k.Amount.Minor, k.Fees.Hundredths, k.At.Unix(), int64(k.At.Nanosecond()),
	} {
		to = binary.AppendVarint(to, number)
	}
	return appendTexts(to, k.Reference, k.ProviderRef, string(k.Number), k.Code, string(k.Amount.Currency), string(k.Fees.Currency))
}

func appendMarks(to []byte, marks ...bool) []byte {
	var bits uint64
	for n, set := range marks {
		if set {
			bits |= 1 << n
		}
	}
	return binary.AppendUvarint(to, bits)
}

func appendTexts(to []byte, texts ...string) []byte {
	for _, text := range texts {
		to = binary.AppendUvarint(to, uint64(len(text)))
		to = append(to, text...)
	}
	return to
}

// errKept is returned for a record that is not as it was written.
var errKept = errors.New("not as it was written")

// readKept is the reverse of append.
func readKept(record []byte) (k kept, err error) {
	r := fields{rest: record}
	r.marks(&k.credited, &k.negative, &k.Returned, &k.FeesKnown)
	k.ordinal, k.Row, k.Class = int(r.number()), int(r.number()), provider.Class(r.number()) //nolint:gosec // as it was written
	k.Amount.Minor, k.Fees.Hundredths = r.number(), r.number()
	k.At = time.Unix(r.number(), r.number()).UTC()
	k.Reference, k.ProviderRef, k.Number, k.Code = r.text(), r.text(), phone.E164(r.text()), r.text()
	k.Amount.Currency, k.Fees.Currency = money.Currency(r.text()), money.Currency(r.text())
	return k, r.end()
}

// fields takes a record apart.
type fields struct {
	rest   []byte
	broken bool
}

func (f *fields) unsigned() uint64 {
	value, n := binary.Uvarint(f.rest)
	f.skip(n)
	return value
}

func (f *fields) marks(marks ...*bool) {
	bits := f.unsigned()
	for n, is := range marks {
		*is = bits&(1<<n) != 0
	}
}

// end complains if the record was not as long as what was read.
func (f *fields) end() error {
	if f.broken || len(f.rest) > 0 {
		return errKept
	}
	return nil
}

func (f *fields) number() int64 {
	value, n := binary.Varint(f.rest)
	f.skip(n)
	return value
}

func (f *fields) skip(n int) {
	if f.broken = f.broken || n <= 0; !f.broken {
		f.rest = f.rest[n:]
	}
}

func (f *fields) text() string {
	length := f.unsigned()
	if f.broken = f.broken || length > uint64(len(f.rest)); f.broken {
		return ""
	}
	text := string(f.rest[:length])
	f.rest = f.rest[length:]
	return text
}
