package service_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
)

// errShort is that of a balance that does not cover what was confirmed.
var errShort = errors.New("the balance does not cover it")

// refusal says why something that was confirmed was not released.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, service.ErrNotAsConfirmed):
		return service.ErrNotAsConfirmed
	case errors.Is(err, clearance.ErrUnapproved):
		return clearance.ErrUnapproved
	}
	if _, short := errors.AsType[*service.ShortfallError](err); short {
		return errShort
	}
	return err
}

// TestOnlyWhatAPersonConfirmedIsReleased: all that may be sent, to the franc, and covered by the
// balance unless they said that it need not be.
func TestOnlyWhatAPersonConfirmedIsReleased(t *testing.T) {
	of := func(count int, amount int64) ledger.Total {
		return ledger.Total{Count: count, Amount: money.XOF.Of(amount)}
	}
	for name, test := range map[string]struct {
		amount int64
		policy string
		said   service.Confirmed
		want   error
	}{
		"all of it":                       {amount: 1000, said: service.Confirmed{Total: of(3, 3000)}},
		"a row less":                      {amount: 1000, said: service.Confirmed{Total: of(2, 3000)}, want: service.ErrNotAsConfirmed},
		"a franc more":                    {amount: 1000, said: service.Confirmed{Total: of(3, 3001)}, want: service.ErrNotAsConfirmed},
		"more than there is":              {amount: 400_000, said: service.Confirmed{Total: of(3, 1_200_000)}, want: errShort},
		"more than there is, knowingly":   {amount: 400_000, said: service.Confirmed{Total: of(3, 1_200_000), Partial: true}},
		"something else, knowingly short": {amount: 400_000, said: service.Confirmed{Total: of(3, 1_200_001), Partial: true}, want: service.ErrNotAsConfirmed},
		"what nobody approved":            {amount: 1000, policy: twoPeople, said: service.Confirmed{Total: of(3, 3000)}, want: clearance.ErrUnapproved},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, test.policy)
				rows := payroll("A", 3, test.amount)
				if _, err := o.submit("may", "awa", rows[:2]...); err != nil {
					t.Fatal(err)
				}
				if _, err := o.store.Enrol(t.Context(), o.batch("may"), ledgertest.Each(rows)); err != nil {
					t.Fatal(err)
				}
				before := o.batch("may").Release
				err := o.Confirm(t.Context(), at("awa"), "may", test.said, func(func() error) error {
					t.Error("there was no need to stop paying")
					return nil
				})
				if refusal(err) != test.want { //nolint:errorlint // one of the test's own
					t.Errorf("%v, want %v", err, test.want)
				}
				switch after := o.batch("may").Release; {
				case test.want != nil && after != before:
					t.Errorf("%+v was released", after)
				case test.want == nil && (after == nil || after.Count != test.said.Total):
					t.Errorf("%+v was released, want %+v", after, test.said.Total)
				}
			})
		})
	}
}

// TestWhatWasConfirmedBeforeStaysAsItIs and another time for it is given while nothing is paid.
func TestWhatWasConfirmedBeforeStaysAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		start := time.Now().UTC().Truncate(time.Second)
		noon, evening := start.Add(12*time.Hour), start.Add(20*time.Hour)
		o.scheduled("may", noon)
		stopped := 0
		confirm := func(what string, said service.Confirmed, want error, stops, events int, notBefore time.Time) {
			t.Helper()
			before, _, err := o.store.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			stopped = 0
			err = o.Confirm(t.Context(), at("awa"), "may", said, func(do func() error) error {
				stopped++
				return do()
			})
			after, _, headErr := o.store.Head(t.Context())
			if refusal(err) != want || headErr != nil || stopped != stops || int(after-before) != events { //nolint:errorlint,gosec // one of the test's own; few
				t.Errorf("%s: %v, stopped %d times, %d events; want %v, %d and %d", what, err, stopped, after-before, want, stops, events)
			}
			if got := o.batch("may").Release.NotBefore; !got.Equal(notBefore) {
				t.Errorf("%s: it waits for %s, want %s", what, got, notBefore)
			}
		}
		confirm("the same", service.Confirmed{Total: three}, nil, 0, 0, noon)
		confirm("the same, for its time", service.Confirmed{Total: three, Timed: true, At: noon}, nil, 0, 0, noon)
		confirm("something else", service.Confirmed{Total: ledger.Total{Count: 3, Amount: money.XOF.Of(1)}}, service.ErrNotAsConfirmed, 0, 0, noon)
		confirm("another time", service.Confirmed{Total: three, Timed: true, At: evening}, nil, 1, 1, evening)
		confirm("at once", service.Confirmed{Total: three, Timed: true}, nil, 0, 1, time.Time{})
		o.scheduled("may", noon)
		until(noon.Add(2 * time.Hour))
		confirm("what was missed, once more", service.Confirmed{Total: three}, nil, 0, 1, time.Time{})
	})
}

// TestARetryIsWhatAPersonConfirmed and not more, nor before its time, nor beyond the balance.
func TestARetryIsWhatAPersonConfirmed(t *testing.T) {
	one := ledger.Total{Count: 1, Amount: money.XOF.Of(1000)}
	waits := func(o *office) {
		rows := payroll("A", 4, 1000)
		if _, err := o.store.Enrol(o.tb.Context(), o.batch("may"), ledgertest.Each(rows)); err != nil {
			o.tb.Fatal(err)
		}
		if err := o.ReleaseAt(o.tb.Context(), at("awa"), "may", one, time.Now().Add(time.Hour)); err != nil {
			o.tb.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		meanwhile func(*office)
		choice    retry.Choice
		said      service.Confirmed
		want      error
	}{
		"all of it":     {said: service.Confirmed{Total: one}},
		"a franc less":  {said: service.Confirmed{Total: ledger.Total{Count: 1, Amount: money.XOF.Of(999)}}, want: service.ErrNotAsConfirmed},
		"of nobody":     {choice: retry.Choice{Except: []ledger.TransactionID{"A-00000"}}, want: service.ErrNothingToRetry},
		"before a time": {meanwhile: waits, said: service.Confirmed{Total: ledger.Total{Count: 2, Amount: money.XOF.Of(2000)}}, want: ledger.ErrNotYet},
		"beyond what there is": {
			meanwhile: func(o *office) { o.purse.poor = true }, said: service.Confirmed{Total: one}, want: errShort,
		},
		"beyond what there is, knowingly": {
			meanwhile: func(o *office) { o.purse.poor = true }, said: service.Confirmed{Total: one, Partial: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, failed := oneFailed(t, "")
				<-time.After(time.Hour) // in which the provider shows what it has
				if test.meanwhile != nil {
					test.meanwhile(o)
				}
				done, err := o.ConfirmRetry(t.Context(), at("awa"), "may", test.choice, test.said)
				if !errors.Is(err, test.want) && refusal(err) != test.want || err != nil && test.want == nil { //nolint:errorlint // as above
					t.Errorf("%v, want %v", err, test.want)
				}
				after, err := o.store.Payout(t.Context(), failed.ID)
				queued := test.want == nil
				if err != nil || (after.State == ledger.Queued) != queued || (done.Queued.Count == 1) != queued {
					t.Errorf("%s, %+v, %v; want it queued: %t", after.State, done, err, queued)
				}
			})
		})
	}
}
