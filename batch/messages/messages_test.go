package messages_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"payrun/batch/messages"
	"payrun/batch/rules"
)

func both(t *testing.T) map[messages.Language]*messages.Catalogue {
	t.Helper()
	catalogues := map[messages.Language]*messages.Catalogue{}
	for _, language := range []messages.Language{messages.French, messages.English} {
		catalogue, err := messages.New(language)
		if err != nil {
			t.Fatal(err)
		}
		catalogues[language] = catalogue
	}
	return catalogues
}

func TestEveryProblemHasWordsAndARemedyInBothLanguages(t *testing.T) {
	for language, catalogue := range both(t) {
		for code := range rules.Codes() {
			words := catalogue.Problems[code]
			if words.Message == "" || words.Hint == "" {
				t.Errorf("%s: %s has no words or no remedy", language, code)
			}
		}
		for code := range catalogue.Problems {
			if _, known := rules.Codes()[code]; !known {
				t.Errorf("%s: %s is no problem code", language, code)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func placeholders(text string) string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	catalogues := both(t)
	fr, en := catalogues[messages.French], catalogues[messages.English]
	for code, words := range en.Problems {
		if got, want := placeholders(fr.Problems[code].Message), placeholders(words.Message); got != want {
			t.Errorf("%s: the French message fills %q, the English %q", code, got, want)
		}
		if got, want := placeholders(fr.Problems[code].Hint), placeholders(words.Hint); got != want {
			t.Errorf("%s: the French hint fills %q, the English %q", code, got, want)
		}
	}
	if got, want := slices.Sorted(maps.Keys(fr.Texts)), slices.Sorted(maps.Keys(en.Texts)); !slices.Equal(got, want) {
		t.Errorf("French texts %q\nEnglish texts %q", got, want)
	}
	for key, text := range en.Texts {
		if got, want := placeholders(fr.Texts[key]), placeholders(text); got != want {
			t.Errorf("%s: the French text fills %q, the English %q", key, got, want)
		}
	}
}

func TestAProblemNamesItsValueAndDetails(t *testing.T) {
	message, hint := both(t)[messages.English].Problem(rules.Problem{
		Code: rules.CodeAmountMin, Value: "99", Details: map[string]string{"operator": "Wave", "min": "100 XOF"},
	})
	if want := "99 is below the smallest amount for Wave, 100 XOF"; message != want {
		t.Errorf("message %q, want %q", message, want)
	}
	if hint == "" {
		t.Error("no hint")
	}
}

func TestTheLocaleChoosesTheLanguage(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want messages.Language
	}{
		{nil, messages.English},
		{map[string]string{"LANG": "fr_CI.UTF-8"}, messages.French},
		{map[string]string{"LANG": "en_GB.UTF-8"}, messages.English},
		{map[string]string{"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, messages.English},
		{map[string]string{"LANG": "C", "LC_MESSAGES": "fr"}, messages.French},
		{map[string]string{"LANG": "fro_FR"}, messages.English},
	} {
		env := func(name string) (string, bool) { value, ok := test.env[name]; return value, ok }
		if got := messages.FromEnvironment(env); got != test.want {
			t.Errorf("%v chooses %s, want %s", test.env, got, test.want)
		}
	}
}
