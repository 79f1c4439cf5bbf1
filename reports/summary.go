package reports

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
)

// ErrDoesNotAddUp is returned instead of a report whose totals contradict each
// other.
var ErrDoesNotAddUp = errors.New("the report does not add up")

// Header is the part of a report about the batch as a whole.
type Header struct {
	Batch       ledger.BatchID
	File        string
	SHA256      string
	Environment string
	// Currency is that of all the batch's amounts.
	Currency money.Currency
	// CreatedAt is the time at which the batch was made. The report is dated by it, or by the
	// last change of a payout if that came later, so that a batch to which nothing
	// happened gets the same report again.
	CreatedAt time.Time
	// Events and Head are the ledger's audit log at that moment.
	Events uint64
	Head   string
	// Checkpoint is that head signed, and CheckpointKey the public half of the
	// key; both empty where there is no key.
	Checkpoint, CheckpointKey string
}

// Totals divides rows and what they come to by state. "submitting" does not
// occur: a report shows such a payout as unknown.
type Totals struct {
	Rows       int          `json:"rows"`
	Amount     money.Amount `json:"amount"`
	Successful ledger.Total `json:"successful"`
	Failed     ledger.Total `json:"failed"`
	Pending    ledger.Total `json:"pending"`
	Unknown    ledger.Total `json:"unknown"`
	Queued     ledger.Total `json:"queued"`
	Cancelled  ledger.Total `json:"cancelled"`
	Rejected   ledger.Total `json:"rejected"`
	// Fees are those that the provider charged for successful payouts, and
	// FeesUnknown how many of these it named no fee for.
	Fees        money.Fine `json:"fees"`
	FeesUnknown int        `json:"fees_unknown"`
}

// Open returns what is not final yet.
func (t Totals) Open() ledger.Total {
	return t.Pending.Plus(t.Unknown, t.Queued)
}

func (t *Totals) add(l line) error {
	count := t.of(l.state)
	if count == nil {
		return fmt.Errorf("row %d: state %q: %w", l.row, l.state, ErrDoesNotAddUp)
	}
	if l.amount.Minor < 0 || t.Amount.Plus(l.amount).Less(t.Amount) {
		return fmt.Errorf("row %d: amount %s on top of %s: %w", l.row, l.amount, t.Amount, ErrDoesNotAddUp)
	}
	count.Add(l.amount)
	t.Rows++
	t.Amount = t.Amount.Plus(l.amount)
	switch {
	case l.feesKnown:
		t.Fees = t.Fees.Plus(l.fees)
	case l.state == ledger.Successful.String():
		t.FeesUnknown++
	}
	return nil
}

func (t *Totals) of(state string) *ledger.Total {
	switch state {
	case ledger.Successful.String():
		return &t.Successful
	case ledger.Failed.String():
		return &t.Failed
	case ledger.Pending.String():
		return &t.Pending
	case ledger.Unknown.String():
		return &t.Unknown
	case ledger.Queued.String():
		return &t.Queued
	case ledger.Cancelled.String():
		return &t.Cancelled
	case StateRejected:
		return &t.Rejected
	default:
		return nil
	}
}

func (t Totals) check(what string) error {
	var rows int
	var amount money.Amount
	for _, count := range []ledger.Total{t.Successful, t.Failed, t.Pending, t.Unknown, t.Queued, t.Cancelled, t.Rejected} {
		rows += count.Count
		amount = amount.Plus(count.Amount)
	}
	if rows != t.Rows || amount != t.Amount {
		return fmt.Errorf("%s: %d rows of %s in all, %d of %s by state: %w", what, t.Rows, t.Amount, rows, amount, ErrDoesNotAddUp)
	}
	return nil
}

// Summary is a report in figures. Its JSON keys are documented in docs/json.md.
type Summary struct {
	Batch       ledger.BatchID `json:"batch"`
	File        string         `json:"file"`
	SHA256      string         `json:"sha256"`
	Environment string         `json:"environment"`
	Currency    string         `json:"currency"`
	GeneratedAt time.Time      `json:"generated_at"`
	LedgerHead  string         `json:"ledger_head"`
	LedgerCount uint64         `json:"ledger_events"`
	// LedgerCheckpoint is a signed note of the head, LedgerCheckpointKey what
	// verifies it.
	LedgerCheckpoint    string `json:"ledger_checkpoint,omitempty"`
	LedgerCheckpointKey string `json:"ledger_checkpoint_key,omitempty"`
	Totals
	Differences int `json:"differences"`
	// Answered counts the payouts of which every difference was answered by a person.
	Answered int `json:"answered_differences"`
	// Contradicted are the payouts among Successful of which the provider says, and
	// nobody has resolved, that they are not simply paid. What was paid twice is paid.
	Contradicted ledger.Total `json:"contradicted"`
	// Returned counts the rows that were turned away although the batch has their payout
	// already. Each is the one row of the file that its payout is, and counted as that.
	Returned int `json:"returned"`
	// Conflicts counts the rows, rejected or returned, of which the ledger knows the
	// transaction_id with other content.
	Conflicts int `json:"conflicts"`
	// AmountsUnread counts rejected rows whose amount could not be read. They count
	// as 0, so the file's total is more than Amount.
	AmountsUnread int `json:"amounts_unread"`
	// Elsewhere are the paid payouts among Successful that another batch brought
	// in: that batch's report has them, too, and its journal alone.
	Elsewhere     ledger.Total      `json:"elsewhere"`
	ElsewhereFees money.Fine        `json:"elsewhere_fees"`
	ByOperator    map[string]Totals `json:"by_operator"`
}

func newSummary(h Header) *Summary {
	return &Summary{
		Batch: h.Batch, File: h.File, SHA256: h.SHA256, Environment: h.Environment, Currency: string(h.Currency),
		GeneratedAt: h.CreatedAt.UTC(), LedgerHead: h.Head, LedgerCount: h.Events,
		LedgerCheckpoint: h.Checkpoint, LedgerCheckpointKey: h.CheckpointKey,
		ByOperator: map[string]Totals{},
	}
}

// noOperator stands for the operator of rejected rows that name no known one.
const noOperator = "?"

// operatorsMax is the number of operators that are told apart. There are a handful; the
// rest would be what a broken file has in that column.
const operatorsMax = 64

// operator is the one that a line counts for.
func (s *Summary) operator(l line) string {
	operator := string(l.operator)
	_, seen := s.ByOperator[operator]
	if operator == "" || l.operatorRefused || (!seen && len(s.ByOperator) >= operatorsMax) {
		return noOperator
	}
	return operator
}

func (s *Summary) add(l line) error {
	operator := s.operator(l)
	of := s.ByOperator[operator]
	if err := errors.Join(s.Totals.add(l), of.add(l)); err != nil {
		return err
	}
	s.ByOperator[operator] = of
	if l.changedAt.After(s.GeneratedAt) {
		s.GeneratedAt = l.changedAt.UTC()
	}
	if l.difference != nil {
		s.Differences++
		if l.state == ledger.Successful.String() && l.difference.Code != codePaidTwice {
			s.Contradicted.Add(l.amount)
		}
	}
	if l.answered != nil {
		s.Answered++
	}
	if l.returned != "" {
		s.Returned++
	}
	if l.conflict {
		s.Conflicts++
	}
	if l.amountUnread {
		s.AmountsUnread++
	}
	if s.elsewhere(l) {
		s.Elsewhere.Add(l.amount)
		s.ElsewhereFees = s.ElsewhereFees.Plus(l.fees)
	}
	return nil
}

// elsewhere reports whether a line was paid by another batch.
func (s *Summary) elsewhere(l line) bool {
	return l.state == ledger.Successful.String() && l.broughtBy != s.Batch
}

// operators lists the operators by name, what names none at the end.
func (s *Summary) operators() []string {
	return slices.SortedFunc(maps.Keys(s.ByOperator), func(x, y string) int {
		switch {
		case x == noOperator:
			return 1
		case y == noOperator:
			return -1
		default:
			return cmp.Compare(x, y)
		}
	})
}

// TurnedAway counts the rows that were turned away for another reason than a conflict: to
// be mended in the file.
func (s *Summary) TurnedAway() int { return s.Rejected.Count + s.Returned - s.Conflicts }

// check holds all totals against each other.
func (s *Summary) check() error {
	var rows int
	var amount money.Amount
	var fees money.Fine
	for operator, totals := range s.ByOperator {
		if err := totals.check("operator " + operator); err != nil {
			return err
		}
		rows += totals.Rows
		amount = amount.Plus(totals.Amount)
		fees = fees.Plus(totals.Fees)
	}
	if rows != s.Rows || amount != s.Amount || fees != s.Fees {
		return fmt.Errorf("the operators come to %d rows of %s: %w", rows, amount, ErrDoesNotAddUp)
	}
	return s.Totals.check("batch")
}
