package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/policy"
	"payrun/provider/sandbox"
)

const (
	// clusterLease is that of package pgledger.
	clusterLease = 15 * time.Second
	// clusterGrace has room for a request that leaves late, beside a late acceptance and a
	// look-up that lags: see thaws in cluster_draw_test.go.
	clusterGrace = 3 * time.Minute
)

// cluster is a world in which several machines pay one batch over one ledger. It must be
// built and used inside one synctest bubble.
type cluster struct {
	*world
	shared *memledger.Shared
	began  time.Time
	hosts  []*host
	// plans are those of the hosts.
	plans []plan
	// troubled is when nothing goes wrong any more. Steady is a way to the ledger on which
	// nothing ever does.
	troubled time.Time
	steady   bool
	threads  sync.WaitGroup

	mu sync.Mutex
	// counts are of what happened.
	counts map[string]int
	wrong  []error
	// kept are the payouts that workers, by their epochs, were told are paid and went on to record.
	kept map[uint64]map[ledger.TransactionID]bool

	// Bugs are planted here: in what a process has of the ledger, and in its configuration.
	// Unfenced processes do not ask whether they may send.
	plantStore  func(p *process, store ledger.Store) ledger.Store
	plantConfig func(p *process, config *engine.Config)
	unfenced    bool
}

// plan has the troubles of a host.
type plan struct {
	// joins is when it begins.
	joins time.Duration
	skew  time.Duration
	// freezes are its standstills; cuts and silences its times without ledger and
	// provider, and ledgerNotices how long the ledger takes for a cut; deaths the times at
	// which its process dies.
	freezes        []*freeze
	cuts, silences []stretch
	ledgerNotices  time.Duration
	deaths         []time.Duration
}

// stretch is a time, since the beginning.
type stretch struct{ from, lasts time.Duration }

func (c *cluster) happened(what string, times int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what] += times
}

func (c *cluster) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Errorf(format, args...))
}

// calm reports whether nothing goes wrong any more.
func (c *cluster) calm() bool { return !time.Now().Before(c.troubled) }

// newCluster makes a world of machines of what a world of one has: a provider on a bad day
// and a file of payouts.
func newCluster(t *testing.T, w *world, storeDrift float64, plans []plan, trouble time.Duration) *cluster {
	t.Helper()
	began := time.Now()
	w.config.LookupGrace, w.config.Wait = clusterGrace, 10*time.Minute
	c := &cluster{
		world: w, began: began, plans: plans, troubled: began.Add(trouble),
		counts: map[string]int{}, kept: map[uint64]map[ledger.TransactionID]bool{},
	}
	// The ledger's clock is wrong, and goes faster or slower than that of the machines.
	c.shared = memledger.Share(clusterLease, func() time.Time {
		return time.Now().Add(time.Hour + time.Duration(storeDrift*float64(time.Since(began))))
	})
	store := c.direct()
	batch := ledger.Batch{ID: simBatch, File: "sim.csv", SHA256: "00", Account: ledger.Account{Place: "sandbox"}, Currency: money.XOF, CreatedAt: began.UTC()}
	_, err := store.Enrol(t.Context(), batch, each(w.entries))
	if err = errors.Join(err, ledgertest.Release(t.Context(), store, simBatch), proven(t.Context(), store)); err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	return c
}

// direct is the ledger without anything between.
func (c *cluster) direct() *memledger.Machine {
	return c.shared.Machine(func() ledger.Clocks { return ledger.Clocks{Now: time.Now()} },
		func(_ context.Context, ask func() error) error { return ask() })
}

// pays has the machines pay until nothing goes wrong any more, one more bring the batch to its
// end, and returns what is wrong then.
func (c *cluster) pays(t *testing.T) error {
	t.Helper()
	for i, plan := range c.plans {
		h := &host{c: c, name: "host " + strconv.Itoa(i), skew: plan.skew, plans: plan.freezes}
		c.hosts = append(c.hosts, h)
	}
	for i, plan := range c.plans { // when all hosts are there: a planted bug looks at the others
		h := c.hosts[i]
		c.threads.Go(func() { c.live(t, h, plan) })
		c.threads.Go(func() { c.cut(h, plan) })
	}
	c.threads.Wait()
	return c.finish(t)
}

// cut takes ledger and provider away from a host, now and then.
func (c *cluster) cut(h *host, plan plan) {
	for _, s := range plan.silences {
		c.threads.Go(func() {
			pass(s.from)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.silent = time.Now().Add(s.lasts)
		})
	}
	for _, s := range plan.cuts {
		pass(time.Until(c.began.Add(s.from)))
		h.mu.Lock()
		h.cutOff = time.Now().Add(s.lasts)
		h.mu.Unlock()
		c.happened("cut off from the ledger", 1)
		if plan.ledgerNotices < s.lasts {
			pass(plan.ledgerNotices)
			h.mu.Lock()
			machine := h.machineNow
			if h.frozen != nil {
				h.frozen.noticed = 1 // and is taken over if it stands still
			}
			h.mu.Unlock()
			if machine != nil {
				h.vanishes(machine)
			}
		}
	}
}

// live is a host: it has one process after the other pay, until nothing goes wrong any more or
// nothing is left.
func (c *cluster) live(t *testing.T, h *host, plan plan) {
	t.Helper()
	pass(plan.joins)
	if plan.joins > 0 && c.open(t) > 0 {
		c.happened("joined in the middle", 1)
	}
	const again = 10 * time.Second
	for number := 0; !c.calm() && c.open(t) > 0; number++ {
		p, ctx := c.process(t, h, number)
		if len(plan.deaths) > number {
			c.threads.Go(func() {
				select {
				case <-ctx.Done():
				case <-time.After(plan.deaths[number]):
					c.happened("killed", 1)
					p.dies()
				}
			})
		}
		drain := make(chan struct{})
		calm := time.AfterFunc(time.Until(c.troubled), func() { close(drain) })
		err := c.pay(ctx, p, drain)
		calm.Stop()
		p.kill()
		switch {
		case expectedEnd(err), errors.Is(err, engine.ErrInterrupted), errors.Is(err, ledger.ErrEvicted), errors.Is(err, engine.ErrStoodStill), errors.Is(err, engine.ErrUnproven):
		case p.isDead(), errors.Is(err, context.Canceled):
		default:
			c.complain("%s ended with %w", p.name, err)
		}
		if !p.isDead() && !p.hasStopped() && !errors.Is(err, ledger.ErrStopped) {
			c.keeps(p)
		}
		p.renewing.Wait()
		p.machine.Disconnect()
		pass(again)
		h.awake()
	}
}

// keeps notes what a process heard and had the time to record.
func (c *cluster) keeps(p *process) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, claim := range p.claims {
		c.kept[claim.Epoch] = p.heard
	}
}

// open counts what has no end.
func (c *cluster) open(t *testing.T) int {
	t.Helper()
	counts, err := c.direct().Counts(c.ctx(), simBatch)
	if err != nil {
		t.Error(err)
	}
	tally := counts.ByState()
	return tally.Open().Count
}

// process starts one on a host.
func (c *cluster) process(t *testing.T, h *host, number int) (*process, context.Context) {
	t.Helper()
	ctx, kill := context.WithCancel(c.ctx())
	p := &process{host: h, number: number, kill: kill, heard: map[ledger.TransactionID]bool{}}
	p.machine, p.client = c.shared.Machine(h.clocks, p.link), c.connect(t, h)
	h.mu.Lock()
	h.machineNow = p.machine
	h.mu.Unlock()
	p.renewing.Go(func() { p.keep(ctx) })
	return p, ctx
}

// joined notes under which claims a process works.
type joined struct {
	ledger.Store
	p *process
}

// TakeOver implements ledger.Claimer.
func (j joined) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	taken, err := j.Store.TakeOver(ctx, claim, payouts)
	j.p.c.happened("taken over", len(taken))
	return taken, err
}

// Join implements ledger.Claimer.
func (j joined) Join(ctx context.Context, worker string) (ledger.Claim, error) {
	claim, err := j.Store.Join(ctx, worker)
	if err == nil {
		j.p.pmu.Lock()
		defer j.p.pmu.Unlock()
		j.p.claims = append(j.p.claims, claim)
	}
	return claim, err
}

// pay runs the engine in a process.
func (c *cluster) pay(ctx context.Context, p *process, drain <-chan struct{}) error {
	config := c.config
	config.Worker = p.name
	var store ledger.Store = joined{p.machine, p}
	if c.plantStore != nil {
		store = c.plantStore(p, store)
	}
	config.Store = skewed{store, p.skew}
	var paying provider.Provider = wire{p.client, p}
	if !c.unfenced {
		paying = policy.Fenced(paying, p.maySend)
	}
	config.Provider = skewedProvider{early{paying, p}, p.skew}
	if lister, can := provider.AsLister(p.client); can {
		config.Lister = lister
	}
	if c.plantConfig != nil {
		c.plantConfig(p, &config)
	}
	if *simSeed != 0 {
		config.Log = zerolog.New(os.Stderr).Hook(clock{}).With().Str("host", p.name).Logger()
	}
	_, err := run(ctx, config, ledger.Batch{ID: simBatch}, drain)
	return err
}

// connect returns a client of the provider whose way there is the host's.
func (c *cluster) connect(t *testing.T, h *host) provider.Provider {
	t.Helper()
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: "http://127.0.0.1", Transport: path{h, c.network}, RequestTimeout: time.Hour, Dialect: c.dialect,
		Credentials: provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret},
	})
	if err != nil {
		t.Fatalf("seed %d: %v", c.seed, err)
	}
	return client
}

// finish brings the batch to its end when nothing goes wrong any more, and holds ledger,
// books and what was heard against each other.
func (c *cluster) finish(t *testing.T) error {
	t.Helper()
	// It is alone, and may take months: nobody renews its lease, which nobody asks for.
	ctx, kill := context.WithCancel(c.ctx())
	last := &host{c: c, name: "last"}
	p := &process{host: last, machine: c.direct(), client: c.connect(t, last), kill: kill, heard: map[ledger.TransactionID]bool{}}
	c.unfenced = true
	c.config.Wait = 100 * 24 * time.Hour
	err := c.pay(ctx, p, nil)
	for again := 0; errors.Is(err, engine.ErrOutage) && again < 5; again++ {
		err = c.pay(ctx, p, nil)
	}
	p.kill()
	c.threads.Wait()
	if !expectedEnd(err) {
		c.complain("the last life ended with %w", err)
	}
	<-time.After(time.Hour)
	store := c.direct()
	counts, readErr := store.Counts(c.ctx(), simBatch)
	if readErr != nil {
		return readErr
	}
	tally := counts.ByState()
	wrong := errors.Join(append(c.wrong, judge(c.world, store, tally), c.nothingUnheard(store))...)
	known := tally.In(ledger.Successful).Count + tally.In(ledger.Pending).Count
	if open := tally.Open(); open.Count > 0 && (err == nil || (uncontrolled(err) && known > 0)) {
		wrong = errors.Join(wrong, fmt.Errorf("%d payouts are open although the provider would have settled them", open.Count))
	}
	return wrong
}

// nothingUnheard expects that whatever a worker was told in answer to a transfer, and had the
// time to record, is in the log as its own word, whoever had the payout by then.
func (c *cluster) nothingUnheard(store ledger.Store) error {
	for event, err := range store.Events(c.ctx(), 0) {
		if err != nil {
			return err
		}
		if event.Epoch == 0 && event.To == ledger.Successful {
			for epoch := range c.kept { // of a ledger without a fence nobody knows whose word it is
				delete(c.kept[epoch], event.Payout)
			}
		}
		if event.To == ledger.Successful || event.Said.Has(ledger.SaidSuccessful) || event.Difference != nil {
			delete(c.kept[event.Epoch], event.Payout)
		}
	}
	var wrong []error
	for epoch, left := range c.kept {
		for id := range left {
			wrong = append(wrong, fmt.Errorf("%s: the worker of epoch %d was told that it is paid, and the ledger keeps nothing of it", id, epoch))
		}
	}
	return errors.Join(wrong...)
}

// newClusterWorld draws the provider's day and the file of a world in which machines pay
// together: longer than those of one machine, and paid more slowly, so that there is something
// to share.
func newClusterWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := newWorld(t, seed)
	random := rand.New(rand.NewPCG(seed, 2))
	w.entries = drawEntries(random)
	for len(w.entries) < 12 {
		w.entries = drawEntries(random)
	}
	w.config.Rate, w.config.Workers = float64(1+random.IntN(4)), 1+random.IntN(4)
	if random.IntN(3) == 0 {
		w.config.Rate = 0
	}
	w.scenario.Balance = sandbox.DefaultScenario().Balance // an empty account has tests of its own
	w.open(t)
	return w
}
