package pgledger_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
)

// TestTheDocumentedRoleCanPayAndCannotRewrite has a role with the rights that
// docs/machines.md gives it do all that paying needs, and try what it must not.
func TestTheDocumentedRoleCanPayAndCannotRewrite(t *testing.T) {
	page, err := os.ReadFile("../../docs/machines.md")
	if err != nil {
		t.Fatal(err)
	}
	_, grants, _ := strings.Cut(string(page), "```sql\n")
	grants, _, found := strings.Cut(grants, "```")
	if !found {
		t.Fatal("docs/machines.md has no grants")
	}
	address := begin(t)
	schema := address[strings.LastIndex(address, "=")+1:]
	owner := open(t, address)
	defer owner.Close()
	role := "payer_" + schema
	grants = strings.NewReplacer("payrun.", schema+".", "SCHEMA payrun", "SCHEMA "+schema, "TO payrun", "TO "+role).Replace(grants)
	for statement := range strings.SplitSeq("CREATE ROLE "+role+" LOGIN;"+grants, ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	store, err := pgledger.Open(t.Context(), strings.Replace(address, "//payrun:", "//"+role+":", 1), options())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ids := enrol(t, store, 3)
	enrol(t, store, 2) // forgets rejected rows, and moves others
	if err := ledgertest.Release(t.Context(), store, "may"); err != nil {
		t.Error(err)
	}
	by := join(t, store, "one")
	claim(t, store, by, ids...)
	failed := ledgertest.Move(ids[0], ledger.Submitting, ledger.Failed)
	failed.Claim, failed.Attempt = by, 1
	again := ledgertest.Move(ids[0], ledger.Failed, ledger.Queued)
	again.Reference = "R-1"
	ledgertest.Apply(t, store, failed, again)
	takeOver(t, store, join(t, store, "two"), ids[1])
	if err := store.Shared("account").Exchange(t.Context(), func([]byte, time.Time) ([]byte, error) { return []byte("{}"), nil }); err != nil {
		t.Error(err)
	}
	if err := store.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	// What cannot be recorded any more stops the store: a full disk does so too.
	for range 2 {
		if err := owner.Exec(t.Context(), "revoke insert on events from "+role); err != nil {
			t.Fatal(err)
		}
		_, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(ids[2], ledger.Submitting, ledger.Pending)})
		if !errors.Is(err, ledger.ErrStopped) {
			t.Errorf("apply: %v, want ErrStopped", err)
		}
		if err := owner.Exec(t.Context(), "grant insert on events to "+role); err != nil {
			t.Fatal(err) // too late: it stays stopped
		}
	}
	for _, statement := range []string{
		"update events set at = 0", "delete from events", "delete from payouts", "delete from attempts", "update names set payout = ''",
		"update format set version = 9", "truncate payouts", "drop table events", "update paid_to set minor = 0",
	} {
		if err := store.Exec(t.Context(), statement); err == nil {
			t.Errorf("the role may %s", statement)
		}
	}
}

// TestARoleWithoutRightsIsToldSo, and not that there is no ledger.
func TestARoleWithoutRightsIsToldSo(t *testing.T) {
	address := begin(t)
	role := "nobody_" + address[strings.LastIndex(address, "=")+1:]
	owner := open(t, address)
	defer owner.Close()
	if err := owner.Exec(t.Context(), "create role "+role+" login"); err != nil {
		t.Fatal(err)
	}
	_, err := pgledger.Open(t.Context(), strings.Replace(address, "//payrun:", "//"+role+":", 1), options())
	if !errors.Is(err, pgledger.ErrUnreachable) || !strings.Contains(err.Error(), "has no rights") {
		t.Errorf("open: %v", err)
	}
}

// TestADatabaseThatTakesNoWritesIsToldSo, as a replica does: it can be read, and nothing is sent that
// could not be recorded.
func TestADatabaseThatTakesNoWritesIsToldSo(t *testing.T) {
	address := begin(t)
	open(t, address).Close()
	store := open(t, address+"&options=-c%20default_transaction_read_only%3Don")
	if _, err := store.Batches(t.Context()); err != nil {
		t.Error(err)
	}
	_, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 1)))
	if !errors.Is(err, pgledger.ErrReadOnly) || !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("%v, want ErrReadOnly and ErrStopped", err)
	}
}
