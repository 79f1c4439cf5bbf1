package approval

import (
	"slices"
	"time"

	"payrun/batch/approval/sshsig"
)

// State is where an approval stands. The zero value is not one.
type State int

// The states.
const (
	Waiting  State = iota + 1 // approvals are missing
	Approved                  // enough valid approvals of exactly this content
	Rejected                  // somebody rejected it
	Expired                   // its time is over
	Unusable                  // no signature could ever approve it; Verdict.Because says why
)

// String returns the state's name.
func (s State) String() string {
	switch s {
	case Waiting:
		return "waiting"
	case Approved:
		return "approved"
	case Rejected:
		return "rejected"
	case Expired:
		return "expired"
	case Unusable:
		return "unusable"
	default:
		return "not a state"
	}
}

// Case is the matter of a verdict, as the ledger has it.
type Case struct {
	// Policy is the one that was in force when the content was sealed.
	Policy Policy
	// People is who may sign now.
	People People
	// Content is made of the payouts that will be paid, and not of what was
	// signed.
	Content Content
	// Decisions are those about the batch, in the ledger's order.
	Decisions []Decision
	// Elsewhere is whatever else the same people signed, in the ledger's order: of a hardware
	// key, no counter may go back from one batch to the next.
	Elsewhere []Decision
	// Begun is when the first payment was sent; zero if none was.
	Begun time.Time
}

// Counted is an approval that counts.
type Counted struct {
	Event uint64
	By    string
	Key   string
}

// Ignored is a decision that does not count, and why.
type Ignored struct {
	Event  uint64
	By     string // as its text says, which may be a lie; empty if it says nothing
	Reason Reason
}

// Verdict is the result of a case. The zero value allows nothing.
type Verdict struct {
	State State
	Tier  string
	// Counted are the approvals that count, also where they are not enough.
	Counted []Counted
	// Missing are the approvals asked for beyond those, and May who could give the next one.
	Missing []Need
	May     []string
	// Reachable is false if all who may approve together would not be enough.
	Reachable bool
	Ignored   []Ignored
	// RejectedBy and Because say who ended it, and why it ended or is unusable.
	RejectedBy string
	Because    string
	// NotBefore and Until bound when an approved content may be paid.
	NotBefore time.Time
	Until     time.Time
}

// Pays reports whether the content may be paid at a moment.
func (v Verdict) Pays(now time.Time) bool {
	return v.State == Approved && !now.Before(v.NotBefore) && !now.After(v.Until)
}

// Why a case is unusable.
const (
	BecauseText     = "content"   // it has no canonical text
	BecausePolicy   = "policy"    // it was sealed under another policy
	BecauseCurrency = "currency"  // the policy does not speak of its currency
	BecauseMaker    = "maker"     // no maker is known, or one who is not among the people
	BecauseNotAfter = "not_after" // it claims more time than the policy gives
)

// Evaluate decides. It is a function of what it is given, and of a moment: no other
// code decides whether something was approved.
func Evaluate(c Case, now time.Time) Verdict {
	subject, because := c.usable()
	if because != "" {
		return Verdict{State: Unusable, Because: because}
	}
	tier := c.Policy.TierOf(c.Content)
	h := hearing{
		people: c.People, subject: subject, makers: c.Content.Makers, voices: c.Policy.Roles(),
		needs: tier.Approvals, signed: c.Policy.Makers == Signed, begun: c.Begun, now: now, elsewhere: c.Elsewhere,
	}
	v := h.judge(c.Decisions)
	v.Tier = tier.Name
	v.NotBefore, v.Until = c.Content.NotBefore, c.Content.NotAfter
	if !c.Begun.IsZero() {
		v.Until = c.Begun.Add(goesOn)
	}
	late := now.After(v.Until) || c.Begun.After(c.Content.NotAfter)
	if late && (v.State == Waiting || v.State == Approved) {
		v.State, v.Missing, v.May = Expired, nil, nil
	}
	return v
}

// EvaluatePolicy decides whether a proposed policy may replace the one in force: by
// what that one asks for in its highest tier, the proposer not counting. Where none is in
// force yet, an admin approves the first, who may have proposed it.
func EvaluatePolicy(inForce *Policy, people People, proposed Policy, proposer string, decisions []Decision, now time.Time) Verdict {
	if !people.Known(proposer) {
		return Verdict{State: Unusable, Because: BecauseMaker}
	}
	h := hearing{people: people, subject: proposed.Subject(inForce), now: now}
	if inForce == nil {
		h.needs, h.voices = []Need{{Count: 1, From: []string{Admin}}}, []string{Admin}
	} else {
		h.needs, h.voices = inForce.Tiers[len(inForce.Tiers)-1].Approvals, inForce.Roles()
		h.makers = []string{proposer}
	}
	return h.judge(decisions)
}

// usable returns what decisions must be about, or why none could help.
func (c Case) usable() (Subject, string) {
	subject, err := c.Content.Subject()
	switch {
	case err != nil:
		return subject, BecauseText
	case len(c.Policy.Tiers) == 0 || c.Content.Policy != c.Policy.Digest():
		return subject, BecausePolicy
	case c.Content.Currency.Code != c.Policy.Currency:
		return subject, BecauseCurrency
	case len(c.Content.Makers) == 0 || slices.ContainsFunc(c.Content.Makers, func(name string) bool { return !c.People.Known(name) }):
		return subject, BecauseMaker
	case c.Content.NotAfter.After(c.Policy.NotAfter(c.Content.Sealed, c.Content.NotBefore)):
		return subject, BecauseNotAfter
	}
	return subject, ""
}

// hearing is decisions about one subject being heard.
type hearing struct {
	people  People
	subject Subject
	makers  []string
	voices  []string // roles of those who may reject
	needs   []Need
	signed  bool // makers sign for what they submitted
	begun   time.Time
	now     time.Time
	// elsewhere is whatever else was signed, of which what is left has not been counted yet.
	elsewhere []Decision

	heard     map[heard]bool
	counters  sshsig.Counters
	submitted []string // makers who did
	approved  []*Person
	verdict   Verdict
}

// heard names a statement that was heard.
type heard struct {
	by    string
	nonce Nonce
}

// judge hears all decisions, in the ledger's order.
func (h *hearing) judge(decisions []Decision) Verdict {
	h.heard, h.counters = map[heard]bool{}, sshsig.Counters{}
	for _, d := range decisions {
		h.countBefore(d.Event)
		s, reason := h.hear(d)
		if reason != "" {
			h.verdict.Ignored = append(h.verdict.Ignored, Ignored{Event: d.Event, By: s.By, Reason: reason})
		}
	}
	h.conclude()
	return h.verdict
}

// conclude says where it stands after what was heard.
func (h *hearing) conclude() {
	v := &h.verdict
	q := newQuorum(h.needs)
	for _, p := range h.approved {
		q.seat(p)
	}
	makersMissing := h.signed && slices.ContainsFunc(h.makers, func(name string) bool { return !slices.Contains(h.submitted, name) })
	switch {
	case v.RejectedBy != "":
		v.State = Rejected
		return
	case q.full() && !makersMissing:
		v.State, v.Reachable = Approved, true
		return
	}
	v.State = Waiting
	v.Missing = q.missing()
	all := &quorum{roles: q.roles, taken: slices.Clone(q.taken)}
	for _, p := range h.people.Present() {
		if h.counts(p) && p.validAt(h.now) && !h.hasApproved(p.Name) {
			if q.wouldSeat(&p) {
				v.May = append(v.May, p.Name)
			}
			all.seat(&p)
		}
	}
	v.Reachable = all.full()
	if makersMissing {
		for _, name := range h.makers {
			if !slices.Contains(h.submitted, name) {
				v.May = append(v.May, name)
			}
		}
	}
}

// counts reports whether a person's approval can count at all.
func (h *hearing) counts(p Person) bool { return !slices.Contains(h.makers, p.Name) }

func (h *hearing) hasApproved(name string) bool {
	return slices.ContainsFunc(h.approved, func(p *Person) bool { return p.Name == name })
}
