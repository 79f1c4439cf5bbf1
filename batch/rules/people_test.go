package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

func TestNamesThatWereReadInAnotherEncoding(t *testing.T) {
	for name, want := range map[string]string{
		"Kon‚ A‹ssatou":         "(name.encoding)", // code page 850 on Windows
		"KON\u0090":             "(name.encoding)",
		"Traor‚":                "(name.encoding)",
		"KonŽ A•ssatou":         "(name.encoding)", // a Mac's
		"KonÃ© AÃ¯ssatou":       "(name.encoding)", // UTF-8 twice
		"GenÃ¨ve Kra":           "(name.encoding)",
		"JÃ´rgen Kra":           "(name.encoding)",
		"N’Guessan":             "", // the same said rightly
		"Nâ€™Guessan":           "(name.encoding)",
		"Kon√©":                 "(name.encoding)",
		"Kon├®":                 "(name.encoding)",
		"KonΘ":                  "(name.encoding)",
		"Konй":                  "(name.encoding)",
		"Kon? A?ssatou":         "(name.encoding)",
		"Kon&eacute;":           "(name.encoding)",
		"Kon%C3%A9":             "(name.encoding)",
		`Kon\u00e9`:             "(name.encoding)",
		"Awa\u202eKoné":         "(name.characters)",
		"Awa\u200bKoné":         "(name.characters)",
		"Awa\x07Koné":           "(name.characters)",
		"Kon\ufffd":             "(name.characters)",
		"Awa\x7fKoné":           "(name.characters)",
		"Awa\x7f Kone":          "(name.characters)",
		"KON\u0080":             "(name.encoding)",
		"KON\u009f":             "(name.encoding)",
		"Kon\u2500":             "(name.encoding)",
		"Kon\u25ff":             "(name.encoding)",
		"&eacute;tienne Kra":    "(name.encoding)",
		"%C3%89tienne Kra":      "(name.encoding)",
		"=C3=89tienne Kra":      "(name.encoding)",
		"Koné 5 %C":             "",
		"DEMBÉLÉ Awa":           "",
		"Awa\nKoné":             "[name.blanks]",
		"Awa   Koné":            "[name.blanks]",
		"Awa\u00a0Koné":         "",
		"Aïssatou Koné":         "",
		"JOÃO Ñuñez":            "",
		"Željko Šarić":          "",
		"Dušan Œuvray":          "",
		"Kouassi – Yao (fils)":  "",
		"Awa “Tantie” Koné":     "",
		"SARL Koné & Frères":    "",
		"Société 2 % Plus":      "",
		"Marie-Laure d'Almeida": "",
		"N‘Guessan":             "",
		"Σωκράτης":              "",
	} {
		judged := rules.NewValidator(builtinRules(t), rules.Options{}).Check(rowWith(func(r *table.Row) { r.Name.Text = name }))
		if got := toldAs(judged.Problems); got != want {
			t.Errorf("%q has %q, want %q", name, got, want)
		}
		if strings.ContainsAny(judged.Entry.Name, "\n\u00a0") || strings.Contains(judged.Entry.Name, "  ") {
			t.Errorf("%q becomes the name %q, want one blank for each run", name, judged.Entry.Name)
		}
	}
}

func TestIDsThatASpreadsheetRewrote(t *testing.T) {
	for id, want := range map[string]string{
		"1E+05": "id.scientific", "1,23457E+19": "id.scientific", "1.2E+11": "id.scientific",
		"12E4": "", "a1e5": "", "NOV-01": "", "NOV-2026-01": "", "PAY-2026-11-01": "", "2026-11-001": "",
		"nov-01": "(id.rewritten)", "01-nov": "(id.rewritten)", "nov.-26": "(id.rewritten)", "1-Nov-26": "(id.rewritten)",
		"2026-11-01": "(id.rewritten)", "01-11-2026": "(id.rewritten)", "2026-13-01": "", "12.0": "(id.rewritten)",
		"12.5": "", "mar-awa": "", "mai-abc": "", "10": "",
		"nov-2026": "(id.rewritten)", "nov": "", "1-nov-26-2": "", "nov-ab": "", "nov-12345": "", "nov-026": "",
	} {
		judged := rules.NewValidator(builtinRules(t), rules.Options{}).Check(rowWith(func(r *table.Row) { r.TransactionID.Text = id }))
		if got := toldAs(judged.Problems); got != want {
			t.Errorf("the id %q has %q, want %q", id, got, want)
		}
	}
}

func TestRowsThatDoNotGoTogether(t *testing.T) {
	for why, test := range map[string]struct {
		rows, want []string
	}{
		"ids but for capitals": {
			[]string{"pay-1|0701020304|Awa|1000|Orange", "PAY-1|0701020305|Yao|2000|Orange"}, []string{"", "id.similar of row 2"},
		},
		"ids but for zeros": {
			[]string{"007|0701020304|Awa|1000|Orange", "7|0701020305|Yao|2000|Orange", "A-01|0701020306|Ali|1000|Orange", "a-1|0701020307|Issa|1000|Orange"},
			[]string{"", "id.similar of row 2", "", "id.similar of row 4"},
		},
		"ids that differ": {
			[]string{"A-10|0701020304|Awa|1000|Orange", "A-1|0701020305|Yao|2000|Orange", "A-0|0701020306|Ali|1000|Orange", "A-|0701020307|Issa|1000|Orange"},
			[]string{"", "", "", ""},
		},
		"a zero lost": {
			[]string{"007|0701020304|Awa|1000|Orange", "8|0701020305|Yao|2000|Orange", "1008|0701020306|Ali|1000|Orange"},
			[]string{"", "(id.lost_zero)", ""},
		},
		"no zero lost": {
			[]string{"007|0701020304|Awa|1000|Orange", "123|0701020305|Yao|2000|Orange", "A-1|0701020306|Ali|1000|Orange", "A7|0701020307|Eve|1000|Orange"},
			[]string{"", "", "", ""},
		},
		"ids but for the last letter of the alphabet, and nine": {
			[]string{"Z-09|0701020304|Awa|1000|Orange", "z-9|0701020305|Yao|2000|Orange"},
			[]string{"", "id.similar of row 2"},
		},
		"a row without a name on somebody's number": {
			[]string{"A-1|0701020304|Awa Koné|1000|Orange", "A-2|0701020304||2000|Orange", "A-3|0701020305||1000|Orange", "A-4|0701020305|Yao Kra|2000|Orange"},
			[]string{"", "name.missing", "name.missing", ""},
		},
		"a zero lost above the first that has one": {
			[]string{"8|0701020305|Yao|2000|Orange", "9|0701020307|Ali|2000|Orange", "11|0701020308|Eve|2000|Orange", "007|0701020304|Awa|1000|Orange"},
			[]string{"", "", "", "", "row 2 (id.lost_zero)", "row 4 (id.lost_zero)"},
		},
		"one number, two names": {
			[]string{"A-1|0701020304|Awa Koné|1000|Orange", "A-2|0701020304|Yao Kra|2000|Orange"},
			[]string{"", "(number.shared) of row 2"},
		},
		"one person by two spellings": {
			[]string{"A-1|0701020304|KONE N'Guessan Awa|1000|Orange", "A-2|0701020304|Awa N’Guessan Koné|2000|Orange"},
			[]string{"", ""},
		},
		"one name, two numbers": {
			[]string{"A-1|0701020304|Awa Koné|1000|Orange", "A-2|0701020305|KONÉ Awa|2000|Orange"},
			[]string{"", "(name.repeated) of row 2"},
		},
		"a name that many have": {
			[]string{
				"A-1|0701020301|Awa|1000|Orange", "A-2|0701020302|Awa|1000|Orange", "A-3|0701020303|Awa|1000|Orange",
				"A-4|0701020304|Awa|1000|Orange", "A-5|0701020305|Awa|1000|Orange",
			},
			[]string{"", "(name.repeated) of row 2", "(name.repeated) of row 2", "(name.repeated) of row 2", ""},
		},
		"two payments to one person, and one again": {
			[]string{
				"A-1|0701020304|Awa|1000|Orange", "A-2|0701020304|Awa|2000|Orange", "A-3|0701020304|Awa|3000|Orange",
				"A-4|0701020304|Awa|2000|Orange",
			},
			[]string{"", "", "", "payment.repeated of row 3"},
		},
	} {
		rows := make([]table.Row, len(test.rows))
		for i, text := range test.rows {
			rows[i] = line(i+2, text)
		}
		if diff := cmp.Diff(test.want, sequence(t, rules.Options{}, rows...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
}

// TestNamesAreComparedToTheEndOfALongFile has the same name far down, and a number that
// is somebody else's.
func TestNamesAreComparedToTheEndOfALongFile(t *testing.T) {
	v := rules.NewValidator(builtinRules(t), rules.Options{})
	const rows = 60_000
	got := map[int]string{}
	for i := range rows {
		name, number := fmt.Sprintf("Awa %d", i), fmt.Sprintf("070%07d", i)
		switch i {
		case rows - 2:
			name = "30000 AWA"
		case rows - 1:
			number = "0700030001"
		}
		judged := v.Check(line(i+2, fmt.Sprintf("N-%d|%s|%s|1000|Orange", i, number, name)))
		if len(judged.Problems) > 0 {
			got[i] = toldAs(judged.Problems)
		}
	}
	want := map[int]string{rows - 2: "(name.repeated) of row 30002", rows - 1: "(number.shared) of row 30003 (payment.repeated) of row 30003"}
	if got[rows-2] == "" || got[rows-1] == "" || len(got) != len(want) {
		t.Errorf("told of %v, want %v", got, want)
	}
}

// TestAnAnsweredRepeatIsPaid: also where warnings are errors, since it was answered.
func TestAnAnsweredRepeatIsPaid(t *testing.T) {
	rows := []table.Row{line(2, "A-1|0701020304|Awa|1000|Orange"), line(3, "A-2|0701020304|Awa|1000|Orange")}
	want := []string{"", "(payment.repeated) of row 2"}
	if diff := cmp.Diff(want, sequence(t, rules.Options{RepeatsAnswered: true, Strict: true}, rows...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheRulesSayHowGraveAnotherOperatorsPrefixIs(t *testing.T) {
	set, err := rules.Load(strings.NewReader(rulesWith(t, "prefix: warning", "prefix: error")))
	if err != nil {
		t.Fatal(err)
	}
	ported := rowWith(func(r *table.Row) { r.Beneficiary.Text = "0501020304" })
	judged := rules.NewValidator(set, rules.Options{}).Check(ported)
	if got := toldAs(judged.Problems); got != "number.prefix" || len(judged.Entry.Rejections) != 1 {
		t.Errorf("with prefix: error the row has %q and %v, want it rejected", got, judged.Entry.Rejections)
	}
}
