package engine

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/provider"
	"payrun/provider/providertest"
)

// unasked is a provider that nobody may ask anything.
type unasked struct{ providertest.Answers }

func (unasked) LookUp(context.Context, provider.Query) provider.Outcome { panic("nobody asks") }

// probing is a probe of a batch of queued rows, with one worker.
func probing(t *testing.T, rows int, random func(int) int) probe {
	t.Helper()
	store := memledger.New()
	states := make([]ledger.State, rows)
	for i := range states {
		states[i] = ledger.Queued
	}
	ledgertest.Reach(t, store, states...)
	before, err := LoadSnapshot(t.Context(), store, "may")
	if err != nil {
		t.Fatal(err)
	}
	config := Config{Store: store, Provider: unasked{}, Workers: 1, Random: random}
	return probe{config: &config, before: before, proof: &proof{}}
}

// TestTheProbeAsksAboutTheFirstTheLastAndAnyOfTheRest: of the rest each row may be among the twenty,
// and each draw is among as many as there were.
func TestTheProbeAsksAboutTheFirstTheLastAndAnyOfTheRest(t *testing.T) {
	const rows, first = 30, 2
	for name, test := range map[string]struct {
		draw func(n int) int
		rest []int // the rows of the rest that are asked about
	}{
		"nobody is drawn": {func(n int) int { return n - 1 }, between(first, first+sampleRandom)},
		"always the first place": {
			func(int) int { return 0 },
			append([]int{rows - 1}, between(first+1, first+sampleRandom)...),
		},
		"each another place": {
			func(n int) int { return n - sampleRandom - 1 },
			append(between(first+sampleRandom, rows), between(rows-sampleRandom, first+sampleRandom)...),
		},
	} {
		var among []int
		drawn, err := probing(t, rows, func(n int) int {
			among = append(among, n)
			return test.draw(n)
		}).sample(t.Context(), listing{})
		if err != nil {
			t.Fatal(err)
		}
		want := append(between(0, first), test.rest...)
		if !slices.Contains(want, rows-1) {
			want = append(want, rows-1)
		}
		entries := ledgertest.Entries("A", rows)
		for i, p := range drawn {
			if i >= len(want) || p.payout.ID != entries[want[i]].ID || len(p.names) == 0 {
				t.Errorf("%s: %s is asked about in place %d, of %v", name, p.payout.ID, i, want)
			}
		}
		if len(drawn) != len(want) || !slices.Equal(among, between(sampleRandom+1, rows-first+1)) {
			t.Errorf("%s: %d are asked about, drawn among %v", name, len(drawn), among)
		}
	}
}

func between(from, to int) []int {
	var all []int
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// TestWhatTheListHasOfARowIsNoticedUnderEachNameItMayHave: its own, and those that another ledger
// would have given its next two attempts.
func TestWhatTheListHasOfARowIsNoticedUnderEachNameItMayHave(t *testing.T) {
	derive := providertest.Capabilities().Derive
	for name, test := range map[string]struct {
		reference string
		hit       bool
	}{
		"its own":                   {"A-00001", true},
		"that of a second attempt":  {derive("A-00001", 2, 0), true},
		"that of a third attempt":   {derive("A-00001", 3, 0), true},
		"that of a fourth attempt":  {derive("A-00001", 4, 0), false},
		"that of somebody else":     {"B-00001", false},
		"that of one not in a file": {derive("B-00001", 2, 0), false},
	} {
		list := listing{entries: map[string]listed{}}
		list.add(provider.Transaction{Reference: test.reference, Class: provider.Pending, At: noon})
		_, err := probing(t, 3, func(int) int { return 0 }).sample(t.Context(), list)
		hit := (*HitError)(nil)
		if errors.As(err, &hit) != test.hit || test.hit && (hit.ID != "A-00001" || hit.Said != provider.Pending || !hit.At.Equal(noon) || string(hit.Reference) != test.reference) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// books is a provider's list, which fails so many times before it is read.
type books struct {
	fails   int
	entries []provider.Transaction
	asked   int
}

func (b *books) Transactions(context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		b.asked++
		for _, t := range b.entries {
			if !yield(t, nil) {
				return
			}
		}
		if b.asked <= b.fails {
			yield(provider.Transaction{}, errors.New("too fast"))
		}
	}
}

// TestTheListIsInsistedOnWhereNothingElseTells: three times, two seconds apart, and no longer than
// somebody waits.
func TestTheListIsInsistedOnWhereNothingElseTells(t *testing.T) {
	one := []provider.Transaction{{Reference: "A"}}
	for name, test := range map[string]struct {
		books    books
		gone     bool
		asked    int
		took     time.Duration
		readable bool
	}{
		"read at once":                {books{entries: one}, false, 1, 0, true},
		"read the second time":        {books{entries: one, fails: 1}, false, 2, 2 * time.Second, true},
		"read the third time":         {books{entries: one, fails: 2}, false, 3, 4 * time.Second, true},
		"never read":                  {books{entries: one, fails: 9}, false, 3, 4 * time.Second, false},
		"somebody interrupts":         {books{entries: one, fails: 9}, true, 1, 0, false},
		"nothing is in it":            {books{}, false, 1, 0, true},
		"it names nothing of anybody": {books{entries: []provider.Transaction{{ProviderRef: "DP"}}}, false, 3, 4 * time.Second, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			drain := make(chan struct{})
			if test.gone {
				close(drain)
			}
			began := time.Now()
			list := insistOnList(t.Context(), drain, &test.books, zerolog.Nop())
			if list.readable != test.readable || test.books.asked != test.asked || time.Since(began) != test.took {
				t.Errorf("%s: readable %t, asked %d times in %s", name, list.readable, test.books.asked, time.Since(began))
			}
		})
	}
	if list := insistOnList(t.Context(), nil, nil, zerolog.Nop()); list.readable {
		t.Error("no list is no readable one")
	}
}

// TestTheYoungestThatTheListNamesIsKnown: it needs a reference and a number to be asked for by, and
// was there when the list was read, whatever the provider's clock says.
func TestTheYoungestThatTheListNamesIsKnown(t *testing.T) {
	list := listing{entries: map[string]listed{}, read: at(20)}
	for _, one := range []provider.Transaction{
		{Reference: "old", Number: "+2250700000001", At: at(0)},
		{Reference: "young", Number: "+2250700000002", At: at(10)},
		{Reference: "between", Number: "+2250700000003", At: at(5)},
		{Reference: "unasked", At: at(15)},
		{Number: "+2250700000004", At: at(16)},
	} {
		list.add(one)
	}
	if k := list.known(); k.reference != "young" || k.number != "+2250700000002" || !k.accepted.Equal(at(10)) {
		t.Errorf("%+v", k)
	}
	if list.count != 5 || len(list.entries) != 4 {
		t.Errorf("%d, %d of them by reference", list.count, len(list.entries))
	}
	list.add(provider.Transaction{Reference: "ahead", Number: "+2250700000005", At: at(3600)})
	if k := list.known(); k.reference != "ahead" || !k.accepted.Before(at(20)) {
		t.Errorf("%+v, which was there when the list was read", k)
	}
}
