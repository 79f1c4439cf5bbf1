// Package document writes a plan as one page for people: what will be paid, what is
// remarkable about it and what changed, to be read, printed on A4 and signed. The plan's
// text binds, not the page; the page shows the text's digest. Numbers are masked unless
// the person who asks wants them in full.
package document

import (
	_ "embed" // the page
	"fmt"
	"io"
	"iter"

	"golang.org/x/text/language"

	"payrun/batch/approval"
	"payrun/internal/plural"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/reports/page"
)

//go:embed plan.html.tmpl
var source string

// Document is a plan to be shown.
type Document struct {
	Plan approval.Plan
	// Digest is that of the plan's text, and Text and List are the names of the files
	// beside the page.
	Digest     approval.Digest
	Text, List string
	// File is the name of the file that the plan is of.
	File string
	// Warnings are those of the plan in words, a line each.
	Warnings []string
	// Payees are the payouts of the plan's list, to be listed in full; nil lists none.
	Payees iter.Seq2[approval.Payout, error]
	// Reveal shows numbers in full.
	Reveal bool
	French bool
}

// view is all that the page shows.
type view struct {
	W          words
	Plan       approval.Plan
	File       string
	Digest     string
	Text, List string
	Rehearsal  string
	Made       string
	Count      string
	Payouts    string // in words
	Total      string
	Running    string // at the head of each printed page
	Operators  []line
	Highest    line
	Warnings   []string
	Changes    *changed
	Payees     iter.Seq[payee]
	Masked     string
}

// line is a name and its figures.
type line struct{ Name, Count, Amount string }

// changed is the section about changes against an earlier batch.
type changed struct {
	Title      string
	Sums       []line
	Difference string
	Kinds      []kind
	Same       bool
}

// kind is one way to change, and who did.
type kind struct {
	Name, Count, Amount string
	People              []person
	More                string
}

// person is somebody who changed: what was, if there is something to show, and what is.
type person struct{ Name, Number, Was, Is string }

type payee struct{ Row, Name, Number, ID, Scheme, Amount, Note string }

// Write writes the page. An error of Payees is returned, and the page is of no use then.
func Write(w io.Writer, d Document) error {
	parsed, err := page.Parse("plan", source)
	if err != nil {
		return err
	}
	r := renderer{Document: d, words: wordsIn(d.French), currency: money.Currency(d.Plan.Currency.Code)}
	v := r.view()
	var failed error
	if d.Payees != nil {
		v.Payees = r.payees(&failed)
	}
	if err := parsed.Execute(w, v); err != nil {
		return fmt.Errorf("write the plan's page: %w", err)
	}
	return failed
}

// renderer words a document.
type renderer struct {
	Document

	words    words
	currency money.Currency
}

func (r renderer) view() view {
	p := r.Plan
	v := view{
		W: r.words, Plan: p, File: r.File, Digest: r.Digest.String(), Text: r.Text, List: r.List,
		Made: page.Moment(p.Made, r.French), Count: count(p.Payouts), Total: r.amount(p.Total).String(),
		Highest: line{Name: r.number(p.Highest.Number), Amount: r.amount(p.Highest.Amount).Grouped()}, Warnings: r.Warnings,
	}
	if page.Rehearsal(p.Account) {
		v.Rehearsal = r.words.Rehearsal
	}
	if !r.Reveal {
		v.Masked = r.words.Masked
	}
	v.Payouts = r.form(r.words.Payouts, p.Payouts)
	v.Running = p.Batch + " · " + v.Payouts + " · " + v.Total
	for _, sum := range p.Operators {
		v.Operators = append(v.Operators, line{sum.Scheme, count(sum.Payouts), r.amount(sum.Amount).Grouped()})
	}
	if p.Against != nil {
		v.Changes = r.changes(p.Against)
	}
	return v
}

func (r renderer) changes(a *approval.Comparison) *changed {
	more := r.Plan.Total - a.Total
	c := &changed{
		Title: plural.Fill(r.tag(), r.words.Changes, "batch", a.Batch),
		Sums: []line{
			{a.Batch, count(a.Payouts), r.amount(a.Total).Grouped()},
			{r.Plan.Batch, count(r.Plan.Payouts), r.amount(r.Plan.Total).Grouped()},
		},
		Difference: r.signed(more),
	}
	add := func(name string, size int, amount string, people []person) {
		if size == 0 {
			return
		}
		k := kind{Name: name, Count: count(size), Amount: amount, People: people}
		if rest := size - len(people); rest > 0 {
			k.More = r.form(r.words.More, rest)
		}
		c.Kinds = append(c.Kinds, k)
	}
	add(r.words.New, a.New.Count, r.signed(a.New.Amount), each(a.New.Lines, func(p approval.PersonLine) person {
		return person{Name: p.Name, Number: r.number(p.Number), Is: r.amount(p.Amount).Grouped()}
	}))
	add(r.words.Gone, a.Gone.Count, r.signed(-a.Gone.Amount), each(a.Gone.Lines, func(p approval.PersonLine) person {
		return person{Name: p.Name, Number: r.number(p.Number), Was: r.amount(p.Amount).Grouped()}
	}))
	add(r.words.Numbers, a.Numbers.Count, r.amount(a.Numbers.Amount).Grouped(), each(a.Numbers.Lines, func(p approval.NumberLine) person {
		return person{Name: p.Name, Number: r.amount(p.Amount).String(), Was: r.number(p.Before), Is: r.number(p.Now)}
	}))
	add(r.words.Names, a.Names.Count, r.amount(a.Names.Amount).Grouped(), each(a.Names.Lines, func(p approval.NameLine) person {
		return person{Name: r.number(p.Number), Number: r.amount(p.Amount).String(), Was: p.Before, Is: p.Now}
	}))
	add(r.words.Amounts, a.Amounts.Count, r.signed(a.Amounts.Amount), each(a.Amounts.Lines, func(p approval.AmountLine) person {
		return person{
			Name: p.Name, Number: r.number(p.Number),
			Was: r.amount(p.Before).Grouped(), Is: r.amount(p.Now).Grouped() + " (" + r.signed(p.Now-p.Before) + ")",
		}
	}))
	c.Same = len(c.Kinds) == 0
	return c
}

func each[From, To any](all []From, to func(From) To) []To {
	list := make([]To, 0, len(all))
	for _, one := range all {
		list = append(list, to(one))
	}
	return list
}

// payees words the list while it is written, so that a long one is not held in memory.
func (r renderer) payees(failed *error) iter.Seq[payee] {
	return func(yield func(payee) bool) {
		place := 0
		for p, err := range r.Payees {
			if err != nil {
				*failed = err
				return
			}
			place++
			one := payee{
				Row: count(place), Name: p.Name, Number: r.number(p.Number), ID: p.ID, Scheme: p.Scheme,
				Amount: r.amount(p.Amount).Grouped(), Note: p.Note,
			}
			if !yield(one) {
				return
			}
		}
	}
}

func (r renderer) amount(minor int64) money.Amount { return r.currency.Of(minor) }

func (r renderer) signed(minor int64) string {
	if minor > 0 {
		return "+" + r.amount(minor).Grouped()
	}
	return r.amount(minor).Grouped()
}

func (r renderer) number(n phone.E164) string {
	if r.Reveal {
		return n.Reveal()
	}
	return n.String()
}

func (r renderer) tag() language.Tag { return language.Make(r.words.Lang) }

func (r renderer) form(text string, n int) string {
	return plural.Fill(r.tag(), text, "count", count(n))
}

func count(n int) string { return money.Group(int64(n)) }
