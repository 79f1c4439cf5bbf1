package pgledger_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// behind opens a ledger by way of a proxy.
func behind(t *testing.T) (*pgledger.Store, *pgtest.Proxy) {
	t.Helper()
	server := pgtest.Shared(t)
	address := begin(t)
	proxy := pgtest.NewProxy(t, server.Port)
	store := open(t, server.AddressAt(proxy.Port(), address[strings.LastIndex(address, "=")+1:]))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store, proxy
}

// events counts the events of a kind of move.
func events(t *testing.T, store ledger.Store, to ledger.State) (count int) {
	t.Helper()
	for e, err := range store.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.To == to {
			count++
		}
	}
	return count
}

// TestALostCommitIsFoundAgain: the server committed and its answer was lost. The change is
// made once.
func TestALostCommitIsFoundAgain(t *testing.T) {
	store, proxy := behind(t)
	ids := enrol(t, store, 2)
	by := join(t, store, "one")
	claim(t, store, by, ids[0])
	var swallowed atomic.Bool
	proxy.SwallowCommit(func() { swallowed.Store(true) })
	if got := claim(t, store, by, ids[1]); len(got) != 1 || got[0].Intents != 1 {
		t.Errorf("claimed %+v, want the payout with one intent", got)
	}
	if !swallowed.Load() {
		t.Error("no answer was lost")
	}
	if intents := events(t, store, ledger.Submitting); intents != 2 {
		t.Errorf("%d intents in the log, want two", intents)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestACommitThatNobodyCanTellOfStopsTheStore: after the answer was lost the server is not
// reached any more.
func TestACommitThatNobodyCanTellOfStopsTheStore(t *testing.T) {
	server := pgtest.Shared(t)
	address := begin(t)
	proxy := pgtest.NewProxy(t, server.Port)
	short := options()
	short.OutageMax = time.Second
	store, err := pgledger.Open(t.Context(), server.AddressAt(proxy.Port(), address[strings.LastIndex(address, "=")+1:]), short)
	if err != nil {
		t.Fatal(err)
	}
	ids := enrol(t, store, 2)
	ledgertest.Apply(t, store, ledgertest.Move(ids[0], ledger.Queued, ledger.Cancelled))
	proxy.SwallowCommit(func() {
		proxy.Refuse(true)
		proxy.Cut()
	})
	for range 2 {
		_, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(ids[1], ledger.Queued, ledger.Cancelled)})
		if !errors.Is(err, ledger.ErrStopped) {
			t.Errorf("apply: %v, want ErrStopped", err)
		}
		proxy.Refuse(false) // too late: it stays stopped
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// ownServer starts a server for one test, with an empty ledger in it. Its end is that of the
// test, after what the test deferred.
func ownServer(t *testing.T, name string) (server *pgtest.Server, address string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	server, err := pgtest.Start("-c", "fsync=off")
	pgtest.Must(t, err)
	t.Cleanup(func() {
		if err := server.Remove(); err != nil {
			t.Error(err)
		}
	})
	address = server.Address(name)
	if _, err := pgledger.Init(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	return server, address
}

// TestARestartOfTheServerCostsOnlyTime stops a server as in a crash and starts it again while
// a worker goes on.
func TestARestartOfTheServerCostsOnlyTime(t *testing.T) {
	server, address := ownServer(t, "restart")
	store := open(t, address)
	defer store.Close()
	ids := enrol(t, store, 50)
	by := join(t, store, "one")
	for i, id := range ids {
		if i == 20 {
			if err := server.Stop(syscall.SIGQUIT); err != nil {
				t.Fatal(err)
			}
			if err := server.Run("-c", "fsync=off"); err != nil {
				t.Fatal(err)
			}
		}
		if got := claim(t, store, by, id); len(got) != 1 {
			t.Fatalf("payout %d: claimed %+v", i, got)
		}
	}
	if intents := events(t, store, ledger.Submitting); intents != len(ids) {
		t.Errorf("%d intents, want one for each payout", intents)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAFailoverIsNoticed puts a server onto another timeline, as a promoted replica and a
// restored copy are: who pays stops, and the next to begin looks up what is queued.
func TestAFailoverIsNoticed(t *testing.T) {
	server, address := ownServer(t, "failover")
	store := open(t, address)
	ids := enrol(t, store, 2)
	for range 2 {
		if err := store.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if identity, err := store.Identity(t.Context()); err != nil || !identity.LookFirst.IsZero() {
		t.Errorf("identity %+v, %v: nothing happened yet", identity, err)
	}
	by := join(t, store, "one")
	claim(t, store, by, ids[0])
	if err := server.Stop(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	server.File(t, "data/recovery.signal", "")
	if err := server.Run("-c", "fsync=off", "-c", "restore_command=false"); err != nil {
		t.Fatal(err)
	}
	var stopped error
	for deadline := time.Now().Add(20 * time.Second); stopped == nil && time.Now().Before(deadline); {
		_, stopped = store.MaySend()
		if errors.Is(stopped, ledger.ErrLease) {
			stopped = nil // it does not know yet
		}
		<-time.After(20 * time.Millisecond)
	}
	if !errors.Is(stopped, ledger.ErrEvicted) {
		t.Errorf("a request may leave: %v", stopped)
	}
	if _, err := store.Claim(t.Context(), ledger.ClaimRequest{Claim: by, Payouts: ids[1:], At: at}); !errors.Is(err, ledger.ErrStopped) || !errors.Is(err, pgledger.ErrFailedOver) {
		t.Errorf("claim: %v, want ErrStopped for the failover", err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	again := open(t, address)
	defer again.Close()
	if err := again.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if identity, err := again.Identity(t.Context()); err != nil || identity.LookFirst.IsZero() {
		t.Errorf("identity %+v, %v, want what is queued looked up first", identity, err)
	}
	if _, err := again.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// undone takes the steps of the layout back, each from the version behind it to the one before.
var undone = [][]string{
	2: {"alter table ledger drop column lineage"},
	3: {"drop table shared"},
	4: {"alter table ledger drop column place, drop column incoming"},
	5: {"alter table payouts drop column open", "create index payouts_open on payouts (batch, position) where state <= 4"},
	6: {"alter table workers drop column proves, drop column proven"},
	7: {"alter table payouts drop column noted"},
}

// TestALedgerOfAnyEarlierVersionIsUpgraded takes the steps back to each version there was, and
// forward again.
func TestALedgerOfAnyEarlierVersionIsUpgraded(t *testing.T) {
	latest := len(undone) - 1
	for version := 1; version < latest; version++ {
		t.Run(fmt.Sprint("from ", version), func(t *testing.T) {
			address := begin(t)
			store := open(t, address)
			ledgertest.Reach(t, store, ledger.Queued, ledger.Successful, ledger.Queued, ledger.Failed)
			for step := latest; step > version; step-- {
				for _, sql := range append(undone[step], fmt.Sprint("update format set version = ", step-1)) {
					if err := store.Exec(t.Context(), sql); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := pgledger.Open(t.Context(), address, options()); !errors.Is(err, pgledger.ErrOutdated) {
				t.Errorf("open: %v, want ErrOutdated", err)
			}
			if from, to, err := pgledger.Upgrade(t.Context(), address); err != nil || from != version || to != latest {
				t.Errorf("upgraded from %d to %d, %v", from, to, err)
			}
			store = open(t, address)
			defer store.Close()
			if err := store.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := store.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			join(t, store, "one")
		})
	}
}

// TestTextsThatPostgresCannotHoldAreKept: a provider's message may have any character.
func TestTextsThatPostgresCannotHoldAreKept(t *testing.T) {
	store := open(t, begin(t))
	defer store.Close()
	ids := enrol(t, store, 1)
	move := ledgertest.Move(ids[0], ledger.Queued, ledger.Unknown)
	move.At = at
	move.Answer = ledger.Answer{Code: "A\x00B", Message: "nul \x00, sub \x1a, \x1a0, \u2028, \xff", ProviderRef: `"\u0000"`}
	ledgertest.Apply(t, store, move)
	p, err := store.Payout(t.Context(), ids[0])
	want := move.Answer
	want.Message = strings.ToValidUTF8(want.Message, "\ufffd") // as it is hashed
	if err != nil || p.Answer != want {
		t.Errorf("the answer is %q, %v, want %q", p.Answer.Message, err, want.Message)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
