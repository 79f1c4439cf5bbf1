package ledger_test

import (
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestAnEntryIsAdmittedRecognisedOrTurnedAway is the whole table of what can become of
// a row that enters a ledger.
func TestAnEntryIsAdmittedRecognisedOrTurnedAway(t *testing.T) {
	terms := ledger.Terms{ID: "A-1", Number: "+2250701020304", Name: "Awa Koné", Amount: money.XOF.Of(5000), Operator: "ORANGE"}
	known := ledger.NewPayout(terms, "may", 2, time.Unix(0, 0).UTC())
	with := func(change func(*ledger.Terms)) ledger.Entry {
		changed := terms
		change(&changed)
		return ledger.Entry{Row: 2, Terms: changed}
	}
	same := with(func(*ledger.Terms) {})
	rejected := same
	rejected.Rejections = []ledger.Rejection{{Code: "number.length"}}
	for name, test := range map[string]struct {
		entry ledger.Entry
		known *ledger.Payout
		taken bool
		code  string // of the only rejection
		field string // of the conflict
		want  string
	}{
		"a new id":                        {entry: same, want: "new"},
		"a known id":                      {entry: same, known: &known, want: "known"},
		"a known id in another row":       {entry: ledger.Entry{Row: 9, Terms: terms}, known: &known, want: "known"},
		"a known id with another name":    {entry: with(func(t *ledger.Terms) { t.Name = "Awa Kone" }), known: &known, want: "known"},
		"a known id with another note":    {entry: with(func(t *ledger.Terms) { t.Note = "paie" }), known: &known, want: "known"},
		"a known id with another amount":  {entry: with(func(t *ledger.Terms) { t.Amount.Minor++ }), known: &known, code: ledger.CodeIDConflict, field: "amount", want: "rejected"},
		"a known id with another number":  {entry: with(func(t *ledger.Terms) { t.Number = "+2250701020305" }), known: &known, code: ledger.CodeIDConflict, field: "number", want: "rejected"},
		"a known id by another operator":  {entry: with(func(t *ledger.Terms) { t.Operator = "WAVE" }), known: &known, code: ledger.CodeIDConflict, field: "operator", want: "rejected"},
		"the name of another's attempt":   {entry: same, taken: true, code: ledger.CodeIDReferenceTaken, want: "rejected"},
		"a rejected row":                  {entry: rejected, code: "number.length", want: "rejected"},
		"a rejected row under a known id": {entry: rejected, known: &known, code: "number.length", want: "rejected"},
	} {
		got := ledger.Admit(test.entry, test.known, test.taken)
		var done ledger.Enrolment
		done.Take(got)
		counts := map[string]ledger.Total{"new": done.New, "known": done.Known, "rejected": done.Rejected}
		for kind, count := range counts {
			if want := (kind == test.want); (count.Count == 1 && count.Amount == test.entry.Amount) != want {
				t.Errorf("%s: counted as %s: %+v", name, kind, count)
			}
		}
		if code := test.code; code != "" && (len(got.Entry.Rejections) != 1 || got.Entry.Rejections[0].Code != code) {
			t.Errorf("%s: turned away for %+v, want %s", name, got.Entry.Rejections, code)
		}
		if (got.Conflict != nil) != (test.field != "") || (got.Conflict != nil && got.Conflict.Field != test.field) {
			t.Errorf("%s: conflict %+v, want one of %q", name, got.Conflict, test.field)
		}
		if got.New() != (test.want == "new") || got.Rejected() != (test.want == "rejected") || got.Known != (test.want == "known") {
			t.Errorf("%s: is %+v, want it %s", name, got, test.want)
		}
	}
}
