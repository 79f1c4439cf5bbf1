package engine

import (
	"context"
	"fmt"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// proof has everything by which a "not found" of the provider can be believed: the
// control, the ledger's identity, and what a person said of the account. Its predicates change
// nothing. It is used by the dispatcher alone.
type proof struct {
	control  control
	trust    Trust
	identity ledger.Identity
	// began is the beginning of the run.
	began time.Time
	// minGrace is the grace that was asked for.
	minGrace time.Duration
	// nothingThere: the account has nothing that could be looked up, so that a "not
	// found" before a first send needs no control.
	nothingThere bool
	// scouted is set once one of the adopted payouts went out alone.
	scouted bool
	// solo has one payout go out by itself.
	solo solo
	sources
	// record makes an act durable, and share has the batch's other workers know of the proof.
	record func(ledger.Act) error
	share  func() error
}

// sources are places in which to look for a control. Each is asked once and then nil.
type sources struct {
	// elsewhere looks for a transfer that the account is known to have in the
	// ledger's other batches.
	elsewhere func() (known, bool, error)
	// list reads the provider's list.
	list func() listing
}

// newProof begins with what is known of the account, and looks for nothing yet.
func newProof(ctx context.Context, config Config, before BatchSnapshot, claim ledger.Claim, began time.Time) proof {
	return proof{
		trust: config.Trust, identity: before.identity, began: began, minGrace: config.LookupGrace,
		sources: sources{
			elsewhere: func() (known, bool, error) { return findKnown(ctx, config.Store, before.batch.ID) },
			list:      func() listing { return readList(ctx, config.Lister, config.Log) },
		},
		record: func(act ledger.Act) error { return config.Store.Record(context.WithoutCancel(ctx), act) },
		share: func() error {
			_, err := config.Store.Prove(context.WithoutCancel(ctx), claim, before.batch.ID, true)
			return err
		},
	}
}

// grace is the time after a request was on the wire from which a "not found" can prove
// anything: the one that was asked for, or a multiple of the lag that a control showed.
func (p *proof) grace() time.Duration { return max(p.minGrace, lagShare*p.control.lag) }

// elsewhereUntil is the moment until which another ledger may have gone on with what was
// queued when this one was adopted. Whoever adopted it said that the other had stopped by
// then; since then nobody has, so that each run begins as if it were adopted anew.
func (p *proof) elsewhereUntil() time.Time { return later(p.identity.LookFirst, p.began) }

// mayBePosted bounds when a transfer can last have been posted under the names of a
// queued payout, and says whether that is so long ago that any control will do. What this
// ledger sent before was looked up since.
func (p *proof) mayBePosted(of *payment, now time.Time) (posted time.Time, old bool) {
	if !marked(of.payout, p.identity) {
		return time.Time{}, true
	}
	posted = p.elsewhereUntil()
	return posted, now.Sub(posted) >= evidence.DoubtOld
}

// atWork reports whether an answer about a queued payout shows that another ledger pays
// what this one has taken over: it was taken after the adopting, when nothing could still
// be on its way to the provider, and not for this ledger.
func (p *proof) atWork(of *payment, n name, o provider.Outcome) bool {
	return marked(of.payout, p.identity) && n.kind != earlierName && evidence.IsThere(o) &&
		evidence.DatedAfter(o, p.identity.LookFirst.Add(p.grace()))
}

// covers reports whether the control shows that a transfer would be found that may have
// been posted under the names of a queued payout.
func (p *proof) covers(of *payment, asked, now time.Time) bool {
	posted, old := p.mayBePosted(of, now)
	return p.control.proves(asked, posted, old)
}

// mayScout reports whether an adopted payout may go out alone: look-ups work, but nothing
// shows that they know what was taken as late as another ledger may have been at work. Found, it is the control
// of the others.
func (p *proof) mayScout(of *payment, asked time.Time) bool {
	return (of.scout || !p.scouted) && p.control.proves(asked, time.Time{}, true)
}

// seek looks in the ledger's other batches for something to compare with, once. What it
// finds was there before the run began.
func (p *proof) seek(began time.Time) error {
	if p.control.has || p.elsewhere == nil {
		return nil
	}
	found, there, err := p.elsewhere()
	p.elsewhere = nil
	if err == nil && there {
		p.control.accept(found.before(began))
	}
	return err
}

// consultList has the provider's list decide, once, where the account has nothing else
// to compare with, and reports whether a "not found" now needs no control. Where there
// is no list either, a rehearsal and an account that a person called new send one payout
// alone.
func (p *proof) consultList() (decided bool) {
	if p.control.has || p.list == nil {
		return false
	}
	list := p.list()
	p.list = nil
	switch {
	case list.readable && list.youngest.Reference != "":
		p.control.accept(list.known())
		return false
	case list.readable && list.count == 0 && !p.trust.Used:
	case p.begunAnew(), (p.trust.New || p.trust.Rehearsal) && !p.trust.Used:
		p.solo.on = true
	default:
		return false
	}
	p.nothingThere = true
	return true
}

// begunAnew reports whether a person says of a simulator that it forgot what another
// ledger paid. Of a provider nobody's word can say that.
func (p *proof) begunAnew() bool { return p.trust.New && p.trust.Rehearsal }

// prove records, once, that look-ups work for the account, or that a person went on
// without, and lets the batch's other workers go on.
func (p *proof) prove() error {
	if p.identity.Proven.IsZero() {
		act := ledger.Act{Code: ledger.ActProven, At: time.Now().UTC()}
		if err := p.record(act); err != nil {
			return fmt.Errorf("record that look-ups work: %w", err)
		}
		p.identity.Proven = act.At
	}
	if err := p.share(); err != nil {
		return fmt.Errorf("share the proof: %w", err)
	}
	return nil
}
