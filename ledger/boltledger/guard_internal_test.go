package boltledger

import (
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
