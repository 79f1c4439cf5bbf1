package boltledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// TestAFileOfOneGroupKeepsNoFilter asks of numbers one by one, and told of them before: the answers
// are the same, and filters are kept only by who asks one by one or tells of more than a group. One
// that rotted is met.
func TestAFileOfOneGroupKeepsNoFilter(t *testing.T) {
	const entries = 6000
	s, err := Open(filepath.Join(t.TempDir(), "ledger.db"), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	number := func(n int) phone.E164 { return phone.E164(fmt.Sprintf("+22507%08d", 7919*n%100_000_000)) }
	for part := range 2 {
		if err := s.update(func(tx *transaction) error {
			var all []keyed
			for i := range entries {
				all = append(all, fingerprint(ledger.Terms{
					ID: ledger.TransactionID(fmt.Sprintf("%d-%06d", part, i)), Number: number(i * (part + 1)), Amount: money.XOF.Of(500),
				}, at))
			}
			return finderOf(tx).add(all)
		}); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() (count int) {
		for _, filter := range s.memory.finder.kept {
			if filter.hashes.Load() != nil {
				count++
			}
		}
		return count
	}
	var numbers []phone.E164
	for i := range 400 {
		numbers = append(numbers, number(i*40), number(i*40)) // some are in both runs, some in none
	}
	ask := func(told ...[]phone.E164) (answers [][]ledger.Earlier, err error) {
		err = s.View(t.Context(), func(v ledger.View) error {
			far, _ := v.(ledger.Prefetcher)
			for _, group := range told {
				if err := far.Prefetch(t.Context(), nil, group, at); err != nil {
					return err
				}
			}
			for _, n := range numbers {
				found, err := v.PaidTo(t.Context(), n, at)
				if err != nil {
					return err
				}
				answers = append(answers, found)
			}
			return nil
		})
		return answers, err
	}
	same := func(a, b []ledger.Earlier) bool { return slices.Equal(a, b) }
	told, toldErr := ask(numbers)
	if count := kept(); count != 0 {
		t.Errorf("%d filters are kept", count)
	}
	twice, twiceErr := ask(numbers[:10], nil, numbers)
	if count := kept(); count != 2 {
		t.Errorf("of a file of two groups %d filters are kept, want 2", count)
	}
	one, err := ask()
	if err := errors.Join(err, toldErr, twiceErr); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(one, told, same) || !slices.EqualFunc(one, twice, same) {
		t.Error("who is told of numbers answers otherwise")
	}
	if count := slices.IndexFunc(one, func(found []ledger.Earlier) bool { return len(found) == 2 }); count < 0 {
		t.Error("nobody was paid twice: too little to show anything")
	}
	clear(s.memory.finder.kept)
	clear(s.guard.checked)
	var filter uint64
	if err := s.view(func(tx *transaction) error {
		all, err := finderOf(tx).list()
		if err == nil {
			var root page
			root, _, err = all[0].trail.head(all[0].trail.root, make([]byte, s.guard.size))
			filter = root.element(0).child
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.guard.file = flippedAt{s.guard.file, int64(filter+1)*int64(os.Getpagesize()) + 7}
	if _, err := ask(numbers); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("of a filter that rotted: %v", err)
	}
}
