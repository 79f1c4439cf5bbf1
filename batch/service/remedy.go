package service

import (
	"context"
	"slices"

	"payrun/batch/intake"
	"payrun/batch/intake/fix"
	"payrun/batch/rules"
)

// Remedy is the next thing to do about a file that may not be paid as it is.
type Remedy struct {
	Kind RemedyKind
	// Repeats is how many rows have to be confirmed as repeating a payment; 0 for none.
	Repeats int
}

// RemedyKind names a remedy.
type RemedyKind string

// The remedies.
const (
	// RemedyNone: all that stands in the way are payouts that the ledger knows.
	RemedyNone RemedyKind = ""
	// RemedyIDs: give its rows the ids they lack.
	RemedyIDs RemedyKind = "ids"
	// RemedyRepeats: say that the repeats are wanted.
	RemedyRepeats RemedyKind = "repeats"
	// RemedyFix: have it fixed.
	RemedyFix RemedyKind = "fix"
	// RemedyMend: mend it in an annotated copy, which is still to be written.
	RemedyMend RemedyKind = "mend"
	// RemedyMended: mend it in the annotated copy that was written, and check that.
	RemedyMended RemedyKind = "mended"
)

// Remedy finds what to do about a file that may not be paid. It reads the file once more
// where fixing it may help.
func (s *Service) Remedy(ctx context.Context, c *Checked) (Remedy, error) {
	switch {
	case c.Errors <= len(c.Conflicts):
		return Remedy{}, nil
	case c.lacksIDs() && !c.options.Once:
		return Remedy{Kind: RemedyIDs}, nil
	case c.OnlyRepeats():
		return Remedy{Kind: RemedyRepeats, Repeats: c.Repeats}, nil
	}
	if c.maybeFixed() {
		fixes, repeats, err := c.fixed(ctx)
		if err != nil {
			return Remedy{}, err
		}
		if fixes {
			return Remedy{Kind: RemedyFix, Repeats: repeats}, nil
		}
	}
	if f := c.options.Findings; f != nil && f.Annotates() {
		return Remedy{Kind: RemedyMended}, nil
	}
	return Remedy{Kind: RemedyMend}, nil
}

// maybeFixed reports whether all errors are of kinds that fixing mends, or leaves.
func (c *Checked) maybeFixed() bool {
	known := []string{rules.CodeNumberLostZero, rules.CodeNumberOldFormat, rules.CodeAmountMax, rules.CodeRepeated}
	mends := false
	for _, g := range c.Groups.Sorted() {
		if g.Severity == rules.Error && !slices.Contains(known, g.Code) {
			return false
		}
		mends = mends || g.Severity == rules.Error && g.Code != rules.CodeRepeated
	}
	return mends && !c.options.Once
}

// fixed reports whether fixing the file gives a clean copy, with so many repeats
// confirmed. It is asked of the fixing itself: what that refuses it must not be
// recommended for.
func (c *Checked) fixed(ctx context.Context) (fixes bool, repeats int, err error) {
	plan, err := fix.Prepare(ctx, c.File, c.rules, fix.Options{Sheet: c.options.SheetNamed, Repeats: c.options.Repeats})
	if err != nil {
		return false, 0, intake.FileFailure(err)
	}
	repeats = RepeatsAlone(plan)
	return repeats > 0 || len(plan.Problems) == 0, repeats, nil
}

// RepeatsAlone returns how many rows repeat a payment, if that is all that keeps a copy
// from being clean, else 0.
func RepeatsAlone(plan *fix.Plan) int {
	count := 0
	for _, p := range plan.Problems {
		switch {
		case p.Code == rules.CodeRepeated:
			count++
		case fix.Refuses(p), p.Code == rules.CodeRowsUnread:
			return 0
		}
	}
	return count
}
