package approval

import (
	"errors"
	"slices"

	"payrun/batch/approval/sshsig"
)

// Reason is why a decision does not count.
type Reason string

// The reasons.
const (
	ReasonText      Reason = "text"      // not a text of payrun's
	ReasonSubject   Reason = "subject"   // about something else
	ReasonPerson    Reason = "person"    // by nobody who was on the list then
	ReasonRemoved   Reason = "removed"   // by somebody who is no longer on the list, or entered it again
	ReasonValidity  Reason = "validity"  // at a time at which the person may not sign
	ReasonKey       Reason = "key"       // with another key than the person's or the text's
	ReasonSignature Reason = "signature" // the signature does not belong to the text
	ReasonNamespace Reason = "namespace" // signed for another purpose
	ReasonDevice    Reason = "device"    // a hardware key without touch, a passkey without PIN or on another page
	ReasonCounter   Reason = "counter"   // a hardware key that counted backwards
	ReasonExpired   Reason = "expired"   // its own time is over
	ReasonNonce     Reason = "nonce"     // the same statement again
	ReasonMaker     Reason = "maker"     // a maker's approval
	ReasonNotMaker  Reason = "not_maker" // a submission by somebody else
	ReasonRole      Reason = "role"      // by nobody whose role counts here
	ReasonTwice     Reason = "twice"     // the same person again
)

// hear takes a decision into account, or says why it does not count.
func (h *hearing) hear(d Decision) (Statement, Reason) {
	s, err := ParseStatement(d.Text)
	if err != nil {
		return Statement{}, ReasonText
	}
	if s.Subject != h.subject {
		return s, ReasonSubject
	}
	signer, found := h.people.at(s.By, d.Event)
	if !found {
		return s, ReasonPerson
	}
	if !signer.validAt(d.At) {
		return s, ReasonValidity
	}
	proof, err := signer.verify(d.Text, d.Signature, s.Key)
	if err != nil {
		return s, reasonOf(err)
	}
	name := heard{by: s.By, nonce: s.Nonce}
	if h.heard[name] {
		return s, ReasonNonce
	}
	h.heard[name] = true
	if s.Word == Reject {
		// A rejection stops; whatever else may be doubted of it, nothing is paid.
		return s, h.reject(s, signer.Person)
	}
	if h.counters.Advance(proof) != nil {
		return s, ReasonCounter
	}
	return s, h.accept(d, s, signer)
}

// countBefore takes the counters of hardware keys into account that signed something else
// before an event.
func (h *hearing) countBefore(event uint64) {
	for len(h.elsewhere) > 0 && h.elsewhere[0].Event < event {
		d := h.elsewhere[0]
		h.elsewhere = h.elsewhere[1:]
		by, key := signatory(d.Text)
		signer, found := h.people.at(by, d.Event)
		if !found {
			continue
		}
		if proof, err := signer.verify(d.Text, d.Signature, key); err == nil {
			_ = h.counters.Advance(proof) // what goes back there is judged there
		}
	}
}

// signatory returns who signed a text, as it says itself, and with which key.
func signatory(text []byte) (by, key string) {
	if s, err := ParseStatement(text); err == nil {
		return s.By, s.Key
	}
	if a, err := ParseAct(text); err == nil {
		return a.By, a.Key
	}
	return "", ""
}

// reject ends the hearing, if the person has a voice in it.
func (h *hearing) reject(s Statement, p Person) Reason {
	if !p.Has(h.voices) && !slices.Contains(h.makers, p.Name) {
		return ReasonRole
	}
	if h.verdict.RejectedBy == "" {
		h.verdict.RejectedBy, h.verdict.Because = p.Name, s.Reason
	}
	return ""
}

// accept counts an approval, or a maker's submission.
func (h *hearing) accept(d Decision, s Statement, signer tenure) Reason {
	maker := slices.Contains(h.makers, signer.Name)
	if s.Word == Submit {
		if !maker {
			return ReasonNotMaker
		}
		h.submitted = append(h.submitted, signer.Name)
		return ""
	}
	// What was recorded before the paying began had to count then, not now.
	deadline := h.now
	if !h.begun.IsZero() && !d.At.After(h.begun) {
		deadline = h.begun
	}
	switch {
	case signer.removed != 0:
		return ReasonRemoved
	case maker:
		return ReasonMaker
	case deadline.After(s.NotAfter):
		return ReasonExpired
	case h.hasApproved(signer.Name):
		return ReasonTwice
	case !slices.ContainsFunc(h.needs, func(n Need) bool { return signer.Has(n.From) }):
		return ReasonRole
	}
	h.approved = append(h.approved, &signer.Person)
	h.verdict.Counted = append(h.verdict.Counted, Counted{Event: d.Event, By: signer.Name, Key: s.Key})
	return ""
}

// reasonOf words what was wrong with a signature.
func reasonOf(err error) Reason {
	for _, known := range []struct {
		err    error
		reason Reason
	}{
		{errOtherKey, ReasonKey},
		{sshsig.ErrNamespace, ReasonNamespace},
		{sshsig.ErrUserPresence, ReasonDevice},
		{sshsig.ErrUserVerification, ReasonDevice},
		{sshsig.ErrOrigin, ReasonDevice},
	} {
		if errors.Is(err, known.err) {
			return known.reason
		}
	}
	return ReasonSignature
}
