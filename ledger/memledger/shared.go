package memledger

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"payrun/ledger"
)

// Shared is a ledger in memory that several machines share as they share one in a database,
// with the claims, leases and sessions of package pgledger. It is what simulations are
// played over. It is safe for concurrent use.
type Shared struct {
	store *Store
	lease time.Duration
	now   func() time.Time
	// workers are those that ever joined, by their epochs, within the store's lock.
	workers map[uint64]*worker
}

// worker is an epoch of a worker as the database has it: at work until it ended. It can be
// taken over once its lease is over and its session is gone.
type worker struct {
	claim   ledger.Claim
	until   time.Time
	session *Machine
	ended   bool
	// proves is the batch whose proof it has, or asks for.
	proves ledger.BatchID
	proven bool
}

// Share has several machines share a new ledger. A lease lasts for so long by the ledger's own
// clock, which now reads.
func Share(lease time.Duration, now func() time.Time) *Shared {
	return &Shared{store: New(), lease: lease, now: now, workers: map[uint64]*worker{}}
}

// atWork has the fence know who is at work. The store is locked.
func (s *Shared) atWork() {
	names := map[uint64]string{}
	for epoch, w := range s.workers {
		if !w.ended {
			names[epoch] = w.claim.Worker
		}
	}
	s.store.claims.Among(names)
}

// renew has the lease of a worker begin anew, and says whether it is at work. The store is
// locked.
func (s *Shared) renew(epoch uint64) bool {
	w := s.workers[epoch]
	if w == nil || w.ended {
		return false
	}
	if until := s.now().Add(s.lease); until.After(w.until) {
		w.until = until
	}
	return true
}

// Evict ends an epoch, whatever its worker does. It returns ledger.ErrNotFound if it is not at
// work.
func (s *Shared) Evict(_ context.Context, epoch uint64, _ string) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	w := s.workers[epoch]
	if w == nil || w.ended {
		return fmt.Errorf("worker of epoch %d: %w", epoch, ledger.ErrNotFound)
	}
	w.ended = true
	return nil
}

// AtWork reports whether a claim has not ended.
func (s *Shared) AtWork(claim ledger.Claim) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.atWork()
	return !s.store.claims.Over(claim)
}

// Link takes a question to the ledger and the answer back: it calls ask, once, or returns an
// error. What it does besides is the network's.
type Link func(ctx context.Context, ask func() error) error

// Machine is a ledger as one machine has it that shares it with others.
type Machine struct {
	*Store
	shared *Shared
	clocks func() ledger.Clocks
	link   Link

	mu   sync.Mutex
	held map[uint64]*ledger.Lease
}

var _ ledger.Store = (*Machine)(nil)

// Machine returns the ledger as a machine has it whose clocks are read so. What changes the
// ledger goes by way of the link. Whoever has a worker at work calls Renew again and again.
func (s *Shared) Machine(clocks func() ledger.Clocks, link Link) *Machine {
	return &Machine{Store: s.store, shared: s, clocks: clocks, link: link, held: map[uint64]*ledger.Lease{}}
}

// Evict is Shared.Evict, by way of the link.
func (m *Machine) Evict(ctx context.Context, epoch uint64, because string) error {
	return m.link(ctx, func() error { return m.shared.Evict(ctx, epoch, because) })
}

// Join implements ledger.Claimer.
func (m *Machine) Join(ctx context.Context, name string) (claim ledger.Claim, err error) {
	asked := m.clocks()
	err = m.link(ctx, func() error {
		m.mu.Lock() // nobody looks for the session of a worker between the two
		defer m.mu.Unlock()
		claim, err = m.Store.Join(ctx, name)
		if err != nil {
			return err
		}
		m.shared.store.mu.Lock()
		defer m.shared.store.mu.Unlock()
		m.shared.workers[claim.Epoch] = &worker{claim: claim, until: m.shared.now().Add(m.shared.lease), session: m}
		return nil
	})
	if err != nil {
		return ledger.Claim{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held[claim.Epoch] = &ledger.Lease{Claim: claim, For: m.shared.lease, Asked: asked}
	return claim, nil
}

// Renew renews the leases of the machine's workers, and their sessions if they broke.
func (m *Machine) Renew(ctx context.Context) error {
	asked, renewed := m.clocks(), map[uint64]bool{}
	err := m.link(ctx, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.shared.store.mu.Lock()
		defer m.shared.store.mu.Unlock()
		for epoch := range m.held {
			if renewed[epoch] = m.shared.renew(epoch); renewed[epoch] {
				m.shared.workers[epoch].session = m
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for epoch, atWork := range renewed {
		switch one := m.held[epoch]; {
		case one == nil:
		case atWork:
			one.Asked = asked
		default:
			one.Lost = true
		}
	}
	return nil
}

// Disconnect has the database notice that the machine's connections are gone: its sessions end.
// They come back with the next renewal.
func (m *Machine) Disconnect() {
	m.shared.store.mu.Lock()
	defer m.shared.store.mu.Unlock()
	for _, w := range m.shared.workers {
		if w.session == m {
			w.session = nil
		}
	}
}

// MaySend is pgledger's: it returns for how long a request that leaves now may take, and
// ledger.ErrLease or ledger.ErrEvicted if none may leave.
func (m *Machine) MaySend() (within time.Duration, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	within = m.shared.lease
	now := m.clocks()
	for _, one := range m.held {
		left, err := one.MaySend(now)
		if err != nil {
			return 0, err
		}
		within = min(within, left)
	}
	return within, nil
}

// Apply implements ledger.Writer.
func (m *Machine) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = m.link(ctx, func() error {
		lost, err = m.shared.apply(ctx, changes)
		return err
	})
	return lost, err
}

func (s *Shared) apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	done, err := s.write(ctx, &ledger.ClaimRequest{Changes: changes})
	return done.Lost, err
}

// Claim implements ledger.Claimer. The worker's lease begins anew with a window.
func (m *Machine) Claim(ctx context.Context, request ledger.ClaimRequest) (done ledger.Claimed, err error) {
	if err := ctx.Err(); err != nil {
		return ledger.Claimed{}, err
	}
	asked := m.clocks()
	err = m.link(ctx, func() error {
		done, err = m.shared.write(ctx, &request)
		return err
	})
	if err != nil {
		return ledger.Claimed{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if one := m.held[request.Claim.Epoch]; one != nil && len(request.Payouts) > 0 {
		one.Asked = asked
	}
	return done, nil
}

func (s *Shared) write(ctx context.Context, request *ledger.ClaimRequest) (ledger.Claimed, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.atWork()
	if len(request.Payouts) > 0 {
		if s.store.claims.Over(request.Claim) {
			return ledger.Claimed{}, request.Claim.Ended()
		}
		s.renew(request.Claim.Epoch)
	}
	return s.store.writeLocked(ctx, *request)
}

// Enrol implements ledger.Writer.
func (m *Machine) Enrol(ctx context.Context, batch ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (done ledger.Enrolment, err error) {
	linked := m.link(ctx, func() error {
		done, err = m.Store.Enrol(ctx, batch, entries)
		return err
	})
	return done, linked
}

// Record implements ledger.Writer.
func (m *Machine) Record(ctx context.Context, act ledger.Act) error {
	return m.link(ctx, func() error { return m.Store.Record(ctx, act) })
}

// Prove implements ledger.Claimer.
func (m *Machine) Prove(ctx context.Context, claim ledger.Claim, batch ledger.BatchID, done bool) (proof ledger.Proof, err error) {
	err = m.link(ctx, func() error {
		proof = m.shared.prove(claim, batch, done)
		return nil
	})
	return proof, err
}

func (s *Shared) prove(claim ledger.Claim, batch ledger.BatchID, done bool) ledger.Proof {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	found := ledger.ProofWanted
	for epoch, w := range s.workers {
		atWork := !w.ended && w.session != nil && s.now().Before(w.until)
		switch {
		case epoch == claim.Epoch || w.proves != batch || !atWork:
		case w.proven:
			found = ledger.Proven
		default:
			found = max(found, ledger.ProofUnderWay)
		}
	}
	if own := s.workers[claim.Epoch]; own != nil && (done || found != ledger.ProofUnderWay) {
		own.proves, own.proven = batch, done || found == ledger.Proven
	}
	return found
}

// Leave implements ledger.Claimer.
func (m *Machine) Leave(ctx context.Context, claim ledger.Claim) error {
	err := m.link(ctx, func() error {
		m.shared.end(func(w *worker) bool { return w.claim == claim })
		return nil
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, claim.Epoch)
	return nil
}

// Close implements ledger.Store: whatever the machine's workers held can be taken over.
func (m *Machine) Close() error {
	m.shared.end(func(w *worker) bool { return w.session == m })
	return nil
}

// end ends the workers that are chosen.
func (s *Shared) end(chosen func(*worker) bool) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for _, w := range s.workers {
		if chosen(w) {
			w.ended = true
		}
	}
}
