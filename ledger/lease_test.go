package ledger_test

import (
	"errors"
	"testing"
	"time"

	"payrun/ledger"
)

// TestARequestLeavesOnlyWhileALeaseIsFresh by every clock, and ends before the lease does.
func TestARequestLeavesOnlyWhileALeaseIsFresh(t *testing.T) {
	asked := ledger.Clocks{Now: at(0), Boot: 5 * time.Hour}
	after := func(wall, boot time.Duration) ledger.Clocks {
		return ledger.Clocks{Now: asked.Now.Add(wall), Boot: asked.Boot + boot}
	}
	for says, test := range map[string]struct {
		lease  ledger.Lease
		now    ledger.Clocks
		within time.Duration
		err    error
	}{
		"at once":                         {ledger.Lease{For: time.Minute}, after(0, 0), time.Minute, nil},
		"a moment later":                  {ledger.Lease{For: time.Minute}, after(300*time.Millisecond, 300*time.Millisecond), time.Minute - 300*time.Millisecond, nil},
		"after a second":                  {ledger.Lease{For: time.Minute}, after(1001*time.Millisecond, 0), 0, ledger.ErrLease},
		"after a sleep that only boot is": {ledger.Lease{For: time.Minute}, after(0, 2*time.Second), 0, ledger.ErrLease},
		"after the clock was set back":    {ledger.Lease{For: time.Minute}, after(-time.Hour, 100*time.Millisecond), time.Minute - 100*time.Millisecond, nil},
		"of a lease that is shorter":      {ledger.Lease{For: 200 * time.Millisecond}, after(250*time.Millisecond, 0), 0, ledger.ErrLease},
		"that somebody ended":             {ledger.Lease{For: time.Minute, Lost: true}, after(0, 0), 0, ledger.ErrEvicted},
		"that was ended and is over":      {ledger.Lease{For: time.Minute, Lost: true}, after(time.Hour, time.Hour), 0, ledger.ErrEvicted},
	} {
		test.lease.Asked = asked
		if within, err := test.lease.MaySend(test.now); within != test.within || !errors.Is(err, test.err) {
			t.Errorf("%s: within %s, %v, want %s, %v", says, within, err, test.within, test.err)
		}
	}
}

// TestNothingIsSentBeforeItsTime: what nobody released is not held back by that.
func TestNothingIsSentBeforeItsTime(t *testing.T) {
	timed := &ledger.Release{NotBefore: at(5)}
	if timed.Due(at(4)) || !timed.Due(at(5)) || !timed.Due(at(6)) {
		t.Error("it is due at another time than it was released for")
	}
	if !(&ledger.Release{}).Due(at(0)) || !(*ledger.Release)(nil).Due(at(0)) {
		t.Error("what has no time is held back")
	}
}

// TestTwoLedgersAreTwo, though they are begun at one moment.
func TestTwoLedgersAreTwo(t *testing.T) {
	one, err := ledger.NewIdentity(at(1))
	if err != nil {
		t.Fatal(err)
	}
	other, err := ledger.NewIdentity(at(1))
	if err != nil || one.ID == other.ID || !other.Began.Equal(at(1)) {
		t.Errorf("%+v and %+v, %v", one, other, err)
	}
}

// TestAnAccountIsProvenOnce: when it was first.
func TestAnAccountIsProvenOnce(t *testing.T) {
	var identity ledger.Identity
	for _, minute := range []int{3, 9} {
		var err error
		if identity, err = identity.With(ledger.Act{Code: ledger.ActProven, At: at(minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if !identity.Proven.Equal(at(3)) {
		t.Errorf("proven at %s, want when it was first", identity.Proven)
	}
}
