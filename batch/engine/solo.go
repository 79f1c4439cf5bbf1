package engine

import "time"

// solo is on while nothing shows yet that look-ups work: then one payout goes out by
// itself and is looked up before the others follow, so that one person is exposed at
// most.
type solo struct {
	on bool
	// answeredAt is the time of the answer to the last one that went out so; zero before.
	answeredAt time.Time
	// leftUnknowns counts those that an earlier process left in doubt, 0 if more than one
	// payout of the batch was ever sent before.
	leftUnknowns int
}

// soloEnd is the judgement on a payout that went out alone.
type soloEnd uint8

const (
	// soloGoesOn: it is not known yet.
	soloGoesOn soloEnd = iota
	// soloFound: it was found by our reference.
	soloFound
	// soloHidden: it was taken and stays hidden, and a person said that the account is
	// new: the others follow, and doubts will stay open.
	soloHidden
	// soloFailed: nothing follows it.
	soloFailed
)

// judge says whether the payout that went out alone was found by our reference. One
// that was taken and stays hidden exposes nobody else: nothing follows it, unless a
// person said that the account is new and nothing speaks against that.
func (p *proof) judge(now time.Time, s *scheduler, outageMax time.Duration) soloEnd {
	blind := p.control.blind(now, p.minGrace)
	switch {
	case !p.solo.on:
		return soloGoesOn
	case p.control.found:
		return soloFound
	case blind && (p.trust.Used || !p.trust.New):
		return soloFailed
	case blind:
		return soloHidden
	case s.awaiting() > 0, p.tooLongAlone(now, s, outageMax):
		return soloFailed
	default:
		return soloGoesOn
	}
}

// tooLongAlone reports whether the payout that went out alone was neither found nor
// given back for so long that nobody should wait for it: the provider may say of it
// for ever that it exists, and that it does not know it.
func (p *proof) tooLongAlone(now time.Time, s *scheduler, outageMax time.Duration) bool {
	inDoubt := len(s.unknowns) > p.solo.leftUnknowns || len(s.pendings) > 0
	return inDoubt && !p.solo.answeredAt.IsZero() && now.Sub(p.solo.answeredAt) > max(outageMax, p.grace())
}

// mayFollow reports whether another payout may go out alone: when nothing else is under
// way. One that an earlier process left in doubt is no reason against it, if nothing else
// was ever sent: it is not sent again before a control was found, which the other may
// become.
func (p *proof) mayFollow(s *scheduler, busy int) bool {
	if !p.solo.on {
		return true
	}
	return busy == 0 && len(s.ready) == 0 && len(s.unknowns) <= p.solo.leftUnknowns && !p.control.has
}
