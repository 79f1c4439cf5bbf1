package service_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
)

// three is the total of the rows of these tests.
var three = ledger.Total{Count: 3, Amount: money.XOF.Of(3000)}

// until lets virtual time go by.
func until(at time.Time) { <-time.After(time.Until(at)) }

// scheduled has rows entered and released for a time.
func (o *office) scheduled(id ledger.BatchID, notBefore time.Time) {
	o.tb.Helper()
	b, err := o.Submit(o.tb.Context(), at("awa"), service.Submission{
		Batch: id, File: "x.csv", SHA256: approval.Digest{1}.String(), Currency: money.XOF,
		Entries: ledgertest.Each(payroll("A", 3, 1000)), Released: three, NotBefore: notBefore,
	})
	if err != nil || (b.Release != nil && !b.Release.NotBefore.Equal(notBefore)) {
		o.tb.Fatalf("%+v, %v, want it released for %s", b.Release, err, notBefore)
	}
}

// stopped fails the test unless paying a batch ends so, and so many requests were sent by then.
func (o *office) stopped(what string, id ledger.BatchID, want error, sent int) {
	o.tb.Helper()
	paid, err := o.pay(id, "awa")
	if err = errors.Join(err, paid.Stopped); !errors.Is(err, want) || len(o.purse.sent) != sent {
		o.tb.Errorf("%s: %v, %d sent, want %v and %d sent", what, err, len(o.purse.sent), want, sent)
	}
}

// released counts what a worker finds to pay, once it released what people approved.
func (o *office) released() int {
	o.tb.Helper()
	found, err := o.Payable(o.tb.Context())
	if err != nil {
		o.tb.Fatal(err)
	}
	count := 0
	for _, b := range found {
		if b.State == ledger.BatchApproved {
			switch b, err = o.ReleaseApproved(o.tb.Context(), at("worker"), b.ID); {
			case errors.Is(err, ledger.ErrNotYet), errors.Is(err, service.ErrMissed):
				continue
			case err != nil:
				o.tb.Fatal(err)
			}
		}
		if b.State == ledger.BatchPaying {
			count++
		}
	}
	return count
}

// TestNothingIsSentBeforeItsTime, and all of it then.
func TestNothingIsSentBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		due := time.Now().Add(9 * time.Hour)
		o.scheduled("may", due)
		o.stands("may", ledger.BatchPaying)
		for _, left := range []time.Duration{9 * time.Hour, time.Minute, time.Second} {
			until(due.Add(-left))
			o.stopped(left.String()+" before", "may", ledger.ErrNotYet, 0)
			if count := o.released(); count != 0 {
				t.Errorf("%s before, a worker finds %d batches", left, count)
			}
		}
		// The engine refuses it by itself.
		before, err := engine.LoadSnapshot(t.Context(), o.store, "may")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Run(t.Context(), engine.Config{Store: o.store, Provider: o.purse}, before, nil); !errors.Is(err, ledger.ErrNotYet) {
			t.Errorf("the engine ends with %v", err)
		}
		until(due)
		if count := o.released(); count != 1 {
			t.Errorf("at its time a worker finds %d batches", count)
		}
		o.stopped("at its time", "may", nil, 3)
		o.stands("may", ledger.BatchClosed)
	})
}

// TestAMissedTimeIsAskedAbout: what could not begin for too long is paid by nobody before a
// person releases it again, and then at once.
func TestAMissedTimeIsAskedAbout(t *testing.T) {
	for name, test := range map[string]struct {
		late time.Duration
		want error
		sent int
	}{
		"in time":           {0, nil, 3},
		"an hour late":      {time.Hour, nil, 3},
		"a second too late": {time.Hour + time.Second, service.ErrMissed, 0},
		"a week late":       {7 * 24 * time.Hour, service.ErrMissed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, "")
				due := time.Now().Add(time.Hour)
				o.scheduled("may", due)
				until(due.Add(test.late))
				o.stopped(name, "may", test.want, test.sent)
				if test.want == nil {
					return
				}
				timing, err := o.Timing(t.Context(), "may")
				if err != nil || !timing.Missed || !timing.NotBefore.Equal(due) {
					t.Errorf("%+v, %v, want it missed", timing, err)
				}
				until(time.Now().Add(time.Hour))
				o.stopped("asked once more", "may", service.ErrMissed, 0)
				if err := o.Release(t.Context(), at("awa"), "may", three); err != nil {
					t.Fatal(err)
				}
				o.stopped("released again", "may", nil, 3)
			})
		})
	}
}

// TestWhatBeganInTimeGoesOn, however long it was interrupted.
func TestWhatBeganInTimeGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		due := time.Now().Add(time.Hour)
		o.scheduled("may", due)
		until(due)
		b, err := o.store.Batch(t.Context(), "may")
		if err != nil {
			t.Fatal(err)
		}
		drain := make(chan struct{})
		o.purse.asked = func(r provider.Request) {
			if r.Reference == "A-00000" {
				close(drain)
			}
		}
		paid, err := o.Pay(t.Context(), at("awa"), service.Payment{Batch: b, Drain: drain})
		if err != nil || !errors.Is(paid.Stopped, engine.ErrInterrupted) {
			t.Fatalf("%v, %v, want it interrupted", paid.Stopped, err)
		}
		until(time.Now().Add(5 * 24 * time.Hour))
		o.stopped("five days later", "may", nil, 3)
	})
}

// TestATimeThatIsOverReleasesNothing: nobody meant yesterday.
func TestATimeThatIsOverReleasesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		o.scheduled("may", time.Now().Add(time.Hour))
		if err := o.ReleaseAt(t.Context(), at("awa"), "may", three, time.Now().Add(-time.Second)); !errors.Is(err, service.ErrPast) {
			t.Errorf("a second ago: %v", err)
		}
		later := time.Now().Add(3*time.Hour + time.Millisecond)
		if err := o.ReleaseAt(t.Context(), at("awa"), "may", three, later); err != nil {
			t.Errorf("another time: %v", err)
		}
		if b, err := o.store.Batch(t.Context(), "may"); err != nil || b.Release.NotBefore.Before(later) || b.Release.NotBefore.Nanosecond() != 0 {
			t.Errorf("%+v, %v, want it not before %s, in whole seconds", b.Release, err, later)
		}
	})
}

// TestATimeIsApprovedWithTheRest: it is in the text that is signed, another time is another
// content, and whoever releases it cannot have it earlier.
func TestATimeIsApprovedWithTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		due := time.Now().UTC().Truncate(time.Second).Add(100 * time.Hour)
		o.scheduled("may", due.Add(-time.Hour))
		o.scheduled("may", due)
		standing, err := o.sign("may", approval.Approve, "koffi")
		if err != nil || !standing.Content.NotBefore.Equal(due) {
			t.Fatalf("%+v, %v, want it approved for %s", standing.Content, err, due)
		}
		if err := o.Release(t.Context(), at("awa"), "may", three); err != nil {
			t.Fatal(err)
		}
		if b, err := o.store.Batch(t.Context(), "may"); err != nil || !b.Release.NotBefore.Equal(due) {
			t.Errorf("%+v, %v, want it released for %s", b.Release, err, due)
		}
		o.stopped("before", "may", ledger.ErrNotYet, 0)
		until(due)
		o.stopped("at its time", "may", nil, 3)
	})
}

// TestAWorkerReleasesWhatWasApprovedAtItsTime, and not once that was missed.
func TestAWorkerReleasesWhatWasApprovedAtItsTime(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		found int
	}{"before": {-time.Second, 0}, "at its time": {0, 1}, "too late": {2 * time.Hour, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				due := time.Now().UTC().Truncate(time.Second).Add(10 * time.Hour)
				o.scheduled("may", due)
				if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
					t.Fatal(err)
				}
				until(due.Add(test.after))
				if found := o.released(); found != test.found {
					t.Errorf("a worker finds %d batches, want %d", found, test.found)
				}
				if test.found == 1 {
					o.stopped("released", "may", nil, 3)
				} else if late := o.Timely(t.Context(), "may"); (test.after > 0) != errors.Is(late, service.ErrMissed) || late == nil {
					t.Errorf("it is held by %v", late)
				}
			})
		})
	}
}
