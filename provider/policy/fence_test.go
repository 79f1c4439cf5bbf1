package policy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"payrun/provider"
	"payrun/provider/policy"
)

// sending is a provider that notes until when a transfer may take.
type sending struct {
	provider.Provider
	sends int
	left  time.Duration
}

func (s *sending) Send(ctx context.Context, _ provider.Request) provider.Outcome {
	s.sends++
	if deadline, has := ctx.Deadline(); has {
		s.left = time.Until(deadline)
	}
	return provider.Outcome{Class: provider.Successful}
}

func TestATransferLeavesOnlyWhileItsWorkerMaySend(t *testing.T) {
	var to sending
	var no error
	p := policy.Fenced(&to, func() (time.Duration, error) { return time.Minute, no })
	if o := p.Send(t.Context(), provider.Request{}); o.Class != provider.Successful || to.left <= 0 || to.left > time.Minute {
		t.Errorf("sent with %s left: %+v, want it to end before the lease does", to.left, o)
	}
	no = errors.New("evicted")
	if o := p.Send(t.Context(), provider.Request{}); to.sends != 1 || o.Class != provider.NotSent || !o.Unsent || o.Code != policy.CodeFenced {
		t.Errorf("%d were sent, %+v, want nothing to leave", to.sends, o)
	}
}
