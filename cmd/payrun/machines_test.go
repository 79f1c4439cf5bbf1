package main

import (
	"strings"
	"syscall"
	"testing"

	"payrun/ledger"
	"payrun/ledger/pgledger"
)

// sharedScene is a scene whose machines share a ledger in a database.
func sharedScene(t *testing.T) (s scene, address string) {
	t.Helper()
	server := database(t)
	s, address = setScene(t, ""), server.Address("shared")
	s.machine("owner").pays(exitPaid, "is begun", "ledger", "init", "--ledger", address)
	return s, address
}

// workers counts the workers that have claimed payouts of a ledger.
func workers(t *testing.T, address string) map[uint64]int {
	t.Helper()
	store, err := pgledger.Open(t.Context(), address, pgledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	claims := map[uint64]int{}
	for e, err := range store.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.From == ledger.Queued && e.To == ledger.Submitting {
			claims[e.Epoch]++
		}
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	return claims
}

// stopped tells a worker to stop when it is through with what it was at, and waits for it.
func stopped(t *testing.T, p *process, want int) {
	t.Helper()
	until(t, "the worker is through", func() bool {
		said := p.out.String()
		return strings.LastIndex(said, "finished batch=") >= strings.LastIndex(said, "submitting batch=")
	})
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := exitCodeOf(t, p.Wait()); code != want {
		t.Errorf("the worker ended with %d, want %d:\n%s", code, want, p.out.String())
	}
}

// TestMachinesShareABatch: two workers and a run pay one file. Nobody is paid twice, each has
// its share, and the run ends with the batch.
func TestMachinesShareABatch(t *testing.T) {
	t.Parallel()
	s, address := sharedScene(t)
	with := append(slowly(40), "--ledger", address)
	first := s.machine("first")
	first.pays(exitPaid, "", append([]string{"run", s.rows("known.csv", 900)}, with...)...)
	one := s.machine("one").starts(append([]string{"work"}, with[1:]...)...)
	two := s.machine("two").starts(append([]string{"work"}, with[1:]...)...)
	first.pays(exitPaid, "300", append([]string{"run", s.rows("may.csv", upTo(1, 300)...)}, with...)...)
	first.agrees("payrun-report/may.json")
	s.nobodyTwice(301)
	stopped(t, one, exitPaid)
	stopped(t, two, exitPaid)
	if claims := workers(t, address); len(claims) < 4 {
		t.Errorf("claims %v, want a share for each machine\n%s\n%s", claims, one.out.String(), two.out.String())
	}
	// Nothing is left: a worker that looks once says nothing and ends well.
	s.machine("late").pays(exitPaid, "", append([]string{"work", "--once"}, with[1:]...)...)
}

// TestAKilledMachineIsTakenOver: a run dies in the middle. A worker on another machine brings
// the batch to its end.
func TestAKilledMachineIsTakenOver(t *testing.T) {
	t.Parallel()
	s, address := sharedScene(t)
	with := append(slowly(40), "--ledger", address, "--request-timeout", "1s")
	first := s.machine("first")
	first.pays(exitPaid, "", append([]string{"run", s.rows("known.csv", 900)}, with...)...)
	dies := first.starts(append([]string{"run", s.rows("may.csv", upTo(1, 150)...)}, with...)...)
	s.untilPaid(20)
	dies.kills(t)
	second := s.machine("second")
	second.pays(exitPaid, "", append([]string{"work", "--once"}, with[1:]...)...)
	s.nobodyTwice(151)
	if _, out := second.types("status", "may", "--ledger", address); !strings.Contains(out, "150") {
		t.Errorf("status:\n%s", out)
	}
}
