package ui_test

import (
	"testing"

	"payrun/cmd/payrun/ui"
)

// TestWordsStandLeftAndFiguresRight, and titles as what is below them.
func TestWordsStandLeftAndFiguresRight(t *testing.T) {
	t.Parallel()
	var people ui.Table
	people.Add("person", "name", "keys", "since")
	people.Add("awa", "Awa Koné", "SHA256:abc", "2026-11-01")
	people.Add("konan", "Konan Brou-Adjoua", "", "")
	var sums ui.Table
	sums.Add("may", "payouts", "XOF", "state")
	sums.Add("paid", "1 200", "-12 500,50", "done")
	sums.Add("failed", "7", "9 XOF", "open")
	sums.Add("fees", "", "—", "")
	for name, c := range map[string]struct {
		table ui.Table
		want  string
	}{
		"people": {people, "" +
			"person  name               keys             since\n" +
			"awa     Awa Koné           SHA256:abc  2026-11-01\n" +
			"konan   Konan Brou-Adjoua\n"},
		"sums": {sums, "" +
			"may     payouts         XOF  state\n" +
			"paid      1 200  -12 500,50  done\n" +
			"failed        7       9 XOF  open\n" +
			"fees                      —\n"},
	} {
		if got := c.table.String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
