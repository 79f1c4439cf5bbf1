package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"payrun/batch/clearance"
	"payrun/ledger"
	"payrun/provider"
	"payrun/provider/policy"
)

// Why a run ended early. In every case the ledger is consistent, what was in
// flight is recorded, and running again goes on from there.
var (
	// ErrCredentials: the provider does not accept the credentials.
	ErrCredentials = errors.New("the provider does not accept the credentials")
	// ErrBalance: the merchant's account cannot cover the next payout.
	ErrBalance = errors.New("the merchant's balance is too low")
	// ErrOutage: no trustworthy answer for longer than Config.OutageMax.
	ErrOutage = policy.ErrOutage
	// ErrNoLookUpPage: an ErrOutage of look-ups alone, which find no page.
	ErrNoLookUpPage = policy.ErrNoLookUpPage
	// ErrInterrupted: the caller asked to stop.
	ErrInterrupted = errors.New("interrupted")
)

// Config has the parts and the settings of an engine. The zero value of a field means the
// default given with it.
type Config struct {
	Store    ledger.Store
	Provider provider.Provider
	// Worker is this process's name in claims. Default "payrun".
	Worker string
	// Lister lists what the provider has, for what look-ups cannot tell. Default:
	// Provider, if it can.
	Lister provider.Lister
	// Request words a payout for the provider.
	Request func(ledger.Payout) provider.Request

	// Workers bounds the requests in flight. Default 16.
	Workers int
	// Rate is the highest number of requests a second, look-ups included;
	// 0 is as fast as the provider allows.
	Rate float64
	// Account shares the account with other machines, nil if there are none: Rate is then
	// that of all of them together, the lowest that one was started with.
	Account policy.Cell
	// Wait is the time for which open payouts are polled after the last one was sent
	// for the first time. 0 is not at all: what is open stays so.
	Wait time.Duration
	// LookupGrace is the time after a request was last on the wire from which the
	// provider's "not found" proves, beside a control, that it will never be
	// processed. Where a control shows that look-ups lag, it is longer. Default
	// 60 s.
	LookupGrace time.Duration
	// PollMin and PollMax bound the time between two look-ups of one payout;
	// the time grows from one to the other. Defaults 500 ms and 15 s.
	PollMin, PollMax time.Duration
	// OutageMax is the longest time without a trustworthy answer of the provider, and
	// without a usable one to transfers. Default 5 min.
	OutageMax time.Duration
	// Trust has whatever vouches for the ledger being the newest.
	Trust Trust
	// Random returns a number below n, for the sample that the probe draws. Default
	// math/rand/v2.IntN.
	Random func(n int) int

	// Hints bring look-ups of pending payouts forward. May be nil.
	Hints *Hints

	Log zerolog.Logger
	// Progress is told of every change, from the dispatcher's goroutine: it
	// must return at once. May be nil.
	Progress func(Progress)
	// Observer measures what holds requests back. May be nil.
	Observer Observer
}

// Observer is told what holds requests back, from the dispatcher's goroutine: its
// methods must return at once.
type Observer interface {
	// RateWaited tells how long a request that could have gone had to wait for
	// the rate limit, 0 if it did not.
	RateWaited(wait time.Duration)
	// RateChanged tells the rate in requests a second from now on, 0 for no limit: the
	// provider turned requests away as too many, or takes more again. At first it is
	// the one that was asked for.
	RateChanged(perSecond float64)
	// BreakerChanged tells that the circuit breaker is now "closed", "half-open"
	// or "open". It is closed at first.
	BreakerChanged(state string)
}

// unobserved is the Observer of a run that nobody measures.
type unobserved struct{}

func (unobserved) RateWaited(time.Duration) {}
func (unobserved) RateChanged(float64)      {}
func (unobserved) BreakerChanged(string)    {}

// Progress is a run's state at a moment, for display.
type Progress struct {
	// Phase is "submitting", "waiting for the provider" or "stopping".
	Phase string
	Tally ledger.ByState
	// Slowed is set while requests leave more slowly than asked for, because the
	// provider turned some away as too many.
	Slowed bool
}

func (c Config) withDefaults() Config {
	if c.Worker == "" {
		c.Worker = "payrun"
	}
	if c.Workers <= 0 {
		c.Workers = 16
	}
	if c.LookupGrace <= 0 {
		c.LookupGrace = time.Minute
	}
	if c.PollMin <= 0 {
		c.PollMin = 500 * time.Millisecond
	}
	if c.PollMax < c.PollMin {
		c.PollMax = max(15*time.Second, c.PollMin)
	}
	if c.OutageMax <= 0 {
		c.OutageMax = 5 * time.Minute
	}
	if lister, can := provider.AsLister(c.Provider); can && c.Lister == nil {
		c.Lister = lister
	}
	if c.Random == nil {
		c.Random = rand.IntN
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	if c.Observer == nil {
		c.Observer = unobserved{}
	}
	return c
}

// Run pays what is open in a batch, as far as it can claim it, from where it stood when
// the snapshot was read. It returns when every payout of its own is final, when
// Wait has passed after the last send, or early with one of this package's
// errors, ledger.ErrStopped when the ledger could not record, or
// ledger.ErrUnsealed for a batch of which rows are missing and ledger.ErrUnreleased for
// one that is not paying, or a *ledger.NotYetError for one whose time has not come, if
// anything of it could be sent. Both end the sending of one that becomes so meanwhile. Where a policy was ever in
// force, it ends with a *clearance.UnapprovedError before anything is sent that is not
// approved at that moment. The tally is that of
// the whole batch and always holds, except after ledger.ErrStopped, when only
// opening the ledger again tells.
//
// Closing drain stops gently: see the package documentation. Each payout is sent by the
// run that claimed it alone, so that runs over the same store do not send twice. They
// share a rate only through Config.Account.
func Run(ctx context.Context, config Config, before BatchSnapshot, drain <-chan struct{}) (_ ledger.ByState, err error) {
	switch {
	case !before.batch.Sealed:
		return before.tally, ledger.ErrUnsealed
	case before.maySend():
		if err := before.Pays(time.Now()); err != nil {
			return before.tally, err
		}
	}
	config = config.withDefaults()
	if before.identity.Policies > 0 {
		door := clearance.NewDoor(config.Store, before.batch.ID, time.Now)
		if before.maySend() {
			if err := door.Check(ctx); err != nil {
				return before.tally, err
			}
		}
		config.Store = door
	}
	claim, err := takeOver(ctx, config, &before)
	if err != nil {
		return before.tally, err
	}
	defer func() { err = errors.Join(err, config.Store.Leave(context.WithoutCancel(ctx), claim)) }()
	r := newRun(ctx, config, before, claim)
	defer r.sched.queue.close()

	var owned errgroup.Group
	carrier := worker{provider: r.config.Provider, request: r.config.Request, stall: stallMax(r.config)}
	for range r.config.Workers {
		owned.Go(func() error { carrier.work(ctx, r.pool.jobs, r.pool.results); return nil })
	}
	owned.Go(func() error {
		recorder{store: config.Store, claim: claim, batch: before.batch.ID}.commitAll(context.WithoutCancel(ctx), r.window.groups, r.window.commits)
		return nil
	})

	sharing, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer leave()
	owned.Go(func() error { r.gate.keep(sharing); return nil })

	err = r.pay(ctx, drain, before)
	leave()
	close(r.pool.jobs)
	close(r.window.groups)
	if waitErr := owned.Wait(); waitErr != nil {
		return r.tally, waitErr
	}
	elsewhere := len(r.lost) > 0 || (err == nil && r.tally.In(ledger.Queued).Count > 0)
	if elsewhere && !errors.Is(err, ledger.ErrStopped) {
		// Others moved what this run counted.
		return recount(ctx, config.Store, before.batch.ID, r.tally, err)
	}
	return r.tally, err
}

// takeOver begins a run's claim with what an earlier process left half-way. What somebody
// else is at work with is no part of the snapshot any more.
func takeOver(ctx context.Context, config Config, before *BatchSnapshot) (ledger.Claim, error) {
	claim, err := config.Store.Join(ctx, config.Worker)
	if err != nil {
		return claim, err
	}
	left := make([]ledger.TransactionID, 0, len(before.underWay))
	for _, p := range before.underWay {
		left = append(left, p.ID)
	}
	before.underWay, err = config.Store.TakeOver(ctx, claim, left)
	return claim, err
}

// recount counts the batch as the ledger has it.
func recount(ctx context.Context, store ledger.Reader, id ledger.BatchID, last ledger.ByState, reason error) (ledger.ByState, error) {
	counts, err := store.Counts(context.WithoutCancel(ctx), id)
	if err != nil {
		return last, errors.Join(reason, err)
	}
	return counts.ByState(), reason
}
