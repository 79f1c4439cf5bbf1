package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"payrun/batch/engine"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/money"
)

// TestANarrowBarKeepsWhatMatters: on forty columns failures and what is open are
// still there, on a hundred everything is, and nothing is ever cut in the middle.
func TestANarrowBarKeepsWhatMatters(t *testing.T) {
	t.Parallel()
	var tally ledger.ByState
	for i, state := range []ledger.State{ledger.Failed, ledger.Pending, ledger.Pending, ledger.Successful} {
		tally.Add(ledger.Payout{State: state, Terms: ledger.Terms{Amount: money.XOF.Of(5000)}, Row: i})
	}
	now := engine.Progress{Phase: "waiting for the provider", Tally: tally}
	slowed := (&Progress{words: mustWords(t)}).detail(engine.Progress{Tally: tally, Slowed: true}, 100)
	if !strings.Contains(slowed, "slower, as the provider asks") {
		t.Errorf("%q does not say that the run is slowed down", slowed)
	}
	for _, test := range []struct {
		language   catalogue.Language
		room       int
		says, lets []string
	}{
		{catalogue.English, 100, []string{"1 failed", "2 open", "5 000 XOF paid", "waiting for the provider"}, nil},
		{catalogue.English, 22, []string{"1 failed", "2 open"}, []string{"paid", "waiting"}},
		{catalogue.French, 100, []string{"1 échoué", "2 ouverts", "5 000 XOF payés", "attente du fournisseur"}, nil},
		{catalogue.French, 24, []string{"1 échoué", "2 ouverts"}, []string{"payés", "attente"}},
		{catalogue.French, 3, nil, []string{"échoués", "ouverts"}},
	} {
		words, err := catalogue.New(test.language)
		if err != nil {
			t.Fatal(err)
		}
		p := &Progress{words: words}
		// Groups of digits are parted by a space that does not break.
		line := strings.Map(func(r rune) rune {
			if r == '\u00a0' || r == '\u202f' {
				return ' '
			}
			return r
		}, p.detail(now, test.room))
		if got := utf8.RuneCountInString(line); got > test.room {
			t.Errorf("%s, %d columns: %q has %d", test.language, test.room, line, got)
		}
		for _, part := range test.says {
			if !strings.Contains(line, part) {
				t.Errorf("%s, %d columns: %q does not say %q", test.language, test.room, line, part)
			}
		}
		for _, part := range test.lets {
			if strings.Contains(line, part) {
				t.Errorf("%s, %d columns: %q still says %q", test.language, test.room, line, part)
			}
		}
	}
}

func mustWords(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	words, err := catalogue.New(catalogue.English)
	if err != nil {
		t.Fatal(err)
	}
	return words
}
