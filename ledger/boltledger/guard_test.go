package boltledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// sector is the part of a page that a disk writes in one step.
const sector = 512

// sealedLedger makes a ledger whose trees have several levels, with what is left after
// rows were entered in no order, paid and failed, and returns its content.
func sealedLedger(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := open(t, path)
	entries := ledgertest.Entries("A", 2500)
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(entries), func(i, j int) { entries[i].Terms, entries[j].Terms = entries[j].Terms, entries[i].Terms })
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(entries[:600], 50) {
		var changes []ledger.Change
		for i, entry := range part {
			to := []ledger.State{ledger.Successful, ledger.Failed, ledger.Pending}[i%3]
			changes = append(changes, ledgertest.Move(entry.ID, ledger.Queued, ledger.Submitting), ledgertest.Move(entry.ID, ledger.Submitting, to))
		}
		if _, err := store.Apply(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// statesOf asks for payouts one by one, as whoever pays does. What it is told of each is in
// file order.
func statesOf(t *testing.T, store *boltledger.Store, entries []ledger.Entry) ([]string, error) {
	t.Helper()
	told := make([]string, 0, len(entries))
	for _, entry := range entries {
		payout, err := store.Payout(t.Context(), entry.ID)
		switch {
		case errors.Is(err, ledger.ErrCorrupt):
			return nil, err
		case err != nil:
			told = append(told, err.Error())
		default:
			told = append(told, fmt.Sprint(payout.State, payout.Amount, payout.Number.Reveal(), payout.Row))
		}
	}
	return told, nil
}

// TestWhatIsReadOfADamagedFileIsRightOrRefused damages one page of a ledger at a time, in
// ways that disks have, and asks for payouts. Opening it looks at few of its pages, so that
// most damage is met by who reads it: what is told is then what it was before, or that the
// ledger is damaged. No payout ever seems to be new.
func TestWhatIsReadOfADamagedFileIsRightOrRefused(t *testing.T) {
	whole := sealedLedger(t)
	asked := ledgertest.Entries("A", 2500)
	random := rand.New(rand.NewPCG(5, 6))
	random.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
	asked = append(asked[:150:150], ledgertest.Entries("B", 5)...)
	store := open(t, write(t, whole))
	want, err := statesOf(t, store, asked)
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	rounds := 1500
	if testing.Short() {
		rounds = 300
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	refused, late := 0, 0
	for round := range rounds {
		damaged := bytes.Clone(whole)
		what := damage(random, damaged)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := boltledger.Open(path, boltledger.Options{NoSync: true})
		if err == nil {
			var told []string
			if told, err = statesOf(t, store, asked); err == nil && !slices.Equal(told, want) {
				t.Errorf("round %d, %s: other payouts than before", round, what)
			}
			if err != nil {
				late++
			}
			store.Close()
		}
		if err != nil {
			refused++
			if !errors.Is(err, ledger.ErrCorrupt) && !errors.Is(err, ledger.ErrNoLedger) {
				t.Fatalf("round %d, %s: %v, want ErrCorrupt", round, what, err)
			}
		}
	}
	t.Logf("%d of %d refused, %d of them by who read", refused, rounds, late)
	if late == 0 {
		t.Error("nothing was met by who read")
	}
}

// damage changes one page as disks do, and returns how. The two boot pages are left alone:
// without the newer one a file is what it was before its last commit, which is older and
// whole.
func damage(random *rand.Rand, file []byte) string {
	pages := len(file) / pageSize
	at, other := bootPages+random.IntN(pages-bootPages), random.IntN(pages)
	p, source := page(file, at*pageSize), page(file, other*pageSize)
	switch kind := random.IntN(6); kind {
	case 0:
		clear(p)
		return fmt.Sprintf("page %d is empty", at)
	case 1:
		copy(p, source)
		return fmt.Sprintf("page %d lies in the place of page %d", other, at)
	case 2:
		copy(p, source)
		binary.NativeEndian.PutUint64(p, uint64(at)) //nolint:gosec // not negative
		return fmt.Sprintf("page %d is written over with page %d", at, other)
	case 3:
		begin := random.IntN(pageSize / sector)
		copy(p[begin*sector:(begin+1)*sector], source[begin*sector:])
		return fmt.Sprintf("page %d has sector %d of page %d", at, begin, other)
	default:
		// Where the structure is.
		bit := random.IntN(8 * 16 * (1 + random.IntN(20)))
		p[bit/8] ^= 1 << (bit % 8)
		return fmt.Sprintf("page %d has bit %d turned", at, bit)
	}
}

// TestOpeningLooksAtFewPages however many there are.
func TestOpeningLooksAtFewPages(t *testing.T) {
	path := write(t, sealedLedger(t))
	store := open(t, path)
	defer store.Close()
	const few = 12
	if _, err := store.Batches(t.Context()); err != nil || boltledger.Looked(store) > few {
		t.Errorf("%d pages looked at, %v", boltledger.Looked(store), err)
	}
	before := boltledger.Looked(store)
	if err := drain(store.Payouts(t.Context(), "may")); err != nil || boltledger.Looked(store) < before+100 {
		t.Errorf("%d pages looked at, %v: that opening looks at few shows nothing", boltledger.Looked(store), err)
	}
}

// TestAllPagesAreLookedAtWhereNothingSealsTheFreeOnes damages a page that nobody reads: only
// a walk of all pages meets it.
func TestAllPagesAreLookedAtWhereNothingSealsTheFreeOnes(t *testing.T) {
	whole := sealedLedger(t)
	var root uint64
	edit(t, write(t, whole), func(tx *bbolt.Tx) error {
		root = boltledger.RootPage(tx, "events")
		return nil
	})
	clear(page(whole, int(root)*pageSize))
	store := open(t, write(t, whole))
	if _, err := store.Payout(t.Context(), "A-00003"); err != nil {
		t.Errorf("with the seal: %v", err)
	}
	if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("verify: %v, want ErrCorrupt", err)
	}
	store.Close()
	boltledger.Unseal(whole)
	if _, err := boltledger.Open(write(t, whole), boltledger.Options{}); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("without the seal: %v, want ErrCorrupt", err)
	}
}

// TestAPageInUseIsNotFree has the list of free pages name one that is in use: a commit would
// write over it.
func TestAPageInUseIsNotFree(t *testing.T) {
	whole := sealedLedger(t)
	var root uint64
	edit(t, write(t, whole), func(tx *bbolt.Tx) error {
		root = boltledger.RootPage(tx, "events")
		return nil
	})
	if err := boltledger.ForgeFree(whole, root); err != nil {
		t.Fatal(err)
	}
	store := open(t, write(t, whole))
	defer store.Close()
	if err := drain(store.Events(t.Context(), 0)); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("%v, want ErrCorrupt", err)
	}
}
