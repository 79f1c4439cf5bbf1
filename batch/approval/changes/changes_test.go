package changes_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/batch/approval/changes"
	"payrun/ledger/phone"
)

func payee(id, number, name string, amount int64) changes.Payee {
	return changes.Payee{ID: id, Number: phone.E164(number), Name: name, Amount: amount}
}

// TestWhatChangedIsToldByKind compares two months.
func TestWhatChangedIsToldByKind(t *testing.T) {
	october := []changes.Payee{
		payee("O-1", "0701", "Awa Koné", 100),
		payee("O-2", "0702", "Koffi Yao", 200),
		payee("O-3", "0703", "Ibou Ba", 300),
		payee("O-4", "0704", "Marie Tano", 400),
		payee("O-5", "0705", "Yves Gnan", 500),
		payee("O-6", "0706", "Ali Ouattara", 600),
		payee("O-7", "0707", "Ali Ouattara", 700),
	}
	november := []changes.Payee{
		payee("N-1", "0701", "KONE  Awa", 60), // the same, written otherwise, in two parts
		payee("N-2", "0702", "Koffi Yao", 250),
		payee("N-8", "0708", "Fanta Sy", 800),
		payee("N-4", "0799", "Marie Tano", 400),
		payee("N-5", "0705", "Yves Gnamien", 500),
		payee("N-1b", "0701", "Awa Koné", 40),
		payee("N-6", "0796", "Ali Ouattara", 600), // which of the two is not known
		payee("N-7", "0797", "Ali Ouattara", 700),
	}
	person := func(number, name string, amount int64, ids ...string) changes.Person {
		return changes.Person{IDs: ids, Number: phone.E164(number), Name: name, Amount: amount}
	}
	want := changes.Changes{
		Before:  changes.Sum{Payouts: 7, People: 7, Total: 2800},
		Now:     changes.Sum{Payouts: 8, People: 7, Total: 3350},
		New:     []changes.Person{person("0708", "Fanta Sy", 800, "N-8"), person("0796", "Ali Ouattara", 600, "N-6"), person("0797", "Ali Ouattara", 700, "N-7")},
		Gone:    []changes.Person{person("0703", "Ibou Ba", 300, "O-3"), person("0706", "Ali Ouattara", 600, "O-6"), person("0707", "Ali Ouattara", 700, "O-7")},
		Numbers: []changes.Pair{{Before: person("0704", "Marie Tano", 400, "O-4"), Now: person("0799", "Marie Tano", 400, "N-4")}},
		Names:   []changes.Pair{{Before: person("0705", "Yves Gnan", 500, "O-5"), Now: person("0705", "Yves Gnamien", 500, "N-5")}},
		Amounts: []changes.Pair{{Before: person("0702", "Koffi Yao", 200, "O-2"), Now: person("0702", "Koffi Yao", 250, "N-2")}},
		Same:    1,
	}
	if diff := cmp.Diff(want, changes.Compare(october, november)); diff != "" {
		t.Errorf("what changed (-want +got):\n%s", diff)
	}
}

// TestWhoIsWho tries pairs of one person on each list.
func TestWhoIsWho(t *testing.T) {
	awa := payee("1", "0701", "Awa Koné", 100)
	for name, c := range map[string]struct {
		before, now []changes.Payee
		want        changes.Changes
	}{
		"nobody at all":           {nil, nil, changes.Changes{}},
		"another id":              {[]changes.Payee{awa}, []changes.Payee{payee("2", "0701", "awa kone", 100)}, changes.Changes{Same: 1}},
		"another person, same id": {[]changes.Payee{awa}, []changes.Payee{payee("1", "0702", "Koffi", 100)}, changes.Changes{New: make([]changes.Person, 1), Gone: make([]changes.Person, 1)}},
		"two of a name, ids tell": {
			[]changes.Payee{awa, payee("2", "0702", "Awa Koné", 100)},
			[]changes.Payee{payee("2", "0709", "Awa Koné", 100), payee("1", "0708", "Awa Koné", 100)},
			changes.Changes{Numbers: make([]changes.Pair, 2)},
		},
		"a shared number": {
			[]changes.Payee{awa, payee("2", "0701", "Koffi", 50)},
			[]changes.Payee{payee("2", "0701", "Koffi", 50), payee("1", "0701", "Awa Koné", 70)},
			changes.Changes{Amounts: make([]changes.Pair, 1), Same: 1},
		},
	} {
		got := changes.Compare(c.before, c.now)
		counts := func(c changes.Changes) []int {
			return []int{len(c.New), len(c.Gone), len(c.Numbers), len(c.Names), len(c.Amounts), c.Same}
		}
		if !slices.Equal(counts(got), counts(c.want)) {
			t.Errorf("%s: %v, want %v", name, counts(got), counts(c.want))
		}
	}
}

// list draws few numbers and names, so that people are found again in all ways.
func list(t *rapid.T, label string) []changes.Payee {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) changes.Payee {
		return payee(strconv.Itoa(rapid.IntRange(1, 9).Draw(t, "id")), "070"+strconv.Itoa(rapid.IntRange(1, 6).Draw(t, "number")),
			rapid.SampledFrom([]string{"Awa Koné", "KONE AWA", "Koffi", "Ibou", "Marie"}).Draw(t, "name"), rapid.Int64Range(1, 9).Draw(t, "amount"))
	}), 0, 8).Draw(t, label)
}

// TestTheChangesExplainTheTotal holds that who is new, gone or changed accounts for
// every franc between the totals and for everybody on both lists, and that comparing the
// other way round tells the same.
func TestTheChangesExplainTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, now := list(t, "before"), list(t, "now")
		c := changes.Compare(before, now)
		explained := c.Before.Total
		for _, p := range c.New {
			explained += p.Amount
		}
		for _, p := range c.Gone {
			explained -= p.Amount
		}
		for _, p := range c.Amounts {
			explained += p.Difference()
		}
		if explained != c.Now.Total {
			t.Fatalf("%d and the changes come to %d, not %d: %+v", c.Before.Total, explained, c.Now.Total, c)
		}
		if c.Now.People-len(c.New) != c.Before.People-len(c.Gone) {
			t.Fatalf("somebody is on one list only and not told of: %+v", c)
		}
		back := changes.Compare(now, before)
		if len(back.New) != len(c.Gone) || len(back.Gone) != len(c.New) || back.Same != c.Same ||
			len(back.Amounts) != len(c.Amounts) || len(back.Numbers) != len(c.Numbers) || len(back.Names) != len(c.Names) {
			t.Fatalf("the other way round: %+v\nand: %+v", back, c)
		}
		if again := changes.Compare(now, now); !again.None() || again.Same != again.Now.People {
			t.Fatalf("a list differs from itself: %+v", again)
		}
	})
}

// TestTheOrderOfAListChangesNothing shuffles both lists.
func TestTheOrderOfAListChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, now := list(t, "before"), list(t, "now")
		shuffled := changes.Compare(rapid.Permutation(before).Draw(t, "older"), rapid.Permutation(now).Draw(t, "newer"))
		if diff := cmp.Diff(counted(changes.Compare(before, now)), counted(shuffled)); diff != "" {
			t.Fatalf("shuffled (-as it was +shuffled):\n%s", diff)
		}
	})
}

// counted is the part of changes that does not depend on the order of the lists.
func counted(c changes.Changes) map[string]int {
	return map[string]int{
		"new": len(c.New), "gone": len(c.Gone), "numbers": len(c.Numbers), "names": len(c.Names),
		"amounts": len(c.Amounts), "same": c.Same,
	}
}

// TestTheLastComparableBatchIsFound looks through earlier batches, latest first.
func TestTheLastComparableBatchIsFound(t *testing.T) {
	people := func(from, to int) []changes.Payee {
		var all []changes.Payee
		for i := from; i <= to; i++ {
			all = append(all, payee("", "07"+strconv.Itoa(i), "", 1))
		}
		return all
	}
	bonus := changes.List{Batch: "bonus", Payees: people(1, 3)}
	october := changes.List{Batch: "october", Payees: people(1, 58)}
	september := changes.List{Batch: "september", Payees: people(1, 60)}
	for name, c := range map[string]struct {
		now     []changes.Payee
		earlier []changes.List
		want    string
	}{
		"the payroll, not the bonus":  {people(1, 60), []changes.List{bonus, october, september}, "october"},
		"the latest, not the closest": {people(1, 60), []changes.List{october, september}, "october"},
		"a bonus like the last one":   {people(2, 4), []changes.List{october, bonus}, "bonus"},
		"half is enough":              {people(30, 87), []changes.List{october}, "october"},
		"less is not":                 {people(31, 88), []changes.List{october}, ""},
		"nothing to compare":          {people(1, 60), nil, ""},
		"nobody":                      {nil, []changes.List{{Batch: "empty"}}, ""},
	} {
		got, found := changes.Comparable(c.now, slices.Values(c.earlier))
		if got.Batch != c.want || found != (c.want != "") {
			t.Errorf("%s: %q, %t", name, got.Batch, found)
		}
	}
}
