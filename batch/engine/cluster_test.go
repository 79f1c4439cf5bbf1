package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger"
)

// frozenOnce is a world without any other trouble, in which one of two machines stands still
// while it pays row SIM-0003.
func frozenOnce(t *testing.T, f *freeze) *cluster {
	t.Helper()
	w := newClusterWorld(t, 1)
	w.scenario.Faults = nil
	w.open(t)
	f.row = "SIM-0003"
	return newCluster(t, w, 0, []plan{{freezes: []*freeze{f}}, {joins: 5 * time.Second}}, 20*time.Minute)
}

// epochs returns the workers in whose name a payout was moved or spoken of, in order.
func (c *cluster) epochs(t *testing.T, id ledger.TransactionID, which func(ledger.Event) bool) (found []uint64) {
	t.Helper()
	for event, err := range c.direct().Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Payout == id && which(event) && !slices.Contains(found, event.Epoch) {
			found = append(found, event.Epoch)
		}
	}
	return found
}

// sent returns the workers that claimed a payout.
func (c *cluster) sent(t *testing.T, id ledger.TransactionID) []uint64 {
	t.Helper()
	return c.epochs(t, id, func(e ledger.Event) bool { return e.From == ledger.Queued && e.To == ledger.Submitting })
}

// ended returns the workers that took a payout to its end.
func (c *cluster) ended(t *testing.T, id ledger.TransactionID) []uint64 {
	t.Helper()
	return c.epochs(t, id, func(e ledger.Event) bool { return e.From != e.To && e.To == ledger.Successful })
}

// TestAMachineThatThawsWithAllClocksStoppedPaysNobodyTwice: a virtual machine is paused with a
// request that was let go. Its session is found gone, its lease ends, and another takes over.
// No clock tells the machine, when it goes on, and the request leaves: within the grace of
// the other, which finds it.
func TestAMachineThatThawsWithAllClocksStoppedPaysNobodyTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := frozenOnce(t, &freeze{at: checked, lasts: time.Hour, stopped: true, noticed: 30 * time.Second, thaws: clusterGrace / 2})
		if err := c.pays(t); err != nil {
			t.Error(err)
		}
		if c.counts["thawed after it was taken over, all clocks stopped"] != 1 {
			t.Errorf("what happened: %v", c.counts)
		}
		arrived := 0
		for _, transfer := range c.sandbox.Books().Transfers {
			if transfer.TransactionID == "SIM-0003" {
				arrived++
			}
		}
		sent, ended := c.sent(t, "SIM-0003"), c.ended(t, "SIM-0003")
		if arrived != 1 || len(sent) != 1 || len(ended) != 1 || sent[0] == ended[0] {
			t.Errorf("%d requests arrived, sent by %v, found by %v, want the frozen one's request and the other's finding", arrived, sent, ended)
		}
	})
}

// TestALateSuccessThatAFencedWorkerHearsIsKept: a process stands still with the answer to a
// transfer unread, and is evicted. Another has the payout by then. What the first one reads
// when it goes on is in the log, under its own claim.
func TestALateSuccessThatAFencedWorkerHearsIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := frozenOnce(t, &freeze{at: answered, lasts: 10 * time.Minute, evicted: 20 * time.Second})
		if err := c.pays(t); err != nil {
			t.Error(err)
		}
		said := c.epochs(t, "SIM-0003", func(e ledger.Event) bool { return e.From == e.To && e.Said.Has(ledger.SaidSuccessful) })
		sent, ended := c.sent(t, "SIM-0003"), c.ended(t, "SIM-0003")
		if c.counts["thawed after it was taken over"] != 1 || len(sent) != 1 || !slices.Equal(said, sent) || len(ended) != 1 || ended[0] == sent[0] {
			t.Errorf("what happened: %v; sent by %v, said by %v, ended by %v, want the word of the first and the end of the other", c.counts, sent, said, ended)
		}
	})
}
