package engine

import (
	"maps"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

const (
	// refusalsMax is the number of times that one payout may be turned away with the
	// same words, each time proven not processed, before that is its end.
	refusalsMax = 3
	// streakMax is the number of payouts refused in a row, none being taken in
	// between, from which the reason is looked for in the account and not in the rows.
	streakMax = 5
	// lostMin is the number of transfers in a row without a usable answer from which
	// their silence counts as an outage.
	lostMin = 3
)

// refusal is a transfer that was turned away, with the answer.
type refusal struct {
	payment   *payment
	answer    ledger.Answer
	forbidden bool
}

// streak holds documented refusals back until it is known what they are about: the
// payouts, if another one is taken, or the account. It is used by the dispatcher
// alone.
type streak struct {
	held []refusal
}

// add takes in a refusal and reports whether that was one too many.
func (s *streak) add(r refusal) (full bool) {
	s.held = append(s.held, r)
	return len(s.held) >= streakMax
}

// take returns what was held back, and forgets it.
func (s *streak) take() []refusal {
	held := s.held
	s.held = nil
	return held
}

// allForbidden reports whether refusals speak of nothing but access.
func allForbidden(held []refusal) bool {
	for _, one := range held {
		if !one.forbidden {
			return false
		}
	}
	return len(held) > 0
}

// sameness counts how often one payout was turned away alike, whatever came in between.
type sameness struct {
	words  string
	answer ledger.Answer
	proven map[string]int
}

// noted returns the count with what a transfer was answered with; words that repeat
// are counted once each is proven not processed.
func (s sameness) noted(o provider.Outcome) sameness {
	s.words = ""
	if turnedAway(o) {
		s.words = o.Code + "\n" + o.Message
	}
	s.answer = answerOf(o)
	return s
}

// proved returns the count after the last transfer was proven not processed, and
// whether that uses up the payout's budget.
func (s sameness) proved() (after sameness, spent bool) {
	if s.words == "" {
		return s, false
	}
	proven := maps.Clone(s.proven)
	if proven == nil {
		proven = map[string]int{}
	}
	proven[s.words]++
	s.proven = proven
	return s, proven[s.words] >= refusalsMax
}

// turnedAway reports whether somebody answered a transfer, and did not take it.
func turnedAway(o provider.Outcome) bool {
	switch o.Class {
	case provider.Refused, provider.Forbidden:
		return true
	case provider.Unknown:
		return answeredByPage(o) && !o.BackOff
	case provider.NotSent, provider.Successful, provider.Pending, provider.Failed, provider.Exists, provider.NotFound,
		provider.Throttled, provider.Unauthorized, provider.NoBalance, provider.Expired:
		return false
	}
	return false
}

// answeredByPage reports whether something came back that says nothing usable.
func answeredByPage(o provider.Outcome) bool {
	switch o.Code {
	case provider.CodeTimeout, provider.CodeBroken, provider.CodeUnreachable, provider.CodeInterrupted:
		return false
	default:
		return o.Class == provider.Unknown
	}
}

// unanswered measures for how long transfers have had no usable answer, whatever look-ups
// bring. It is used by the dispatcher alone.
type unanswered struct {
	since time.Time
	count int
	// usable is set once a transfer had a usable answer, accepted once one was taken,
	// pages once one was answered by something else than the provider.
	usable, accepted, pages bool
}

// note takes in the answer to a transfer.
func (u *unanswered) note(now time.Time, o provider.Outcome) {
	if o.Class != provider.Unknown && o.Class != provider.NotSent {
		u.since, u.count, u.usable = time.Time{}, 0, true
		u.accepted = u.accepted || o.Class == provider.Successful || o.Class == provider.Pending
		return
	}
	u.pages = u.pages || answeredByPage(o)
	if u.count == 0 {
		u.since = now
	}
	u.count++
}

// lasted reports whether that is longer than an outage may be.
func (u *unanswered) lasted(now time.Time, outageMax time.Duration) bool {
	return u.count >= lostMin && now.Sub(u.since) >= outageMax
}

// never reports whether several transfers were answered by something that is not the
// provider, and none by the provider.
func (u *unanswered) never() bool { return u.pages && !u.usable && u.count > 1 }
