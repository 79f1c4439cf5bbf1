package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

const (
	// sampleRandom is the number of queued payouts that are looked up at random, beside
	// the first and the last.
	sampleRandom = 20
	// controlTries bounds the probe's look-ups of its control.
	controlTries = 4
)

// probe asks the provider before a run whether the ledger can be believed to be the newest.
type probe struct {
	asker
	config *Config
	proof  *proof
	claim  ledger.Claim
	before BatchSnapshot
	// began is the beginning of the run.
	began time.Time
}

// ask asks the provider, where nothing vouches for the ledger, whether it has what
// is queued here. Rows are sent in file order, so that an older or another ledger
// differs first at its first queued rows. Nothing is sent if it has anything, or if
// nothing shows that it would have said so.
func (b probe) ask(ctx context.Context, drain <-chan struct{}) error {
	if b.before.tally.In(ledger.Queued).Count == 0 {
		return nil
	}
	if b.config.Trust.Vouched && !b.proof.identity.Proven.IsZero() {
		if err := b.glance(ctx, drain); err != nil {
			return err
		}
		return b.proof.prove()
	}
	if proven, err := b.provenElsewhere(ctx, drain); proven || err != nil {
		return err
	}
	b.config.Log.Info().Msg("nothing vouches for the ledger: asking the provider before anything is sent")
	if at := b.config.Trust.AtWork; !at.IsZero() {
		// A time that is still to come was written by another clock.
		if now := time.Now(); at.After(now) {
			at = now
		}
		if err := pause(ctx, drain, at.Add(b.config.LookupGrace)); err != nil {
			return err
		}
	}
	if b.before.unmarked == 0 { // each is looked up before it is sent
		return nil
	}
	list := readList(ctx, b.config.Lister, b.config.Log)
	sample, err := b.sample(ctx, list)
	if err != nil {
		return err
	}
	b.tell(sample)
	if err := b.lookUp(ctx, drain, sample, b.unlessSentHere(ctx, probed)); err != nil {
		return err
	}
	if err := b.vouched(ctx, drain, list); err != nil || b.proof.solo.on {
		return err // what goes out alone has yet to prove it
	}
	return b.proof.prove()
}

// provenElsewhere reports whether another machine at work on the batch knows that the ledger
// is the newest. One that is about to find out is waited for: it asks at the rate of all of them.
// What it would send this machine may send: both know the same ledger, and nobody else's.
func (b probe) provenElsewhere(ctx context.Context, drain <-chan struct{}) (bool, error) {
	if b.before.unmarked == 0 || b.config.Trust.Doubted {
		return false, nil
	}
	for waited := false; ; waited = true {
		found, err := b.config.Store.Prove(ctx, b.claim, b.before.batch.ID, false)
		switch {
		case err != nil:
			return false, fmt.Errorf("whether another machine proved the ledger: %w", err)
		case found == ledger.Proven:
			b.config.Log.Info().Msg("another machine has asked the provider about this ledger")
			b.proof.identity, err = b.config.Store.Identity(ctx)
			return true, err
		case found == ledger.ProofWanted && waited:
			return false, ErrUnproven
		case found == ledger.ProofWanted:
			return false, nil
		case !waited:
			b.config.Log.Info().Msg("another machine is asking the provider about this ledger: waiting for it")
		}
		if err := pause(ctx, drain, time.Now().Add(proofEach)); err != nil {
			return false, err
		}
	}
}

// proofEach is the time between two questions whether another machine has proven the ledger.
const proofEach = 500 * time.Millisecond

// tell says what is asked, and how long that takes where a rate makes it long.
func (b probe) tell(sample []*payment) {
	names := 0
	for _, p := range sample {
		names += len(p.names)
	}
	told := b.config.Log.Info().Int("payouts", len(sample)).Int("look_ups", names)
	if rate := b.config.Rate; rate > 0 {
		told.Dur("about_ms", time.Duration(float64(names)/rate*float64(time.Second)))
	}
	told.Msg("asking about the first, the last and some of what is queued")
}

// probed weighs an answer of the probe. Any but a "not found" is a hit: a failed
// transfer too, since this ledger did not send it.
func probed(p *payment, o provider.Outcome, now time.Time) (again bool, err error) {
	switch {
	// What speaks of nothing that was asked about is no answer.
	case evidence.IsThere(o), o.Mismatch && o.Described.Ours, o.Class == provider.Exists:
		return false, &HitError{ID: p.payout.ID, Reference: p.names[0].reference, Said: o.Class, At: o.Described.At}
	case o.Class == provider.NotFound:
		p.names = p.names[1:]
		p.tries, p.due = 0, now
		return len(p.names) > 0, nil
	case p.tries >= vainMax:
		return false, fmt.Errorf("%w: %s", vain(o), describe(o))
	default:
		p.due = now.Add(p.nextDelay(retryMin, retryMax))
		return true, nil
	}
}

// unlessSentHere returns a taker to which what another run over the same ledger sent
// meanwhile is no hit.
func (b probe) unlessSentHere(ctx context.Context, take taker) taker {
	return func(p *payment, o provider.Outcome, now time.Time) (again bool, err error) {
		again, err = take(p, o, now)
		if hit := (*HitError)(nil); errors.As(err, &hit) && b.sentHere(ctx, p.payout) {
			return false, nil
		}
		return again, err
	}
}

// sentHere reports whether a payout is not any more what it was when it was read.
func (b probe) sentHere(ctx context.Context, p ledger.Payout) bool {
	now, err := b.config.Store.Payout(ctx, p.ID)
	return err == nil && (now.State != p.State || now.Intents != p.Intents || now.Attempt != p.Attempt)
}

// sample draws the queued payouts to look up: the first, the last, and some at
// random. It holds every queued payout against the list.
func (b probe) sample(ctx context.Context, list listing) ([]*payment, error) {
	first := 2 * b.config.Workers
	var drawn []*payment
	var last *payment
	seen := 0
	for payout, err := range b.config.Store.Payouts(ctx, b.before.batch.ID, ledger.Queued) {
		if err != nil {
			return nil, fmt.Errorf("read batch %q: %w", b.before.batch.ID, err)
		}
		if mustLookFirst(payout, b.before.identity) {
			continue // it is looked up by itself, and may be there because this ledger sent it
		}
		p := &payment{payout: payout}
		if len(list.entries) > 0 {
			if err := b.notListed(ctx, p, list); err != nil {
				return nil, err
			}
		}
		seen++
		last = p
		// The first are all taken; of the rest each is as likely as any other.
		switch at := seen - first - 1; {
		case len(drawn) < first+sampleRandom:
			drawn = append(drawn, p)
		default:
			if i := b.config.Random(at + 1); i < sampleRandom {
				drawn[first+i] = p
			}
		}
	}
	if last != nil && !slices.Contains(drawn, last) {
		drawn = append(drawn, last)
	}
	for _, p := range drawn {
		var err error
		if p.names, err = b.toProbe(ctx, p.payout); err != nil {
			return nil, err
		}
	}
	return drawn, nil
}

// toProbe lists the names of a payout under which nothing may be: not those of
// earlier attempts, which this ledger made.
func (b probe) toProbe(ctx context.Context, p ledger.Payout) ([]name, error) {
	further, err := furtherNamesOf(ctx, b.config, p)
	return append(namesOf(p)[len(p.Earlier):], further...), err
}

// notListed returns a *HitError if the list has a payout that was never sent. Whose the
// names are is looked for only where the list has one: it is asked about every row.
func (b probe) notListed(ctx context.Context, p *payment, list listing) error {
	_, hit := list.entries[string(p.payout.Reference)]
	for ahead := 1; !hit && ahead <= furtherNames; ahead++ {
		_, hit = list.entries[b.config.Provider.Capabilities().Derive(string(p.payout.ID), p.payout.Attempt+ahead, 0)]
	}
	if !hit {
		return nil
	}
	names, err := b.toProbe(ctx, p.payout)
	if err != nil {
		return err
	}
	for _, n := range names {
		if there, hit := list.entries[string(n.reference)]; hit && !b.sentHere(ctx, p.payout) {
			return &HitError{ID: p.payout.ID, Reference: n.reference, Said: there.class, At: there.at}
		}
	}
	return nil
}

// vouched reports whether the provider would have said what it has: a control was
// found, or its list decides. Where the account has nothing to compare with, a
// person's word lets one payout out alone.
func (b probe) vouched(ctx context.Context, drain <-chan struct{}, list listing) error {
	if b.proof.control.found {
		return nil
	}
	if err := b.proof.seek(b.began); err != nil {
		return err
	}
	if !b.proof.control.has && list.youngest.Reference != "" {
		b.proof.control.accept(list.known())
	}
	if err := b.findControl(ctx, drain); err != nil {
		return err
	}
	// A list that has a transfer of this ledger is a look-up of its own; what it has of
	// itself alone shows nothing of how much it leaves out.
	_, there := list.entries[string(b.proof.control.candidate.reference)]
	switch {
	case b.proof.control.found, list.readable && there && b.proof.control.candidate.id != "":
		return nil
	case b.nothingListed(list) && !b.proof.control.has:
		// The account never paid anybody, if the list tells all.
		b.proof.solo.on = true
		return nil
	case b.proof.control.has:
		return ErrNoControl
	case b.config.Trust.Used && !b.proof.begunAnew():
		return ErrHidden
	case b.config.Trust.Rehearsal, b.config.Trust.New:
		b.proof.solo.on = true
		return nil
	default:
		return ErrFirstPayday
	}
}

// nothingListed reports whether the provider's list says that the account never paid
// anybody. Where another ledger is known to have paid, it does so of a simulator alone,
// which begins anew as often as it is started.
func (b probe) nothingListed(list listing) bool {
	return list.readable && list.count == 0 && (!b.config.Trust.Used || b.config.Trust.Rehearsal)
}

// findControl looks the control up by our own reference.
func (b probe) findControl(ctx context.Context, drain <-chan struct{}) error {
	if !b.proof.control.has {
		return nil
	}
	c := b.proof.control.candidate
	asked := &payment{memory: memory{names: []name{{reference: c.reference, number: c.number, amount: c.amount}}}}
	return b.lookUp(ctx, drain, []*payment{asked}, func(p *payment, o provider.Outcome, now time.Time) (bool, error) {
		b.proof.control.answered(now, o, 0)
		if evidence.IsThere(o) || b.proof.control.tries >= controlTries {
			return false, nil
		}
		p.due = now.Add(p.nextDelay(retryMin, retryMax))
		return true, nil
	})
}
