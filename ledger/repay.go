package ledger

// Correction is a row that comes back under its own id with other terms: of a payout
// that failed, or that was withdrawn and never sent.
type Correction struct {
	Row int
	// Payout is as recorded; its Terms are the old ones.
	Payout Payout
	// Terms are the new ones.
	Terms Terms
}

// NeverSent reports whether nothing of the attempt can have reached the provider.
func (a Attempt) NeverSent() bool {
	return a.Intents == 0 && a.Said == 0 && a.Answer.ProviderRef == ""
}

// NeverSent reports whether no request of any attempt of the payout can have reached the
// provider.
func (p Payout) NeverSent() bool {
	for _, attempt := range p.Attempts() {
		if !attempt.NeverSent() {
			return false
		}
	}
	return true
}

// MayHavePaid reports whether the payout sent money, or still may: one that failed or was
// cancelled did not, unless the provider contradicts, or a request may have left.
func (p Payout) MayHavePaid() bool {
	switch p.State {
	case Failed:
		return p.Contradicted()
	case Cancelled:
		return p.Doubted || p.Attempt > 1 || !p.SubmittedAt.IsZero() || p.Contradicted()
	case Queued, Submitting, Pending, Unknown, Successful:
	}
	return true
}

// Retriable reports whether the payout was not paid, and a retry would pay it: who is
// paid under another id meanwhile would then be paid twice.
func (p Payout) Retriable() bool { return p.State == Failed && !p.Contradicted() }

// Correctable reports whether the terms of the payout may change in a batch: those of
// what failed, or was withdrawn without ever having been sent, and about which nobody
// disagrees. Only the batch that brought it in may, and whether it really was not paid
// is for the provider to say.
func (p Payout) Correctable(batch BatchID) bool {
	if p.Batch != batch || p.Contradicted() {
		return false
	}
	return p.State == Failed || (p.State == Cancelled && p.NeverSent())
}

// SeenUnpaid reports whether a person saw at the provider, after an attempt ended, that
// the payout was not paid.
func (p Payout) SeenUnpaid(attempt Attempt) bool {
	word := p.Resolution
	return word != nil && !word.Paid && !word.At.Before(attempt.SettledAt)
}
