package approval

import (
	"errors"
	"fmt"

	"payrun/batch/approval/changes"
	"payrun/ledger/phone"
)

// ListedMax is how many changes of each kind a text lists; of further ones it says the
// number. All follow from the canonical lists of both batches.
const ListedMax = 100

// PersonLine is somebody who is new or gone.
type PersonLine struct {
	Number phone.E164
	Name   string
	Amount int64
}

// NumberLine is somebody whose number is another one than before.
type NumberLine struct {
	Name        string
	Before, Now phone.E164
	Amount      int64
}

// NameLine is a number under another name than before.
type NameLine struct {
	Number      phone.E164
	Before, Now string
	Amount      int64
}

// AmountLine is somebody whose sum is another one than before.
type AmountLine struct {
	Number      phone.E164
	Name        string
	Before, Now int64
}

// Listing is changes of one kind: how many, what they come to, and the first of them.
type Listing[Line any] struct {
	Count  int
	Amount int64 // for new, gone, numbers and names what these people get; for amounts the difference
	Lines  []Line
}

// Comparison lists the changes against an earlier batch.
type Comparison struct {
	Batch   string
	Payouts int
	Total   int64

	New, Gone Listing[PersonLine]
	Numbers   Listing[NumberLine]
	Names     Listing[NameLine]
	Amounts   Listing[AmountLine]
}

// Compared says of changes against an earlier batch what goes into a content.
func Compared(batch string, c changes.Changes) *Comparison {
	return &Comparison{
		Batch: batch, Payouts: c.Before.Payouts, Total: c.Before.Total,
		New:  listed(c.New, func(p changes.Person) int64 { return p.Amount }, personLine),
		Gone: listed(c.Gone, func(p changes.Person) int64 { return p.Amount }, personLine),
		Numbers: listed(c.Numbers, paid, func(p changes.Pair) NumberLine {
			return NumberLine{Name: p.Now.Name, Before: p.Before.Number, Now: p.Now.Number, Amount: p.Now.Amount}
		}),
		Names: listed(c.Names, paid, func(p changes.Pair) NameLine {
			return NameLine{Number: p.Now.Number, Before: p.Before.Name, Now: p.Now.Name, Amount: p.Now.Amount}
		}),
		Amounts: listed(c.Amounts, changes.Pair.Difference, func(p changes.Pair) AmountLine {
			return AmountLine{Number: p.Now.Number, Name: p.Now.Name, Before: p.Before.Amount, Now: p.Now.Amount}
		}),
	}
}

func personLine(p changes.Person) PersonLine {
	return PersonLine{Number: p.Number, Name: p.Name, Amount: p.Amount}
}

func paid(p changes.Pair) int64 { return p.Now.Amount }

func listed[Change, Line any](all []Change, amount func(Change) int64, line func(Change) Line) Listing[Line] {
	l := Listing[Line]{Count: len(all)}
	for i, change := range all {
		l.Amount += amount(change)
		if i < ListedMax {
			l.Lines = append(l.Lines, line(change))
		}
	}
	return l
}

// ok reports whether the listing lists as many as it should.
func (l Listing[Line]) ok() bool { return l.Count >= 0 && len(l.Lines) == min(l.Count, ListedMax) }

func (a *Comparison) check(purpose Purpose, total int64) error {
	for _, amount := range []int64{a.Total, a.New.Amount, a.Gone.Amount, a.Numbers.Amount, a.Names.Amount} {
		if amount < 0 || amount > amountMax {
			return fmt.Errorf("an amount of %d in the comparison", amount)
		}
	}
	texts := []string{a.Batch}
	for _, l := range [][]PersonLine{a.New.Lines, a.Gone.Lines} {
		for _, p := range l {
			texts = append(texts, p.Number.Reveal(), p.Name)
		}
	}
	for _, p := range a.Numbers.Lines {
		texts = append(texts, p.Name, p.Before.Reveal(), p.Now.Reveal())
	}
	for _, p := range a.Names.Lines {
		texts = append(texts, p.Number.Reveal(), p.Before, p.Now)
	}
	for _, p := range a.Amounts.Lines {
		texts = append(texts, p.Number.Reveal(), p.Name)
		if p.Before < 0 || p.Now < 0 {
			return fmt.Errorf("an amount changed from %d to %d", p.Before, p.Now)
		}
	}
	listed := a.New.ok() && a.Gone.ok() && a.Numbers.ok() && a.Names.ok() && a.Amounts.ok()
	switch {
	case !textOK(texts...) || a.Batch == "":
		return errors.New("a name in the comparison is not UTF-8")
	case !listed || a.Payouts < 0 || a.Amounts.Amount < -amountMax || a.Amounts.Amount > amountMax:
		return fmt.Errorf("not the first %d of what changed", ListedMax)
	case purpose == Submission && a.Total+a.New.Amount-a.Gone.Amount+a.Amounts.Amount != total:
		return fmt.Errorf("what changed does not explain %d after %d", total, a.Total)
	}
	return nil
}
