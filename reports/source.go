package reports

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Source yields the rows of a report. A ledger.Store is one.
type Source interface {
	// Payouts yields the payouts of a batch in file order; with states given, those in one
	// of them.
	Payouts(ctx context.Context, batch ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error]
	// RejectedRows yields the rows that were turned away, in file order, without the first so many.
	RejectedRows(ctx context.Context, batch ledger.BatchID, after int) iter.Seq2[ledger.Entry, error]
	// Payout returns one payout of whatever batch, or an error that wraps ledger.ErrNotFound.
	Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error)
}

// StateRejected is the state that reports give to a row that was turned away.
const StateRejected = "rejected"

// line is one row of a report.
type line struct {
	row         int
	id          ledger.TransactionID
	reference   ledger.Reference
	attempt     int
	providerRef string
	operator    ledger.Operator
	number      phone.E164
	name        string
	amount      money.Amount
	fees        money.Fine
	feesKnown   bool
	state       string
	code        string
	message     string
	settledAt   time.Time
	// changedAt is the last thing that happened to the payout.
	changedAt time.Time
	// submitted and settled are when, as every format writes it.
	submitted, settled string
	difference         *ledger.Difference
	// answered is set instead of difference once a person has answered it.
	answered *answered
	// broughtBy is the batch that first brought the payout in.
	broughtBy ledger.BatchID
	// operatorRefused is set on a row that was turned away for its operator.
	operatorRefused bool
	// returned is set on a row that was turned away and is shown as its payout: the first
	// reason.
	returned string
	// conflict is set on a row whose id the ledger knows with other content.
	conflict bool
	// amountUnread is set on a row whose amount could not be read.
	amountUnread bool
}

// lines yields payouts and rejected rows together, by row number: a row that was turned
// away and its payout, if the batch has that, as one.
//
// word says why a row was turned away.
func lines(ctx context.Context, source Source, batch ledger.BatchID, word wording) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		back, err := returnedRows(ctx, source, batch)
		if err != nil {
			yield(line{}, err)
			return
		}
		turnedAway := func(e ledger.Entry) line {
			if r := back[e.ID]; r.is(e) {
				return r.line(word)
			}
			return rejectedLine(e, word)
		}
		nextRejected, stop := iter.Pull2(source.RejectedRows(ctx, batch, 0))
		defer stop()
		entry, err, waiting := nextRejected()
		for payout, payoutErr := range source.Payouts(ctx, batch) {
			if payoutErr != nil {
				yield(line{}, fmt.Errorf("read batch %q: %w", batch, payoutErr))
				return
			}
			if _, both := back[payout.ID]; both {
				continue
			}
			for waiting && err == nil && entry.Row < payout.Row {
				if !yield(turnedAway(entry), nil) {
					return
				}
				entry, err, waiting = nextRejected()
			}
			if !yield(payoutLine(payout), nil) {
				return
			}
		}
		for ; waiting; entry, err, waiting = nextRejected() {
			if err != nil {
				yield(line{}, fmt.Errorf("read the rejected rows of batch %q: %w", batch, err))
				return
			}
			if !yield(turnedAway(entry), nil) {
				return
			}
		}
	}
}

// payoutLine shows a payout whose request is on its way, or was when a process
// died, as unknown: nobody can say yet what came of it.
func payoutLine(p ledger.Payout) line {
	state := p.State
	if state == ledger.Submitting {
		state = ledger.Unknown
	}
	return line{
		row: p.Row, id: p.ID, reference: p.Reference, attempt: p.Attempt,
		providerRef: p.Answer.ProviderRef, operator: p.Operator, number: p.Number, name: p.Name,
		amount: p.Amount, fees: p.Answer.Fees, feesKnown: p.Answer.FeesKnown && p.State == ledger.Successful,
		state: state.String(), code: p.Answer.Code, message: p.Answer.Message,
		settledAt: p.SettledAt, submitted: moment(p.SubmittedAt), settled: moment(p.SettledAt), difference: latestDifference(p), answered: answeredDifference(p),
		broughtBy: p.Batch, changedAt: lastChange(p),
	}
}

func lastChange(p ledger.Payout) time.Time {
	last := p.QueuedAt
	for _, at := range []time.Time{p.SubmittedAt, p.SettledAt} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// moment writes a time as RFC 3339 in UTC, nothing for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// operatorCodes, amountCodes and currencyCodes begin the codes of rejections for the
// operator, the amount and its currency. A row with amountZero says 0, and is read.
const (
	operatorCodes = "operator."
	amountCodes   = "amount."
	amountZero    = amountCodes + "zero"
	currencyCodes = "currency."
)

// wording puts a reason into the reader's language.
type wording func(ledger.Rejection) string

// wordingIn returns the wording of a language.
func wordingIn(french bool) (wording, error) {
	language := catalogue.English
	if french {
		language = catalogue.French
	}
	words, err := catalogue.New(language)
	if err != nil {
		return nil, fmt.Errorf("word the rejected rows: %w", err)
	}
	return func(r ledger.Rejection) string {
		message, _ := words.Problem(catalogue.Finding{Code: r.Code, Value: r.Value, Details: r.Details})
		return message
	}, nil
}

func rejectedLine(e ledger.Entry, word wording) line {
	l := line{
		row: e.Row, id: e.ID, operator: e.Operator, number: e.Number, name: e.Name, amount: e.Amount,
		state: StateRejected,
	}
	codes, words := make([]string, 0, len(e.Rejections)), make([]string, 0, len(e.Rejections))
	for _, rejection := range e.Rejections {
		codes = append(codes, rejection.Code)
		switch code := rejection.Code; {
		case strings.HasPrefix(code, operatorCodes):
			l.operatorRefused = true
		case strings.HasPrefix(code, amountCodes):
			l.amountUnread = l.amountUnread || e.Amount.Minor == 0 && code != amountZero
		case strings.HasPrefix(code, currencyCodes):
			l.amountUnread = l.amountUnread || e.Amount.Minor == 0
		case code == ledger.CodeIDConflict:
			l.conflict = true
		}
		if message := word(rejection); message != rejection.Code {
			words = append(words, message)
		}
	}
	l.code, l.message = strings.Join(codes, ";"), strings.Join(words, "; ")
	return l
}

// total returns the cost of the payout, fees included, if they are known.
func (l line) total() (total money.Fine, known bool) {
	return l.amount.Fine().Plus(l.fees), l.feesKnown
}
