package reconcile_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/reconcile"
	"payrun/ledger"
	"payrun/provider"
	"payrun/provider/policy"
	"payrun/provider/providertest"
)

// silent answers so many look-ups, and none after them.
type silent struct {
	providertest.Answers
	left int
}

func (s *silent) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	if s.left--; s.left < 0 {
		return provider.Outcome{Code: provider.CodeTimeout}
	}
	return s.Answers.LookUp(ctx, query)
}

func TestAnOutageEndsAReconciliation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wanted := make([]ledger.State, 60)
		for i := range wanted {
			wanted[i] = ledger.Successful
		}
		store := in(t, wanted...)
		began := time.Now()
		client := reconcile.StatusClient{
			Store: store, Workers: 1,
			Provider: policy.NewPaced(&silent{Answers: providertest.Answers{}, left: 5}, policy.Pace{Workers: 1, OutageMax: time.Minute}),
		}
		_, err := reconcile.WithProvider(t.Context(), client, find(t, store, "may"), noFees)
		if !errors.Is(err, policy.ErrOutage) {
			t.Errorf("reconciling without answers: %v, want ErrOutage", err)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it ended after %s, want a minute of silence", took)
		}
	})
}

func TestALookUpWaitsAsTheProviderAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy := &busy{}
		began := time.Now()
		said, err := reconcile.StatusClient{
			Provider: policy.NewPaced(busy, policy.Pace{Workers: 1, OutageMax: time.Hour}), Workers: 1,
		}.LookUp(t.Context(), provider.Query{Reference: "A"})
		if err != nil || said.Class != provider.Successful || time.Since(began) != 40*time.Second {
			t.Errorf("answered %+v after %s, %v, want the third answer after twice the time that was asked for", said, time.Since(began), err)
		}
	})
}

// busy asks for patience twice.
type busy struct {
	providertest.Answers
	asked int
}

func (b *busy) LookUp(context.Context, provider.Query) provider.Outcome {
	if b.asked++; b.asked < 3 {
		return provider.Outcome{Class: provider.Throttled, BackOff: true, RetryAfter: 20 * time.Second}
	}
	return provider.Outcome{Class: provider.Successful}
}
