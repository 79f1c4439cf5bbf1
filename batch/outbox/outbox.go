package outbox

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"payrun/ledger"
)

// Store is the part of a ledger that is read, and in which it is recorded who was told.
type Store interface {
	Record(ctx context.Context, act ledger.Act) error
	Acts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error]
	ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error]
	Batch(ctx context.Context, id ledger.BatchID) (ledger.Batch, error)
	Batches(ctx context.Context) ([]ledger.Batch, error)
	Counts(ctx context.Context, batch ledger.BatchID) (ledger.Counts, error)
	PayoutsFrom(ctx context.Context, batch ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error]
	Head(ctx context.Context) (count uint64, hash string, err error)
	Identity(ctx context.Context) (ledger.Identity, error)
}

// Sender tells somebody of a fact. Its error is why they may not have taken it in; one that is
// ErrGone says that nobody is there any more, and it is not tried again.
type Sender interface {
	Send(ctx context.Context, fact Fact) error
}

// ErrGone is returned by a Sender whose receiver wants no more.
var ErrGone = errors.New("the receiver wants no more")

// Channel is somebody who is told.
type Channel struct {
	// Name is that of the channel in the ledger: with another name it begins anew.
	Name  string
	Kinds []ledger.ActCode
	// Names has a fact name who was not paid: for people who look after the batch, not for
	// programs elsewhere.
	Names bool
	Sender
}

// Config is an outbox's surroundings.
type Config struct {
	Store    Store
	Channels []Channel
	// By is this process in the audit log, Process a name that no other one has.
	By      ledger.Person
	Process string
	// Look is how often is looked for something to tell. Default 2 s.
	Look time.Duration
	// Jitter returns a number below n, so that what failed together is not tried again
	// together: math/rand/v2.Int64N.
	Jitter func(n int64) int64
	Log    zerolog.Logger
}

// The times of telling. Patience bounds one attempt, and hold is how long who took a fact has
// it: longer, so that nobody else begins meanwhile.
const (
	patience = 20 * time.Second
	hold     = time.Minute
	look     = 2 * time.Second
	// jitterShare of a wait is left to chance.
	jitterShare = 10
)

// waits are those after each attempt that failed, as Standard Webhooks has them.
func waits() []time.Duration {
	const hour = time.Hour
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour,
	}
}

// Run tells the channels what happens until accepting ends, each by itself: one that is slow holds
// up no other. The error is one after which nothing can be recorded any more; whatever else
// goes wrong with the ledger is logged, and tried again.
func Run(ctx, accepting context.Context, config Config) error {
	if config.Look <= 0 {
		config.Look = look
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, channel := range config.Channels {
		group.Go(func() error {
			return (&teller{config: config, channel: channel, book: newBook(config.Store, channel.Name, channel.Kinds)}).run(ctx, accepting)
		})
	}
	return group.Wait()
}

// teller tells one channel.
type teller struct {
	config  Config
	channel Channel
	book    *book
}

func (t *teller) run(ctx, accepting context.Context) error {
	ticker := time.NewTicker(t.config.Look)
	defer ticker.Stop()
	for {
		err := t.round(ctx, accepting)
		if errors.Is(err, ledger.ErrStopped) || errors.Is(err, ledger.ErrReplaced) {
			return fmt.Errorf("tell %s: %w", t.channel.Name, err)
		}
		if err != nil && accepting.Err() == nil {
			t.config.Log.Warn().Err(err).Str("channel", t.channel.Name).Msg("nobody could be told")
		}
		select {
		case <-accepting.Done():
			return nil
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// round tells what is due.
func (t *teller) round(ctx, accepting context.Context) error {
	if err := t.book.refresh(ctx); err != nil {
		return err
	}
	if !t.book.begun {
		head, _, err := t.config.Store.Head(ctx)
		if err != nil {
			return err
		}
		return t.note(ctx, record{Step: began, Event: head, Kinds: t.channel.Kinds})
	}
	for _, event := range t.book.events() {
		if accepting.Err() != nil || !t.book.telling(event).due(time.Now()) {
			continue
		}
		if err := t.tell(ctx, accepting, event); err != nil {
			return err
		}
	}
	return nil
}

// tell takes a fact, if nobody else has, tells it and records what came of it.
func (t *teller) tell(ctx, accepting context.Context, event uint64) error {
	attempt := t.book.telling(event).attempts + 1
	if err := t.note(ctx, record{Step: taken, Event: event, Attempt: attempt, Process: t.config.Process, Until: time.Now().UTC().Add(hold)}); err != nil {
		return err
	}
	if err := t.book.refresh(ctx); err != nil {
		return err
	}
	if now := t.book.telling(event); now.state != Waiting || now.holder != t.config.Process {
		return nil // somebody else has it
	}
	fact, err := t.fact(ctx, event)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(accepting, patience)
	err = t.channel.Send(limited, fact)
	cancel()
	after := context.WithoutCancel(ctx)
	log := t.config.Log.With().Str("channel", t.channel.Name).Uint64("event", event).Int("attempt", attempt).Logger()
	if err == nil {
		log.Debug().Msg("told")
		return t.note(after, record{Step: sent, Event: event, Attempt: attempt})
	}
	r := record{Step: failed, Event: event, Attempt: attempt, Reason: reasonOf(err)}
	if all := waits(); attempt <= len(all) && !errors.Is(err, ErrGone) {
		wait := all[attempt-1]
		r.Next = time.Now().UTC().Add(wait + time.Duration(t.config.Jitter(int64(wait/jitterShare)+1)))
	}
	log.Warn().Err(err).Time("next", r.Next).Msg("not told")
	return t.note(after, r)
}

// reasonMax bounds what is kept of why something failed.
const reasonMax = 200

func reasonOf(err error) string {
	reason := err.Error()
	return reason[:min(len(reason), reasonMax)]
}

// note records something of the channel.
func (t *teller) note(ctx context.Context, r record) error {
	r.Channel = t.channel.Name
	act, err := r.act(time.Now(), t.config.By)
	if err != nil {
		return err
	}
	return t.config.Store.Record(ctx, act)
}

// fact is the fact of an event, with where its batch stands.
func (t *teller) fact(ctx context.Context, event uint64) (Fact, error) {
	e := t.book.facts[event]
	identity, err := t.config.Store.Identity(ctx)
	if err != nil {
		return Fact{}, err
	}
	batch, err := t.config.Store.Batch(ctx, e.Batch)
	if err != nil {
		return Fact{}, err
	}
	counts, err := t.config.Store.Counts(ctx, e.Batch)
	if err != nil {
		return Fact{}, err
	}
	fact := Fact{
		ID: fmt.Sprintf("msg_%s_%d", identity.ID, event), Event: event, Kind: e.Act, Batch: batch, At: e.At, By: e.By.Name,
		Count: e.Count, Code: codeOf(e), States: counts.ByState(),
	}
	if t.channel.Names {
		fact.Failed, err = t.failed(ctx, e.Batch)
	}
	return fact, err
}

// failed are the first of a batch who were not paid.
func (t *teller) failed(ctx context.Context, batch ledger.BatchID) (failed []ledger.Payout, err error) {
	for p, err := range t.config.Store.PayoutsFrom(ctx, batch, 0, ledger.SelectNoted) {
		if err != nil {
			return nil, err
		}
		if p.State != ledger.Failed {
			continue
		}
		if failed = append(failed, p.Payout); len(failed) == NamedMax {
			break
		}
	}
	return failed, nil
}
