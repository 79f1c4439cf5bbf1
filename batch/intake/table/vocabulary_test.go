package table

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestEveryTitleMeansWhatWasAgreed writes what each entry of headers.yaml does and holds
// it against a golden file: a title that goes, or becomes strong, pays other money.
func TestEveryTitleMeansWhatWasAgreed(t *testing.T) {
	words, err := knownTitles()
	if err != nil {
		t.Fatal(err)
	}
	var data vocabularyFile
	if err := yaml.UnmarshalWithOptions(headersYAML, &data, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	titles := func(listed ...[]string) {
		for _, title := range slices.Concat(listed...) {
			known := words.read(title)
			say("%q is %s, strong %t", title, known.field, known.strong)
		}
	}
	titles(data.FamilyName, data.GivenName, data.Errors)
	for _, field := range slices.Sorted(maps.Keys(data.Fields)) {
		known := data.Fields[field]
		titles([]string{string(field)}, known.Strong, known.Weak)
		say("%s looks %q", field, words.fields[field].looks)
		for _, word := range known.Words {
			say("%q could be %s: %t", "x "+word+" y", field, words.could(field, "x "+word+" y"))
		}
		for _, claim := range known.Claims {
			say("%q claims %s: %t", "x "+claim+" y", field, words.claims(field, "x "+claim+" y"))
		}
		for _, word := range known.Disclaims {
			say("%q claims %s: %t", known.Claims[0]+" "+word, field, words.claims(field, known.Claims[0]+" "+word))
		}
	}
	for _, unit := range data.Units {
		say("%q has the unit %q", "x "+unit+" y", words.unit("x "+unit+" y"))
	}
	for _, said := range data.Said {
		say("%q says the unit %q", "x "+said+" y", UnitSaid("x "+said+" y"))
	}
	for _, other := range slices.Concat(data.Others, data.Alone) {
		say("%q is something else: %t, with more words: %t", other, words.other(other), words.other("x "+other+" y"))
	}
	for _, remark := range slices.Concat(data.PassedOver.Currency, data.PassedOver.Required) {
		known := words.read("Montant (" + remark + ")")
		say("%q is %s, strong %t", "Montant ("+remark+")", known.field, known.strong)
	}
	for _, template := range data.Templates {
		say("a template: %t", words.template(append([]string{"more"}, template...)) != nil)
	}
	golden := filepath.Join("testdata", "vocabulary.golden")
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	before, after := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for _, line := range before {
		if !slices.Contains(after, line) {
			t.Errorf("no longer: %s", line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			t.Errorf("new: %s", line)
		}
	}
	t.Error("what titles mean has changed: -update writes the golden file anew")
}

// TestEachRuleAboutTitlesDecidesSomething takes out one rule after the other, of those
// that headers.yaml has as data. The cases of TestWhichColumnIsTakenOrAsked must notice
// each, or nothing holds it.
func TestEachRuleAboutTitlesDecidesSomething(t *testing.T) {
	known, err := knownTitles()
	if err != nil {
		t.Fatal(err)
	}
	without := map[string]func(v *vocabulary){
		"words that make something else":    func(v *vocabulary) { v.others = nil },
		"titles that are something else":    func(v *vocabulary) { v.alone = nil },
		"francs behind a title":             func(v *vocabulary) { v.currencies = nil },
		"that a column is required":         func(v *vocabulary) { v.required = nil },
		"the titles of templates":           func(v *vocabulary) { v.templates = nil },
		"that weak titles are weak":         func(v *vocabulary) { v.weigh(true) },
		"that strong titles are strong":     func(v *vocabulary) { v.weigh(false) },
		"what an amount's title may say":    func(v *vocabulary) { v.change(FieldAmount, func(w *fieldWords) { w.words = nil }) },
		"what a number's title may say":     func(v *vocabulary) { v.change(FieldNumber, func(w *fieldWords) { w.words = nil }) },
		"what an id's title may say":        func(v *vocabulary) { v.change(FieldTransactionID, func(w *fieldWords) { w.words = nil }) },
		"what claims to be the amount":      func(v *vocabulary) { v.change(FieldAmount, func(w *fieldWords) { w.claims = nil }) },
		"what claims to be the number":      func(v *vocabulary) { v.change(FieldNumber, func(w *fieldWords) { w.claims = nil }) },
		"what claims to be the id":          func(v *vocabulary) { v.change(FieldTransactionID, func(w *fieldWords) { w.claims = nil }) },
		"what takes back such a claim":      func(v *vocabulary) { v.change(FieldAmount, func(w *fieldWords) { w.disclaims = nil }) },
		"how an amount looks":               func(v *vocabulary) { v.change(FieldAmount, func(w *fieldWords) { w.looks = "" }) },
		"how a number looks":                func(v *vocabulary) { v.change(FieldNumber, func(w *fieldWords) { w.looks = "" }) },
		"how an id looks":                   func(v *vocabulary) { v.change(FieldTransactionID, func(w *fieldWords) { w.looks = "" }) },
		"that an amount is not like an id":  func(v *vocabulary) { v.change(FieldAmount, func(w *fieldWords) { w.looks = looksID }) },
		"that an id is not like an amount":  func(v *vocabulary) { v.change(FieldTransactionID, func(w *fieldWords) { w.looks = looksAmount }) },
		"that a number is not like the pay": func(v *vocabulary) { v.change(FieldNumber, func(w *fieldWords) { w.looks = looksAmount }) },
	}
	for what, take := range without {
		mutated := *known
		mutated.titles, mutated.fields = maps.Clone(known.titles), maps.Clone(known.fields)
		take(&mutated)
		if !noticed(t, &mutated) {
			t.Errorf("no case notices that %s is gone", what)
		}
	}
	if noticed(t, known) {
		t.Error("the cases do not even hold with all rules")
	}
}

// weigh makes all titles strong, or none.
func (v *vocabulary) weigh(strong bool) {
	for title, known := range v.titles {
		v.titles[title] = meaning{known.field, strong}
	}
}

func (v *vocabulary) change(field Field, change func(*fieldWords)) {
	words := v.fields[field]
	change(&words)
	v.fields[field] = words
}

// noticed reports whether a case is decided otherwise by a vocabulary.
func noticed(t *testing.T, words *vocabulary) bool {
	t.Helper()
	return slices.ContainsFunc(decisionCases(), func(c decisionCase) bool {
		m := &matcher{words: words, required: requiredFields, known: knownFields, undecided: true}
		file, err := open(c.file(t), Options{}, m)
		if err != nil {
			return true
		}
		defer file.Close()
		return c.of(verdict(file)) != c.want
	})
}
