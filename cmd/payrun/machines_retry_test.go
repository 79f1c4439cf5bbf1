//go:build unix

package main

import (
	"strings"
	"testing"

	"payrun/ledger"
	"payrun/ledger/pgledger"
)

// TestARetryWorksBesideTheOthers: a run, a resume and a worker pay a batch of which a part fails.
// What failed by then is retried meanwhile, and what failed in the end after that. Nobody is paid
// twice, and what they report is what the provider has.
func TestARetryWorksBesideTheOthers(t *testing.T) {
	t.Parallel()
	server := database(t)
	s := setScene(t, "seed: 5\nsettle: {min: 5ms, max: 20ms}\nfaults: {pending_then_failed: 30}\n")
	address := server.Address("shared")
	s.machine("owner").pays(exitPaid, "is begun", "ledger", "init", "--ledger", address)
	with := append(slowly(60), "--ledger", address)
	first, fourth := s.machine("first"), s.machine("fourth")
	first.types(append([]string{"run", s.rows("known.csv", upTo(900, 905)...)}, with...)...)
	const rows = 120
	run := first.starts(append([]string{"run", s.rows("may.csv", upTo(1, rows)...)}, with...)...)
	watch, err := pgledger.Open(t.Context(), address, pgledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	until(t, "some failed", func() bool {
		failed, err := countIn(t.Context(), watch, "may", ledger.Failed)
		return err == nil && failed.Count > 5 // an error until it is entered
	})
	work := s.machine("third").starts(append([]string{"work"}, with[1:]...)...)
	beside := []*process{
		run, s.machine("second").starts(append([]string{"resume", "may"}, with...)...),
		fourth.starts(append([]string{"retry", "may"}, with...)...),
	}
	for _, p := range beside {
		if code := p.end(t); code != exitPaid && code != exitFailed {
			t.Errorf("%s ended with %d\n%s", strings.Join(p.Args[1:3], " "), code, p.out.String())
		}
	}
	again := 0
	for p, err := range watch.Payouts(t.Context(), "may") {
		if err != nil {
			t.Fatal(err)
		}
		again += p.Attempt - 1
	}
	if again == 0 {
		t.Error("nothing was tried again beside the others")
	}
	for range 5 { // of a few each time a third fails
		if code, _ := fourth.types(append([]string{"retry", "may"}, with...)...); code == exitPaid {
			break
		}
	}
	first.types("report", "may", "--ledger", address) // what it wrote was of before
	first.agrees("payrun-report/may.json")
	fourth.agrees("payrun-report/may.json")
	paid, err := countIn(t.Context(), watch, "may", ledger.Successful)
	if err != nil || paid.Count < rows*3/4 {
		t.Errorf("%d of %d are paid, %v", paid.Count, rows, err)
	}
	known, err := countIn(t.Context(), watch, "known", ledger.Successful)
	if err != nil {
		t.Fatal(err)
	}
	s.nobodyTwice(paid.Count + known.Count)
	stopped(t, work, exitPaid)
	workers(t, address)
}
