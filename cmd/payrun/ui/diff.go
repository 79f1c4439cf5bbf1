package ui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"payrun/batch/approval/changes"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// diff compares a file with an earlier batch, for scripts. Its JSON keys are
// documented in docs/json.md and in docs/schema/diff.schema.json. Numbers are masked.
type diff struct {
	Batch    ledger.BatchID `json:"batch"`
	Currency money.Currency `json:"currency"`
	// Against is null if no batch is comparable.
	Against *comparedBatch `json:"against"`
	Before  listSum        `json:"before"`
	Now     listSum        `json:"now"`
	// Difference is the file's sum less the batch's.
	Difference money.Amount    `json:"difference"`
	New        []listedPerson  `json:"new_people"`
	Gone       []listedPerson  `json:"gone_people"`
	Numbers    []changedNumber `json:"changed_numbers"`
	Names      []changedName   `json:"changed_names"`
	Amounts    []changedAmount `json:"changed_amounts"`
	// Unchanged counts people.
	Unchanged int `json:"unchanged_people"`
}

type comparedBatch struct {
	Batch     ledger.BatchID `json:"batch"`
	File      string         `json:"file"`
	CreatedAt time.Time      `json:"created_at"`
}

type listSum struct {
	Payouts int          `json:"payouts"`
	People  int          `json:"people"`
	Amount  money.Amount `json:"amount"`
}

// who names a person: the payouts, by transaction id, in the order of the list.
type who struct {
	IDs  []string `json:"transaction_ids"`
	Name string   `json:"name"`
}

type listedPerson struct {
	who

	Number string       `json:"number"`
	Amount money.Amount `json:"amount"`
}

type changedNumber struct {
	who

	Before string       `json:"before"`
	Now    string       `json:"now"`
	Amount money.Amount `json:"amount"`
}

type changedName struct {
	IDs    []string     `json:"transaction_ids"`
	Number string       `json:"number"`
	Before string       `json:"before"`
	Now    string       `json:"now"`
	Amount money.Amount `json:"amount"`
}

type changedAmount struct {
	who

	Number     string       `json:"number"`
	Before     money.Amount `json:"before"`
	Now        money.Amount `json:"now"`
	Difference money.Amount `json:"difference"`
}

func newDiff(d service.Diff) *diff {
	amount := d.Currency.Of
	sum := func(s changes.Sum) listSum { return listSum{s.Payouts, s.People, amount(s.Total)} }
	person := func(p changes.Person) listedPerson {
		return listedPerson{who{p.IDs, p.Name}, p.Number.String(), amount(p.Amount)}
	}
	found := &diff{
		Batch: d.Batch, Currency: d.Currency, Before: sum(d.Before), Now: sum(d.Now),
		Difference: amount(0), New: each(d.New, person), Gone: each(d.Gone, person),
		Numbers: each(d.Numbers, func(p changes.Pair) changedNumber {
			return changedNumber{who{p.Now.IDs, p.Now.Name}, p.Before.Number.String(), p.Now.Number.String(), amount(p.Now.Amount)}
		}),
		Names: each(d.Names, func(p changes.Pair) changedName {
			return changedName{p.Now.IDs, p.Now.Number.String(), p.Before.Name, p.Now.Name, amount(p.Now.Amount)}
		}),
		Amounts: each(d.Amounts, func(p changes.Pair) changedAmount {
			return changedAmount{
				who{p.Now.IDs, p.Now.Name},
				p.Now.Number.String(),
				amount(p.Before.Amount), amount(p.Now.Amount), amount(p.Difference()),
			}
		}),
		Unchanged: d.Same,
	}
	if d.Against != nil {
		found.Difference = amount(d.Now.Total - d.Before.Total)
		found.Against = &comparedBatch{d.Against.ID, d.Against.File, d.Against.CreatedAt.UTC()}
	}
	return found
}

// each is a list of what is made of each, empty and not null for none.
func each[From, To any](all []From, to func(From) To) []To {
	list := make([]To, 0, len(all))
	for _, one := range all {
		list = append(list, to(one))
	}
	return list
}

// WordDiffError says why a file cannot be compared with the batch that was named. Other
// errors stay as they are.
func (u *UI) WordDiffError(err error) error {
	other, is := errors.AsType[*service.CurrencyError](err)
	if !is {
		return err
	}
	return UsageOf(Worded(u.Text("diff.currency", "batch", string(other.Batch), "paid", string(other.Paid), "given", string(other.Given)), err))
}

// ShowDiff prints what a file changes against an earlier batch.
func (u *UI) ShowDiff(d service.Diff) error {
	if u.JSON() {
		return u.PrintObject("diff", newDiff(d))
	}
	return u.sayDiff(d)
}

// sayDiff prints the totals, then who changed in which way.
func (u *UI) sayDiff(d service.Diff) error {
	if d.Against == nil {
		return u.Say("%s", u.Text("diff.nothing", "batch", string(d.Batch)))
	}
	if err := u.PrintTable(u.diffTable(d)); err != nil {
		return err
	}
	if d.None() {
		return u.Say("%s", u.Text("diff.same", "batch", string(d.Against.ID)))
	}
	amount := d.Currency.Of
	person := func(p changes.Person) string { return u.personOf(p, amount(p.Amount).String()) }
	for _, kind := range []struct {
		title string
		lines []string
	}{
		{u.Text("diff.new"), listed(u, d.New, person)},
		{u.Text("diff.gone"), listed(u, d.Gone, person)},
		{u.Text("diff.numbers"), listed(u, d.Numbers, func(p changes.Pair) string {
			return strings.Join([]string{p.Now.Name, p.Before.Number.String() + " → " + p.Now.Number.String(), amount(p.Now.Amount).String()}, ", ")
		})},
		{u.Text("diff.names"), listed(u, d.Names, func(p changes.Pair) string {
			return strings.Join([]string{p.Before.Name + " → " + p.Now.Name, p.Now.Number.String(), amount(p.Now.Amount).String()}, ", ")
		})},
		{u.Text("diff.amounts"), listed(u, d.Amounts, func(p changes.Pair) string {
			return u.personOf(p.Now, fmt.Sprintf("%s → %s (%s)",
				amount(p.Before.Amount).Grouped(), amount(p.Now.Amount), signed(amount(p.Difference()))))
		})},
	} {
		if len(kind.lines) > 0 {
			if err := u.SayLines(append([]string{strings.TrimSpace(u.labelled(kind.title, ""))}, kind.lines...)); err != nil {
				return err
			}
		}
	}
	return nil
}

// diffTable holds both lists and each kind of change in a line.
func (u *UI) diffTable(d service.Diff) Table {
	var t Table
	amount := d.Currency.Of
	t.Add(u.Text("diff.title", "batch", string(d.Batch), "against", string(d.Against.ID)),
		u.Text("diff.people"), u.Text("diff.amount", "currency", string(d.Currency)))
	t.Add(string(d.Against.ID)+", "+d.Against.CreatedAt.UTC().Format(time.DateOnly), strconv.Itoa(d.Before.People), amount(d.Before.Total).Grouped())
	add := func(name string, count int, figure money.Amount) {
		if count > 0 {
			t.Add("  "+name, strconv.Itoa(count), signed(figure))
		}
	}
	add(u.Text("diff.new"), len(d.New), amount(sumOf(d.New)))
	add(u.Text("diff.gone"), len(d.Gone), amount(-sumOf(d.Gone)))
	if count := len(d.Numbers); count > 0 {
		t.Add("  "+u.Text("diff.numbers"), strconv.Itoa(count), "")
	}
	if count := len(d.Names); count > 0 {
		t.Add("  "+u.Text("diff.names"), strconv.Itoa(count), "")
	}
	var more int64
	for _, p := range d.Amounts {
		more += p.Difference()
	}
	add(u.Text("diff.amounts"), len(d.Amounts), amount(more))
	t.Add("  "+u.Text("diff.unchanged"), strconv.Itoa(d.Same), "")
	t.Add(string(d.Batch), strconv.Itoa(d.Now.People), amount(d.Now.Total).Grouped())
	t.Add(u.Text("diff.difference"), "", signed(amount(d.Now.Total-d.Before.Total)))
	return t
}

func sumOf(people []changes.Person) (sum int64) {
	for _, p := range people {
		sum += p.Amount
	}
	return sum
}

// personOf words a person of a list, and what there is to say of them.
func (u *UI) personOf(p changes.Person, figure string) string {
	return strings.Join([]string{p.Name, p.Number.String(), figure}, ", ")
}

// listed words the first of a list, a line each, and counts the rest.
func listed[Change any](u *UI, all []Change, word func(Change) string) []string {
	var lines []string
	for i, change := range all {
		if i == namesShown {
			return append(lines, "  "+u.Text("people.more", "count", strconv.Itoa(len(all)-i)))
		}
		lines = append(lines, "  "+word(change))
	}
	return lines
}

// signed writes a difference with its sign.
func signed(a money.Amount) string {
	if a.Minor > 0 {
		return "+" + a.Grouped()
	}
	return a.Grouped()
}
