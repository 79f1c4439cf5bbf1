package pgledger_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger/pgtest"
)

// TestADumpThatIsRestoredLooksFirst copies a ledger by the database's own tools into another
// database of the same server, while one more payout is paid from the first: the copy has every
// line, and sends nothing that was queued before it was looked up.
func TestADumpThatIsRestoredLooksFirst(t *testing.T) {
	server := pgtest.Shared(t)
	server.Needs(t, "pg_dump")
	address := begin(t)
	store := open(t, address)
	defer store.Close()
	ids := enrol(t, store, 3)
	if err := store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	by := join(t, store, "one")
	claim(t, store, by, ids[0])
	ledgertest.Apply(t, store, ledgertest.Move(ids[0], ledger.Submitting, ledger.Successful))
	count, head, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	schema := address[strings.LastIndex(address, "=")+1:]
	dump := filepath.Join(filepath.Dir(server.File(t, "dumped", "")), schema+".dump")
	run(t, server.Command("pg_dump", "--format=custom", "--schema="+schema, "--file="+dump, plain(address)))
	claim(t, store, by, ids[1])
	copied := "copy_" + schema
	if err := store.Exec(t.Context(), "create database "+copied); err != nil {
		t.Fatal(err)
	}
	run(t, server.Command("pg_restore", "--dbname="+plain(within(address, copied)), dump))

	restored := verified{open(t, within(address, copied)), t}
	defer func() {
		if err := restored.Close(); err != nil {
			t.Error(err)
		}
	}()
	if n, hash, err := restored.Head(t.Context()); err != nil || n != count || hash != head {
		t.Errorf("the copy ends with event %d, %s, %v, want %d, %s", n, hash, err, count, head)
	}
	if err := restored.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if identity, err := restored.Identity(t.Context()); err != nil || identity.LookFirst.IsZero() {
		t.Errorf("identity %+v, %v, want what is queued looked up first", identity, err)
	}
	if err := store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if identity, err := store.Identity(t.Context()); err != nil || !identity.LookFirst.IsZero() {
		t.Errorf("identity %+v, %v: nothing happened to the one that was copied", identity, err)
	}
}

// plain is an address without what the server's own programs do not know.
func plain(address string) string { return address[:strings.Index(address, "&search_path")] }

// within is the same address in another database.
func within(address, database string) string {
	return strings.Replace(address, "/postgres?", "/"+database+"?", 1)
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Path, err, out)
	}
}
