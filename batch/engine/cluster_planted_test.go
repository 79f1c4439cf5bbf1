package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
)

// plantedAmongMachines are ways to share a ledger that look right as long as no machine
// freezes.
var plantedAmongMachines = map[string]func(c *cluster){
	"sends without asking whether it is still at work": func(c *cluster) { c.unfenced = true },
	"has no fence in the ledger": func(c *cluster) {
		c.plantStore = func(_ *process, store ledger.Store) ledger.Store { return &unfencedStore{store} }
	},
	"counts the grace from the intent": func(c *cluster) {
		c.plantConfig = func(p *process, config *engine.Config) {
			taken := &takenSince{Store: config.Store, config: config, ahead: p.skew}
			config.Store = taken
			taken.shorten()
		}
	},
	"takes over when the lease alone is over": func(c *cluster) {
		c.plantStore = func(p *process, store ledger.Store) ledger.Store { return &byLeaseAlone{store, p} }
	},
	"throws away what a fenced worker heard": func(c *cluster) {
		c.plantStore = func(p *process, store ledger.Store) ledger.Store { return &deafStore{store, p} }
	},
}

// TestMachinesTogetherNoticePlantedBugs plays each wrong cluster until something is wrong.
func TestMachinesTogetherNoticePlantedBugs(t *testing.T) {
	for name, plant := range plantedAmongMachines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range plantedSeeds(name) {
				var wrong error
				synctest.Test(t, func(t *testing.T) {
					c := drawCluster(t, seed)
					plant(c)
					wrong = c.pays(t)
				})
				if wrong != nil {
					t.Logf("noticed with seed %d: %v", seed, wrong)
					return
				}
			}
			t.Errorf("not noticed in %d seeds", plantedTries)
		})
	}
}

// unfencedStore makes a worker's changes whoever has the payout, as an UPDATE does that names
// neither worker nor epoch.
type unfencedStore struct{ ledger.Store }

func (s *unfencedStore) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	for _, change := range changes {
		unfenced := change
		unfenced.Claim = ledger.Claim{}
		if now, err := s.Payout(ctx, change.ID); err == nil {
			unfenced.From = now.State
		}
		if _, err := s.Store.Apply(ctx, []ledger.Change{unfenced}); err == nil {
			continue
		}
		// It comes from nowhere: what was heard is kept.
		more, err := s.Store.Apply(ctx, []ledger.Change{change})
		if err != nil {
			return lost, err
		}
		lost = append(lost, more...)
	}
	return lost, nil
}

func (s *unfencedStore) Claim(ctx context.Context, r ledger.ClaimRequest) (ledger.Claimed, error) {
	lost, err := s.Apply(ctx, r.Changes)
	if err != nil {
		return ledger.Claimed{}, err
	}
	r.Changes = nil
	done, err := s.Store.Claim(ctx, r)
	done.Lost = lost
	return done, err
}

// takenSince has the grace be over as much earlier as the intents of what is taken over are
// older.
type takenSince struct {
	ledger.Store
	config *engine.Config
	ahead  time.Duration
}

func (s *takenSince) shorten() {
	oldest := time.Now()
	for payout, err := range s.Payouts(context.Background(), simBatch, ledger.Submitting, ledger.Unknown) {
		if err == nil && !payout.SubmittedAt.IsZero() && payout.SubmittedAt.Before(oldest) {
			oldest = payout.SubmittedAt
		}
	}
	s.config.LookupGrace = max(time.Nanosecond, s.config.LookupGrace-time.Since(oldest))
}

// byLeaseAlone ends every other worker whose lease is over, whether its session is there or
// not.
type byLeaseAlone struct {
	ledger.Store
	p *process
}

func (s *byLeaseAlone) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	for _, h := range s.p.c.hosts {
		h.mu.Lock()
		machine := h.machineNow
		h.mu.Unlock()
		if machine != nil && machine != s.p.machine {
			machine.Disconnect()
		}
	}
	return s.Store.TakeOver(ctx, claim, payouts)
}

// deafStore makes nothing of changes under a claim that is over.
type deafStore struct {
	ledger.Store
	p *process
}

func (s *deafStore) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	var made []ledger.Change
	for _, change := range changes {
		if s.p.c.shared.AtWork(change.Claim) {
			made = append(made, change)
		} else {
			lost = append(lost, change.ID)
		}
	}
	more, err := s.Store.Apply(ctx, made)
	return append(lost, more...), err
}
