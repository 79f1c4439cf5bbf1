package boltledger

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
)

// TestAReaderWaitsForWhatACommitUsed asks whether a page is free that a commit has just used:
// the answer waits until the list after that commit was looked at, or is lost with it.
func TestAReaderWaitsForWhatACommitUsed(t *testing.T) {
	const page, before, after = 7, 4, 5
	for name, ends := range map[string]func(*guard){
		"looked at": func(g *guard) { g.committed(after, newPageSet(8)) },
		"lost":      (*guard).lose,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free := newPageSet(8)
				free.add(page)
				g := newGuard(nil, bootPage{pageSize: pageSizeMin, txid: before}, free)
				if !g.isFree(page, before) {
					t.Error("the page is not free before the commit")
				}
				answered := false
				go func() {
					if g.isFree(page, after) {
						t.Error("the page that the commit used is free")
					}
					answered = true
				}()
				synctest.Wait()
				if answered {
					t.Error("nothing was waited for")
				}
				ends(g)
				synctest.Wait()
				if !answered {
					t.Error("waiting for what is over")
				}
			})
		})
	}
}

// TestAPageThatStaysFreeIsRefused behind a commit as before it: what leads there is damage.
func TestAPageThatStaysFreeIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	write := func(key byte) error {
		return s.update(func(tx *transaction) error {
			return tableOf(tx, bucketReferences).put([]byte{key}, make([]byte, 20*pageSizeMin))
		})
	}
	// What was written again leaves pages free.
	if err := errors.Join(write(1), write(1), write(1), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{NoSync: true}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := slices.Clone(s.guard.free)
	if err := write(2); err != nil {
		t.Fatal(err)
	}
	stayed := 0
	for id := range s.guard.free.without(nil) {
		if before.has(id) {
			stayed++
			if !s.guard.isFree(id, s.guard.asOf) {
				t.Errorf("page %d was free all the while, and may be read", id)
			}
		}
	}
	if stayed == 0 {
		t.Error("no page stayed free")
	}
}
