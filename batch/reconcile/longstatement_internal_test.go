package reconcile

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// rowOf is a row of a statement, with everything that a row may have.
func rowOf(n int, reference string, class provider.Class) Transfer {
	at := time.Date(2026, 11, 24, 8, 0, n, 0, time.UTC)
	if n%10 == 0 {
		at = time.Time{}
	}
	return Transfer{
		Row: n + 2, Returned: n%17 == 0,
		Transaction: provider.Transaction{
			Reference: reference, ProviderRef: fmt.Sprint("DP-", n), Number: "+2250700000000", Amount: money.XOF.Of(int64(1000 + n)),
			Fees: money.XOF.Fine(int64(n)), FeesKnown: n%2 == 0, Class: class, Code: "Réussi", At: at,
		},
	}
}

// What is found of a statement does not depend on what of it is on disk.
func TestALongStatementIsFoundByItsNames(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	const rows = 3*namesMax + 100
	index := newTransferIndex()
	defer index.close()
	want := map[string]*transferHistory{}
	names := make([]string, 0, rows)
	for n := range rows {
		reference := fmt.Sprint("M-", n)
		switch random.IntN(20) {
		case 0:
			reference = fmt.Sprint("M-", random.IntN(n+1)) // once more
		case 1:
			reference = "" // known by the provider's name
		}
		row := rowOf(n, reference, []provider.Class{provider.Successful, provider.Failed, provider.Pending}[random.IntN(3)])
		if err := index.add(row); err != nil {
			t.Fatal(err)
		}
		name := nameOf(row)
		history := want[name]
		if history == nil {
			history = &transferHistory{last: row}
			want[name] = history
			names = append(names, name)
		} else {
			history.update(row)
		}
		history.take(row)
	}
	if !index.rows.OnDisk() || index.names.Mark().Count == 0 {
		t.Fatal("nothing is on disk")
	}
	for range 5000 {
		name := names[random.IntN(len(names))]
		got, err := index.named(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[name], got, cmp.AllowUnexported(transferHistory{})); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := index.of(ledger.Attempt{Reference: "nobody"}); got != nil || err != nil {
		t.Errorf("of nobody there is %+v, %v", got, err)
	}
	ordinal := 0
	for row, err := range index.rows.all() {
		if err != nil || row.ordinal != ordinal || row.Row != ordinal+2 {
			t.Fatalf("row %d is the %dth, %v", row.Row, ordinal, err)
		}
		ordinal++
	}
	if ordinal != rows {
		t.Errorf("%d rows of %d", ordinal, rows)
	}
}

func TestALongStatementTakesNoMemory(t *testing.T) {
	inUse := func(rows int) int {
		index := newTransferIndex()
		defer index.close()
		for n := range rows {
			if err := index.add(rowOf(n, fmt.Sprint("M-", n), provider.Successful)); err != nil {
				t.Fatal(err)
			}
			index.used.set(n)
		}
		var memory runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&memory)
		runtime.KeepAlive(index)
		return int(memory.HeapAlloc) //nolint:gosec // a heap
	}
	few, many := inUse(namesMax), inUse(4*namesMax)
	const perRow = 8 // bytes, of which the filter takes a little more than one
	if grown := many - few; grown > 3*namesMax*perRow {
		t.Errorf("%d more rows take %d bytes more", 3*namesMax, grown)
	}
}

// A statement of another month differs in every row.
func TestAsManyDifferencesAsRowsTakeLittleMemory(t *testing.T) {
	inUse := func(rows int) int {
		var found Differences
		defer found.Close()
		for n := range rows {
			err := found.Add(Difference{
				Code: ledger.DifferenceUnknownThere, ID: ledger.TransactionID(fmt.Sprint("M-", n)), Row: rows - n, Name: "Awa Koné",
				State: ledger.Successful, Amount: money.XOF.Of(5000), Reference: fmt.Sprint("M-", n), Said: provider.NotFound,
				Answered: n%2 == 0, Fees: money.XOF.Fine(12),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		row := 0
		for d, err := range found.All() {
			if row++; err != nil || d.Row != row || d.Reference != fmt.Sprint("M-", rows-row) || d.Fees != money.XOF.Fine(12) {
				t.Fatalf("%+v, %v, want that of row %d", d, err, row)
			}
		}
		if found.Count() != rows || found.Open() != rows/2 {
			t.Errorf("%d differences, %d open, of %d", found.Count(), found.Open(), rows)
		}
		var memory runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&memory)
		runtime.KeepAlive(&found)
		return int(memory.HeapAlloc) //nolint:gosec // a heap
	}
	few, many := inUse(20_000), inUse(100_000)
	const perDifference = 64 // bytes, of which where it is takes 24 to 48
	if grown := many - few; grown > 80_000*perDifference {
		t.Errorf("80,000 more differences take %d bytes more", grown)
	}
}

// Differences without a row come last, and those of one row by reference.
func TestDifferencesAreListedByRow(t *testing.T) {
	var found Differences
	for _, d := range []Difference{
		{Reference: "c"}, {Reference: "b", StatementRow: 9}, {Reference: "z", Row: 7}, {Reference: "a"}, {Reference: "y", Row: 7}, {Reference: "x", Row: 2},
	} {
		if err := found.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for d, err := range found.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Reference)
	}
	if diff := cmp.Diff([]string{"x", "y", "z", "a", "c", "b"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
