package pgledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// impatient opens a ledger whose outages are over soon.
func impatient(t *testing.T, address string) *pgledger.Store {
	t.Helper()
	short := options()
	short.OutageMax = 500 * time.Millisecond
	store, err := pgledger.Open(t.Context(), address, short)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// TestWhatTakesLongIsNoOutage: the server is at work for longer than it may be away, on what the
// end of a file leaves to be written, and its session is ended in the middle of that, once.
func TestWhatTakesLongIsNoOutage(t *testing.T) {
	store := impatient(t, begin(t))
	defer store.Close()
	enrol(t, store, 3)
	for _, sql := range []string{
		"create sequence tries",
		`create function slow() returns trigger language plpgsql as $$ begin
			perform pg_sleep(0.8);
			if nextval('tries') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
			return null;
		end $$`,
		"create trigger slow after update on members for each statement execute function slow()",
	} {
		does(t, store, sql)
	}
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 2))); err != nil {
		t.Errorf("the file without its last row: %v", err)
	}
	if p, err := store.Payout(t.Context(), "A-00002"); err != nil || p.Row != 0 {
		t.Errorf("the last row of the file is row %d, %v, want none", p.Row, err)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestASessionThatHoldsTheLedgerIsNotWaitedForWithoutEnd: somebody locks the ledger and goes away.
func TestASessionThatHoldsTheLedgerIsNotWaitedForWithoutEnd(t *testing.T) {
	address := begin(t)
	store := impatient(t, address)
	defer store.Close()
	ids := enrol(t, store, 1)
	other, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(t.Context())
	if _, err := other.Exec(t.Context(), "begin; lock ledger"); err != nil {
		t.Fatal(err)
	}
	_, err = store.Apply(t.Context(), []ledger.Change{ledgertest.Move(ids[0], ledger.Queued, ledger.Cancelled)})
	if !errors.Is(err, ledger.ErrStopped) || !strings.Contains(err.Error(), "another session holds") {
		t.Errorf("apply: %v, want ErrStopped that says why", err)
	}
}

// TestAServerThatFallsSilentIsAnOutage: in the middle of a transaction nothing more is heard of it.
func TestAServerThatFallsSilentIsAnOutage(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	address := begin(t)
	proxy := pgtest.NewProxy(t, server.Port)
	store := impatient(t, server.AddressAt(proxy.Port(), address[strings.LastIndex(address, "=")+1:]+"&connect_timeout=1"))
	ids := enrol(t, store, 1)
	proxy.Set(&pgtest.Trap{After: 1, Then: proxy.Silence})
	_, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(ids[0], ledger.Queued, ledger.Cancelled)})
	if !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("apply: %v, want ErrStopped", err)
	}
	proxy.Cut()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}
