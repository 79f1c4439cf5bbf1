package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

const simBatch = ledger.BatchID("sim")

// world is everything around one simulated batch: a file of payouts, a provider
// with a bad day, and a ledger on disk that outlives the processes. It must be
// built and used inside one synctest bubble.
type world struct {
	seed     uint64
	path     string
	entries  []ledger.Entry
	scenario sandbox.Scenario
	dialect  digitalpaye.Dialect
	sandbox  *sandbox.Sandbox
	client   provider.Provider
	config   engine.Config

	// beforeRun and wrapStore are where wrong engines are planted.
	beforeRun func(t *testing.T, store ledger.Store)
	wrapStore func(store ledger.Store) ledger.Store
}

// run pays a batch from where it stands, as a process does.
func run(ctx context.Context, config engine.Config, batch ledger.Batch, drain <-chan struct{}) (engine.Tally, error) {
	before, err := engine.Look(ctx, config.Store, batch)
	if err != nil {
		return engine.Tally{}, err
	}
	return engine.Run(ctx, config, before, drain)
}

// newWorld draws a world from a seed. Each fault of the catalogue is left out of
// most worlds and has a weight of its own in the rest, so that the rare
// combinations are not drowned by an average day.
func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	w := &world{
		seed:     seed,
		path:     filepath.Join(t.TempDir(), "ledger.db"),
		entries:  drawEntries(random),
		scenario: drawScenario(random, seed),
		dialect:  []digitalpaye.Dialect{digitalpaye.V2, digitalpaye.V1}[random.IntN(2)],
		config: engine.Config{
			Workers:     1 + random.IntN(8),
			Wait:        24 * time.Hour,
			LookupGrace: time.Minute,
			OutageMax:   24 * time.Hour,
			Request:     request,
			Log:         zerolog.Nop(),
		},
	}
	if random.IntN(2) == 0 {
		w.config.Rate = float64(1 + random.IntN(50))
	}
	w.open(t)
	return w
}

// open starts the provider anew.
func (w *world) open(t *testing.T) {
	t.Helper()
	simulated, err := sandbox.New(sandbox.Options{Scenario: &w.scenario})
	if err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: "http://127.0.0.1",
		Transport: &network{
			seed: w.seed, next: sandbox.InProcess(simulated), times: map[uint64]int{},
		},
		RequestTimeout: time.Hour,
		Dialect:        w.dialect,
		Credentials: digitalpaye.Credentials{
			Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret,
		},
	})
	if err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	w.sandbox, w.client = simulated, client
}

func request(p ledger.Payout) provider.Request {
	return provider.Request{
		Reference: string(p.Reference), Number: p.Number, Name: p.Name, Amount: p.Amount,
		Operator: "ORANGE_MONEY_CI", Country: "CI", Currency: "XOF",
	}
}

func drawEntries(random *rand.Rand) []ledger.Entry {
	entries := make([]ledger.Entry, 1+random.IntN(24))
	for i := range entries {
		entries[i] = ledger.Entry{Row: i + 2, Terms: ledger.Terms{
			ID:       ledger.TransactionID(fmt.Sprintf("SIM-%04d", i)),
			Number:   msisdn.Number(fmt.Sprintf("07%08d", i)),
			Name:     "Awa Koné",
			Amount:   money.XOF(100 + random.IntN(999_900)),
			Operator: "ORANGE",
		}}
	}
	return entries
}

// answerWeightMax bounds the faults of one group, so that every payout gets
// through in the end and a run that does not end is a defect.
const answerWeightMax = 60.0

func drawScenario(random *rand.Rand, seed uint64) sandbox.Scenario {
	scenario := sandbox.DefaultScenario()
	scenario.Seed = seed
	scenario.Latency = sandbox.Range{Min: time.Millisecond, Max: 400 * time.Millisecond}
	// A late acceptance and a lagging look-up may meet in one payout: together
	// they stay within the look-up grace, which is the engine's assumption.
	scenario.Late = sandbox.Range{Min: time.Second, Max: 29 * time.Second}
	scenario.LookupLag = sandbox.Range{Min: 100 * time.Millisecond, Max: 29 * time.Second}
	scenario.Forever = sandbox.Range{Min: 5 * time.Minute, Max: 20 * time.Minute}
	scenario.TokenLife = time.Duration(5+random.IntN(600)) * time.Second
	if random.IntN(4) == 0 {
		scenario.RateCap = 2 + random.IntN(20)
	}
	if random.IntN(8) == 0 {
		scenario.Balance = money.XOF(random.IntN(5_000_000))
	}
	scenario.Faults = map[sandbox.Fault]float64{}
	left := map[sandbox.Group]float64{}
	for _, entry := range sandbox.Catalogue() {
		if _, seen := left[entry.Group]; !seen {
			left[entry.Group] = answerWeightMax
		}
		if random.IntN(4) == 0 {
			weight := min(random.Float64()*30, left[entry.Group])
			scenario.Faults[entry.Fault] = weight
			left[entry.Group] -= weight
		}
	}
	return scenario
}

// enrolled opens the ledger as a new process would, and enrols the file again:
// that is what the same command does.
func (w *world) enrolled(t *testing.T) *boltledger.Store {
	t.Helper()
	store, err := boltledger.Open(w.path, boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatalf("seed %d: open the ledger: %v", w.seed, err)
	}
	batch := ledger.Batch{ID: simBatch, File: "sim.csv", SHA256: "00", Environment: "sandbox", CreatedAt: time.Now().UTC()}
	if _, err := store.Enrol(t.Context(), batch, each(w.entries)); err != nil {
		t.Fatalf("seed %d: enrol: %v", w.seed, err)
	}
	return store
}

func each(entries []ledger.Entry) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// live is one process: it opens the ledger, pays, and ends by itself, by the
// plan's crash, or by one of the engine's reasons. The store it leaves behind is
// closed, as a dead process's is.
func (w *world) live(t *testing.T, plan *crash) (engine.Tally, error) {
	t.Helper()
	store := w.enrolled(t)
	defer func() {
		if err := store.Close(); err != nil {
			t.Errorf("seed %d: close the ledger: %v", w.seed, err)
		}
	}()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	config := w.config
	config.Provider = w.client
	config.Store = store
	if plan != nil {
		config.Store = &dyingStore{Store: store, plan: plan, kill: kill}
	}
	if w.beforeRun != nil {
		w.beforeRun(t, store)
	}
	if w.wrapStore != nil {
		config.Store = w.wrapStore(config.Store)
	}
	sealed := ledger.Batch{ID: simBatch, Sealed: true}
	return run(ctx, config, sealed, nil)
}

// crash says at which durable write a process dies, and whether that write
// reaches the disk.
type crash struct {
	at      int
	written bool

	writes int
	died   bool
}

// dyingStore stops answering at the planned write, and with it the process.
type dyingStore struct {
	ledger.Store
	plan *crash
	kill func()
}

func (s *dyingStore) Apply(ctx context.Context, changes []ledger.Change) error {
	if s.plan.died {
		return ledger.ErrStopped
	}
	s.plan.writes++
	if s.plan.writes != s.plan.at {
		return s.Store.Apply(ctx, changes)
	}
	s.plan.died = true
	if s.plan.written {
		if err := s.Store.Apply(ctx, changes); err != nil {
			return err
		}
	}
	s.kill()
	return ledger.ErrStopped
}

// expectedEnd reports whether a life may end with this error.
func expectedEnd(err error) bool {
	return err == nil || errors.Is(err, ledger.ErrStopped) || errors.Is(err, engine.ErrBalance)
}
