package engine_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// plantedBugs are ways to get it wrong that look right on a good day. Each
// changes one decision, at the engine's seams, and the simulation has to notice.
var plantedBugs = map[string]func(w *world){
	"sends again what had no answer": answering(func(o provider.Outcome) provider.Outcome {
		if o.Class == provider.Unknown {
			o.Class = provider.Throttled
		}
		return o
	}, nil),
	"believes an answer about somebody else": answering(func(o provider.Outcome) provider.Outcome {
		if o.Mismatch {
			o.Class = provider.Successful
		}
		return o
	}, nil),
	"takes a proxy's 504 for a failure": answering(func(o provider.Outcome) provider.Outcome {
		if o.Class == provider.Unknown && strings.HasPrefix(o.Code, provider.CodeHTTP) {
			o.Class = provider.Failed
		}
		return o
	}, nil),
	"takes one 'not found' for a failure": answering(nil, func(o provider.Outcome) provider.Outcome {
		if o.Class == provider.NotFound {
			o.Class = provider.Failed
		}
		return o
	}),
	"does not wait before the second look-up": func(w *world) { w.config.LookupGrace = time.Nanosecond },
	"forgets after a crash that it was sending": func(w *world) {
		w.beforeRun = func(t *testing.T, store ledger.Store) {
			t.Helper()
			var half []ledger.Change
			for payout, err := range store.Payouts(t.Context(), simBatch, ledger.Submitting) {
				if err != nil {
					t.Fatal(err)
				}
				half = append(half, ledger.Change{
					ID: payout.ID, From: ledger.Submitting, To: ledger.Queued, At: time.Now().UTC(), Actor: "bug",
				})
			}
			if _, err := store.Apply(t.Context(), half); err != nil {
				t.Fatal(err)
			}
		}
	},
	"sends before the intent is on disk": func(w *world) {
		w.wrapStore = func(store ledger.Store) ledger.Store { return &lateIntents{Store: store} }
	},
}

// plantedTries is how many worlds may pass before one shows a planted bug.
const plantedTries = 300

// shownBy are the first worlds that show the bugs which the fewest show.
var shownBy = map[string]uint64{
	"does not wait before the second look-up":          22,
	"has no fence in the ledger":                       61,
	"sends without asking whether it is still at work": 42,
	"takes over when the lease alone is over":          23,
	"anchors after sending":                            69,
	"takes the refusal of a repeat for the end":        47,
	"takes an old transfer for a young control":        26,
}

// plantedSeeds are the worlds that a planted bug is played in until one shows it. They
// begin where it is known to be shown; in a search, at the first.
func plantedSeeds(name string) iter.Seq[uint64] {
	first := max(1, shownBy[name])
	if *simSeeds > seedsDefault {
		first = 1
	}
	return func(yield func(uint64) bool) {
		for seed := first; seed < first+plantedTries && yield(seed); seed++ {
		}
	}
}

// TestTheSimulationNoticesPlantedBugs runs each wrong engine until the oracle
// complains. A bug that nobody notices means that the simulation proves less
// than it says.
func TestTheSimulationNoticesPlantedBugs(t *testing.T) {
	for name, plant := range plantedBugs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range plantedSeeds(name) {
				var wrong error
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, seed)
					plant(w)
					wrong = w.survive(t, randomCrashes(seed))
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

// answering plants a misjudgement of answers to transfers and to look-ups.
func answering(send, lookUp func(provider.Outcome) provider.Outcome) func(*world) {
	return func(w *world) { w.client = &misjudging{Provider: w.client, send: send, lookUp: lookUp} }
}

type misjudging struct {
	provider.Provider
	send, lookUp func(provider.Outcome) provider.Outcome
}

func (m *misjudging) Send(ctx context.Context, request provider.Request) provider.Outcome {
	outcome := m.Provider.Send(ctx, request)
	if m.send != nil {
		outcome = m.send(outcome)
	}
	return outcome
}

func (m *misjudging) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	outcome := m.Provider.LookUp(ctx, query)
	if m.lookUp != nil {
		outcome = m.lookUp(outcome)
	}
	return outcome
}

// lateIntents keeps intents back until their outcome is known, as an engine
// would that records what happened instead of what is about to.
type lateIntents struct {
	ledger.Store
	held []ledger.Change
}

func (s *lateIntents) Apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	held := append(s.held, changes...)
	s.held = nil
	return s.Store.Apply(ctx, held)
}

func (s *lateIntents) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	if len(request.Changes) > 0 {
		held := append(s.held, request.Changes...)
		s.held, request.Changes = nil, held
		return s.Store.Claim(ctx, request)
	}
	claimed, intents, err := pretended(ctx, s.Store, request)
	s.held = append(s.held, intents...)
	return claimed, err
}

// pretended is the answer to a request of which nothing is recorded, and what would be.
func pretended(ctx context.Context, store ledger.Reader, request ledger.ClaimRequest) (claimed ledger.Claimed, intents []ledger.Change, err error) {
	for _, id := range request.Payouts {
		payout, err := store.Payout(ctx, id)
		if err != nil {
			return claimed, intents, err
		}
		if made, may := new(ledger.Claims).Claim(payout, &request); may {
			claimed.Payouts, intents = append(claimed.Payouts, made.After), append(intents, made.Change)
		}
	}
	return claimed, intents, nil
}
