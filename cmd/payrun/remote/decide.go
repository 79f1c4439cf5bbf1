package remote

import (
	"context"
	"errors"
	"fmt"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// ErrOtherText is returned where a server words a decision that is about something else than
// what it shows, or than what was asked.
var ErrOtherText = errors.New("the server's text to sign is not about what it shows")

// ToDecide returns a decision about a batch for whoever a key belongs to, and what it is
// about. It is the one that was asked for, about the very content that is shown, or
// ErrOtherText: nobody signs on a server's word.
func (d *Desk) ToDecide(ctx context.Context, id ledger.BatchID, word approval.Word, key, reason string) (clearance.Standing, approval.Statement, error) {
	decision := "approve"
	if word == approval.Reject {
		decision = "reject"
	}
	a, err := d.ToSign(ctx, id, key, decision, reason)
	if err != nil {
		return clearance.Standing{}, approval.Statement{}, d.word(ctx, id, err)
	}
	b, err := d.Batch(ctx, id)
	if err != nil {
		return clearance.Standing{}, approval.Statement{}, d.word(ctx, id, err)
	}
	standing, err := standingOf(batchOf(b.BatchSummary), a)
	if err != nil {
		return standing, approval.Statement{}, err
	}
	statement, err := approval.ParseStatement([]byte(a.ToSign))
	if err != nil {
		return standing, statement, fmt.Errorf("%w: %w", ErrOtherText, err)
	}
	if standing.Content == nil {
		return standing, statement, fmt.Errorf("%w: it shows nothing", ErrOtherText)
	}
	subject, err := standing.Content.Subject()
	if err != nil {
		return standing, statement, err
	}
	asked := statement.Word == word || (word == approval.Approve && statement.Word == approval.Submit)
	if !asked || statement.Subject != subject || subject.Batch != string(id) || statement.Key != key || statement.Reason != reason {
		return standing, statement, ErrOtherText
	}
	return standing, statement, nil
}

// Record records a decision that somebody signed, and returns where the approval stands then.
func (d *Desk) Record(ctx context.Context, id ledger.BatchID, signed approval.Decision) (clearance.Standing, error) {
	a, err := d.Decide(ctx, id, httpapi.Signed{Text: string(signed.Text), Signature: string(signed.Signature)})
	if err != nil {
		return clearance.Standing{}, d.word(ctx, id, err)
	}
	b, err := d.Batch(ctx, id)
	if err != nil {
		return clearance.Standing{}, d.word(ctx, id, err)
	}
	return standingOf(batchOf(b.BatchSummary), a)
}
