package clearance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"payrun/batch/approval"
	"payrun/ledger"
)

// ErrUnapproved matches every *UnapprovedError.
var ErrUnapproved = errors.New("the batch is not approved")

// UnapprovedError says that nothing of a batch is sent, as what would be was not approved.
type UnapprovedError struct{ Standing }

func (e *UnapprovedError) Error() string {
	return fmt.Sprintf("batch %q: nothing is sent before it is approved: %s", e.Batch.ID, e.why())
}

func (e *UnapprovedError) why() string {
	switch {
	case e.Content == nil:
		return "it was not submitted for approval"
	case e.Uncovered > 0:
		return fmt.Sprintf("%d payouts are not in what was submitted", e.Uncovered)
	default:
		return "it is " + e.Verdict.State.String()
	}
}

// Is makes errors.Is(err, ErrUnapproved) hold.
func (e *UnapprovedError) Is(target error) bool { return target == ErrUnapproved }

// Standing is where the approval of a batch stands at a moment.
type Standing struct {
	Batch ledger.Batch
	// Governed is set if a policy asks for signatures over what the batch would send. If not, all
	// else is empty, and a person's release is enough.
	Governed bool
	// Policy is the one that was in force at the last submission, or is now if there was
	// none. People are who may sign now.
	Policy *approval.Policy
	People approval.People
	// Content is the last that was submitted, with the figures of the payouts as the ledger
	// has them, nil if there is none. Text is what was submitted, and Event its number.
	Content *approval.Content
	Text    []byte
	Event   uint64
	// Decisions are all about the batch.
	Decisions []approval.Decision
	// Uncovered counts the payouts that may be sent and are not in the content, or not in
	// these terms.
	Uncovered int
	Verdict   approval.Verdict
}

// Pays reports whether what the batch would send may be sent at a moment.
func (s Standing) Pays(now time.Time) bool {
	return !s.Governed || s.Content != nil && s.Uncovered == 0 && s.Verdict.Pays(now)
}

// Check returns an *UnapprovedError if the batch may not be sent at a moment.
func (s Standing) Check(now time.Time) error {
	if s.Pays(now) {
		return nil
	}
	return &UnapprovedError{s}
}

// Of says where the approval of a batch stands. An error that wraps ErrRecords,
// approval.ErrPeople or approval.ErrPolicy is of a ledger by which nothing can be approved.
func Of(ctx context.Context, store ledger.Reader, id ledger.BatchID, now time.Time) (Standing, error) {
	read := func(ctx context.Context) (Records, error) { return Read(ctx, store) }
	return reading{store: store, read: read, now: now}.of(ctx, id)
}

func (r reading) of(ctx context.Context, id ledger.BatchID) (Standing, error) {
	store := r.store
	b, err := store.Batch(ctx, id)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Batch: b}
	identity, err := store.Identity(ctx)
	if err != nil || identity.Policies == 0 {
		return s, err
	}
	records, err := r.read(ctx)
	if err != nil {
		return s, err
	}
	r.records, r.standing = records, &s
	return s, r.weigh(ctx)
}

// reading makes a standing of what a ledger has.
type reading struct {
	store ledger.Reader
	// read reads the records of the ledger.
	read     func(ctx context.Context) (Records, error)
	records  Records
	standing *Standing
	now      time.Time
	// besides are decisions that the ledger does not have.
	besides []approval.Decision
	// list is written the canonical list of the content, nil for nobody who wants it.
	list io.Writer
	// brought is the last event by which payouts entered the batch, or it was sealed.
	brought uint64
}

// weigh judges what the ledger has of the batch by the records.
func (r *reading) weigh(ctx context.Context) (err error) {
	s := r.standing
	if err := r.acts(ctx); err != nil {
		return err
	}
	if s.People, err = r.records.People(); err != nil {
		return err
	}
	first := r.records.Changes[0].Event
	if s.Event == 0 {
		// Whatever entered before there was a policy goes on without.
		if s.Policy, err = r.records.InForce(); err != nil {
			return err
		}
		s.Governed = r.brought > first
		return r.uncovered(ctx, first)
	}
	s.Governed = true
	if s.Policy, err = r.records.PolicyAt(s.Event); err != nil {
		return err
	}
	return r.judge(ctx)
}

// acts finds the last submission, and all decisions.
func (r *reading) acts(ctx context.Context) error {
	s := r.standing
	for event, err := range r.store.Acts(ctx, s.Batch.ID) {
		if err != nil {
			return err
		}
		switch {
		case event.Act == ledger.ActSubmitted:
			s.Event, s.Text = event.Sequence, []byte(event.Text)
		case event.Act == ledger.ActDecided:
			s.Decisions = append(s.Decisions, decisionOf(event))
		case event.Enrolled > 0 || event.Act == ledger.ActSealed:
			r.brought = event.Sequence
		}
	}
	s.Decisions = append(s.Decisions, r.besides...)
	if submitted := s.Batch.Submitted != nil; submitted != (s.Event != 0) {
		return fmt.Errorf("%w: batch %q: submitted %t, and not in the log", ErrRecords, s.Batch.ID, submitted)
	}
	return nil
}

// uncovered counts what may be sent of a batch that was never submitted: all of it under a
// policy, and else what got another attempt since the first one.
func (r *reading) uncovered(ctx context.Context, first uint64) error {
	s := r.standing
	log, err := after(ctx, r.store, s.Batch.ID, first)
	if err != nil {
		return err
	}
	for p, err := range r.store.Payouts(ctx, s.Batch.ID, ledger.OpenStates()...) {
		if err != nil {
			return err
		}
		if maySend(p.State) && (s.Governed || log.moved[p.ID].attempts > 0) {
			s.Uncovered++
		}
	}
	s.Governed = s.Governed || s.Uncovered > 0
	return nil
}

// judge has the last submission judged, over the payouts as they are.
func (r *reading) judge(ctx context.Context) error {
	s := r.standing
	content, err := approval.ParseContent(s.Text)
	if err != nil {
		return fmt.Errorf("%w: event %d: %w", ErrRecords, s.Event, err)
	}
	c := approval.Case{People: s.People, Decisions: s.Decisions}
	if s.Policy != nil {
		c.Policy = *s.Policy
	}
	log, err := after(ctx, r.store, s.Batch.ID, s.Event)
	if err == nil {
		c.Begun, err = r.recount(ctx, &content, &log)
	}
	if err == nil {
		c.Elsewhere, err = r.elsewhere(ctx)
	}
	if err != nil {
		return err
	}
	c.Content, s.Content = content, &content
	s.Verdict = approval.Evaluate(c, r.now)
	return nil
}

// recount gives a content the figures of the payouts that it was made of, and counts those
// that may be sent otherwise. It returns when the first of them was sent.
func (r *reading) recount(ctx context.Context, content *approval.Content, log *since) (begun time.Time, err error) {
	s := r.standing
	tally := approval.NewTally(content.Currency)
	position := 0
	for p, err := range r.store.Payouts(ctx, s.Batch.ID) {
		if err != nil {
			return begun, err
		}
		position++
		then := log.then(p, position, s.Batch.ID)
		listed := then.there && maySend(then.state)
		if maySend(p.State) && !(listed && r.unchanged(p, then, log)) {
			s.Uncovered++
		}
		if !listed {
			if then.there && counts(then.state) {
				tally.Beside(then.terms.Number, then.terms.Amount.Minor)
			}
			continue
		}
		if err := r.take(tally, then.terms); err != nil {
			return begun, err
		}
		if at, sent := log.begun[p.ID]; sent && (begun.IsZero() || at.Before(begun)) {
			begun = at
		}
	}
	tally.Fill(&content.Summary)
	return begun, nil
}

// take counts a payout of the content.
func (r *reading) take(tally *approval.Tally, terms ledger.Terms) error {
	if err := tally.Add(terms.Canonical()); err != nil || r.list == nil {
		return err
	}
	_, err := r.list.Write(terms.AppendLine(nil))
	return err
}

// unchanged reports whether a payout of the content is still to be sent on its terms, for
// the attempt that was approved or, where the policy has it so, for a later one.
func (r *reading) unchanged(p ledger.Payout, then then, log *since) bool {
	m := log.moved[p.ID]
	if p.Terms != then.terms {
		return false
	}
	exempt := r.standing.Policy != nil && !r.standing.Policy.Asks(approval.Retry) && !m.answered
	return m.attempts == 0 || exempt
}

// elsewhere are the signed texts about other batches, policies and people. Only hardware
// keys count what they sign: without one there is nothing to compare.
func (r *reading) elsewhere(ctx context.Context) ([]approval.Decision, error) {
	if !r.standing.People.Hardware() {
		return nil, nil
	}
	all := r.records.signed()
	batches, err := r.store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		if b.ID == r.standing.Batch.ID || b.Submitted == nil {
			continue
		}
		for event, err := range r.store.Acts(ctx, b.ID) {
			if err != nil {
				return nil, err
			}
			if event.Act == ledger.ActDecided {
				all = append(all, decisionOf(event))
			}
		}
	}
	approval.InOrder(all)
	return all, nil
}
