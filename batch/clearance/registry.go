package clearance

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"payrun/batch/approval"
	"payrun/ledger"
)

// Governance is who may sign and by which policy, as a ledger has it now.
type Governance struct {
	Records

	People approval.People
	// Policy is the one in force, nil for none.
	Policy *approval.Policy
}

// Registry keeps the policies and people of a ledger as far as they were read, with all their
// signatures verified, so that asking again costs what happened since and not what ever did.
// Others may write to the ledger meanwhile, and it may come back from a copy: what was read counts
// for as long as the ledger has the event up to which that was. It is safe for concurrent use.
type Registry struct {
	store ledger.Reader

	mu sync.Mutex
	// count and hash are the head of the log up to which was read, seen the last act that was,
	// which may be behind it.
	count, seen uint64
	hash        string
	known       Governance
	// relevant counts the acts that known was made of.
	relevant int
}

// NewRegistry returns the registry of a ledger, of which nothing is read yet.
func NewRegistry(store ledger.Reader) *Registry { return &Registry{store: store} }

// Governance reads who may sign and which policy is in force. An error that wraps ErrRecords,
// approval.ErrPeople or approval.ErrPolicy is of a ledger by which nothing can be approved.
// What it returns is shared, and must not be changed.
func (g *Registry) Governance(ctx context.Context) (Governance, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.refresh(ctx); err != nil {
		return Governance{}, err
	}
	return g.known, nil
}

// Records are those of Governance.
func (g *Registry) Records(ctx context.Context) (Records, error) {
	known, err := g.Governance(ctx)
	return known.Records, err
}

// Of says where the approval of a batch stands, as the function of that name does.
func (g *Registry) Of(ctx context.Context, id ledger.BatchID, now time.Time) (Standing, error) {
	return reading{store: g.store, read: g.Records, now: now}.of(ctx, id)
}

// List is Of that writes the canonical list of the content that was submitted last, whose
// digest stands there.
func (g *Registry) List(ctx context.Context, id ledger.BatchID, now time.Time, w io.Writer) (Standing, error) {
	return reading{store: g.store, read: g.Records, now: now, list: w}.of(ctx, id)
}

// With is Of, as it would be with one more decision about the batch.
func (g *Registry) With(ctx context.Context, id ledger.BatchID, d approval.Decision, now time.Time) (Standing, error) {
	return reading{store: g.store, read: g.Records, now: now, besides: []approval.Decision{d}}.of(ctx, id)
}

// refresh reads on from where the log ended the last time, or all of it if it does not have that
// event any more.
func (g *Registry) refresh(ctx context.Context) error {
	count, hash, err := g.store.Head(ctx)
	if err != nil || (count == g.count && hash == g.hash) {
		return err
	}
	if g.count > 0 {
		before, err := g.store.HashAt(ctx, g.count)
		if err != nil {
			return err
		}
		if before != g.hash {
			g.count, g.seen, g.hash, g.known, g.relevant = 0, 0, "", Governance{}, 0
		}
	}
	next, seen, relevant := g.known, max(g.seen, g.count), g.relevant
	next.Records = next.clone()
	for event, err := range g.store.ActsFrom(ctx, "", seen+1) {
		if err == nil {
			err = next.take(event)
		}
		if err != nil {
			return err
		}
		if seen = event.Sequence; governs(event.Act) {
			relevant++
		}
	}
	if relevant != g.relevant {
		if next.People, err = next.Records.People(); err != nil {
			return err
		}
		if next.Policy, err = next.InForce(); err != nil {
			return err
		}
	}
	if err := next.complete(ctx, g.store); err != nil {
		return err
	}
	next.Records = next.clone() // whoever adds to what they got changes nobody else's
	g.count, g.seen, g.hash, g.known, g.relevant = count, seen, hash, next, relevant
	return nil
}

// governs reports whether an act upon a ledger is of policies or people.
func governs(code ledger.ActCode) bool {
	switch code { //nolint:exhaustive // the others are about something else
	case ledger.ActPeople, ledger.ActPolicyProposed, ledger.ActPolicyDecided, ledger.ActPolicySet:
		return true
	}
	return false
}

// clone returns records to which more can be added without changing these.
func (r Records) clone() Records {
	r.Acts, r.Changes, r.decided = slices.Clip(r.Acts), slices.Clip(r.Changes), slices.Clip(r.decided)
	r.Proposals = slices.Clone(r.Proposals)
	for i := range r.Proposals {
		r.Proposals[i].Decisions = slices.Clip(r.Proposals[i].Decisions)
	}
	return r
}

// complete returns an error that wraps ErrRecords if the ledger lacks some of what was recorded.
// That there is more by now is none.
func (r Records) complete(ctx context.Context, store ledger.Reader) error {
	identity, err := store.Identity(ctx)
	if err != nil {
		return err
	}
	if len(r.Acts) == identity.People && len(r.Changes) == identity.Policies {
		return nil
	}
	_, err = Read(ctx, store)
	return err
}
