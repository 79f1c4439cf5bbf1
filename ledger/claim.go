package ledger

import (
	"errors"
	"time"
)

// Claim names the hold of a worker on payouts: the worker, and the epoch in which it
// works. A worker that comes back has a later epoch, so that nothing of its former life
// is taken for its own. The zero Claim is nobody's: a person's change has it.
type Claim struct {
	Worker string `json:"worker,omitempty"`
	Epoch  uint64 `json:"epoch,omitempty"`
}

// IsZero reports whether it is nobody's.
func (c Claim) IsZero() bool { return c == Claim{} }

// Proof is how far the workers of a batch have come in asking the provider whether the ledger
// is the newest of its account.
type Proof uint8

// The answers of Prove. At work here is a worker whose lease is not over, and whose session is
// there.
const (
	// ProofWanted: nobody else at work has it, or asks for it.
	ProofWanted Proof = iota
	// ProofUnderWay: somebody else at work asks for it.
	ProofUnderWay
	// Proven: somebody at work has it.
	Proven
)

// ClaimRequest asks for a window of intents: payouts that are about to be sent.
type ClaimRequest struct {
	Claim Claim
	// Batch is the one that is paid. If one of its payouts could be claimed, and nothing of it may be
	// sent at that moment, nothing is claimed: see Batch.Pays. Of no batch that is not asked.
	Batch BatchID
	// Payouts are wanted, in the order in which they are to be sent, which is the
	// file's.
	Payouts []TransactionID
	// Changes are of payouts claimed before. They are made in the same commit, ahead of
	// the intents, and fenced as Apply does it.
	Changes []Change
	// At is the time of the intents, in UTC, and Actor their maker.
	At    time.Time
	Actor string
}

// Claimed is the answer to a ClaimRequest.
type Claimed struct {
	// Payouts are the worker's from now on: submitting, in the order of the request.
	// What is missing is somebody else's, or may not be sent.
	Payouts []Payout
	// Lost are the payouts whose changes were lost.
	Lost []TransactionID
}

// Heard returns the observation that keeps what a lost change says of its attempt, for
// the payout as it stands; false if it says nothing. What a provider said is evidence,
// whoever heard it.
func (p Payout) Heard(lost Change) (Change, bool) {
	move, _ := legal(lost.From, lost.To)
	said := lost.Said | saidBy(move, lost.Said)
	if said == 0 && lost.Answer.ProviderRef == "" && lost.Difference == nil {
		return Change{}, false
	}
	heard := Change{
		ID: lost.ID, From: p.State, To: p.State, At: lost.At, Actor: lost.Actor, Claim: lost.Claim, Attempt: lost.Attempt,
		Answer: lost.Answer, Said: said, About: lost.About, Difference: lost.Difference,
	}
	for _, earlier := range p.Earlier {
		if lost.About == "" && earlier.Number == lost.Attempt {
			heard.About = earlier.Reference
		}
	}
	return heard, true
}

// Claims is the fence of a store: it knows who holds which payouts. In a store that one
// process has to itself, that is since the process opened it, and whoever held one before
// is gone; one that several share is told by Hold and Among. It is to be used within the
// store's lock; the zero value is ready.
type Claims struct {
	held map[TransactionID]Claim
	last uint64
	// atWork are the workers that are at work, by their epochs; nil if whoever joined and
	// did not leave is.
	atWork map[uint64]string
}

// Among says who is at work, by their epochs: under no other claim anything is held, or
// made.
func (c *Claims) Among(workers map[uint64]string) { c.atWork = workers }

// Over reports whether a claim is over: nothing is made under it any more.
func (c *Claims) Over(claim Claim) bool {
	if c.atWork == nil || claim.IsZero() {
		return false
	}
	name, atWork := c.atWork[claim.Epoch]
	return !atWork || name != claim.Worker
}

// Join begins an epoch of a worker, not before the given one.
func (c *Claims) Join(worker string, least uint64) Claim {
	c.last = max(c.last+1, least)
	return Claim{Worker: worker, Epoch: c.last}
}

// Leave gives back whatever a claim holds.
func (c *Claims) Leave(claim Claim) {
	for id, holder := range c.held {
		if holder == claim {
			delete(c.held, id)
		}
	}
}

// Made is the result of a change: the change that was made, which is an observation if the
// given one was lost, and the payout after it. Nothing is set of a lost one that says
// nothing.
type Made struct {
	Change Change
	After  Payout
}

// Apply makes a change of a payout as it stands, and reports whether it was lost.
func (c *Claims) Apply(p Payout, change Change) (made Made, lost bool, err error) {
	if !c.admits(&change, &p) {
		made, err = heard(p, change)
		return made, true, err
	}
	after, err := p.Applied(change)
	if !change.Claim.IsZero() && errors.Is(err, ErrEvidence) {
		// Somebody heard what speaks against it since.
		made, err = heard(p, change)
		return made, true, err
	}
	return Made{change, after}, false, err
}

func heard(p Payout, lost Change) (Made, error) {
	change, says := p.Heard(lost)
	if !says {
		return Made{}, nil
	}
	after, err := p.Applied(change)
	return Made{change, after}, err
}

// admits reports whether a change may be made of a payout, as far as claims go.
func (c *Claims) admits(change *Change, p *Payout) bool {
	if change.Claim.IsZero() {
		return true
	}
	holder, held := c.holder(change.ID)
	switch {
	case c.Over(change.Claim), held && holder != change.Claim, !held && p.State != change.From:
		return false
	default:
		return change.About != "" || change.Attempt == p.Attempt
	}
}

// Claim makes the intent of a request, and reports whether it may: the payout is still
// queued, nobody else holds it, and nothing that was heard forbids to send it.
func (c *Claims) Claim(p Payout, r *ClaimRequest) (made Made, may bool) {
	if p.State != Queued || c.Over(r.Claim) || !c.free(p.ID, r.Claim) {
		return made, false
	}
	intent := Change{ID: p.ID, From: Queued, To: Submitting, At: r.At, Actor: r.Actor, Claim: r.Claim, Attempt: p.Attempt}
	after, err := p.Applied(intent)
	return Made{intent, after}, err == nil
}

// free reports whether nobody but the claim holds a payout.
func (c *Claims) free(id TransactionID, claim Claim) bool {
	holder, held := c.holder(id)
	return !held || holder == claim
}

// holder returns who holds a payout, if somebody at work does.
func (c *Claims) holder(id TransactionID) (Claim, bool) {
	holder, held := c.held[id]
	return holder, held && !c.Over(holder)
}

// Moved is a move that was made of a payout, and under whose claim.
type Moved struct {
	ID       TransactionID
	Claim    Claim
	From, To State
}

// Note takes in moves that were made: what is under way is held by whoever made it, and
// what is queued or final by nobody. A person's move ends a claim; what a person, or a
// worker that lost it, only observed does not.
func (c *Claims) Note(moves []Moved) {
	for _, m := range moves {
		switch {
		case m.From == m.To:
		case m.Claim.IsZero() || !m.To.underWay():
			delete(c.held, m.ID)
		default:
			c.Hold(m.ID, m.Claim)
		}
	}
}

// TakeOver gives a claim payouts that are under way, and reports which: those that nobody
// else holds.
func (c *Claims) TakeOver(p Payout, claim Claim) bool {
	if !p.State.underWay() || c.Over(claim) || !c.free(p.ID, claim) {
		return false
	}
	c.Hold(p.ID, claim)
	return true
}

// Hold has a claim hold a payout: a store that keeps who holds what says so first.
func (c *Claims) Hold(id TransactionID, claim Claim) {
	if c.held == nil {
		c.held = map[TransactionID]Claim{}
	}
	c.held[id] = claim
}

// Holder returns the claim that holds a payout, the zero Claim if none does.
func (c *Claims) Holder(id TransactionID) Claim { return c.held[id] }

// underWay reports whether a request of the payout may have left and has no end.
func (s State) underWay() bool { return s == Submitting || s == Unknown || s == Pending }
