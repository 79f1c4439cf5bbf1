package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
)

// Approval says where the approval of a batch stands. It records nothing, and needs the
// ledger alone.
func (s *Service) Approval(ctx context.Context, id ledger.BatchID) (clearance.Standing, error) {
	return s.config.Registry.Of(ctx, id, s.now())
}

// WriteApprovalList writes the canonical list of what was submitted last of a batch. It is
// ErrNothingToApprove where nothing was.
func (s *Service) WriteApprovalList(ctx context.Context, id ledger.BatchID, w io.Writer) error {
	standing, err := s.config.Registry.List(ctx, id, s.now(), w)
	if err == nil && standing.Content == nil {
		err = fmt.Errorf("batch %q: %w", id, ErrNothingToApprove)
	}
	return err
}

// Submitter says whether a policy is in force, and returns a *MakerError if the actor may not
// submit anything under it.
func (s *Service) Submitter(ctx context.Context, by Actor) (policy bool, err error) {
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil || identity.Policies == 0 {
		return false, err
	}
	_, err = s.maker(ctx, by)
	return true, err
}

// Clear returns nil if what a batch would send may be sent, as far as policies go, at the
// time for which it was submitted, and else a *clearance.UnapprovedError. What was never submitted, after a crash for one, is
// submitted by the actor; what the verdict comes to is recorded as the batch's state.
func (s *Service) Clear(ctx context.Context, by Actor, id ledger.BatchID) error {
	standing, err := s.Approval(ctx, id)
	if err != nil || !standing.Governed {
		return err
	}
	may, err := s.any(ctx, id, sendableStates()...)
	if err != nil || !may {
		return err
	}
	if lacking(standing) && standing.Batch.Sealed {
		entered, err := s.enter(ctx, by, id, asked{})
		if errors.Is(err, ErrMaker) {
			return standing.Check(s.now()) // somebody known has to submit it
		}
		if err != nil {
			return err
		}
		standing = entered
	}
	if err := s.settleApproval(ctx, by, standing); err != nil {
		return err
	}
	return standing.Check(atTime(standing, s.now()))
}

// settleApproval records the state to which a batch comes by its verdict.
func (s *Service) settleApproval(ctx context.Context, by Actor, standing clearance.Standing) error {
	if !standing.Governed || standing.Content == nil {
		return nil
	}
	code := actOf(standing.Batch.State, standing.Verdict.State)
	if code == "" {
		return nil
	}
	b := standing.Batch
	if code == ledger.ActPaused {
		if may, err := s.any(ctx, b.ID, sendableStates()...); err != nil || !may {
			return err
		}
	}
	return s.config.Ledger.Record(ctx, ledger.Act{
		Code: code, Batch: b.ID, At: s.now(), By: by.person(), Count: b.Submitted.Count, Digest: b.Submitted.Digest,
		Text: standing.Verdict.Because,
	})
}

// actOf is the act by which a batch in a state follows a verdict, empty for none.
func actOf(state ledger.BatchState, verdict approval.State) ledger.ActCode {
	type at struct {
		state   ledger.BatchState
		verdict approval.State
	}
	switch (at{state, verdict}) {
	case at{ledger.BatchAwaitingApproval, approval.Approved}:
		return ledger.ActApproved
	case at{ledger.BatchAwaitingApproval, approval.Rejected}, at{ledger.BatchApproved, approval.Rejected}:
		return ledger.ActRejected
	case at{ledger.BatchAwaitingApproval, approval.Expired}, at{ledger.BatchApproved, approval.Expired}:
		return ledger.ActExpired
	case at{ledger.BatchApproved, approval.Waiting}, at{ledger.BatchApproved, approval.Unusable}:
		return ledger.ActUnapproved
	case at{ledger.BatchPaying, approval.Waiting}, at{ledger.BatchPaying, approval.Rejected},
		at{ledger.BatchPaying, approval.Expired}, at{ledger.BatchPaying, approval.Unusable}:
		return ledger.ActPaused
	default:
		return ""
	}
}

// Ballot is a decision that somebody wants to sign.
type Ballot struct {
	Word   approval.Word
	Name   string // who signs, as the list of people has them
	Key    string // the fingerprint of the key
	Reason string // of a rejection
}

// ErrNothingToApprove is returned for a batch about which nobody is asked.
var ErrNothingToApprove = errors.New("nobody is asked to approve anything")

// ApprovalEndedError says that signatures can change nothing any more about what was
// submitted: it is to be submitted again.
type ApprovalEndedError struct{ clearance.Standing }

func (e *ApprovalEndedError) Error() string {
	if e.Uncovered > 0 {
		return fmt.Sprintf("batch %q: %d payouts are not in what was submitted", e.Batch.ID, e.Uncovered)
	}
	return fmt.Sprintf("batch %q: what was submitted is %s", e.Batch.ID, e.Verdict.State)
}

// PrepareDecision returns a decision about what was submitted last of a batch, for its
// author to sign, and where the approval stands. A maker's approval is their own
// submission, where the policy wants makers to sign. It records nothing.
func (s *Service) PrepareDecision(ctx context.Context, id ledger.BatchID, ballot Ballot) (clearance.Standing, approval.Statement, error) {
	standing, err := s.Approval(ctx, id)
	if err != nil {
		return standing, approval.Statement{}, err
	}
	statement, err := s.Statement(standing, ballot)
	return standing, statement, err
}

// Statement is PrepareDecision for a standing that is known.
func (s *Service) Statement(standing clearance.Standing, ballot Ballot) (approval.Statement, error) {
	switch {
	case !standing.Governed, standing.Content == nil:
		return approval.Statement{}, fmt.Errorf("batch %q: %w", standing.Batch.ID, ErrNothingToApprove)
	case standing.Uncovered > 0, ended(standing):
		return approval.Statement{}, &ApprovalEndedError{standing}
	}
	subject, err := standing.Content.Subject()
	if err != nil {
		return approval.Statement{}, err
	}
	statement := approval.Statement{
		Word: ballot.Word, Subject: subject, By: ballot.Name, Key: ballot.Key, Reason: ballot.Reason,
		NotAfter: standing.Verdict.Until.UTC().Truncate(time.Second), Nonce: approval.NewNonce(),
	}
	if ballot.Word == approval.Approve && standing.Policy.Makers == approval.Signed && slices.Contains(standing.Content.Makers, ballot.Name) {
		statement.Word = approval.Submit
	}
	return statement, nil
}

// IgnoredError is a decision that would not count, and was not recorded.
type IgnoredError struct{ approval.Ignored }

func (e *IgnoredError) Error() string {
	return fmt.Sprintf("the decision of %q does not count: %s", e.By, e.Reason)
}

// notYet is the number of the event that a decision will be, for asking whether it would
// count.
const notYet = math.MaxUint64

// Decide records a signed decision about a batch, and what all come to then. One that would
// not count is an *IgnoredError, and nothing is recorded.
func (s *Service) Decide(ctx context.Context, by Actor, id ledger.BatchID, d approval.Decision) (clearance.Standing, error) {
	standing, statement, err := s.PrepareDecision(ctx, id, Ballot{Word: approval.Approve})
	if err != nil {
		return standing, err
	}
	d.Event, d.At = notYet, s.now()
	if standing, err = s.config.Registry.With(ctx, id, d, s.now()); err != nil {
		return standing, err
	}
	for _, ignored := range standing.Verdict.Ignored {
		if ignored.Event == notYet {
			return standing, &IgnoredError{ignored}
		}
	}
	by = signing(by, d.Text)
	err = s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActDecided, Batch: id, At: d.At, By: by.person(), Digest: statement.Subject.Digest.String(),
		Text: string(d.Text), Signature: string(d.Signature),
	})
	if err != nil {
		return standing, err
	}
	if standing, err = s.Approval(ctx, id); err != nil {
		return standing, err
	}
	if err := s.settleApproval(ctx, by, standing); err != nil {
		return standing, err
	}
	return s.Approval(ctx, id)
}

// signing is an actor who signed a text: the one that it names.
func signing(by Actor, text []byte) Actor {
	by.Confirmed = BySignature
	if s, err := approval.ParseStatement(text); err == nil {
		by.Person = s.By
	}
	if a, err := approval.ParseAct(text); err == nil {
		by.Person = a.By
	}
	return by
}

// settleAll records what a change of people comes to, for every batch that is approved, or
// waits for it. The others ended, and begin with a submission anew.
func (s *Service) settleAll(ctx context.Context, by Actor) error {
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return err
	}
	for _, b := range batches {
		under := []ledger.BatchState{ledger.BatchAwaitingApproval, ledger.BatchApproved, ledger.BatchPaying}
		if b.Submitted == nil || !slices.Contains(under, b.State) {
			continue
		}
		standing, err := s.Approval(ctx, b.ID)
		if err == nil {
			err = s.settleApproval(ctx, by, standing)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
