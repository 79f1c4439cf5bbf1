package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
)

// Confirmation is a person's word about what may be sent: its count and total.
type Confirmation struct {
	Count    int     `json:"count" minimum:"0"`
	Total    Decimal `json:"total"`
	Currency string  `json:"currency,omitempty" doc:"the batch's, if it is given"`
	Partial  bool    `json:"allow_partial,omitempty" doc:"begin although the balance does not cover it"`
}

// total returns the confirmed figures in the batch's currency.
func (c Confirmation) total(ctx context.Context, b ledger.Batch) (service.Confirmed, error) {
	confirmed := service.Confirmed{Partial: c.Partial}
	if c.Currency != "" && c.Currency != string(b.Currency) {
		return confirmed, problemOf(ctx, codeRequest, "the batch is in "+string(b.Currency))
	}
	amount, err := c.Total.Amount(b.Currency)
	if err != nil {
		return confirmed, problemOf(ctx, codeRequest, "total: "+err.Error())
	}
	if c.Count != 0 || amount.Minor != 0 {
		confirmed.Total = ledger.Total{Count: c.Count, Amount: amount}
	}
	return confirmed, nil
}

// Leave is a person's word about what may be sent, and when.
type Leave struct {
	Confirmation

	NotBefore string `json:"not_before,omitempty" maxLength:"64" doc:"send nothing before this time, with its offset as in RFC 3339, or now; without it what waits for a time goes on waiting, and the rest is paid at once"`
}

// at is the time that was named, zero for at once, and whether one was.
func (l Leave) at(ctx context.Context) (at time.Time, named bool, err error) {
	switch l.NotBefore {
	case "":
		return at, false, nil
	case "now":
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, l.NotBefore); err != nil {
		return at, true, problemOf(ctx, codeRequest, "not_before is a time with its offset, as in RFC 3339, or now")
	}
	return at, true, nil
}

type payInput struct {
	BatchPath

	Key  string `header:"Idempotency-Key" maxLength:"255"`
	Body Leave
}

// payBatch releases what may be sent of a batch, if that is what was confirmed, and has it
// paid.
func (s *server) payBatch(ctx context.Context, in *payInput) (*batchOutput, error) {
	return s.change(ctx, in.BatchPath, in.Key, "pay", in.Body, func() error {
		return s.release(ctx, ledger.BatchID(in.ID), in.Body)
	})
}

func (s *server) release(ctx context.Context, id ledger.BatchID, l Leave) error {
	b, err := s.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	confirmed, err := l.total(ctx, b)
	if err != nil {
		return err
	}
	if confirmed.At, confirmed.Timed, err = l.at(ctx); err != nil {
		return err
	}
	err = s.Service().Confirm(ctx, s.actor(ctx), id, confirmed, func(do func() error) error { return s.Payroll.Between(ctx, do) })
	if err == nil {
		s.Payroll.Wake(id)
	}
	return err
}

// change does something to a batch, once, and answers with where it stands then.
func (s *server) change(ctx context.Context, in BatchPath, key, name string, asked any, do func() error, more ...func(*Batch)) (*batchOutput, error) {
	text, err := json.Marshal(asked)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out, id := new(batchOutput), ledger.BatchID(in.ID)
	out.Replayed, err = s.once(ctx, call{batch: id, key: key, name: "POST /v1/batches/{id}/" + name, asked: []string{string(text)}}, &out.Body, func() error {
		if err := do(); err != nil {
			return err
		}
		out.Body, err = s.batch(ctx, id)
		for _, add := range more {
			add(&out.Body)
		}
		return err
	})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return out, nil
}

// Again says which payouts are tried again, and what that comes to.
type Again struct {
	Confirmation

	Only      []ledger.TransactionID `json:"only,omitempty" doc:"these alone"`
	Except    []ledger.TransactionID `json:"except,omitempty" doc:"all but these"`
	Removed   bool                   `json:"removed,omitempty" doc:"rows that the file has no longer, too"`
	Cancelled bool                   `json:"cancelled,omitempty" doc:"what was withdrawn and never sent, too"`
}

func (a Again) choice() retry.Choice {
	return retry.Choice{Only: a.Only, Except: a.Except, Removed: a.Removed, Cancelled: a.Cancelled}
}

type retryInput struct {
	BatchPath

	Key  string `header:"Idempotency-Key" maxLength:"255"`
	Body Again
}

// retryBatch gives what failed a new attempt, and has it paid.
func (s *server) retryBatch(ctx context.Context, in *retryInput) (*batchOutput, error) {
	var held []HeldPayout
	return s.change(ctx, in.BatchPath, in.Key, "retry", in.Body, func() error {
		id := ledger.BatchID(in.ID)
		err := s.Payroll.Between(ctx, func() (err error) {
			held, err = s.retry(ctx, id, in.Body)
			return err
		})
		if err == nil {
			s.Payroll.Wake(id)
		}
		return err
	}, func(b *Batch) { b.Held = held })
}

func (s *server) retry(ctx context.Context, id ledger.BatchID, again Again) ([]HeldPayout, error) {
	b, err := s.Store.Batch(ctx, id)
	if err != nil {
		return nil, err
	}
	confirmed, err := again.total(ctx, b)
	if err != nil {
		return nil, err
	}
	done, err := s.Service().ConfirmRetry(ctx, s.actor(ctx), id, again.choice(), confirmed)
	if err != nil {
		return nil, err
	}
	held := heldOf(done.Held)
	if len(held) > 0 && done.Queued.Count == 0 {
		p := problemOf(ctx, codeHeldBack, "none of them can be tried again now: "+held[0].Held)
		p.Held = held
		return nil, p
	}
	return held, nil
}

type cancelInput struct {
	BatchPath

	Key string `header:"Idempotency-Key" maxLength:"255"`
}

// cancelBatch withdraws what was never sent.
func (s *server) cancelBatch(ctx context.Context, in *cancelInput) (*batchOutput, error) {
	return s.change(ctx, in.BatchPath, in.Key, "cancel", nil, func() error {
		return s.Payroll.Between(ctx, func() error {
			_, err := s.Service().Cancel(ctx, s.actor(ctx), ledger.BatchID(in.ID))
			return err
		})
	})
}

// Seen is the word of a person who looked at the provider about a payout.
type Seen struct {
	Paid    bool   `json:"paid" doc:"the beneficiary has the money"`
	Because string `json:"because" minLength:"3" maxLength:"1000" doc:"how they know"`
}

type resolveInput struct {
	BatchPath

	Payout string `path:"payout" maxLength:"64"`
	Key    string `header:"Idempotency-Key" maxLength:"255"`
	Body   Seen
}

// resolvePayout records what a person saw at the provider.
func (s *server) resolvePayout(ctx context.Context, in *resolveInput) (*batchOutput, error) {
	asked := []any{in.Payout, in.Body}
	return s.change(ctx, in.BatchPath, in.Key, "payouts/{payout}/resolve", asked, func() error {
		because := strings.TrimSpace(in.Body.Because)
		if because == "" {
			return problemOf(ctx, codeRequest, "because says nothing")
		}
		return s.Payroll.Between(ctx, func() error {
			to := s.Service()
			payout, err := to.PrepareResolve(ctx, ledger.BatchID(in.ID), ledger.TransactionID(in.Payout))
			if err != nil {
				return err
			}
			_, err = to.Resolve(ctx, s.actor(ctx), payout, service.Seen{Paid: in.Body.Paid, Because: because})
			return err
		})
	})
}
