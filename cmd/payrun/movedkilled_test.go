//go:build unix

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"payrun/ledger/boltledger"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// removal is a half-paid ledger that is moved into a database by processes that are killed.
type removal struct {
	scene
	m machine
	// file is where the ledger is, address where it goes, through the same by way of the proxy.
	file, address, through string
	proxy                  *pgtest.Proxy
	// stages counts the kills by what each left behind.
	stages map[stage]int
}

// stage is how far a move has come.
type stage struct {
	// marked is whether the file says that it was moved.
	marked bool
	// there names the contents of the database.
	there string
}

// What a database may have while a ledger is moved into it.
const (
	nothingThere = "an empty ledger"
	notWhole     = "one that nobody can open"
	wholeThere   = "the ledger"
)

// halfMoved is a removal of which nothing is done yet.
func halfMoved(t *testing.T) *removal {
	t.Helper()
	s, m, file := halfWay(t)
	server := database(t)
	proxy := pgtest.NewProxy(t, server.Port)
	r := &removal{scene: s, m: m, file: file, proxy: proxy, stages: map[stage]int{}}
	r.address, r.through = server.Address("moved"), server.AddressAt(proxy.Port(), "moved")
	m.pays(exitPaid, "is begun", "ledger", "init", "--ledger", r.address)
	return r
}

// length is how many bytes go between payrun and the database while the ledger is moved: that
// of a copy, which is moved elsewhere.
func (r *removal) length(server *pgtest.Proxy, elsewhere string) int64 {
	r.t.Helper()
	copied := filepath.Join(r.m.home, "copied.db")
	r.m.copyFile(r.file, copied)
	server.Set(nil)
	r.m.pays(exitPaid, "is begun", "ledger", "init", "--ledger", elsewhere)
	server.Set(nil)
	r.m.pays(exitPaid, "was moved to", "ledger", "copy", copied, elsewhere)
	return server.Passed()
}

// killedAt moves the ledger, and kills the process where a trap says.
func (r *removal) killedAt(what string, trap pgtest.Trap) stage {
	r.t.Helper()
	moves := r.m.command(r.t.Context(), "ledger", "copy", r.file, r.through)
	sprang := false
	trap.Then = func() {
		sprang = true
		if err := moves.Process.Kill(); err != nil {
			r.t.Error(err)
		}
	}
	r.proxy.Set(&trap)
	out, _ := moves.CombinedOutput() // killed
	r.proxy.Set(nil)
	if !sprang {
		r.t.Fatalf("%s: the move was never killed:\n%s", what, out)
	}
	found := r.stands()
	r.stages[found]++
	r.t.Logf("killed %s: the file is marked: %v, the database has %s", what, found.marked, found.there)
	return found
}

// stands finds out how far the move has come.
func (r *removal) stands() (found stage) {
	r.t.Helper()
	source, err := boltledger.Open(r.file, boltledger.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	defer source.Close()
	identity, err := source.Identity(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	found.marked = identity.Moved != ""
	store, err := pgledger.Open(r.t.Context(), r.address, pgledger.Options{})
	if errors.Is(err, pgledger.ErrIncoming) {
		found.there = notWhole
		return found
	}
	if err != nil {
		r.t.Fatal(err)
	}
	defer store.Close()
	batches, err := store.Batches(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if found.there = nothingThere; len(batches) > 0 {
		found.there = wholeThere
	}
	return found
}

// paysFromOneAlone resumes the batch from both places: of the two, one at most may pay, and that
// is the file until it is marked.
func (r *removal) paysFromOneAlone(found stage) {
	r.t.Helper()
	switch found {
	case stage{false, nothingThere}:
		r.m.pays(exitUsage, "may", resume(r.address, atOnce()...)...)
	case stage{false, notWhole}:
		r.m.pays(exitUsage, "has not ended", resume(r.address, atOnce()...)...)
	case stage{true, notWhole}:
		r.m.pays(exitUsage, "has not ended", resume(r.address, atOnce()...)...)
		r.m.pays(exitUsage, "is paid from there alone", resume(r.file, atOnce()...)...)
	case stage{true, wholeThere}:
		r.m.pays(exitUsage, "is paid from there alone", resume(r.file, atOnce()...)...)
	default:
		r.t.Fatalf("the file is marked: %v, and the database has %s", found.marked, found.there)
	}
}

// goesOn has the file pay some more, which it may until it is marked.
func (r *removal) goesOn() {
	r.t.Helper()
	run := r.m.starts(resume(r.file, slowly(8)...)...)
	r.untilPaid(r.books().Credited.Count + 3)
	run.kills(r.t)
}

// TestAMoveThatIsKilledAnywhereIsEndedByTheSameCommand kills the process that moves a half-paid
// ledger again and again: after each eighth of what it says to the database, on both sides of each
// commit, and between the mark and what follows it. In between the file pays some more. In the
// end the database pays the rest.
func TestAMoveThatIsKilledAnywhereIsEndedByTheSameCommand(t *testing.T) {
	t.Parallel()
	r := halfMoved(t)
	const eighths = 8
	length := r.length(r.proxy, r.through+"_elsewhere")
	for i := int64(1); i < eighths; i++ {
		found := r.killedAt(fmt.Sprintf("after %d eighths", i), pgtest.Trap{After: i * length / eighths})
		r.paysFromOneAlone(found)
		if found.marked {
			t.Fatal("the file was marked before all of it was copied and held against the copy")
		}
		if i == eighths/2 {
			r.goesOn()
		}
	}
	for what, trap := range map[string]pgtest.Trap{
		"before the copy is begun":   {Sent: "truncate batches"},
		"before the copy has an end": {Sent: "create temporary table latest"},
		"when the copy is committed": {Answered: committed},
	} {
		r.paysFromOneAlone(r.killedAt(what, trap))
	}
	r.goesOn()
	const activates = "select heads, heads_hash, own, own_hash from ledger for update"
	for range 2 {
		r.paysFromOneAlone(r.killedAt("after the mark", pgtest.Trap{Sent: activates}))
	}
	// All is done, and only the process does not hear of it.
	r.paysFromOneAlone(r.killedAt("when all is committed", pgtest.Trap{Answered: committed, Skip: 1}))
	for _, want := range []stage{{false, nothingThere}, {false, notWhole}, {true, notWhole}, {true, wholeThere}} {
		if r.stages[want] == 0 {
			t.Errorf("no kill left the file marked: %v, and the database with %s: %v", want.marked, want.there, r.stages)
		}
	}
	r.m.pays(exitPaid, "had been moved to", "ledger", "copy", r.file, r.address)
	r.m.pays(exitPaid, "nothing vouches for the ledger", resume(r.address, atOnce()...)...)
	r.m.agrees("payrun-report/may.json")
	r.nobodyTwice(1 + copiedRows)
	for _, place := range []string{r.file, r.address} {
		r.m.pays(exitPaid, "holds together", "ledger", "verify", "--ledger", place)
	}
}

// committed is how the database answers a commit.
const committed = "COMMIT\x00"
