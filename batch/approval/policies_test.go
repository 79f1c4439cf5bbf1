package approval_test

import (
	"errors"
	"testing"
	"time"

	"payrun/batch/approval"
)

const weakText = "currency: XOF\ntiers: [{name: all, approvals: [{count: 1, from: [maker]}]}]\n"

// change records a policy that some people approved in the place of another one.
func (w *world) change(text, proposer string, inForce *approval.Policy, by ...string) approval.PolicyChange {
	w.tb.Helper()
	c := approval.PolicyChange{Text: []byte(text), Proposer: proposer, At: w.now}
	for _, name := range by {
		c.Decisions = append(c.Decisions, w.decide(approval.Approve, policy(w.tb, text).Subject(inForce), name))
	}
	w.event++
	c.Event = w.event
	return c
}

// TestThePolicyInForceIsOneThatWasApproved replays changes and asks at each event.
func TestThePolicyInForceIsOneThatWasApproved(t *testing.T) {
	w := newWorld(t)
	strict, weak := policy(t, policyText), policy(t, weakText)
	none := w.event
	first := w.change(policyText, "root", nil, "root")
	second := w.change(weakText, "awa", &strict, "koffi", "fanta")
	third := w.change(policyText, "koffi", &weak, "awa")
	changes := []approval.PolicyChange{first, second, third}
	for event, want := range map[uint64]*approval.Policy{
		none: nil, first.Event: nil, first.Event + 1: &strict, second.Event: &strict, second.Event + 1: &weak, third.Event + 1: &strict,
	} {
		got, err := approval.PolicyAt(changes, w.acts, event)
		if err != nil || (got == nil) != (want == nil) || got != nil && got.Digest() != want.Digest() {
			t.Errorf("at event %d: %+v, %v", event, got, err)
		}
	}
}

// TestAPolicyThatNobodyApprovedIsNone breaks a history in one thing each.
func TestAPolicyThatNobodyApprovedIsNone(t *testing.T) {
	strict := policy(t, policyText)
	for name, changes := range map[string]func(*world) []approval.PolicyChange{
		"by its own rules": func(w *world) []approval.PolicyChange {
			return []approval.PolicyChange{w.change(policyText, "root", nil, "root"), w.change(weakText, "koffi", &strict, "awa")}
		},
		"the first, by nobody": func(w *world) []approval.PolicyChange {
			return []approval.PolicyChange{w.change(weakText, "awa", nil)}
		},
		"approvals from before, for another one": func(w *world) []approval.PolicyChange {
			back := w.change(policyText, "koffi", nil, "root")
			again := back
			w.event++
			again.Event = w.event + 1
			return []approval.PolicyChange{back, w.change(weakText, "awa", &strict, "koffi", "fanta"), again}
		},
		"approved later": func(w *world) []approval.PolicyChange {
			c := w.change(policyText, "root", nil, "root")
			c.Event = c.Decisions[0].Event
			return []approval.PolicyChange{c}
		},
		"by who had left": func(w *world) []approval.PolicyChange {
			one := w.change(policyText, "root", nil, "root")
			two := w.change(weakText, "awa", &strict, "koffi", "fanta")
			w.remove("koffi")
			two.Event = w.event + 1
			return []approval.PolicyChange{one, two}
		},
		"left out": func(w *world) []approval.PolicyChange {
			_ = w.change(policyText, "root", nil, "root")
			return []approval.PolicyChange{w.change(weakText, "awa", &strict, "koffi", "fanta")}
		},
		"out of order": func(w *world) []approval.PolicyChange {
			one, two := w.change(policyText, "root", nil, "root"), w.change(weakText, "awa", &strict, "koffi", "fanta")
			return []approval.PolicyChange{one, two, one}
		},
		"its time was over": func(w *world) []approval.PolicyChange {
			c := w.change(policyText, "root", nil, "root")
			c.At = w.now.Add(73 * time.Hour)
			return []approval.PolicyChange{c}
		},
		"no policy at all": func(w *world) []approval.PolicyChange {
			c := w.change(weakText, "root", nil, "root")
			c.Text = append(c.Text, "tiers: []\n"...)
			return []approval.PolicyChange{c}
		},
	} {
		w := newWorld(t)
		history := changes(w)
		if got, err := approval.PolicyAt(history, w.acts, w.event+10); !errors.Is(err, approval.ErrPolicy) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
