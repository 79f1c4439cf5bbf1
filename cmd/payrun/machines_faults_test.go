//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// crew is a run and two workers on machines of their own, in the middle of one batch.
type crew struct {
	scene
	server  *pgtest.Server
	address string
	with    []string
	// watch is the ledger as none of them has it.
	watch   *pgledger.Store
	first   machine
	run     *process
	workers []*process
}

// crewRows is how many people the batch of a crew pays.
const crewRows = 200

// atWork starts a crew and waits until each of them has claimed something. One of the workers
// reaches the database by way of an address of its own, if one is given.
func atWork(t *testing.T, server *pgtest.Server, through string) *crew {
	t.Helper()
	c := &crew{scene: setScene(t, ""), server: server, address: server.Address("shared")}
	c.machine("owner").pays(exitPaid, "is begun", "ledger", "init", "--ledger", c.address)
	var err error
	if c.watch, err = pgledger.Open(t.Context(), c.address, pgledger.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.watch.Close() })
	c.with = append(slowly(20), "--request-timeout", "1s", "--max-outage", "30s")
	at := func(address string) []string { return append(slices.Clone(c.with), "--ledger", address) }
	c.first = c.machine("first")
	c.first.pays(exitPaid, "", append([]string{"run", c.rows("known.csv", 900)}, at(c.address)...)...)
	c.run = c.first.starts(append([]string{"run", c.rows("may.csv", upTo(1, crewRows)...)}, at(c.address)...)...)
	for i, address := range []string{c.address, through} {
		if address == "" {
			address = c.address
		}
		c.workers = append(c.workers, c.machine(fmt.Sprint("worker ", i)).starts(append([]string{"work"}, at(address)[1:]...)...))
	}
	until(t, "everybody has something under way", func() bool {
		holders := 0
		for _, w := range c.list() {
			if w.Holds > 0 {
				holders++
			}
		}
		return holders == 1+len(c.workers)
	})
	return c
}

// list returns who is at work.
func (c *crew) list() []pgledger.Worker {
	c.t.Helper()
	all, err := c.watch.Workers(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

// ends waits for the run, which must end with everybody paid, and holds the provider's books
// against report and ledger.
func (c *crew) ends() {
	c.t.Helper()
	if code := exitCodeOf(c.t, c.run.Wait()); code != exitPaid {
		c.t.Errorf("the run ended with %d:\n%s", code, c.run.out.String())
	}
	c.first.agrees("payrun-report/may.json")
	c.nobodyTwice(crewRows + 1)
	workers(c.t, c.address)
}

// TestAStoppedMachineIsEvictedAndPaysNobodyTwice: a worker is stopped for longer than its lease.
// The others pay what they can and wait; a person evicts it, and they pay the rest. It goes on,
// and pays nobody.
func TestAStoppedMachineIsEvictedAndPaysNobodyTwice(t *testing.T) {
	t.Parallel()
	c := atWork(t, database(t), "")
	stopped := c.workers[0]
	if err := stopped.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var epoch uint64
	until(t, "nobody but the stopped one has something under way, and its lease is over", func() bool {
		others := 0
		for _, w := range c.list() {
			switch {
			case w.PID == stopped.Process.Pid:
				epoch = w.Epoch
			case w.Holds > 0:
				others++
			}
		}
		return others == 0
	})
	c.first.pays(exitPaid, "", "worker", "evict", fmt.Sprint(epoch), "--because", "stopped for good", "--ledger", c.address)
	c.ends()
	if err := stopped.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.dismissed()
	c.nobodyTwice(crewRows + 1)
}

// dismissed ends the workers, however they end.
func (c *crew) dismissed() {
	c.t.Helper()
	for _, w := range c.workers {
		_ = w.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = w.Wait()                          // with whatever it has to say
	}
}

// TestAMachineThatHearsNothingOfTheDatabaseIsTakenOver: for one worker the database falls silent.
// It sends nothing more, and when its session is found gone and its lease is over the others pay
// what it had.
func TestAMachineThatHearsNothingOfTheDatabaseIsTakenOver(t *testing.T) {
	t.Parallel()
	server := database(t)
	proxy := pgtest.NewProxy(t, server.Port)
	c := atWork(t, server, server.AddressAt(proxy.Port(), "shared"))
	proxy.Silence()
	c.ends()
	if claims := workers(t, c.address); len(claims) < 4 {
		t.Errorf("claims %v, want a share for each", claims)
	}
	c.workers[1].kills(t)
	stopped(t, c.workers[0], exitPaid)
}

// TestADatabaseThatCrashesCostsOnlyTime: the server ends at once, as in a crash, and starts again,
// while three machines pay.
func TestADatabaseThatCrashesCostsOnlyTime(t *testing.T) {
	t.Parallel()
	c := atWork(t, database(t), "")
	if err := c.server.Stop(syscall.SIGQUIT); err != nil { // pg_ctl stop -m immediate
		t.Fatal(err)
	}
	if err := c.server.Run(); err != nil {
		t.Fatal(err)
	}
	c.ends()
	for _, w := range c.workers {
		stopped(t, w, exitPaid)
	}
}

// TestAMachineThatIsKilledAmongOthersIsTakenOver: of three machines one loses its power.
func TestAMachineThatIsKilledAmongOthersIsTakenOver(t *testing.T) {
	t.Parallel()
	c := atWork(t, database(t), "")
	c.workers[1].kills(t)
	c.ends()
	stopped(t, c.workers[0], exitPaid)
	if out := c.run.out.String(); strings.Contains(out, "panic") {
		t.Error(out)
	}
}

// TestAHalfPaidLedgerIsMovedAndPaysFromThereAlone: a run dies in the middle, its ledger is
// moved into a database, and both are resumed.
func TestAHalfPaidLedgerIsMovedAndPaysFromThereAlone(t *testing.T) {
	t.Parallel()
	s, m, ledgerPath := halfWay(t)
	address := database(t).Address("moved")
	m.pays(exitPaid, "is begun", "ledger", "init", "--ledger", address)
	m.pays(exitPaid, "was moved to", "ledger", "copy", ledgerPath, address)
	m.pays(exitUsage, "is paid from there alone", resume(ledgerPath, atOnce()...)...)
	m.pays(exitUsage, "is paid from there alone", append([]string{"run", s.path("may.csv"), "--ledger", ledgerPath}, atOnce()...)...)
	m.pays(exitPaid, "may", "status", "may", "--ledger", ledgerPath)
	// The anchor knows the ledger in the file: the provider is asked first.
	m.pays(exitPaid, "nothing vouches for the ledger", resume(address, atOnce()...)...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(1 + copiedRows)
	for _, place := range []string{ledgerPath, address} {
		m.pays(exitPaid, "holds together", "ledger", "verify", "--ledger", place)
	}
	m.pays(exitPaid, "holds together", "ledger", "verify", "--ledger", address, "--report", filepath.Join(m.home, "payrun-report/may.json"))
	m.pays(exitPaid, "had been moved to", "ledger", "copy", ledgerPath, address)
	m.pays(exitPaid, "", "evidence", "may", "--ledger", address, "-o", filepath.Join(m.home, "evidence"))
	m.pays(exitPaid, "", "verify", filepath.Join(m.home, "evidence"))
}
