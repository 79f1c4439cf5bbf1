// Package memledger keeps a ledger in memory, in the plainest way there is.
//
// It promises nothing after a crash. Tests use it as the model that a durable
// store is held against, and benchmarks as the yardstick for what durability
// costs.
package memledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"payrun/ledger"
	"payrun/ledger/phone"
)

// Store is a ledger in memory. It is safe for concurrent use.
type Store struct {
	mu         sync.Mutex
	payouts    map[ledger.TransactionID]ledger.Payout
	references map[ledger.Reference]ledger.TransactionID
	batches    []*batch
	identity   ledger.Identity
	events     []ledger.Event
	chains     map[ledger.BatchID]ledger.Chain
	linker     ledger.Linker
	claims     ledger.Claims
}

// batch is a batch with its members in order and the rows they have in its file.
type batch struct {
	ledger.Batch
	members  []ledger.TransactionID
	rows     map[ledger.TransactionID]int
	rejected []ledger.Entry
	// seen are the members that the file being enrolled has.
	seen map[ledger.TransactionID]bool
}

var _ ledger.Store = (*Store)(nil)

// New returns an empty ledger.
func New() *Store {
	return &Store{
		payouts: map[ledger.TransactionID]ledger.Payout{}, references: map[ledger.Reference]ledger.TransactionID{},
		chains:   map[ledger.BatchID]ledger.Chain{},
		identity: ledger.Identity{ID: "memory", Began: time.Now().UTC()},
	}
}

// Enrol implements ledger.Writer.
func (s *Store) Enrol(ctx context.Context, given ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	b, err := s.begin(given)
	if err != nil {
		return ledger.Enrolment{}, err
	}
	done, err := s.enrolAll(ctx, b, entries)
	if err != nil {
		return done, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range b.rows {
		if !b.seen[id] {
			b.rows[id] = 0
		}
	}
	if b.ToSeal() {
		act := b.Sealing(done.Accepted(), time.Now().UTC())
		if b.Batch, err = b.With(act); err != nil {
			return done, err
		}
		s.append(ledger.EventOfAct(act))
	}
	b.Sealed, b.Accepted, b.Rejected = true, done.Accepted(), done.Rejected
	return done, nil
}

// enrolAll enters rows until the last, or the first error. One event stands for all that
// became payouts.
func (s *Store) enrolAll(ctx context.Context, b *batch, entries iter.Seq2[ledger.Entry, error]) (done ledger.Enrolment, err error) {
	entered := enrolled{at: time.Now().UTC(), list: ledger.NewListDigest()}
	defer func() { s.logEnrolment(b.Batch, entered) }()
	for entry, err := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return done, err
		}
		s.enrol(b, entry, &entered, &done)
	}
	done.List = entered.list.Hex()
	return done, nil
}

func (s *Store) begin(given ledger.Batch) (*batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.batches {
		if err := other.Admits(given); err != nil {
			return nil, err
		}
	}
	b := s.find(given.ID)
	if b == nil {
		given.State = ledger.BatchDraft
		b = &batch{rows: map[ledger.TransactionID]int{}}
		s.batches = append(s.batches, b)
	} else {
		given.CreatedAt, given.Release, given.State, given.Submitted = b.CreatedAt, b.Release, b.State, b.Submitted
	}
	given.Sealed, given.Accepted, given.Rejected = false, ledger.Total{}, ledger.Total{}
	b.Batch, b.rejected, b.seen = given, nil, map[ledger.TransactionID]bool{}
	return b, nil
}

func (s *Store) find(id ledger.BatchID) *batch {
	for _, b := range s.batches {
		if b.ID == id {
			return b
		}
	}
	return nil
}

func (s *Store) enrol(b *batch, entry ledger.Entry, entered *enrolled, done *ledger.Enrolment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var known *ledger.Payout
	if payout, exists := s.payouts[entry.ID]; exists {
		known = &payout
	}
	_, taken := s.references[ledger.Reference(entry.ID)]
	admitted := ledger.Admit(entry, known, taken)
	done.Take(admitted)
	switch entry = admitted.Entry; {
	case admitted.Rejected():
		if admitted.Conflict != nil {
			b.seen[entry.ID] = true // the file has it, if otherwise
		}
		b.rejected = append(b.rejected, entry)
	case admitted.Known:
		b.join(entry)
	default:
		s.payouts[entry.ID] = ledger.NewPayout(entry.Terms, b.ID, entry.Row, entered.at)
		b.join(entry)
		b.Batch = b.Entered()
		entered.add(entry.Terms, len(b.members))
	}
}

func (b *batch) join(entry ledger.Entry) {
	if _, member := b.rows[entry.ID]; !member {
		b.members = append(b.members, entry.ID)
	}
	b.rows[entry.ID], b.seen[entry.ID] = entry.Row, true
}

// Record implements ledger.Writer.
func (s *Store) Record(ctx context.Context, act ledger.Act) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if act.Batch == "" {
		after, err := s.identity.With(act)
		if err == nil {
			s.identity = after
			s.append(ledger.EventOfAct(act))
		}
		return err
	}
	b := s.find(act.Batch)
	if b == nil {
		return fmt.Errorf("batch %q: %w", act.Batch, ledger.ErrNotFound)
	}
	after, err := b.With(act)
	if err == nil && act.Releases() {
		var states ledger.ByState
		for _, id := range b.members {
			states.Add(s.payouts[id])
		}
		err = act.Covers(states)
	}
	if err == nil {
		b.Batch = after
		s.append(ledger.EventOfAct(act))
	}
	return err
}

// Acts implements ledger.Reader.
func (s *Store) Acts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return s.ActsFrom(ctx, batch, 0)
}

// ActsFrom implements ledger.Reader.
func (s *Store) ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range s.Events(ctx, from) {
			if (err != nil || event.Payout == "" && event.Batch == batch) && !yield(event, err) {
				return
			}
		}
	}
}

// Identity implements ledger.Reader.
func (s *Store) Identity(context.Context) (ledger.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identity, nil
}

// Payout implements ledger.View.
func (s *Store) Payout(_ context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	payout, ok := s.payouts[id]
	if !ok {
		return ledger.Payout{}, &ledger.NotFoundError{ID: id}
	}
	return payout, nil
}

// ByReference implements ledger.Reader.
func (s *Store) ByReference(ctx context.Context, reference ledger.Reference) (ledger.Payout, error) {
	s.mu.Lock()
	id, later := s.references[reference]
	s.mu.Unlock()
	if !later {
		id = ledger.TransactionID(reference)
	}
	return s.Payout(ctx, id)
}

// Batch implements ledger.Reader.
func (s *Store) Batch(_ context.Context, id ledger.BatchID) (ledger.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.find(id)
	if b == nil {
		return ledger.Batch{}, fmt.Errorf("batch %q: %w", id, ledger.ErrNotFound)
	}
	return b.Batch, nil
}

// PaidTo implements ledger.View.
func (s *Store) PaidTo(_ context.Context, number phone.E164, since time.Time) ([]ledger.Earlier, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []ledger.Earlier
	for _, p := range s.payouts {
		if at := p.QueuedAt.Truncate(time.Second); p.Number == number && !at.Before(since.Truncate(time.Second)) {
			found = append(found, ledger.Earlier{ID: p.ID, Amount: p.Amount, QueuedAt: at})
		}
	}
	slices.SortFunc(found, func(a, b ledger.Earlier) int {
		return cmp.Or(b.QueuedAt.Compare(a.QueuedAt), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

// Latest implements ledger.View.
func (s *Store) Latest(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		batches, _ := s.Batches(ctx)
		for _, b := range slices.Backward(batches) {
			for payout, err := range s.Payouts(ctx, b.ID) {
				if most <= 0 || !yield(payout, err) || err != nil {
					return
				}
				most--
			}
		}
	}
}

// LatestNoted implements ledger.View.
func (s *Store) LatestNoted(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return ledger.SelectNoted.Of(s.Latest(ctx, most))
}

// Batches implements ledger.Reader.
func (s *Store) Batches(context.Context) ([]ledger.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var batches []ledger.Batch
	for _, b := range s.batches {
		batches = append(batches, b.Batch)
	}
	slices.SortStableFunc(batches, func(a, b ledger.Batch) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return batches, nil
}

// Counts implements ledger.Reader.
func (s *Store) Counts(ctx context.Context, batch ledger.BatchID) (ledger.Counts, error) {
	return ledger.CountsOf(s.Payouts(ctx, batch))
}

// Notable implements ledger.Reader.
func (s *Store) Notable(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	return ledger.SelectNotable.Of(s.Payouts(ctx, batch))
}

// Payouts implements ledger.Reader.
func (s *Store) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	wanted := func(p ledger.Payout) bool { return len(states) == 0 || slices.Contains(states, p.State) }
	return ledger.Unplaced(s.from(ctx, id, 0, wanted))
}

// PayoutsFrom implements ledger.Reader.
func (s *Store) PayoutsFrom(ctx context.Context, id ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	return s.from(ctx, id, from, of.Has)
}

// from yields the wanted payouts of a batch from a position on.
func (s *Store) from(ctx context.Context, id ledger.BatchID, from uint32, wanted func(ledger.Payout) bool) iter.Seq2[ledger.Placed, error] {
	return func(yield func(ledger.Placed, error) bool) {
		for at := from; ; at++ {
			payout, more, err := s.member(id, int(at))
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(ledger.Placed{}, err)
				return
			}
			if !more || (wanted(payout) && !yield(ledger.Placed{Position: at, Payout: payout}, nil)) {
				return
			}
		}
	}
}

func (s *Store) member(id ledger.BatchID, i int) (_ ledger.Payout, more bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.find(id)
	if b == nil {
		return ledger.Payout{}, false, fmt.Errorf("batch %q: %w", id, ledger.ErrNotFound)
	}
	if i >= len(b.members) {
		return ledger.Payout{}, false, nil
	}
	payout := s.payouts[b.members[i]]
	payout.Row = b.rows[payout.ID]
	return payout, true, nil
}

// RejectedRows implements ledger.Reader.
func (s *Store) RejectedRows(_ context.Context, id ledger.BatchID, after int) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		s.mu.Lock()
		b := s.find(id)
		var rejected []ledger.Entry
		if b != nil {
			rejected = slices.Clone(b.rejected[min(max(after, 0), len(b.rejected)):])
		}
		s.mu.Unlock()
		if b == nil {
			yield(ledger.Entry{}, fmt.Errorf("batch %q: %w", id, ledger.ErrNotFound))
			return
		}
		for _, entry := range rejected {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// Close implements ledger.Store.
func (s *Store) Close() error { return nil }
