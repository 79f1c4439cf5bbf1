package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/boltledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

// brokenConfig draws the settings with which desks pay. What stays open in a broken world is not waited for
// as long as in one that will settle it.
func brokenConfig(random *rand.Rand) engine.Config {
	config := engine.Config{
		Workers: 1 + random.IntN(6), Wait: 2 * time.Hour, LookupGrace: time.Minute, PollMax: 2 * time.Minute,
		OutageMax: time.Hour, Request: request, Log: zerolog.Nop(),
	}
	if random.IntN(2) == 0 {
		config.Rate = float64(1 + random.IntN(20))
	}
	return config
}

// desk is a place where somebody runs payrun: a ledger, a folder for anchors and an
// account. It does what the command does before and while it pays.
type desk struct {
	b             *broken
	name          string
	path, anchors string
	host          string
	batch         ledger.BatchID
	entries       []ledger.Entry
	client        *digitalpaye.Client
	// films keeps the file as it was after each write, for copies of every age.
	films  bool
	images [][]byte
	// beforeSend is the file as it was before the last window was recorded.
	beforeSend []byte
	// newcomer: a person may truthfully say that the account never paid anybody.
	newcomer bool

	// visited and visits tell whether and how often somebody was here, tally and err are
	// of the last visit.
	visited bool
	visits  int
	tally   ledger.ByState
	err     error
	// errs are the errors of all visits.
	errs []error
}

// desk begins a desk with a ledger of its own on the first machine.
func (b *broken) desk(t *testing.T, name string) *desk {
	t.Helper()
	d := &desk{
		b: b, name: name, path: filepath.Join(b.folder, name+".db"), anchors: b.machine, host: "caisse", batch: simBatch,
		entries: b.entries, client: b.called(t, provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret}, ""),
	}
	b.desks = append(b.desks, d)
	return d
}

// elsewhere moves a desk to another machine, which shares no anchors.
func (d *desk) elsewhere() *desk {
	d.b.apart = true
	d.anchors, d.host = filepath.Join(d.b.folder, d.name+".anchors"), d.name
	return d
}

// visit is one process at a desk.
type visit struct {
	crash *crash
	// adopt, restored and isNew are what a person says.
	adopt, restored, isNew bool
}

// pay is one visit. What it ends with is kept, and returned.
func (d *desk) pay(v visit) error {
	d.visits++
	tally, err := d.process(v)
	d.errs = append(d.errs, err)
	if v.crash != nil && v.crash.died && errors.Is(err, ledger.ErrStopped) {
		return err
	}
	d.visited, d.tally, d.err = true, tally, err
	return err
}

func (d *desk) process(v visit) (tally ledger.ByState, err error) {
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	store, err := boltledger.Open(d.path, boltledger.Options{NoSync: true})
	if err != nil {
		return tally, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	desk := service.New(d.service(&disk{Store: store, desk: d, plan: v.crash, kill: kill}, v, kill))
	vouching, err := desk.Vouch(ctx, d.person())
	if err != nil {
		return tally, err
	}
	batch, err := d.submit(ctx, desk, store, v)
	if err != nil {
		return tally, err
	}
	paid, err := desk.Pay(ctx, d.person(), service.Payment{Batch: batch, Watch: func(ledger.ByState) service.Watch {
		log := zerolog.Nop()
		if *simSeed != 0 { // a replay tells all
			log = zerolog.New(os.Stderr).With().Str("desk", d.name).Logger().Hook(clock{})
		}
		log.Info().Msgf("visit %+v: %s", v, vouching.Standing)
		return service.Watch{Log: log}
	}})
	return paid.Tally, errors.Join(err, paid.Stopped)
}

// person is who sits at a desk.
func (d *desk) person() service.Actor { return service.Actor{Person: "awa", Host: d.host} }

// service returns a desk's service, with the world's bug between its parts.
func (d *desk) service(disk *disk, v visit, kill func()) service.Config {
	var log ledger.Store = disk
	if d.b.bug.log != nil {
		log = d.b.bug.log(disk)
	}
	if d.b.bug.unchecked {
		log = unchecked{log}
	}
	if d.b.bug.anyAccount {
		log = anyAccount{log, d.account()}
	}
	pace := d.b.config
	return service.Config{
		Ledger: log, Path: d.path, Anchors: anchor.Open(d.anchors),
		Paying: func(store ledger.Store) ledger.Store {
			if v.crash != nil && v.crash.anchored {
				store = &dyingStore{Store: store, plan: v.crash, kill: kill}
			}
			if d.b.bug.store != nil {
				store = d.b.bug.store(store)
			}
			return store
		},
		Provider: d.client, Account: d.account(),
		Pace: service.Pace{
			Workers: pace.Workers, Rate: pace.Rate, Wait: pace.Wait, LookupGrace: pace.LookupGrace,
			PollMin: pace.PollMin, PollMax: pace.PollMax, OutageMax: pace.OutageMax,
		},
		Engine: func(config engine.Config) engine.Config {
			config.Random = rand.New(rand.NewPCG(d.b.seed, 3)).IntN
			d.b.bug.plant(d, &config)
			return config
		},
	}
}

// account is the desk's, which is real money wherever the simulated provider listens.
func (d *desk) account() provider.Account {
	account := d.client.Account()
	account.Host = "api.test"
	return account
}

// unchecked is a ledger that opens whatever the disk lost.
type unchecked struct{ ledger.Store }

func (unchecked) Check(context.Context) error { return nil }

// anyAccount is a ledger that takes every account for the batch's.
type anyAccount struct {
	ledger.Store
	given provider.Account
}

func (s anyAccount) Batch(ctx context.Context, id ledger.BatchID) (ledger.Batch, error) {
	batch, err := s.Store.Batch(ctx, id)
	batch.Account = ledger.Account{Place: s.given.Place(), Key: s.given.Key}
	return batch, err
}

func (s anyAccount) Enrol(ctx context.Context, batch ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	if known, err := s.Store.Batch(ctx, batch.ID); err == nil {
		batch.Account = known.Account
	}
	return s.Store.Enrol(ctx, batch, entries)
}

// clock dates what is logged by the world's time.
type clock struct{}

func (clock) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str("at", time.Now().Format("15:04:05.000"))
}

// submit makes the file's rows durable, with the account's key and what a person says.
func (d *desk) submit(ctx context.Context, desk *service.Service, store ledger.Store, v visit) (ledger.Batch, error) {
	batch, err := desk.Submit(ctx, d.person(), service.Submission{Batch: d.batch, File: "sim.csv", SHA256: "00", Currency: money.XOF, Entries: each(d.entries)})
	if err == nil {
		err = d.release(ctx, desk, store)
	}
	if err == nil && v.adopt {
		_, err = desk.Adopt(ctx, d.person())
	}
	if err == nil && v.restored {
		err = store.Record(ctx, ledger.Act{Code: ledger.ActRestored, At: time.Now().UTC()})
	}
	if err == nil && v.isNew {
		err = desk.BeginAccount(ctx, d.person())
	}
	return batch, err
}

// release lets all be paid that may be sent.
func (d *desk) release(ctx context.Context, desk *service.Service, store ledger.Store) error {
	var total ledger.Total
	for payout, err := range store.Payouts(ctx, d.batch, ledger.Queued, ledger.Submitting, ledger.Unknown) {
		if err != nil {
			return err
		}
		total.Add(payout.Amount)
	}
	return desk.Release(ctx, d.person(), d.batch, total)
}

// disk is the store of a desk's ledger. The process may die at one of its writes, before
// the anchor is advanced.
type disk struct {
	*boltledger.Store
	desk *desk
	plan *crash
	kill func()
	// intended is set if the last write had intents.
	intended bool
}

func (s *disk) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	err = s.write(false, func() (err error) { lost, err = s.Store.Apply(ctx, changes); return err })
	return lost, err
}

func (s *disk) Claim(ctx context.Context, request ledger.ClaimRequest) (claimed ledger.Claimed, err error) {
	err = s.write(true, func() (err error) { claimed, err = s.Store.Claim(ctx, request); return err })
	return claimed, err
}

// write makes a write, which has intents or not.
func (s *disk) write(intended bool, commit func() error) error {
	write := func() error {
		if err := commit(); err != nil {
			return err
		}
		return s.desk.film()
	}
	if s.plan == nil || s.plan.anchored {
		return write()
	}
	if s.plan.died {
		return ledger.ErrStopped
	}
	if s.plan.writes++; !s.dies() {
		s.intended = intended
		if s.intended {
			s.desk.beforeSend, _ = s.desk.image() // without one there is nothing to put back
		}
		return write()
	}
	s.plan.died = true
	s.kill()
	if s.plan.written {
		if err := write(); err != nil {
			return err
		}
	}
	return ledger.ErrStopped
}

// dies reports whether the process dies at this write.
func (s *disk) dies() bool {
	if s.plan.afterSend {
		return s.intended
	}
	return s.plan.writes == s.plan.at
}

// film keeps the file as it is.
func (d *desk) film() error {
	if !d.films {
		return nil
	}
	image, err := os.ReadFile(d.path)
	if err == nil && (len(d.images) == 0 || !bytes.Equal(image, d.images[len(d.images)-1])) {
		d.images = append(d.images, image)
	}
	return err
}

// heed visits a desk to the end, and does what it is told there: says that an account
// is new if it is, adopts if that is the way out, and comes back a day later for what
// stayed open.
func (d *desk) heed() {
	err := d.pay(visit{})
	for range 4 {
		switch coin := d.b.random.IntN(4) > 0; {
		case errors.Is(err, engine.ErrFirstPayday) && d.newcomer:
			err = d.pay(visit{isNew: true})
		case errors.Is(err, engine.ErrNotNewest) && coin:
			d.b.pause(5 * time.Minute)
			err = d.pay(visit{adopt: true})
		case err != nil && !given(err) && coin:
			<-time.After(25 * time.Hour)
			err = d.pay(visit{})
		default:
			return
		}
	}
}

// given reports whether trying again is of no use.
func given(err error) bool {
	return errors.Is(err, ledger.ErrAccount) || errors.Is(err, ledger.ErrCorrupt) || errors.Is(err, engine.ErrNotNewest)
}

// pause lets up to so much time pass, or none.
func (b *broken) pause(upTo time.Duration) {
	if b.random.IntN(2) == 0 {
		<-time.After(time.Duration(b.random.Int64N(int64(upTo))))
	}
}

// crash plans how a visit ends early.
func (b *broken) crash() *crash {
	return &crash{at: 1 + b.random.IntN(10), written: b.random.IntN(2) == 0, anchored: b.random.IntN(2) == 0}
}

// copyTo puts an image of a desk's ledger at another desk.
func copyTo(image []byte, to *desk) error { return os.WriteFile(to.path, image, 0o600) }

// image is the desk's ledger as it is.
func (d *desk) image() ([]byte, error) { return os.ReadFile(d.path) }

// standing reads what the ledger holds, at the end of the world.
func (d *desk) standing(ctx context.Context, whole bool) (map[ledger.TransactionID]ledger.Payout, error) {
	store, err := boltledger.Open(d.path, boltledger.Options{NoSync: true})
	if err != nil {
		return nil, err
	}
	all := map[ledger.TransactionID]ledger.Payout{}
	for payout, readErr := range store.Payouts(ctx, d.batch) {
		if readErr != nil {
			err = readErr
			break
		}
		all[payout.ID] = payout
	}
	if whole && err == nil {
		_, err = store.Verify(ctx)
	}
	return all, errors.Join(err, store.Close())
}

// shuffled is the file sorted otherwise, and with other amounts for some if changed.
func (b *broken) shuffled(changed bool) []ledger.Entry {
	entries := slices.Clone(b.entries)
	b.random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	for i := range entries {
		entries[i].Row = i + 2
		if changed && b.random.IntN(3) == 0 {
			entries[i].Amount = entries[i].Amount.Plus(money.XOF.Of(5))
		}
	}
	return entries
}

func (d *desk) String() string { return fmt.Sprintf("desk %s", d.name) }
