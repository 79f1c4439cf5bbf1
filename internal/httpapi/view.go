package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/service"
	"payrun/batch/worker"
	"payrun/ledger"
	"payrun/ledger/money"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// Decimal is an amount as JSON has it: a number in the currency's own units, never rounded.
type Decimal string

// MarshalJSON writes the number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("0"), nil
	}
	return []byte(d), nil
}

// UnmarshalJSON reads it, digit for digit.
func (d *Decimal) UnmarshalJSON(text []byte) error {
	if bytes.ContainsAny(text, `"eE`) {
		return errors.New("an amount is a number without an exponent")
	}
	*d = Decimal(text)
	return nil
}

// Schema implements huma.SchemaProvider.
func (Decimal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Description: "an amount in the batch's currency"}
}

// Amount reads a decimal as an amount of a currency, which it must be to the last digit.
func (d Decimal) Amount(c money.Currency) (money.Amount, error) {
	fine, err := money.ParseFine(c, string(d))
	if err != nil {
		return money.Amount{}, err
	}
	whole := fine.Whole()
	if whole.Fine() != fine {
		return money.Amount{}, fmt.Errorf("%s is no amount of %s", d, c)
	}
	return whole, nil
}

// Fine reads a decimal as an amount of a currency that may have hundredths of its smallest unit.
func (d Decimal) Fine(c money.Currency) (money.Fine, error) { return money.ParseFine(c, string(d)) }

// Total is a number of payouts and what they come to.
type Total struct {
	Count  int     `json:"count"`
	Amount Decimal `json:"amount"`
}

func totalOf(t ledger.Total) *Total {
	return &Total{Count: t.Count, Amount: Decimal(t.Amount.Plain())}
}

// BatchSummary is a batch in figures. What it costs to know does not depend on the length of the batch.
type BatchSummary struct {
	ID       ledger.BatchID `json:"id"`
	File     string         `json:"file"`
	SHA256   string         `json:"sha256" doc:"of the file's bytes"`
	State    string         `json:"state" enum:"draft,ready,awaiting_approval,approved,paying,paused,closed,rejected,expired,cancelled"`
	Created  time.Time      `json:"created"`
	By       string         `json:"by,omitempty" doc:"who brought it in"`
	Account  string         `json:"account" doc:"where it is paid from"`
	Currency string         `json:"currency"`
	// Payouts divide all by state, Rejected are the rows that were turned away.
	Payouts map[string]*Total `json:"payouts" doc:"by state; states without any are left out"`
	// ByOperator divides Payouts.
	ByOperator map[string]map[string]*Total `json:"by_operator" doc:"the same for each operator"`
	Complete   bool                         `json:"complete" doc:"its file was read to the end"`
	Rejected   *Total                       `json:"rejected" doc:"rows of the file that were turned away"`
	// ToConfirm is the total that a call to pay has to name.
	ToConfirm *Total      `json:"to_confirm" doc:"what may be sent, and a call to pay has to name"`
	Released  *Released   `json:"released,omitempty" doc:"the last leave to pay it"`
	PayingNow bool        `json:"paying_now" doc:"something is being sent or looked up at this moment"`
	Ended     *EndedEarly `json:"ended_early,omitempty" doc:"why it is released and not being paid"`
}

// Batch is where a batch stands.
type Batch struct {
	BatchSummary

	Disputed  int               `json:"disputed" doc:"payouts about which the provider disagrees with the ledger"`
	Corrected int               `json:"corrected" doc:"failed payouts for which the file has other terms by now: a retry leaves them out"`
	Governed  bool              `json:"governed" doc:"a policy asks for signatures"`
	Missing   []MissingApproval `json:"missing,omitempty" doc:"the approvals that a policy still asks for"`
	Held      []HeldPayout      `json:"held,omitempty" doc:"in the answer to a retry: those that got no new attempt"`
}

// Released is a leave to pay.
type Released struct {
	Total

	At time.Time `json:"at"`
	By string    `json:"by"`
	// NotBefore is nil for a release that waits for no time.
	NotBefore *time.Time `json:"not_before,omitempty" doc:"nothing is sent before this time"`
}

// EndedEarly is why a batch is not being paid any further.
type EndedEarly struct {
	Code   string     `json:"code" doc:"stable; open where time passed and payouts are still open"`
	Detail string     `json:"detail,omitempty"`
	At     time.Time  `json:"at"`
	Again  *time.Time `json:"again,omitempty" doc:"when it goes on by itself; without it a person has to pay it again"`
}

// viewOf is a batch as its status has it.
func (s *server) viewOf(st service.Status) Batch {
	v := Batch{
		BatchSummary: s.summaryOf(st.Batch, st.States, st.ByOperator),
		Disputed:     len(st.Disputed), Corrected: st.Corrected, Governed: st.Approval.Governed,
	}
	if st.Approval.Governed {
		v.Missing = missing(st.Approval.Verdict)
	}
	return v
}

// summary is a batch in figures.
func (s *server) summary(ctx context.Context, b ledger.Batch) (BatchSummary, error) {
	counts, err := s.Store.Counts(ctx, b.ID)
	if err != nil {
		return BatchSummary{}, err
	}
	return s.summaryOf(b, counts.ByState(), counts.ByOperator()), nil
}

func (s *server) summaryOf(b ledger.Batch, states ledger.ByState, byOperator map[ledger.Operator]ledger.ByState) BatchSummary {
	v := BatchSummary{
		ID: b.ID, File: b.File, SHA256: b.SHA256, State: b.State.String(), Created: b.CreatedAt, By: b.By.Name,
		Account: b.Account.Place, Currency: string(b.Currency), Payouts: payoutsOf(states), Rejected: totalOf(b.Rejected),
		Complete: b.Sealed, ByOperator: map[string]map[string]*Total{}, PayingNow: s.Payroll.Paying(b.ID), ToConfirm: totalOf(toConfirm(states)),
	}
	for operator, of := range byOperator {
		v.ByOperator[string(operator)] = payoutsOf(of)
	}
	if r := b.Release; r != nil {
		v.Released = &Released{Total: *totalOf(r.Count), At: r.At, By: r.By.Name, NotBefore: moment(r.NotBefore)}
	}
	if ended, has := s.Payroll.Ended(b.ID); has && b.State == ledger.BatchPaying {
		v.Ended = endedEarly(ended)
	}
	return v
}

func payoutsOf(states ledger.ByState) map[string]*Total {
	all := map[string]*Total{}
	for state, total := range states.Present() {
		all[state.String()] = totalOf(total)
	}
	return all
}

// toConfirm is the total that going on with a batch may send.
func toConfirm(states ledger.ByState) ledger.Total {
	return states.In(ledger.Queued).Plus(states.In(ledger.Submitting), states.In(ledger.Unknown))
}

func endedEarly(ended worker.Ended) *EndedEarly {
	v := &EndedEarly{Code: "open", At: ended.At}
	if ended.Stopped != nil {
		v.Code, v.Detail = CodeOf(ended.Stopped), ended.Stopped.Error()
	}
	if !ended.Until.IsZero() {
		v.Again = &ended.Until
	}
	return v
}

// Payout is one payment.
type Payout struct {
	ID         ledger.TransactionID `json:"id"`
	Row        int                  `json:"row"`
	Name       string               `json:"name"`
	Number     string               `json:"number"`
	Operator   string               `json:"operator"`
	Amount     Decimal              `json:"amount"`
	State      string               `json:"state"`
	Attempt    int                  `json:"attempt"`
	Reference  string               `json:"reference" doc:"of this attempt, at the provider"`
	Code       string               `json:"code,omitempty" doc:"the provider's last word"`
	Message    string               `json:"message,omitempty"`
	Disputed   bool                 `json:"disputed" doc:"the provider disagrees, and nobody has resolved that"`
	Submitted  *time.Time           `json:"submitted,omitempty"`
	Settled    *time.Time           `json:"settled,omitempty"`
	ProviderID string               `json:"provider_ref,omitempty"`
	// Differences are those that nobody has resolved.
	Differences []Difference `json:"differences,omitempty" doc:"what the provider said against the ledger, and nobody has resolved"`
}

// Difference is a word of the provider that contradicts what is recorded.
type Difference struct {
	Code         string     `json:"code" doc:"its kind"`
	Recorded     string     `json:"recorded" doc:"the payout's state when it was found"`
	Said         string     `json:"said,omitempty" doc:"what the answer means"`
	ProviderCode string     `json:"provider_code,omitempty"`
	ProviderRef  string     `json:"provider_ref,omitempty"`
	Reference    string     `json:"reference,omitempty" doc:"of the attempt that it is about"`
	Amount       *Decimal   `json:"amount,omitempty" doc:"the provider's, if it said one"`
	At           *time.Time `json:"at,omitempty"`
}

func differencesOf(found []ledger.Difference) []Difference {
	var all []Difference
	for _, d := range found {
		one := Difference{
			Code: d.Code, Recorded: d.Recorded.String(), Said: d.Said, ProviderCode: d.ProviderCode, ProviderRef: d.ProviderRef,
			Reference: string(d.Reference), At: moment(d.At),
		}
		if d.Amount != (money.Amount{}) {
			amount := Decimal(d.Amount.Plain())
			one.Amount = &amount
		}
		all = append(all, one)
	}
	return all
}

func payoutOf(p ledger.Payout) Payout {
	return Payout{
		ID: p.ID, Row: p.Row, Name: p.Name, Number: p.Number.Reveal(), Operator: string(p.Operator), Amount: Decimal(p.Amount.Plain()),
		State: p.State.String(), Attempt: p.Attempt, Reference: string(p.Reference), Code: p.Answer.Code, Message: p.Answer.Message,
		Disputed: len(p.Unresolved()) > 0, Differences: differencesOf(p.Unresolved()), Submitted: moment(p.SubmittedAt), Settled: moment(p.SettledAt), ProviderID: p.Answer.ProviderRef,
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
