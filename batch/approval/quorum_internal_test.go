package approval

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPeopleAreSharedOutAsWellAsCanBe holds the places that are taken against trying
// every way to share people out.
func TestPeopleAreSharedOutAsWellAsCanBe(t *testing.T) {
	roles := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 2, rapid.ID)
	rapid.Check(t, func(t *rapid.T) {
		needs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Need {
			return Need{Count: rapid.IntRange(1, 2).Draw(t, "count"), From: roles.Draw(t, "from")}
		}), 1, 3).Draw(t, "needs")
		people := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Person {
			return Person{Name: "somebody", Roles: roles.Draw(t, "roles")}
		}), 0, 5).Draw(t, "people")
		q := newQuorum(needs)
		var seated int
		for i := range people {
			could := q.wouldSeat(&people[i])
			if did := q.seat(&people[i]); did != could {
				t.Fatalf("seated: %t, foreseen: %t", did, could)
			} else if did {
				seated++
			}
		}
		if best := best(q.roles, people); seated != best {
			t.Fatalf("%d of %d places are taken", seated, best)
		}
		var missing int
		for _, n := range q.missing() {
			missing += n.Count
		}
		if missing != len(q.roles)-seated || q.full() != (missing == 0) {
			t.Fatalf("%d are missing, %d seated of %d", missing, seated, len(q.roles))
		}
		for i, p := range q.taken {
			if p != nil && (!p.Has(q.roles[i]) || slices.Index(q.taken, p) != i) {
				t.Fatalf("%+v stands for %q, or for two", p, q.roles[i])
			}
		}
	})
}

// best tries everything.
func best(places [][]string, people []Person) int {
	if len(places) == 0 {
		return 0
	}
	most := best(places[1:], people)
	for i, p := range people {
		if p.Has(places[0]) {
			most = max(most, 1+best(places[1:], slices.Delete(slices.Clone(people), i, i+1)))
		}
	}
	return most
}
