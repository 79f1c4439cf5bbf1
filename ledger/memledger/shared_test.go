package memledger_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

const lease = 15 * time.Second

// machine is one that renews its leases, as the process of a worker does.
type machine struct {
	*memledger.Machine
	freeze func()
	thread *sync.WaitGroup
}

// start opens a shared ledger on a machine whose clocks and network are right.
func start(shared *memledger.Shared) machine {
	clocks := func() ledger.Clocks { return ledger.Clocks{Now: time.Now()} }
	m := machine{shared.Machine(clocks, func(_ context.Context, ask func() error) error { return ask() }), nil, new(sync.WaitGroup)}
	ctx, freeze := context.WithCancel(context.Background())
	m.freeze = freeze
	m.thread.Go(func() {
		for ticker := time.NewTicker(time.Second / 2); ; {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if m.Renew(ctx) != nil {
					return
				}
			}
		}
	})
	return m
}

func (m machine) Freeze() {
	m.freeze()
	m.thread.Wait()
}

func (m machine) Vanish() {
	m.Freeze()
	m.Disconnect()
}

func (m machine) Close() error {
	m.Freeze()
	return m.Machine.Close()
}

func TestASharedLedgerKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return start(memledger.Share(lease, time.Now)) })
}

func TestMachinesKeepLeasesAndTakeOver(t *testing.T) {
	ledgertest.Leases(t, lease, func(*testing.T) func() ledgertest.Machine {
		shared := memledger.Share(lease, time.Now)
		return func() ledgertest.Machine { return start(shared) }
	}, func(t *testing.T, test func(*testing.T)) {
		t.Helper()
		synctest.Test(t, test)
	})
}
