package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"

	"payrun/batch/intake/table"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Payments, and ids up to the usual length, are remembered as they are, without a digest
// that could be another one's.
type (
	// idKey is an id as foldID has it.
	idKey [20]byte
	// numberKey is a number's value, and paymentKey that and an amount, eight bytes each.
	numberKey  [8]byte
	paymentKey [16]byte
)

// repetitions remembers in which row each id, each number and each payment first was.
type repetitions struct {
	ids     map[idKey]idPlace
	numbers map[numberKey]numberPlace
	// payments are those of a number behind its first.
	payments map[paymentKey]uint32
	// names has where a name first was, by its words. Two names of one key among a
	// million would be luck of one in ten million.
	names map[nameKey]namePlace
}

// idPlace records an id's first row. Its hash tells two ids apart that fold to one.
type idPlace struct{ row, hash uint32 }

// numberPlace is a number's first payment and whose it was. Names with two hashes are
// two; names with one are taken for one, and nothing is said of them.
// An amount that 32 bits do not hold is 0 here, and among payments.
type numberPlace struct{ amount, row, name uint32 }

func newRepetitions() repetitions {
	return repetitions{
		ids: make(map[idKey]idPlace), numbers: make(map[numberKey]numberPlace),
		payments: make(map[paymentKey]uint32), names: make(map[nameKey]namePlace),
	}
}

// repeat records in which rows before it a row's id, payment, number and name first were; 0
// for none. similar is set if the id is written otherwise there.
type repeat struct {
	id, payment, number, name uint32
	similar                   bool
}

// Repeats has what the rows of a file repeat of those before them, by row; most repeat nothing.
type Repeats struct{ rows map[int]repeat }

// of returns what a row repeats: as it was found in an earlier pass, or by looking.
func (v *Validator) of(row int, look func(*repeat)) repeat {
	found := v.repeats.rows[row]
	if v.reread {
		return found
	}
	if look(&found); found != (repeat{}) {
		v.repeats.rows[row] = found
	}
	return found
}

// id finds the row in which an id was before.
func (r repetitions) id(id string, row int, found *repeat) {
	key, hash := foldID(id), textHash(id)
	if place, known := r.ids[key]; known {
		found.id, found.similar = place.row, place.hash != hash
		return
	}
	r.ids[key] = idPlace{uint32(row), hash} //nolint:gosec // the reader's bounds keep rows far below
}

// place returns where an id was, or one that folds to it.
func (r repetitions) place(id string) (place idPlace, known bool) {
	place, known = r.ids[foldID(id)]
	return place, known
}

// SameID reports whether two ids are one to programs that know neither capitals nor
// leading zeros.
func SameID(a, b string) bool { return foldID(a) == foldID(b) }

// foldID returns an id as programs see it that know neither capitals nor leading
// zeros: "A-007" is "a-7". Of one that is longer than a key it is a digest of 160 bits.
func foldID(id string) (key idKey) {
	if len(id) <= len(key) {
		foldInto(key[:], id)
		return key
	}
	long := make([]byte, len(id))
	if n := foldInto(long, id); n > len(key) {
		sum := sha256.Sum256(long[:n])
		long = sum[:]
	}
	copy(key[:], long)
	return key
}

// foldInto writes a folded id and returns its length.
func foldInto(key []byte, id string) (n int) {
	inNumber := false
	for i := range len(id) {
		c := id[i]
		digit := c >= '0' && c <= '9'
		if c == '0' && !inNumber && i+1 < len(id) && id[i+1] >= '0' && id[i+1] <= '9' {
			continue
		}
		inNumber = digit
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		key[n] = c
		n++
	}
	return n
}

// textHash is FNV-1a.
func textHash(text string) uint32 {
	const offset, prime = 2166136261, 16777619
	hash := uint32(offset)
	for i := range len(text) {
		hash = (hash ^ uint32(text[i])) * prime
	}
	return hash
}

// numberValue is a number's digits as a value. It stands for them: the number is right
// for the numbering plan, so all have as many.
func numberValue(number phone.E164) uint64 {
	const decimal = 10
	var value uint64
	for _, digit := range []byte(number.National().Reveal()) {
		value = value*decimal + uint64(digit-'0')
	}
	return value
}

// payee finds the rows in which the same amount went to the same number, in which the number
// was somebody else's, and in which the name had another number.
func (r repetitions) payee(entry ledger.Entry, found *repeat) {
	number, name := numberValue(entry.Number), keyOfName(entry.Name)
	row := uint32(entry.Row)                                                         //nolint:gosec // as above
	found.payment, found.number = r.payment(number, entry.Amount, uint32(name), row) //nolint:gosec // half will do
	found.name = r.name(name, number, row)
}

// payment returns the row in which the same amount went to the same number, and the
// one in which the number was somebody else's; 0 for none.
func (r repetitions) payment(number uint64, amount money.Amount, name, row uint32) (repeated, shared uint32) {
	var of numberKey
	binary.BigEndian.PutUint64(of[:], number)
	short := uint32(0)
	if amount.Minor <= math.MaxUint32 {
		short = uint32(amount.Minor) //nolint:gosec // an amount that was read is positive
	}
	first, known := r.numbers[of]
	switch {
	case !known:
		r.numbers[of] = numberPlace{short, row, name}
		if short != 0 {
			return 0, 0
		}
	case name != 0 && first.name != 0 && first.name != name:
		shared = first.row
	}
	if known && short != 0 && first.amount == short {
		return first.row, shared
	}
	var key paymentKey
	binary.BigEndian.PutUint64(key[:8], number)
	binary.BigEndian.PutUint64(key[8:], uint64(amount.Minor)) //nolint:gosec // an amount that was read is positive
	if before, ok := r.payments[key]; ok {
		return before, shared
	}
	r.payments[key] = row
	return 0, shared
}

// repeated tells of the same amount to the same number in the file, and of numbers and
// names that do not go together. A row that is there twice with its id has been told of
// already.
func (c *check) repeated(entry ledger.Entry) {
	if c.wrong(table.FieldNumber) || c.wrong(table.FieldAmount) || c.wrong(table.FieldCurrency) {
		return
	}
	before := c.v.of(entry.Row, func(found *repeat) { c.v.seen.payee(entry, found) })
	c.before(table.FieldNumber, CodeNumberShared, before.number)
	c.before(table.FieldName, CodeNameRepeated, before.name)
	if before.similar || before.payment != before.id {
		c.before(table.FieldNumber, CodeRepeated, before.payment)
	}
}

// before tells of a row before, if there is one.
func (c *check) before(field table.Field, code string, row uint32) {
	if row > 0 {
		c.add(field, code, map[string]string{"row": strconv.FormatUint(uint64(row), 10)})
	}
}
