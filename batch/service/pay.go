package service

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// Payment says which batch is paid, and who watches.
type Payment struct {
	Batch ledger.Batch
	// Drain stops gently once it is closed; nil never is.
	Drain <-chan struct{}
	// Watch is told where the batch stands before anything is asked of the provider, and
	// returns who is told of the rest. It is not called if nothing is to be asked. May be
	// nil.
	Watch func(before ledger.ByState) Watch
	// AskNew asks a person whether the account never paid anybody, where nothing vouches
	// for the ledger and nothing can be compared with it; its error ends the payment. Nil
	// if nobody can be asked.
	AskNew func() error
	// Again is set where whoever pays goes on by itself after what time may mend: nobody is
	// told of that.
	Again bool
}

// Watch is who is told of a batch while it is paid.
type Watch struct {
	// Progress is as in engine.Config. May be nil.
	Progress func(engine.Progress)
	Log      zerolog.Logger
	// Ended is called when nobody will be told any more. May be nil.
	Ended func()
}

// Paid is the result of paying a batch.
type Paid struct {
	Batch ledger.Batch
	Tally ledger.ByState
	// Worked tells whether anything was open. Of a batch of which nothing was, at most
	// what was ever sent again after a "not found" is looked up once more.
	Worked bool
	// Stopped is why paying ended early, one of package engine's errors, a *RanDryError
	// or an error of the ledger; nil if it did not.
	Stopped error
}

// Pay takes what is open in a batch to its end, or as far as it goes. What is in the
// ledger is consistent however it ends, and paying again goes on from there. The error is
// ledger.ErrStopped, ledger.ErrUnsealed or ledger.ErrUnreleased, or about reading the
// ledger: nothing is known of the batch then. Of one to which somebody added rows while it was paid
// ledger.ErrUnreleased is why paying stopped: what was sent is known. A batch of which every payout is final is
// closed; of one that only a person can have go on it is recorded why, for others to be told.
func (s *Service) Pay(ctx context.Context, by Actor, p Payment) (done Paid, err error) {
	err = s.closing(ctx, by, func() error {
		done, err = s.payTogether(ctx, by, p)
		return err
	})
	why := errors.Join(err, done.Stopped)
	if why == nil || p.Again && Mends(why) {
		return done, err
	}
	if untold := s.Stopped(context.WithoutCancel(ctx), by, p.Batch.ID, why); untold != nil {
		err = errors.Join(err, untold)
	}
	return done, err
}

// payAsking is pay, and once more where a person says that the account is new.
func (s *Service) payAsking(ctx context.Context, by Actor, p Payment) (Paid, error) {
	done, err := s.pay(ctx, by, p)
	if err != nil || s.begun || p.AskNew == nil || !errors.Is(done.Stopped, engine.ErrFirstPayday) {
		return done, err
	}
	if done.Stopped = p.AskNew(); done.Stopped != nil {
		return done, nil //nolint:nilerr // why paying stopped is part of what became of it
	}
	if err := s.BeginAccount(ctx, by); err != nil {
		return done, err
	}
	return s.pay(ctx, by, p)
}

func (s *Service) pay(ctx context.Context, by Actor, p Payment) (Paid, error) {
	if s.paying == nil {
		if _, err := s.Vouch(ctx, by); err != nil {
			return Paid{}, err
		}
	}
	if sum, over, err := s.over(ctx, p.Batch.ID); over || err != nil {
		return Paid{Batch: p.Batch, Tally: sum}, err
	}
	before, err := engine.LoadSnapshot(ctx, s.readFrom(), p.Batch.ID)
	if err != nil {
		return Paid{}, err
	}
	done := Paid{Batch: p.Batch, Tally: before.Tally()}
	done.Worked = done.Tally.Open().Count > 0
	if !done.Worked && !before.SentAgain() {
		return done, nil
	}
	if err := s.serves(p.Batch, before.Countries()); err != nil {
		return done, err
	}
	if done.Stopped, err = untimely(s.Timely(ctx, p.Batch.ID)); done.Stopped != nil || err != nil {
		return done, err
	}
	if done.Stopped, err = unapproved(s.Clear(ctx, by, p.Batch.ID)); done.Stopped != nil || err != nil {
		return done, err
	}
	done.Tally, done.Stopped = s.drive(ctx, by, p, before)
	switch {
	case errors.Is(done.Stopped, ledger.ErrStopped), errors.Is(done.Stopped, ledger.ErrUnsealed),
		errors.Is(done.Stopped, ledger.ErrUnreleased) && before.Pays(s.now()) != nil:
		return done, done.Stopped
	case errors.Is(done.Stopped, clearance.ErrUnapproved):
		_, err := unapproved(s.Clear(ctx, by, p.Batch.ID)) // which records that it does not go on
		return done, err
	case errors.Is(done.Stopped, engine.ErrBalance) && !errors.Is(done.Stopped, engine.ErrAccountStopped):
		done.Stopped = s.ranDry(ctx, done.Tally.In(ledger.Queued), done.Stopped)
	}
	return done, nil
}

// summing is the ledger that is paid from, which sums batches up as the one below it does.
type summing struct {
	ledger.Store
	ledger.Summariser
}

// readFrom returns the ledger that a payment reads: the one that it writes to.
func (s *Service) readFrom() ledger.Store {
	if far, can := s.config.Ledger.(ledger.Summariser); can {
		return summing{s.paying, far}
	}
	return s.paying
}

// over reports whether nothing of a batch is left to do, and what it came to, where the ledger
// can tell without its payouts being read.
func (s *Service) over(ctx context.Context, id ledger.BatchID) (ledger.ByState, bool, error) {
	far, can := s.config.Ledger.(ledger.Summariser)
	if !can {
		return ledger.ByState{}, false, nil
	}
	return far.Over(ctx, id)
}

// unapproved returns an error as why paying stopped, if it is that a batch is not approved.
func unapproved(err error) (stopped, failed error) {
	if errors.Is(err, clearance.ErrUnapproved) {
		return err, nil
	}
	return nil, err
}

// drive runs the engine.
func (s *Service) drive(ctx context.Context, by Actor, p Payment, before engine.BatchSnapshot) (ledger.ByState, error) {
	watch := Watch{Log: s.config.Log}
	if p.Watch != nil {
		watch = p.Watch(before.Tally())
	}
	if watch.Ended != nil {
		defer watch.Ended()
	}
	progress, enough := s.together(ctx, p.Batch.ID, watch.Progress)
	defer enough()
	pace := s.config.Pace
	config := engine.Config{
		Store: s.paying, Worker: by.Host, Provider: s.config.Provider, Request: request,
		Workers: pace.Workers, Rate: pace.Rate, Wait: pace.Wait, LookupGrace: pace.LookupGrace,
		PollMin: pace.PollMin, PollMax: pace.PollMax, OutageMax: pace.OutageMax,
		Account: s.config.AccountCell, Trust: s.trust(), Log: watch.Log, Progress: progress,
	}
	if lister, can := provider.AsLister(s.config.Provider); can {
		config.Lister = lister // what wraps the provider may not have it
	}
	return engine.Run(ctx, s.config.Engine(config), before, p.Drain)
}

// request says what a provider needs to know of a payout: its terms, as they were
// accepted.
func request(p ledger.Payout) provider.Request {
	return provider.Request{
		Reference: string(p.Reference),
		Number:    p.Number,
		Name:      p.Name,
		Amount:    p.Amount,
		Scheme:    string(p.Operator),
		Country:   p.Country,
	}
}
