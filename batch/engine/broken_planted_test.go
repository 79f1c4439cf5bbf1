package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider"
	"payrun/provider/digitalpaye"
)

// bug is a way to get it wrong that looks right while nothing is broken. The zero value
// is none. Each changes one decision, at the seams between payrun's parts.
type bug struct {
	// plot and breaks are those in which the bug can do harm, empty for any.
	plot   string
	breaks []string
	// anyAccount takes every account for the batch's, unchecked opens what is damaged.
	anyAccount, unchecked bool
	// unlisted has no list read.
	unlisted bool
	trust    func(*engine.Trust)
	store    func(ledger.Store) ledger.Store
	log      func(*disk) ledger.Store
	send     func(m *meddler, o provider.Outcome, r provider.Request) provider.Outcome
	lookUp   func(m *meddler, o provider.Outcome, q provider.Query) provider.Outcome
}

// plant puts the bug between a desk's parts.
func (b bug) plant(d *desk, config *engine.Config) {
	if b.trust != nil {
		b.trust(&config.Trust)
	}
	if b.send != nil || b.lookUp != nil {
		config.Provider = &meddler{Client: d.client, bug: b, sends: map[string]int{}, last: map[string]provider.Outcome{}}
		config.Lister = nil // the meddler's
	}
}

// meddler changes what the provider's client says.
type meddler struct {
	*digitalpaye.Client
	bug bug

	mu sync.Mutex
	// sends counts the transfers that were asked for, last is what was answered to the
	// latest, both by reference.
	sends map[string]int
	last  map[string]provider.Outcome
}

func (m *meddler) Send(ctx context.Context, r provider.Request) provider.Outcome {
	o := m.Client.Send(ctx, r)
	m.mu.Lock()
	m.sends[r.Reference]++
	m.last[r.Reference] = o
	m.mu.Unlock()
	if m.bug.send != nil {
		o = m.bug.send(m, o, r)
	}
	return o
}

func (m *meddler) Transactions(ctx context.Context) iter.Seq2[provider.Transaction, error] {
	if !m.bug.unlisted {
		return m.Client.Transactions(ctx)
	}
	return func(yield func(provider.Transaction, error) bool) { yield(provider.Transaction{}, errNoList) }
}

func (m *meddler) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	o := m.Client.LookUp(ctx, q)
	if m.bug.lookUp != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		o = m.bug.lookUp(m, o, q)
	}
	return o
}

// altered yields payouts as a bug has them.
type altered struct {
	ledger.Store
	all, open func(nth int, p ledger.Payout) (ledger.Payout, bool)

	mu    sync.Mutex
	opens int
}

func (s *altered) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	change, nth := s.all, 0
	if len(states) > 0 {
		change, nth = s.open, s.opened()
	}
	if change == nil {
		return s.Store.Payouts(ctx, id, states...)
	}
	return changed(s.Store.Payouts(ctx, id, states...), func(p ledger.Payout) (ledger.Payout, bool) { return change(nth, p) })
}

func (s *altered) PayoutsFrom(ctx context.Context, id ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	if s.open == nil {
		return s.Store.PayoutsFrom(ctx, id, from, of)
	}
	nth := s.opened()
	return changed(s.Store.PayoutsFrom(ctx, id, from, of), func(p ledger.Placed) (_ ledger.Placed, more bool) {
		p.Payout, more = s.open(nth, p.Payout)
		return p, more
	})
}

// opened returns how often a list of what is open was asked for.
func (s *altered) opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opens++
	return s.opens
}

func changed[T any](seq iter.Seq2[T, error], change func(T) (T, bool)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for p, err := range seq {
			more := true
			if err == nil {
				p, more = change(p)
			}
			if !yield(p, err) || !more {
				return
			}
		}
	}
}

// heedless goes on although another payrun pays from the account.
type heedless struct{ ledger.Store }

func (s *heedless) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, request)
	if errors.Is(err, anchor.ErrOvertaken) {
		claimed, _, err = pretended(ctx, s.Store, request)
	}
	return claimed, err
}

// trusting is a ledger that was always compared with the provider.
type trusting struct{ ledger.Store }

func (s *trusting) Identity(ctx context.Context) (ledger.Identity, error) {
	identity, err := s.Store.Identity(ctx)
	identity.Proven = time.Now()
	return identity, err
}

// elder knows one old transfer, and has it seem younger than every doubt: its log lacks
// what is not known.
type elder struct{ ledger.Store }

func (s *elder) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	first := true
	return changed(s.Store.Payouts(ctx, id, states...), func(p ledger.Payout) (ledger.Payout, bool) {
		if p.State == ledger.Successful && !first {
			p.Intents = 0
		}
		first = first && p.State != ledger.Successful
		return p, true
	})
}

func (s *elder) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	last := map[ledger.TransactionID]ledger.State{}
	for event := range s.Store.Events(ctx, 0) {
		last[event.Payout] = event.To
	}
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range s.Store.Events(ctx, from) {
			if err == nil && last[event.Payout] != ledger.Successful {
				continue
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

// behind is a log that tells of its head as it was before the last write, so that the
// anchor follows one write late.
type behind struct {
	*disk
	mu     sync.Mutex
	events uint64
	hash   string
	wrote  bool
}

func (s *behind) Apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	if err := s.stand(ctx); err != nil {
		return nil, err
	}
	return s.disk.Apply(ctx, changes)
}

func (s *behind) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	if err := s.stand(ctx); err != nil {
		return ledger.Claimed{}, err
	}
	return s.disk.Claim(ctx, request)
}

// stand keeps the head as it is before a write.
func (s *behind) stand(ctx context.Context) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events, s.hash, err = s.disk.Head(ctx)
	s.wrote = s.wrote || err == nil
	return err
}

func (s *behind) Head(ctx context.Context) (uint64, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wrote {
		return s.events, s.hash, nil
	}
	return s.disk.Head(ctx)
}

// brokenRules are the rules that broken worlds are for, each taken out.
var brokenRules = map[string]bug{
	"asks nobody where nothing vouches for the ledger": {
		plot:  "an empty ledger",
		trust: func(t *engine.Trust) { t.Vouched, t.Since = true, time.Time{} },
		store: func(s ledger.Store) ledger.Store { return &trusting{s} },
	},
	"probes the first row only": {plot: "an empty ledger", store: func(s ledger.Store) ledger.Store {
		return &altered{Store: s, open: func(nth int, p ledger.Payout) (ledger.Payout, bool) { return p, nth != 2 }}
	}},
	"asks nothing of a batch that is gone on with": {plot: "a copy of half-way", trust: func(t *engine.Trust) { t.Since = time.Time{} }},
	"takes its own word for the control": {plot: "one ledger", breaks: []string{"look-ups that lag"}, lookUp: func(m *meddler, o provider.Outcome, q provider.Query) provider.Outcome {
		if sent := m.last[q.Reference]; sent.Class == provider.Successful {
			return sent
		}
		return o
	}},
	"takes an old transfer for a young control": {plot: "one ledger", breaks: []string{"look-ups that lag"}, store: func(s ledger.Store) ledger.Store {
		return &elder{s}
	}},
	"does not look once more at the end": {plot: "one ledger", breaks: []string{"late acceptance"}, unlisted: true, lookUp: func(m *meddler, o provider.Outcome, q provider.Query) provider.Outcome {
		if m.sends[q.Reference] != 1 && q.ProviderRef == "" && o.Class == provider.Successful {
			return provider.Outcome{Class: provider.NotFound, Documented: true}
		}
		return o
	}},
	"believes a page that nothing was done": {plot: "one ledger", breaks: []string{"proxies' words"}, send: func(_ *meddler, o provider.Outcome, _ provider.Request) provider.Outcome {
		if o.Class == provider.Unknown && strings.HasPrefix(o.Code, provider.CodeHTTP+"_4") {
			o.Class = provider.Throttled
		}
		return o
	}},
	"believes a gateway's 404": {plot: "one ledger", breaks: []string{"a gateway before look-ups", "proxies' words"}, lookUp: func(_ *meddler, o provider.Outcome, _ provider.Query) provider.Outcome {
		if o.Class == provider.Unknown && !o.Mismatch && !o.BackOff {
			o.Class, o.Documented = provider.NotFound, true
		}
		return o
	}},
	"posts again by itself": {plot: "one ledger", send: func(m *meddler, o provider.Outcome, r provider.Request) provider.Outcome {
		if o.Class == provider.Unknown {
			return m.Client.Send(context.Background(), r)
		}
		return o
	}},
	"takes the refusal of a repeat for the end": {plot: "one ledger", breaks: []string{"repeats refused", "proxies' words"}, send: func(m *meddler, o provider.Outcome, r provider.Request) provider.Outcome {
		if o.Class == provider.Refused && m.sends[r.Reference] > 1 {
			o.Class = provider.Failed
		}
		return o
	}},
	"fails whoever is refused, however many": {plot: "one ledger", breaks: []string{"a barred account"}, send: func(_ *meddler, o provider.Outcome, _ provider.Request) provider.Outcome {
		if o.Class == provider.Refused {
			o.Class = provider.Failed
		}
		return o
	}},
	"does not look at dates": {
		plot: "last month's ids", breaks: []string{"repeats replayed"},
		send: func(_ *meddler, o provider.Outcome, _ provider.Request) provider.Outcome {
			o.Described.At = time.Time{}
			return o
		},
		lookUp: func(_ *meddler, o provider.Outcome, _ provider.Query) provider.Outcome {
			o.Described.At = time.Time{}
			return o
		},
	},
	"sends a later attempt without a look": {plot: "an interrupted retry", store: func(s ledger.Store) ledger.Store {
		return &altered{Store: s, open: func(_ int, p ledger.Payout) (ledger.Payout, bool) {
			p.Attempt, p.Earlier = 1, nil
			return p, true
		}}
	}},
	"takes over whatever has the id": {plot: "an empty ledger", lookUp: func(_ *meddler, o provider.Outcome, q provider.Query) provider.Outcome {
		if o.Mismatch && o.Described.Ours {
			o.Class, o.Mismatch = provider.Successful, false
			o.Described.Number, o.Described.Amount, o.Described.AmountKnown = q.Number, q.Amount, true
		}
		return o
	}},
	"anchors after sending":        {plot: "an older copy put back", breaks: []string{"look-ups that lag a little"}, log: func(d *disk) ledger.Store { return &behind{disk: d} }},
	"does not see who overtakes":   {plot: "two at once", store: func(s ledger.Store) ledger.Store { return &heedless{s} }},
	"does not compare the account": {plot: "another account", breaks: []string{"proxies' words"}, anyAccount: true},
}

// TestBrokenWorldsNoticeEachRuleTakenOut runs each wrong payrun until the oracle
// complains.
func TestBrokenWorldsNoticeEachRuleTakenOut(t *testing.T) {
	for name, wrong := range brokenRules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range plantedSeeds(name) {
				noticed := played(t, seed, wrong)
				if noticed == nil {
					continue
				}
				t.Logf("noticed with seed %d: %v", seed, noticed)
				if sound := played(t, seed, bug{plot: wrong.plot, breaks: wrong.breaks}); sound != nil {
					t.Errorf("seed %d is complained of without the bug too: %v", seed, sound)
				}
				return
			}
			t.Errorf("not noticed in %d seeds", plantedTries)
		})
	}
}

// played plays a world with a bug, and returns what the oracle says.
func played(t *testing.T, seed uint64, wrong bug) (said error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBroken(t, seed, wrong)
		if said = b.judge(); said != nil {
			said = fmt.Errorf("%s: %w", b.describe(), said)
		}
	})
	return said
}
