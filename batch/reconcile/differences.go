package reconcile

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"

	"payrun/internal/placeindex"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// Differences lists what was found. A statement of another month differs in every row: many
// are not in memory, but for where each is. Nil is empty. It is not safe for concurrent use.
type Differences struct {
	log   placeindex.Log
	order []position
	open  int
}

// position is the place of a difference, and what it is sorted by.
type position struct {
	row, statementRow int
	place             int64
}

// Count is the number of all differences.
func (d *Differences) Count() int {
	if d == nil {
		return 0
	}
	return len(d.order)
}

// Open counts those that no person has answered.
func (d *Differences) Open() int {
	if d == nil {
		return 0
	}
	return d.open
}

// Add puts a difference on the list.
func (d *Differences) Add(one Difference) error {
	place, err := d.log.Append(one.append(nil))
	if err != nil {
		return err
	}
	d.order = append(d.order, position{one.Row, one.StatementRow, place})
	if !one.Answered {
		d.open++
	}
	return nil
}

// All yields the differences by row, what has none at the end. It may be called until
// Close.
func (d *Differences) All() iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		if d == nil {
			return
		}
		slices.SortStableFunc(d.order, position.compare)
		for start := 0; start < len(d.order); {
			end := start + 1
			for end < len(d.order) && d.order[start].compare(d.order[end]) == 0 {
				end++
			}
			alike, err := d.read(d.order[start:end])
			for _, one := range alike {
				if !yield(one, nil) {
					return
				}
			}
			if err != nil {
				yield(Difference{}, err)
				return
			}
			start = end
		}
	}
}

func (p position) compare(other position) int {
	const last = 1 << 62
	return cmp.Or(
		cmp.Compare(cmp.Or(p.row, last), cmp.Or(other.row, last)), cmp.Compare(p.statementRow, other.statementRow),
	)
}

// read returns the differences at some places, by reference.
func (d *Differences) read(places []position) ([]Difference, error) {
	all := make([]Difference, 0, len(places))
	for _, at := range places {
		record, err := d.log.At(at.place)
		if err != nil {
			return nil, err
		}
		one, err := readDifference(record)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b Difference) int { return cmp.Compare(a.Reference, b.Reference) })
	return all, nil
}

// Close lets go of the list.
func (d *Differences) Close() error {
	if d == nil {
		return nil
	}
	return d.log.Close()
}

// append encodes a difference.
func (d Difference) append(to []byte) []byte {
	to = appendMarks(to, d.Answered, d.Before)
	for _, number := range []int64{
		int64(d.Row), int64(d.State), d.Amount.Minor, int64(d.Said), d.Fees.Hundredths, d.AmountThere.Minor, d.FeesExpected.Hundredths,
		int64(d.StatementRow),
	} {
		to = binary.AppendVarint(to, number)
	}
	return appendTexts(to, d.Code, string(d.ID), d.Name, d.Reference, d.ProviderCode,
		string(d.Amount.Currency), string(d.Fees.Currency), string(d.AmountThere.Currency), string(d.FeesExpected.Currency))
}

// readDifference is the reverse of append.
func readDifference(record []byte) (d Difference, err error) {
	r := fields{rest: record}
	r.marks(&d.Answered, &d.Before)
	d.Row, d.State, d.Amount.Minor = int(r.number()), ledger.State(r.number()), r.number() //nolint:gosec // as it was written
	d.Said, d.Fees.Hundredths = provider.Class(r.number()), r.number()                     //nolint:gosec // as it was written
	d.AmountThere.Minor, d.FeesExpected.Hundredths, d.StatementRow = r.number(), r.number(), int(r.number())
	d.Code, d.ID, d.Name, d.Reference, d.ProviderCode = r.text(), ledger.TransactionID(r.text()), r.text(), r.text(), r.text()
	for _, currency := range []*money.Currency{&d.Amount.Currency, &d.Fees.Currency, &d.AmountThere.Currency, &d.FeesExpected.Currency} {
		*currency = money.Currency(r.text())
	}
	return d, r.end()
}
