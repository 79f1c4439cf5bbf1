package messages_test

import (
	"maps"
	"os"
	"path/filepath"
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

func TestWhatComesFromTheFileCannotWriteToTheTerminal(t *testing.T) {
	words := both(t)[messages.English]
	message, _ := words.Problem(rules.Problem{
		Code: rules.CodeNameCharacters, Value: "Awa\x1b[2J\nKoné\u202e\x7f",
	})
	if want := `the name "Awa␛[2J␊Koné��" has characters that cannot be read`; message != strings.ReplaceAll(want, `\uFFFD`, "\uFFFD") {
		t.Errorf("message %q, want %q", message, want)
	}
	_, hint := words.Problem(rules.Problem{Code: rules.CodeOperatorUnknown, Details: map[string]string{"operators": "A\rB"}})
	if strings.Contains(hint, "\r") {
		t.Errorf("hint %q moves the cursor", hint)
	}
}

func TestALongValueIsShortened(t *testing.T) {
	message, _ := both(t)[messages.English].Problem(rules.Problem{
		Code: rules.CodeAmountFormat, Value: strings.Repeat("é", 4000),
	})
	if count := strings.Count(message, "é"); count != 499 || !strings.Contains(message, "é…\"") {
		t.Errorf("%d characters are shown of 4000, want 499 and an ellipsis", count)
	}
}

func TestAPlaceholderInAValueIsNotFilled(t *testing.T) {
	message, _ := both(t)[messages.English].Problem(rules.Problem{
		Code: rules.CodeAmountMin, Value: "{min}", Details: map[string]string{"operator": "Wave", "min": "100 XOF"},
	})
	if want := "{min} is below the smallest amount for Wave, 100 XOF"; message != want {
		t.Errorf("message %q, want %q", message, want)
	}
}

func TestWhatHasNoWordsIsSaidByItsCode(t *testing.T) {
	words := both(t)[messages.French]
	if message, hint := words.Problem(rules.Problem{Code: "cell.new"}); message != "cell.new" || hint != "" {
		t.Errorf("message %q and hint %q, want the code alone", message, hint)
	}
	if text := words.Text("column.new"); text != "column.new" {
		t.Errorf("text %q, want the key", text)
	}
}

// keyInCode finds where the command line asks for a text, and whether it makes
// up the rest of the key.
var keyInCode = regexp.MustCompile(`\b(?:text|Text|words)\("([a-z_.]+)"(\+)?`)

// TestTheCommandsUseEveryTextAndNoOther reads the source of what speaks.
func TestTheCommandsUseEveryTextAndNoOther(t *testing.T) {
	texts := both(t)[messages.English].Texts
	used := map[string]bool{}
	for _, dir := range []string{".", "../template", "../../cmd/payrun"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range keyInCode.FindAllStringSubmatch(strings.ReplaceAll(string(source), `" +`, `"+`), -1) {
				found := false
				for key := range texts {
					if key == match[1] || match[2] != "" && strings.HasPrefix(key, match[1]) {
						used[key], found = true, true
					}
				}
				if !found {
					t.Errorf("%s asks for %q, which has no words", file, match[1])
				}
			}
		}
	}
	for key := range texts {
		if !used[key] {
			t.Errorf("nothing says %s", key)
		}
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
