package approval

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"payrun/ledger/canonical"
)

// Summary is the part that a content and a plan share: who pays, what it comes to, what is
// remarkable about it, and the digests that bind every row. Amounts are in minor units of
// its currency.
type Summary struct {
	Batch    string
	Account  string // whose money pays it, and where
	Currency Currency

	Payouts   int
	Total     int64
	Operators []OperatorSum // by name
	Highest   NumberSum     // the highest sum to one number, as splitting helps nobody

	Against  *Comparison // nil: there is nothing to compare with
	Warnings []Warning   // by code

	File Digest // of the file's bytes
	List Digest // of the canonical list
}

// Warning is something that the checks saw, and how often.
type Warning struct {
	Code  string
	Count int
}

func (s Summary) writeSource(w *writer) {
	w.line("batch", canonical.Quote(s.Batch))
	w.line("account", canonical.Quote(s.Account))
	w.line("currency", s.Currency.Code, strconv.Itoa(s.Currency.Decimals))
}

func (s Summary) writeFigures(w *writer) {
	w.line("payouts", strconv.Itoa(s.Payouts))
	w.line("total", s.Currency.format(s.Total))
	for _, sum := range s.Operators {
		w.line("operator", sum.Scheme, strconv.Itoa(sum.Payouts), s.Currency.format(sum.Amount))
	}
	w.line("highest-to-one-number", canonical.Quote(s.Highest.Number.Reveal()), s.Currency.format(s.Highest.Amount))
}

func (s Summary) writeFindings(w *writer) {
	s.writeComparison(w)
	for _, warning := range s.Warnings {
		w.line("warning", warning.Code, strconv.Itoa(warning.Count))
	}
}

func (s Summary) writeDigests(w *writer) {
	w.line("file", s.File.String())
	w.line("list", s.List.String())
}

func (s Summary) writeComparison(w *writer) {
	a := s.Against
	if a == nil {
		w.line("against", none)
		return
	}
	amount, difference := s.Currency.format, s.Currency.formatDifference
	w.line("against", canonical.Quote(a.Batch), strconv.Itoa(a.Payouts), amount(a.Total))
	w.line("new-people", strconv.Itoa(a.New.Count), amount(a.New.Amount))
	for _, p := range a.New.Lines {
		w.line("new-person", canonical.Quote(p.Number.Reveal()), canonical.Quote(p.Name), amount(p.Amount))
	}
	w.line("gone-people", strconv.Itoa(a.Gone.Count), amount(a.Gone.Amount))
	for _, p := range a.Gone.Lines {
		w.line("gone-person", canonical.Quote(p.Number.Reveal()), canonical.Quote(p.Name), amount(p.Amount))
	}
	w.line("changed-numbers", strconv.Itoa(a.Numbers.Count), amount(a.Numbers.Amount))
	for _, p := range a.Numbers.Lines {
		w.line("changed-number", canonical.Quote(p.Name), canonical.Quote(p.Before.Reveal()), canonical.Quote(p.Now.Reveal()), amount(p.Amount))
	}
	w.line("changed-names", strconv.Itoa(a.Names.Count), amount(a.Names.Amount))
	for _, p := range a.Names.Lines {
		w.line("changed-name", canonical.Quote(p.Number.Reveal()), canonical.Quote(p.Before), canonical.Quote(p.Now), amount(p.Amount))
	}
	w.line("changed-amounts", strconv.Itoa(a.Amounts.Count), difference(a.Amounts.Amount))
	for _, p := range a.Amounts.Lines {
		w.line("changed-amount", canonical.Quote(p.Number.Reveal()), canonical.Quote(p.Name), amount(p.Before), amount(p.Now), difference(p.Now-p.Before))
	}
}

// check refuses a summary that does not add up, or that no text could say exactly.
func (s Summary) check(purpose Purpose) error {
	err := s.checkPlain()
	if err == nil {
		err = s.checkWarnings()
	}
	if err == nil {
		err = s.checkSums(purpose)
	}
	if err == nil && s.Against != nil {
		err = s.Against.check(purpose, s.Total)
	}
	return err
}

func (s Summary) checkPlain() error {
	if err := s.Currency.check(); err != nil {
		return err
	}
	switch {
	case s.Batch == "" || s.Account == "":
		return errors.New("batch and account have names")
	case !textOK(s.Batch, s.Account, s.Highest.Number.Reveal()):
		return errors.New("a name is not UTF-8")
	case s.File.IsZero() || s.List.IsZero():
		return errors.New("a digest is missing")
	default:
		return nil
	}
}

func (s Summary) checkWarnings() error {
	if !slices.IsSortedFunc(s.Warnings, func(a, b Warning) int { return strings.Compare(a.Code, b.Code) }) {
		return errors.New("warnings are in the order of their codes")
	}
	for i, w := range s.Warnings {
		if w.Count < 1 || strings.Trim(w.Code, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" || w.Code == "" ||
			i > 0 && w.Code == s.Warnings[i-1].Code {
			return fmt.Errorf("warning %q, %d times", w.Code, w.Count)
		}
	}
	return nil
}

// checkSums holds the figures against each other. Of what comes later in a batch, the sum to
// a number has what went there before.
func (s Summary) checkSums(purpose Purpose) error {
	var payouts int
	var total int64
	for i, sum := range s.Operators {
		if !schemeOK(sum.Scheme) || i > 0 && sum.Scheme <= s.Operators[i-1].Scheme {
			return fmt.Errorf("operator %q", sum.Scheme)
		}
		if sum.Payouts < 1 || sum.Amount < 1 || sum.Amount > amountMax-total || sum.Payouts > amountMax-payouts {
			return fmt.Errorf("operator %s: %d payouts of %d", sum.Scheme, sum.Payouts, sum.Amount)
		}
		payouts, total = payouts+sum.Payouts, total+sum.Amount
	}
	switch {
	case payouts != s.Payouts || total != s.Total || payouts == 0:
		return fmt.Errorf("the operators come to %d payouts of %d, not %d of %d", payouts, total, s.Payouts, s.Total)
	case s.Highest.Number == "" || s.Highest.Amount < 1 || s.Highest.Amount > amountMax || purpose == Submission && s.Highest.Amount > s.Total:
		return fmt.Errorf("%d to one number of %d", s.Highest.Amount, s.Total)
	default:
		return nil
	}
}

// complaint is an error that wraps ErrText, as every complaint about a text does.
func complaint(err error) error {
	if err != nil && !errors.Is(err, ErrText) {
		return fmt.Errorf("%w: %w", ErrText, err)
	}
	return err
}
