package boltledger

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/ledger/ledgertest"
)

// resident is how much of a file is in this process's memory, in bytes.
func resident(t *testing.T, path string) (bytes int) {
	t.Helper()
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer maps.Close()
	ours := false
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		var kilobytes int
		switch _, err := fmt.Sscanf(line, "Rss: %d kB", &kilobytes); {
		case err == nil && ours:
			bytes += kilobytes << 10
		case strings.Contains(strings.Fields(line)[0], "-"): // the addresses of the next mapping
			ours = strings.HasSuffix(line, path)
		}
	}
	return bytes
}

// TestWhoReadsALedgerDoesNotHoldItInMemory: its pages are the system's, and count as the
// process's only for as long as it maps them.
func TestWhoReadsALedgerDoesNotHoldItInMemory(t *testing.T) {
	const rows = 20_000
	path := filepath.Join(t.TempDir(), "payrun.db")
	s, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", rows))); err != nil {
		t.Fatal(err)
	}
	s.guard.mapped.every = 100 // of a thousand pages
	scanned := func(from int64) int {
		s.guard.mapped.from = from
		for _, err := range s.Payouts(t.Context(), "may") {
			if err != nil {
				t.Fatal(err)
			}
		}
		return resident(t, path)
	}
	all, least := scanned(math.MaxInt64), rows*100
	if all < least {
		t.Fatalf("%d bytes are in memory if nothing is let go: this test shows nothing", all)
	}
	if some := scanned(1); some > all/2 {
		t.Errorf("%d bytes are in memory, and %d if nothing is let go", some, all)
	}
}
