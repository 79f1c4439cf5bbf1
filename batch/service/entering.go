package service

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/changes"
	"payrun/batch/clearance"
	"payrun/ledger"
	"payrun/ledger/money"
)

// ErrMaker matches every *MakerError.
var ErrMaker = errors.New("nobody is known who makes the batch")

// MakerError says that, under a policy, somebody who is not among the people wants to
// submit something: nobody could tell who may not approve it.
type MakerError struct{ Name string }

func (e *MakerError) Error() string {
	return fmt.Sprintf("%q is not among the people who are known: under a policy somebody known submits", e.Name)
}

// Is makes errors.Is(err, ErrMaker) hold.
func (e *MakerError) Is(target error) bool { return target == ErrMaker }

// known returns an actor under the name that the list of people has: the same, or the one
// of which it is the part before the @, if there is one such only. Anybody else is a
// *MakerError.
func known(people approval.People, by Actor) (Actor, error) {
	if _, there := people.Find(by.Person); there {
		return by, nil
	}
	var found []string
	for _, p := range people.Present() {
		if login, _, at := strings.Cut(p.Name, "@"); at && login == by.Person {
			found = append(found, p.Name)
		}
	}
	if len(found) != 1 {
		return by, &MakerError{Name: by.Person}
	}
	by.Person = found[0]
	return by, nil
}

// maker returns an actor as the list of people names them, where a policy is in force;
// where none is, as it is.
func (s *Service) maker(ctx context.Context, by Actor) (Actor, error) {
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil || identity.Policies == 0 {
		return by, err
	}
	people, err := s.people(ctx)
	if err != nil {
		return by, err
	}
	return known(people, by)
}

// people are those who are, or were, on the list of people.
func (s *Service) people(ctx context.Context) (approval.People, error) {
	records, err := s.config.Registry.Records(ctx)
	if err != nil {
		return approval.People{}, err
	}
	return records.People()
}

// Listed returns a *MakerError if there is a list of people and the actor is not on it now: they may
// have been taken off it, and have left a way to act behind.
func (s *Service) Listed(ctx context.Context, by Actor) error {
	people, err := s.people(ctx)
	if err != nil || len(people.Present()) == 0 {
		return err
	}
	_, err = known(people, by)
	return err
}

// asked is the part of a content that whoever submits it says.
type asked struct {
	warnings []approval.Warning
	// notBefore is the time before which nothing is sent, zero for none.
	notBefore time.Time
}

// enter submits what a batch would send for approval, if a policy asks for that and it was
// not, or for another time: it returns how the approval stands then.
func (s *Service) enter(ctx context.Context, by Actor, id ledger.BatchID, with asked) (clearance.Standing, error) {
	standing, err := s.Approval(ctx, id)
	if err != nil || !standing.Governed {
		return standing, err
	}
	may, err := s.any(ctx, id, sendableStates()...)
	if err != nil || !may {
		return standing, err
	}
	if !stale(standing) && !with.another(standing.Content.NotBefore) {
		return standing, nil
	}
	if err := s.submitContent(ctx, by, standing.Batch, with); err != nil {
		return standing, err
	}
	return s.Approval(ctx, id)
}

// another reports whether another time is asked for than was submitted.
func (a asked) another(submitted time.Time) bool {
	return !a.notBefore.IsZero() && !a.notBefore.Equal(submitted)
}

// stale reports whether what was submitted can lead to no payment any more, or is not what
// would be sent.
func stale(standing clearance.Standing) bool {
	return lacking(standing) || ended(standing)
}

// lacking reports whether something would be sent that was never submitted.
func lacking(standing clearance.Standing) bool {
	return standing.Content == nil || standing.Uncovered > 0
}

// ended reports whether an approval came to an end without a payment.
func ended(standing clearance.Standing) bool {
	switch standing.Verdict.State {
	case approval.Rejected, approval.Expired, approval.Unusable:
		return true
	case approval.Waiting, approval.Approved:
	}
	return false
}

// submitContent records what a batch would send, for people to approve.
func (s *Service) submitContent(ctx context.Context, by Actor, b ledger.Batch, with asked) error {
	by, err := s.maker(ctx, by)
	if err != nil {
		return err
	}
	content, err := s.content(ctx, by, b, with)
	if err != nil {
		return err
	}
	text, err := content.Text()
	if err != nil {
		return fmt.Errorf("what batch %q would send: %w", b.ID, err)
	}
	digest, err := content.Digest()
	if err != nil {
		return err
	}
	return s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActSubmitted, Batch: b.ID, At: s.now(), By: by.person(), Text: string(text), Digest: digest.String(),
		Count: ledger.Total{Count: content.Payouts, Amount: b.Currency.Of(content.Total)},
	})
}

// content is all that a batch would send now.
func (s *Service) content(ctx context.Context, by Actor, b ledger.Batch, with asked) (approval.Content, error) {
	now := s.now().Truncate(time.Second)
	records, err := s.config.Registry.Records(ctx)
	if err != nil {
		return approval.Content{}, err
	}
	policy, err := records.InForce()
	if err != nil {
		return approval.Content{}, err
	}
	people, err := records.People()
	if err != nil {
		return approval.Content{}, err
	}
	list, err := s.list(ctx, b)
	if err != nil {
		return approval.Content{}, err
	}
	c := approval.Content{
		Summary: list.summary, Purpose: list.purpose(b), Sealed: now, Policy: policy.Digest(), NotBefore: with.notBefore,
	}
	c.Warnings = with.warnings
	c.NotAfter = policy.NotAfter(now, c.NotBefore)
	if c.Makers, err = s.makers(ctx, people, by, b.ID); err != nil {
		return c, err
	}
	if c.MakerDay, err = s.makerDay(ctx, b, c); err != nil {
		return c, err
	}
	if c.Against, err = s.against(ctx, b, list, c.Purpose); err != nil {
		return c, err
	}
	c.Head, err = s.head(ctx)
	return c, err
}

// head is where the audit log stands.
func (s *Service) head(ctx context.Context) (approval.Head, error) {
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil {
		return approval.Head{}, err
	}
	head := approval.Head{Ledger: identity.ID}
	var hash string
	if head.Event, hash, err = s.config.Ledger.Head(ctx); err != nil {
		return head, err
	}
	return head, readDigest(&head.Hash, hash)
}

func readDigest(to *approval.Digest, text string) error {
	digest, err := hex.DecodeString(text)
	if err != nil || len(digest) != len(to) {
		return fmt.Errorf("%q is not a digest", text)
	}
	copy(to[:], digest)
	return nil
}

// toApprove are the payouts that a batch would send, and what is known of them.
type toApprove struct {
	summary approval.Summary
	// now are those payees, before the same ones in the attempts before.
	now, before []changes.Payee
	// besides is set if something of the batch was paid, or may be without being sent again.
	besides                bool
	corrected, tried, sent bool
}

// list sums up what a batch would send.
func (s *Service) list(ctx context.Context, b ledger.Batch) (toApprove, error) {
	l := toApprove{summary: approval.Summary{Batch: string(b.ID), Account: b.Account.Place}}
	tally := approval.NewTally(approval.Currency{Code: string(b.Currency), Decimals: b.Currency.Digits()})
	for p, err := range s.config.Ledger.Payouts(ctx, b.ID) {
		switch {
		case err != nil:
			return l, fmt.Errorf("read batch %q: %w", b.ID, err)
		case maySend(p):
			if err := tally.Add(p.Canonical()); err != nil {
				return l, err
			}
			l.add(p)
		case p.State == ledger.Pending || p.State == ledger.Successful:
			tally.Beside(p.Number, p.Amount.Minor)
			l.besides = true
		}
	}
	tally.Fill(&l.summary)
	return l, readDigest(&l.summary.File, b.SHA256)
}

func (l *toApprove) add(p ledger.Payout) {
	l.now = append(l.now, payee(p.Terms))
	l.sent = l.sent || p.Intents > 0
	if last := len(p.Earlier) - 1; last >= 0 {
		l.tried = true
		l.corrected = l.corrected || p.Earlier[last].Terms != p.Terms
		l.before = append(l.before, payee(p.Earlier[last].Terms))
	}
}

// purpose says how it relates to what of the batch was paid before.
func (l *toApprove) purpose(b ledger.Batch) approval.Purpose {
	switch {
	case l.corrected:
		return approval.Correction
	case l.tried:
		return approval.Retry
	case l.besides, b.Release != nil:
		return approval.Addition
	default:
		return approval.Submission
	}
}

// against says what changed: of a submission against the last comparable batch, of a
// correction against the terms before.
func (s *Service) against(ctx context.Context, b ledger.Batch, l toApprove, purpose approval.Purpose) (*approval.Comparison, error) {
	switch purpose {
	case approval.Correction:
		return approval.Compared(string(b.ID), changes.Compare(l.before, l.now)), nil
	case approval.Submission:
		earlier, err := s.earlier(ctx, b.ID, "")
		if err != nil {
			return nil, err
		}
		list, found, err := s.comparable(ctx, b.Currency, l.now, earlier, false)
		if err != nil || !found {
			return nil, err
		}
		return approval.Compared(list.Batch, changes.Compare(list.Payees, l.now)), nil
	case approval.Addition, approval.Retry, approval.Resolution:
	}
	return nil, nil
}

// makers are those who made what a batch would send, and who submits it. A name that is
// nobody's is one of before there was a policy, and can approve nothing.
func (s *Service) makers(ctx context.Context, people approval.People, by Actor, id ledger.BatchID) ([]string, error) {
	names, err := clearance.Makers(ctx, s.config.Ledger, id)
	if err != nil {
		return nil, err
	}
	makers := []string{by.Person}
	for _, name := range names {
		if somebody, err := known(people, Actor{Person: name}); err == nil {
			makers = append(makers, somebody.Person)
		}
	}
	slices.Sort(makers)
	return slices.Compact(makers), nil
}

// makerDay is the sum that the makers of a content submitted in the 24 hours to its
// sealing, with it. Of what a batch submitted again, the last counts.
func (s *Service) makerDay(ctx context.Context, b ledger.Batch, c approval.Content) (int64, error) {
	const day = 24 * time.Hour
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return 0, err
	}
	sum := money.Amount{Minor: c.Total, Currency: b.Currency}
	for _, other := range batches {
		if other.Submitted == nil || c.Sealed.Sub(other.Submitted.At) > day || other.Currency != b.Currency {
			continue
		}
		released, err := s.submittedSince(ctx, other.ID, c.Sealed.Add(-day), c.Makers, other.ID != b.ID)
		if err != nil {
			return 0, err
		}
		sum = sum.Plus(released)
	}
	return sum.Minor, nil
}

// submittedSince is the sum that some makers submitted for a batch since a time: each content that
// was released, and the last one if it is wanted.
func (s *Service) submittedSince(ctx context.Context, id ledger.BatchID, since time.Time, makers []string, last bool) (money.Amount, error) {
	var sum, pending money.Amount
	for event, err := range s.config.Ledger.Acts(ctx, id) {
		if err != nil {
			return sum, err
		}
		switch event.Act { //nolint:exhaustive // the others submit nothing
		case ledger.ActSubmitted:
			pending = money.Amount{}
			content, err := approval.ParseContent([]byte(event.Text))
			if err != nil {
				return sum, err
			}
			shared := slices.ContainsFunc(content.Makers, func(name string) bool { return slices.Contains(makers, name) })
			if shared && !event.At.Before(since) {
				pending = event.Count.Amount
			}
		case ledger.ActReleased:
			sum, pending = sum.Plus(pending), money.Amount{}
		}
	}
	if last {
		sum = sum.Plus(pending)
	}
	return sum, nil
}
