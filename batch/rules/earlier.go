package rules

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"payrun/batch/intake/table"
	"payrun/ledger"
)

// earlier is the evidence of earlier payouts about the rows. It grows with the rows that they say
// something of, however many the payouts are.
type earlier struct {
	// similar has, by row, an id of before that the row's is but for capitals and zeros.
	similar map[uint32]similarID
	// moved has, by the row of a name, that it was paid on another number; settled are
	// those whose own number was paid as well.
	moved   map[uint32]movedName
	settled map[uint32]bool
}

type similarID struct {
	id    ledger.TransactionID
	batch ledger.BatchID
	day   string
}

type movedName struct {
	name, number string
	batch        ledger.BatchID
	day          string
}

// Earlier holds a payout of before against the rows that were checked. It is called after
// the last row, with the latest payout first, and before End, which tells. people is set
// for one of another batch whose money moved, or may: it says whose a number is.
func (v *Validator) Earlier(p ledger.Payout, people bool) {
	v.similarTo(p)
	if people {
		v.movedFrom(p)
	}
}

func (v *Validator) similarTo(p ledger.Payout) {
	id := string(p.ID)
	place, known := v.seen.place(id)
	if !known || place.hash == textHash(id) {
		return
	}
	if _, told := v.earlier.similar[place.row]; told {
		return
	}
	if v.earlier.similar == nil {
		v.earlier.similar = make(map[uint32]similarID)
	}
	v.earlier.similar[place.row] = similarID{p.ID, p.Batch, p.QueuedAt.UTC().Format(time.DateOnly)}
}

// movedFrom compares the number of a name. Of one that the file itself has on several
// numbers it says nothing: that was told.
func (v *Validator) movedFrom(p ledger.Payout) {
	place, known := v.seen.names[keyOfName(p.Name)]
	row := place.row()
	if !known || place.told() > 0 || v.earlier.settled[row] {
		return
	}
	if v.earlier.moved == nil {
		v.earlier.moved, v.earlier.settled = make(map[uint32]movedName), make(map[uint32]bool)
	}
	if place.number == short(numberValue(p.Number)) {
		v.earlier.settled[row] = true
		delete(v.earlier.moved, row)
		return
	}
	if _, told := v.earlier.moved[row]; !told {
		v.earlier.moved[row] = movedName{p.Name, p.Number.String(), p.Batch, p.QueuedAt.UTC().Format(time.DateOnly)}
	}
}

// earlierProblems returns what there is to tell, by row.
func (v *Validator) earlierProblems() []Problem {
	var problems []Problem
	for _, row := range slices.Sorted(maps.Keys(v.earlier.similar)) {
		before := v.earlier.similar[row]
		problems = append(problems, v.later(int(row), table.FieldTransactionID, CodeIDSimilarKnown, "", map[string]string{
			"id": string(before.id), "batch": string(before.batch), "date": before.day,
		}))
	}
	for _, row := range slices.Sorted(maps.Keys(v.earlier.moved)) {
		before := v.earlier.moved[row]
		problems = append(problems, v.later(int(row), table.FieldName, CodeNameOtherNumber, before.name, map[string]string{
			"number": before.number, "batch": string(before.batch), "date": before.day,
		}))
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Row, b.Row) })
	return problems
}

// later is a problem of a row that only the end shows.
func (v *Validator) later(row int, field table.Field, code, value string, details map[string]string) Problem {
	return Problem{
		Row: row, Column: field, Header: v.options.Headers[field], Value: value, Code: code,
		Severity: v.severity(code), Details: details,
	}
}

// lateZeros returns the ids that came before the first with a zero and are shorter than
// it, one for each length.
func (v *Validator) lateZeros() []Problem {
	var problems []Problem
	for length := range min(v.zeros.length, len(v.zeros.before)) {
		first := v.zeros.before[length]
		if first.row == 0 {
			continue
		}
		problems = append(problems, v.later(first.row, table.FieldTransactionID, CodeIDLostZero, first.id, map[string]string{
			"digits": strconv.Itoa(v.zeros.length),
		}))
	}
	return problems
}
