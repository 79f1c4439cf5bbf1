package httpapi

import (
	"context"
	"errors"
	"time"

	"payrun/batch/service"
	"payrun/ledger"
)

// PayoutRecord is all that is on record about a payment.
type PayoutRecord struct {
	Payout

	Attempts   []Attempt    `json:"attempts" doc:"the last one is as it stands"`
	Heard      []Difference `json:"heard" doc:"whatever the provider said against the ledger, also what somebody resolved"`
	Resolution *Resolution  `json:"resolution,omitempty"`
	Resolvable bool         `json:"resolvable" doc:"a person's word would answer something"`
	NeverSent  bool         `json:"never_sent" doc:"nothing of it ever left"`
}

// Attempt is one try to pay a payout, under the terms that it had then.
type Attempt struct {
	Attempt    int      `json:"attempt"`
	Reference  string   `json:"reference"`
	ProviderID string   `json:"provider_ref,omitempty"`
	Number     string   `json:"number"`
	Amount     Decimal  `json:"amount"`
	State      string   `json:"state"`
	Said       []string `json:"said" doc:"all that was ever heard of it: not_found, refused, pending, failed, successful"`
	Code       string   `json:"code,omitempty"`
	Message    string   `json:"message,omitempty"`
}

// Resolution is a person's word about what they saw at the provider.
type Resolution struct {
	Paid    bool      `json:"paid"`
	Because string    `json:"because"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

type payoutInput struct {
	BatchPath

	Payout string `path:"payout" maxLength:"64"`
}

// showPayout shows all that is on record about a payout.
func (s *server) showPayout(ctx context.Context, in *payoutInput) (*struct{ Body PayoutRecord }, error) {
	p, err := s.Service().PrepareResolve(ctx, ledger.BatchID(in.ID), ledger.TransactionID(in.Payout))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct{ Body PayoutRecord }{recordOf(p)}, nil
}

func recordOf(p ledger.Payout) PayoutRecord {
	why := service.Resolvable(p)
	r := PayoutRecord{
		Payout: payoutOf(p), Attempts: []Attempt{}, Heard: differencesOf(p.Differences),
		Resolvable: why == nil, NeverSent: errors.Is(why, service.ErrNeverSent),
	}
	if r.Heard == nil {
		r.Heard = []Difference{}
	}
	for _, a := range p.Attempts() {
		r.Attempts = append(r.Attempts, Attempt{
			Attempt: a.Number, Reference: string(a.Reference), ProviderID: a.Answer.ProviderRef, Number: a.Terms.Number.Reveal(),
			Amount: Decimal(a.Terms.Amount.Plain()), State: a.State.String(), Said: a.Said.Words(), Code: a.Answer.Code, Message: a.Answer.Message,
		})
	}
	if seen := p.Resolution; seen != nil {
		r.Resolution = &Resolution{Paid: seen.Paid, Because: seen.Because, By: seen.By.Name, At: seen.At}
	}
	return r
}
