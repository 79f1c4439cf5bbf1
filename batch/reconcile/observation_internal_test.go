package reconcile

import (
	"testing"
	"time"

	"payrun/ledger"
)

// TestADifferenceIsAnotherOneByAnyThingItSays but for when it was seen, and a number of the
// provider's that only one of them has: what is taken for known is not recorded again.
func TestADifferenceIsAnotherOneByAnyThingItSays(t *testing.T) {
	known := ledger.Difference{
		Code: ledger.DifferencePaidThere, Recorded: ledger.Failed, Said: "successful", Reference: "A-1", ProviderRef: "P-1",
		At: time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC),
	}
	for name, test := range map[string]struct {
		change func(*ledger.Difference)
		same   bool
	}{
		"nothing":                  {func(*ledger.Difference) {}, true},
		"the time":                 {func(d *ledger.Difference) { d.At = d.At.Add(time.Hour) }, true},
		"no number of theirs":      {func(d *ledger.Difference) { d.ProviderRef = "" }, true},
		"another number of theirs": {func(d *ledger.Difference) { d.ProviderRef = "P-2" }, false},
		"another attempt":          {func(d *ledger.Difference) { d.Reference = "A-1-2" }, false},
		"what is said":             {func(d *ledger.Difference) { d.Said = "pending" }, false},
		"what is recorded":         {func(d *ledger.Difference) { d.Recorded = ledger.Cancelled }, false},
		"what differs":             {func(d *ledger.Difference) { d.Code += "x" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			other := known
			test.change(&other)
			if sameFinding(known, other) != test.same || sameFinding(other, known) != test.same {
				t.Errorf("they are the same: %t", !test.same)
			}
		})
	}
}
