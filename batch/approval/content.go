package approval

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Purpose is what a content's payment is to its batch.
type Purpose string

// The purposes.
const (
	Submission Purpose = "submission" // a batch as it was submitted
	Addition   Purpose = "addition"   // rows that were added later
	Correction Purpose = "correction" // rows that come back in other terms
	Retry      Purpose = "retry"      // rows that come back in the same terms
	Resolution Purpose = "resolution" // payouts that a person says were not paid
)

func (p Purpose) ok() bool {
	switch p {
	case Submission, Addition, Correction, Retry, Resolution:
		return true
	default:
		return false
	}
}

// Warning is something that the checks saw, and how often.
type Warning struct {
	Code  string
	Count int
}

// Head is where the ledger's audit log stood.
type Head struct {
	Ledger string
	Event  uint64
	Hash   Digest
}

// Content is what is approved, fixed at a batch's sealing. Its amounts are in minor
// units of its currency, its times in UTC to the second. Whoever changes anything of it
// has another content.
type Content struct {
	Purpose   Purpose
	Batch     string
	Account   string // whose money pays it, and where
	Currency  Currency
	Sealed    time.Time
	NotBefore time.Time // zero: at once
	NotAfter  time.Time // until when paying may begin

	Payouts   int
	Total     int64
	Operators []OperatorSum // by name
	Highest   NumberSum     // the highest sum to one number, as splitting helps nobody
	MakerDay  int64         // what the makers submitted in the 24 hours to the sealing, with this

	Against  *Comparison // nil: there is nothing to compare with
	Warnings []Warning   // by code

	File   Digest // of the file's bytes
	List   Digest // of the canonical list
	Policy Digest // of the policy in force
	Makers []string
	Head   Head // at the sealing, before it
}

const titleContent = "payrun content 1"

// Text returns the content's canonical text, or an error that says why it has none.
func (c Content) Text() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var w writer
	w.title(titleContent)
	w.line("purpose", string(c.Purpose))
	w.line("batch", quote(c.Batch))
	w.line("account", quote(c.Account))
	w.line("currency", c.Currency.Code, strconv.Itoa(c.Currency.Decimals))
	w.line("sealed", formatTime(c.Sealed))
	w.line("not-before", formatTime(c.NotBefore))
	w.line("not-after", formatTime(c.NotAfter))
	w.line("payouts", strconv.Itoa(c.Payouts))
	w.line("total", c.Currency.format(c.Total))
	for _, sum := range c.Operators {
		w.line("operator", sum.Scheme, strconv.Itoa(sum.Payouts), c.Currency.format(sum.Amount))
	}
	w.line("highest-to-one-number", quote(c.Highest.Number.Reveal()), c.Currency.format(c.Highest.Amount))
	w.line("makers-in-24-hours", c.Currency.format(c.MakerDay))
	c.writeComparison(&w)
	for _, warning := range c.Warnings {
		w.line("warning", warning.Code, strconv.Itoa(warning.Count))
	}
	w.line("file", c.File.String())
	w.line("list", c.List.String())
	w.line("policy", c.Policy.String())
	for _, maker := range c.Makers {
		w.line("maker", maker)
	}
	w.line("ledger", quote(c.Head.Ledger), strconv.FormatUint(c.Head.Event, 10), c.Head.Hash.String())
	return w.b.Bytes(), nil
}

// Digest returns what an approval of the content names.
func (c Content) Digest() (Digest, error) {
	text, err := c.Text()
	if err != nil {
		return Digest{}, err
	}
	return digestOf(text), nil
}

func (c Content) writeComparison(w *writer) {
	a := c.Against
	if a == nil {
		w.line("against", none)
		return
	}
	amount, difference := c.Currency.format, c.Currency.formatDifference
	w.line("against", quote(a.Batch), strconv.Itoa(a.Payouts), amount(a.Total))
	w.line("new-people", strconv.Itoa(a.New.Count), amount(a.New.Amount))
	for _, p := range a.New.Lines {
		w.line("new-person", quote(p.Number.Reveal()), quote(p.Name), amount(p.Amount))
	}
	w.line("gone-people", strconv.Itoa(a.Gone.Count), amount(a.Gone.Amount))
	for _, p := range a.Gone.Lines {
		w.line("gone-person", quote(p.Number.Reveal()), quote(p.Name), amount(p.Amount))
	}
	w.line("changed-numbers", strconv.Itoa(a.Numbers.Count), amount(a.Numbers.Amount))
	for _, p := range a.Numbers.Lines {
		w.line("changed-number", quote(p.Name), quote(p.Before.Reveal()), quote(p.Now.Reveal()), amount(p.Amount))
	}
	w.line("changed-names", strconv.Itoa(a.Names.Count), amount(a.Names.Amount))
	for _, p := range a.Names.Lines {
		w.line("changed-name", quote(p.Number.Reveal()), quote(p.Before), quote(p.Now), amount(p.Amount))
	}
	w.line("changed-amounts", strconv.Itoa(a.Amounts.Count), difference(a.Amounts.Amount))
	for _, p := range a.Amounts.Lines {
		w.line("changed-amount", quote(p.Number.Reveal()), quote(p.Name), amount(p.Before), amount(p.Now), difference(p.Now-p.Before))
	}
}

// check refuses a content that does not add up, or that its text could not say exactly.
func (c Content) check() error {
	err := c.checkPlain()
	if err == nil {
		err = c.checkSums()
	}
	if err == nil && c.Against != nil {
		err = c.Against.check(c.Purpose, c.Total)
	}
	if err != nil && !errors.Is(err, ErrText) {
		return fmt.Errorf("%w: %w", ErrText, err)
	}
	return err
}

func (c Content) checkPlain() error {
	if err := c.Currency.check(); err != nil {
		return err
	}
	switch {
	case !c.Purpose.ok():
		return fmt.Errorf("purpose %q", c.Purpose)
	case c.Batch == "" || c.Account == "" || c.Head.Ledger == "":
		return errors.New("batch, account and ledger have names")
	case !textOK(c.Batch, c.Account, c.Head.Ledger, c.Highest.Number.Reveal()):
		return errors.New("a name is not UTF-8")
	case !wholeSecond(c.Sealed) || !wholeSecond(c.NotBefore) || !wholeSecond(c.NotAfter) || c.Sealed.IsZero():
		return errors.New("times are to the second")
	case !c.NotAfter.After(c.Sealed) || !c.NotAfter.After(c.NotBefore):
		return errors.New("not-after is before paying could begin")
	case c.File.IsZero() || c.List.IsZero() || c.Head.Hash.IsZero() || c.Policy.IsZero():
		return errors.New("a digest is missing")
	case !ascending(c.Makers) || slices.ContainsFunc(c.Makers, func(name string) bool { return !nameOK(name) }):
		return errors.New("makers are names of people, each once and in order")
	case !slices.IsSortedFunc(c.Warnings, func(a, b Warning) int { return strings.Compare(a.Code, b.Code) }):
		return errors.New("warnings are in the order of their codes")
	}
	for i, w := range c.Warnings {
		if w.Count < 1 || strings.Trim(w.Code, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" || w.Code == "" ||
			i > 0 && w.Code == c.Warnings[i-1].Code {
			return fmt.Errorf("warning %q, %d times", w.Code, w.Count)
		}
	}
	return nil
}

// checkSums holds the figures against each other.
func (c Content) checkSums() error {
	var payouts int
	var total int64
	for i, sum := range c.Operators {
		if !schemeOK(sum.Scheme) || i > 0 && sum.Scheme <= c.Operators[i-1].Scheme {
			return fmt.Errorf("operator %q", sum.Scheme)
		}
		if sum.Payouts < 1 || sum.Amount < 1 || sum.Amount > amountMax-total || sum.Payouts > amountMax-payouts {
			return fmt.Errorf("operator %s: %d payouts of %d", sum.Scheme, sum.Payouts, sum.Amount)
		}
		payouts, total = payouts+sum.Payouts, total+sum.Amount
	}
	switch {
	case payouts != c.Payouts || total != c.Total || payouts == 0:
		return fmt.Errorf("the operators come to %d payouts of %d, not %d of %d", payouts, total, c.Payouts, c.Total)
	case c.Highest.Number == "" || c.Highest.Amount < 1 || c.Highest.Amount > c.Total:
		return fmt.Errorf("%d to one number of %d", c.Highest.Amount, c.Total)
	case c.MakerDay < c.Total || c.MakerDay > amountMax:
		return fmt.Errorf("%d by the makers in 24 hours, with %d here", c.MakerDay, c.Total)
	}
	return nil
}

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

func ascending(names []string) bool {
	for i := 1; i < len(names); i++ {
		if names[i] <= names[i-1] {
			return false
		}
	}
	return true
}
