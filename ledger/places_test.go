package ledger_test

import (
	"testing"

	"payrun/ledger"
)

func TestPlacesHaveWhatWasAddedOnce(t *testing.T) {
	var p ledger.Places
	for _, place := range []int{1, 64, 63, 130, 64, 1} {
		p.Add(place)
	}
	want := map[int]bool{1: true, 63: true, 64: true, 130: true}
	for place := range 300 {
		if p.Has(place) != want[place] {
			t.Errorf("%d: %t", place, p.Has(place))
		}
	}
	if p.Count() != len(want) {
		t.Errorf("%d places, want %d", p.Count(), len(want))
	}
}
