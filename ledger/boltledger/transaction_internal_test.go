package boltledger

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// TestATransactionReadsWhatTheLastCommitLeft: whoever reads knows the file as of their own
// transaction, whoever writes as of the one before, in as many pages as the file has.
func TestATransactionReadsWhatTheLastCommitLeft(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "ledger.db"), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	look := func(tx *bbolt.Tx, state int) error {
		guarded, err := s.guarded(tx)
		if err != nil {
			return err
		}
		meta := guarded.top(bucketMeta)
		if int(meta.trail.state) != state { //nolint:gosec // small
			t.Errorf("transaction %d (it writes: %t) reads what %d left", tx.ID(), tx.Writable(), meta.trail.state)
		}
		if pages := int(tx.Size()) / s.db.Info().PageSize; int(meta.trail.pages) != pages { //nolint:gosec // few
			t.Errorf("%d pages, want %d", meta.trail.pages, pages)
		}
		return nil
	}
	for range 2 {
		err := errors.Join(
			s.db.View(func(tx *bbolt.Tx) error { return look(tx, tx.ID()) }),
			s.db.Update(func(tx *bbolt.Tx) error { return errors.Join(look(tx, tx.ID()-1), errRolledBack) }),
		)
		if !errors.Is(err, errRolledBack) {
			t.Fatal(err)
		}
	}
}

var errRolledBack = errors.New("nothing is to be written")

// TestATableIsOpenedOnceInATransaction, and a part of one once it is there: what was looked at is
// not looked at again.
func TestATableIsOpenedOnceInATransaction(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "ledger.db"), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	name, part := parted()[0], []byte("may")
	err = s.db.Update(func(tx *bbolt.Tx) error {
		guarded, err := s.guarded(tx)
		if err != nil {
			return err
		}
		if one, again := guarded.top(name), guarded.top(name); one.trail != again.trail || one.bucket == nil {
			t.Error("the table is opened twice")
		}
		if none := guarded.part(name, part); none.err != nil || none.exists() {
			t.Errorf("a part that nobody made: %v", none.err)
		}
		made, err := guarded.makePart(name, part)
		if err != nil || !made.exists() {
			t.Fatalf("%v", err)
		}
		if again, err := guarded.makePart(name, part); err != nil || again.bucket != made.bucket {
			t.Errorf("it is made twice (%v)", err)
		}
		if err := errors.Join(guarded.deletePart(name, part), guarded.deletePart(name, part)); err != nil {
			t.Error(err)
		}
		if gone := guarded.part(name, part); gone.exists() {
			t.Error("what was deleted is there")
		}
		return errRolledBack
	})
	if !errors.Is(err, errRolledBack) {
		t.Fatal(err)
	}
}

// TestAPartIsDeletedWhereThePagesBesideItAreWhole alone: bbolt may put them together.
func TestAPartIsDeletedWhereThePagesBesideItAreWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	name := parted()[0]
	err = s.update(func(tx *transaction) error {
		for i := range 200 {
			if _, err := tx.makePart(name, []byte(tallKey(i))); err != nil {
				return err
			}
		}
		return nil
	})
	file, readErr := os.ReadFile(path)
	if err := errors.Join(err, readErr); err != nil {
		t.Fatal(err)
	}
	var leaves []leaf
	if err := s.view(func(tx *transaction) error {
		leaves = leavesBelow(file, RootPage(tx.Tx, string(name)), "", nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	damaged := &rotten{ReaderAt: s.guard.file}
	s.guard.file = damaged
	for _, l := range leaves {
		for _, page := range append([]uint64{0, l.id}, l.beside...) {
			damaged.page = page
			clear(s.guard.checked)
			err := s.update(func(tx *transaction) error {
				return errors.Join(tx.deletePart(name, []byte(l.keys[0])), errRolledBack)
			})
			if told := errors.Is(err, ledger.ErrCorrupt); told != (page != 0) {
				t.Errorf("a part of page %d is deleted with page %d damaged: %v", l.id, page, err)
			}
		}
	}
}
