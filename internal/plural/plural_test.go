package plural_test

import (
	"testing"

	"golang.org/x/text/language"

	"payrun/internal/plural"
)

func TestAWordFollowsItsCount(t *testing.T) {
	const english, french = "{count} {count:row|rows}", "{count} {count:ligne rejetée|lignes rejetées}"
	for _, test := range []struct {
		count              string
		wantFrom, wantFrOf string
	}{
		{"0", "0 rows", "0 ligne rejetée"},
		{"1", "1 row", "1 ligne rejetée"},
		{"2", "2 rows", "2 lignes rejetées"},
		{"11", "11 rows", "11 lignes rejetées"},
		{"21", "21 rows", "21 lignes rejetées"},
		{"101", "101 rows", "101 lignes rejetées"},
		{"1 001", "1 001 rows", "1 001 lignes rejetées"},
		{"1\u202f000\u202f000", "1\u202f000\u202f000 rows", "1\u202f000\u202f000 lignes rejetées"},
		{"many", "many rows", "many lignes rejetées"},
		{"", " rows", " lignes rejetées"},
	} {
		if got := plural.Fill(language.English, english, "count", test.count); got != test.wantFrom {
			t.Errorf("English %q: %q, want %q", test.count, got, test.wantFrom)
		}
		if got := plural.Fill(language.French, french, "count", test.count); got != test.wantFrOf {
			t.Errorf("French %q: %q, want %q", test.count, got, test.wantFrOf)
		}
	}
}

func TestEachWordFollowsItsOwnCount(t *testing.T) {
	got := plural.Fill(language.English, "{rows} {rows:row|rows}, {bad} {bad:is|are} bad", "rows", "3", "bad", "1")
	if want := "3 rows, 1 is bad"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhatIsNotNamedStaysAsItIs(t *testing.T) {
	for text, want := range map[string]string{
		"{other} and {count}":      "{other} and 2",
		"{count":                   "{count",
		"an {open {count}":         "an {open 2",
		"{other:one|more} {count}": "{other:one|more} 2",
		"}{ {count:}|x":            "}{ |x",
		"":                         "",
	} {
		if got := plural.Fill(language.English, text, "count", "2"); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestBracesWithinAValueAreNotFilled(t *testing.T) {
	got := plural.Fill(language.English, "{value}", "value", "{count:a|b} {value}", "count", "1")
	if want := "{count:a|b} {value}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
