package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/ledger/phone"
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
	network  *network
	client   provider.Provider
	config   engine.Config

	// shown is set once the run said that it left payouts to a person.
	shown bool

	// beforeRun and wrapStore are where wrong engines are planted.
	beforeRun func(t *testing.T, store ledger.Store)
	wrapStore func(store ledger.Store) ledger.Store
}

// run pays a batch from where it stands, as a process does.
func run(ctx context.Context, config engine.Config, batch ledger.Batch, drain <-chan struct{}) (ledger.ByState, error) {
	before, err := engine.LoadSnapshot(ctx, config.Store, batch.ID)
	if err != nil {
		return ledger.ByState{}, err
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
			Wait:        100 * 24 * time.Hour, // what is in doubt without a control is settled when it is a day old
			LookupGrace: time.Minute,
			Trust:       engine.Trust{Vouched: true},
			OutageMax:   100 * 24 * time.Hour,
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
	w.sandbox = simulated
	w.network = &network{seed: w.seed, next: sandbox.InProcess(simulated), times: map[uint64]int{}}
	w.client = w.called(t, provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret}, "")
}

// called returns a client of the provider with these credentials and in this
// environment, empty for the one that belongs to the address.
func (w *world) called(t *testing.T, with provider.Credentials, environment string) *digitalpaye.Client {
	t.Helper()
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: "http://127.0.0.1", Transport: w.network, RequestTimeout: time.Hour,
		Dialect: w.dialect, Environment: environment, Credentials: with,
	})
	if err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	return client
}

func request(p ledger.Payout) provider.Request {
	return provider.Request{
		Reference: string(p.Reference), Number: p.Number, Name: p.Name, Amount: p.Amount,
		Scheme: "ORANGE", Country: "CI",
	}
}

func drawEntries(random *rand.Rand) []ledger.Entry {
	entries := make([]ledger.Entry, 1+random.IntN(24))
	for i := range entries {
		entries[i] = ledger.Entry{Row: i + 2, Terms: ledger.Terms{
			ID:      ledger.TransactionID(fmt.Sprintf("SIM-%04d", i)),
			Number:  phone.E164(fmt.Sprintf("+22507%08d", i)),
			Name:    "Awa Koné",
			Amount:  money.XOF.Of(int64(100 + random.IntN(999_900))),
			Country: "CI", Operator: "ORANGE",
		}}
	}
	return entries
}

// answerWeightMax bounds the faults of one group, so that every payout gets
// through in the end and a run that does not end is a defect.
const answerWeightMax = 60.0

// turnWeight is the least weight of a fault when it is its turn.
const turnWeight = 15.0

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
		scenario.Balance = sandbox.Francs(random.IntN(5_000_000))
	}
	scenario.Faults = map[sandbox.Fault]float64{}
	left := map[sandbox.Group]float64{}
	// One fault has its turn whatever is drawn, so that a few worlds have them all.
	all := everyFault()
	turn := all[seed%uint64(len(all))]
	for _, entry := range sandbox.Catalogue() {
		if entry.Beyond != "" {
			continue
		}
		if _, seen := left[entry.Group]; !seen {
			left[entry.Group] = answerWeightMax
		}
		if random.IntN(4) == 0 || string(entry.Fault) == turn {
			weight := min(random.Float64()*30, left[entry.Group])
			scenario.Faults[entry.Fault] = weight
			left[entry.Group] -= weight
		}
	}
	if fault := sandbox.Fault(turn); scenario.Faults[fault] < turnWeight {
		scenario.Faults[fault] = turnWeight // answerWeightMax leaves room for it
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
	batch := ledger.Batch{ID: simBatch, File: "sim.csv", SHA256: "00", Account: ledger.Account{Place: "sandbox"}, Currency: money.XOF, CreatedAt: time.Now().UTC()}
	if _, err := store.Enrol(t.Context(), batch, each(w.entries)); err != nil {
		t.Fatalf("seed %d: enrol: %v", w.seed, err)
	}
	if err := ledgertest.Release(t.Context(), store, simBatch); err != nil {
		t.Fatalf("seed %d: release: %v", w.seed, err)
	}
	if err := proven(t.Context(), store); err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	return store
}

// proven has a ledger's account be one whose look-ups were once shown to work.
func proven(ctx context.Context, store ledger.Store) error {
	identity, err := store.Identity(ctx)
	if err != nil || !identity.Proven.IsZero() {
		return err
	}
	return store.Record(ctx, ledger.Act{Code: ledger.ActProven, At: time.Now().UTC()})
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
func (w *world) live(t *testing.T, plan *crash) (ledger.ByState, error) {
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
	if *simSeed != 0 {
		config.Log = zerolog.New(os.Stderr).Hook(clock{}) // a replay tells all
	}
	if w.beforeRun != nil {
		w.beforeRun(t, store)
	}
	if w.wrapStore != nil {
		config.Store = w.wrapStore(config.Store)
	}
	return run(ctx, config, ledger.Batch{ID: simBatch}, nil)
}

// crash says at which durable write a process dies, and whether that write
// reaches the disk.
type crash struct {
	at      int
	written bool
	// anchored has it die after the anchor was advanced.
	anchored bool
	// afterSend has it die at the first write after a window was sent, instead of at at.
	afterSend bool

	writes int
	died   bool
}

// dyingStore stops answering at the planned write, and with it the process.
type dyingStore struct {
	ledger.Store
	plan *crash
	kill func()
}

func (s *dyingStore) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	err = s.write(func() (err error) { lost, err = s.Store.Apply(ctx, changes); return err })
	return lost, err
}

func (s *dyingStore) Claim(ctx context.Context, request ledger.ClaimRequest) (claimed ledger.Claimed, err error) {
	err = s.write(func() (err error) { claimed, err = s.Store.Claim(ctx, request); return err })
	return claimed, err
}

func (s *dyingStore) write(write func() error) error {
	if s.plan.died {
		return ledger.ErrStopped
	}
	s.plan.writes++
	if s.plan.writes != s.plan.at {
		return write()
	}
	s.plan.died = true
	if s.plan.written {
		if err := write(); err != nil {
			return err
		}
	}
	s.kill()
	return ledger.ErrStopped
}

// expectedEnd reports whether a life may end with this error.
func expectedEnd(err error) bool {
	return err == nil || errors.Is(err, ledger.ErrStopped) || errors.Is(err, engine.ErrBalance) ||
		errors.Is(err, engine.ErrRefusals) || uncontrolled(err)
}

// uncontrolled reports whether a life ended because nothing showed that look-ups work:
// with words, or with none but a proxy's.
func uncontrolled(err error) bool {
	return errors.Is(err, engine.ErrNoControl) || errors.Is(err, engine.ErrOutage)
}
