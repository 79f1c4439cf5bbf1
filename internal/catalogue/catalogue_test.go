package catalogue_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"payrun/batch/rules"
	"payrun/internal/catalogue"
)

func both(t *testing.T) map[catalogue.Language]*catalogue.Catalogue {
	t.Helper()
	catalogues := map[catalogue.Language]*catalogue.Catalogue{}
	for _, language := range []catalogue.Language{catalogue.French, catalogue.English} {
		words, err := catalogue.Console(language)
		if err != nil {
			t.Fatal(err)
		}
		catalogues[language] = words
	}
	return catalogues
}

func TestEveryProblemHasWordsAndARemedyInBothLanguages(t *testing.T) {
	for language, own := range both(t) {
		for code := range rules.Codes() {
			words := own.Problems[code]
			if words.Message == "" || words.Hint == "" {
				t.Errorf("%s: %s has no words or no remedy", language, code)
			}
		}
		for code := range own.Problems {
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
	fr, en := catalogues[catalogue.French], catalogues[catalogue.English]
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
	if got, want := slices.Sorted(maps.Keys(fr.Statement)), slices.Sorted(maps.Keys(en.Statement)); !slices.Equal(got, want) {
		t.Errorf("French remedies for statements %q\nEnglish ones %q", got, want)
	}
	for key, text := range en.Texts {
		if got, want := placeholders(fr.Texts[key]), placeholders(text); got != want {
			t.Errorf("%s: the French text fills %q, the English %q", key, got, want)
		}
	}
}

// TestAStatementHasRemediesOfItsOwn: nobody is paid by a statement, so what helps a
// file of beneficiaries would hide a payment there.
func TestAStatementHasRemediesOfItsOwn(t *testing.T) {
	for language, own := range both(t) {
		for code := range rules.Codes() {
			_, hint := own.Problem(catalogue.Finding{Code: code, Statement: true, Value: "5"})
			if hint == "" || strings.Contains(hint, "payrun ids") || strings.Contains(hint, "{") {
				t.Errorf("%s: %s in a statement is to be mended by %q", language, code, hint)
			}
		}
	}
}

// uncounted finds a count with a word behind it that does not change with it.
var uncounted = regexp.MustCompile(`\{(?:count|rows|valid|rejected|given|warnings|notes|events|payouts|batches|columns|people)\} (\pL[\pL']*)`)

// TestWordsFollowTheirCount keeps "1 rows" and "1 rejetées" out: a word behind a
// count has two forms, or is one that has only one.
func TestWordsFollowTheirCount(t *testing.T) {
	unchanging := map[catalogue.Language][]string{
		catalogue.English: {"failed", "open", "settled", "more", "new", "of", "valid", "rejected", "payable", "here", "with"},
		catalogue.French:  {"de", "d'entre", "ici", "avec", "le"},
	}
	for language, own := range both(t) {
		texts := maps.Clone(own.Texts)
		for code, words := range own.Problems {
			texts[code], texts[code+" (hint)"] = words.Message, words.Hint
		}
		for key, text := range texts {
			for _, match := range uncounted.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(unchanging[language], match[1]) {
					t.Errorf("%s: %s says %q whatever the count", language, key, match[0])
				}
			}
		}
	}
}

// TestOneRowIsNoRange: nobody is sent to "rows 7 to 7".
func TestOneRowIsNoRange(t *testing.T) {
	for last, want := range map[string]string{"7": "(ligne 7)", "9": "(lignes 7 à 9)"} {
		message, _ := both(t)[catalogue.French].Problem(catalogue.Finding{
			Code: rules.CodeColumnFormat, Details: map[string]string{"column": "D", "first": "7", "last": last},
		})
		if !strings.Contains(message, want) {
			t.Errorf("%q does not say %q", message, want)
		}
	}
}

func TestACountHasItsForm(t *testing.T) {
	for _, test := range []struct {
		language catalogue.Language
		count    string
		want     string
	}{
		{catalogue.English, "0", "0 payouts failed. Running the file again does not try them again."},
		{catalogue.English, "1", "1 payout failed. Running the file again does not try it again."},
		{catalogue.English, "2", "2 payouts failed. Running the file again does not try them again."},
		{catalogue.French, "0", "0 paiement a échoué. Relancer le fichier ne le refait pas."},
		{catalogue.French, "1", "1 paiement a échoué. Relancer le fichier ne le refait pas."},
		{catalogue.French, "2", "2 paiements ont échoué. Relancer le fichier ne les refait pas."},
	} {
		if got := both(t)[test.language].Text("end.not_tried", "count", test.count); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestAProblemNamesItsValueAndDetails(t *testing.T) {
	message, hint := both(t)[catalogue.English].Problem(catalogue.Finding{
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
	words := both(t)[catalogue.English]
	message, _ := words.Problem(catalogue.Finding{
		Code: rules.CodeNameCharacters, Value: "Awa\x1b[2J\nKoné\u202e\x7f",
	})
	if want := `the name "Awa␛[2J␊Koné��" has characters that cannot be read`; message != strings.ReplaceAll(want, `\uFFFD`, "\uFFFD") {
		t.Errorf("message %q, want %q", message, want)
	}
	_, hint := words.Problem(catalogue.Finding{Code: rules.CodeOperatorUnknown, Details: map[string]string{"operators": "A\rB"}})
	if strings.Contains(hint, "\r") {
		t.Errorf("hint %q moves the cursor", hint)
	}
}

func TestALongValueIsShortened(t *testing.T) {
	message, _ := both(t)[catalogue.English].Problem(catalogue.Finding{
		Code: rules.CodeAmountFormat, Value: strings.Repeat("é", 4000),
	})
	if count := strings.Count(message, "é"); count != 499 || !strings.Contains(message, "é…\"") {
		t.Errorf("%d characters are shown of 4000, want 499 and an ellipsis", count)
	}
}

func TestAPlaceholderInAValueIsNotFilled(t *testing.T) {
	message, _ := both(t)[catalogue.English].Problem(catalogue.Finding{
		Code: rules.CodeAmountMin, Value: "{min}", Details: map[string]string{"operator": "Wave", "min": "100 XOF"},
	})
	if want := "{min} is below the smallest amount for Wave, 100 XOF"; message != want {
		t.Errorf("message %q, want %q", message, want)
	}
}

func TestWhatHasNoWordsIsSaidByItsCode(t *testing.T) {
	words := both(t)[catalogue.French]
	if message, hint := words.Problem(catalogue.Finding{Code: "cell.new"}); message != "cell.new" || hint != "" {
		t.Errorf("message %q and hint %q, want the code alone", message, hint)
	}
	if text := words.Text("column.new"); text != "column.new" {
		t.Errorf("text %q, want the key", text)
	}
}

// keyInCode finds where the command line asks for a text, and whether it makes
// up the rest of the key.
var keyInCode = regexp.MustCompile(`\b(?:text|Text|words)\("([a-z_.]+)"(\+)?`)

// mistakeInCode finds where it tells of a mistake, whose key has "usage." before it and
// whose remedy has "_hint" behind it.
var mistakeInCode = regexp.MustCompile(`(?:\b[Mm]istaken\("|\b[Rr]efuseIdle\(cmd, "|"usage\.)([a-z_]+)"(\+)?`)

// TestTheCommandsUseEveryTextAndNoOther reads the source of what speaks.
func TestTheCommandsUseEveryTextAndNoOther(t *testing.T) {
	words, err := catalogue.New(catalogue.English) // a test of the pages reads theirs
	if err != nil {
		t.Fatal(err)
	}
	texts, used := words.Texts, map[string]bool{}
	commands, err := filepath.Glob("../../cmd/payrun/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range append(commands, ".", "../../batch/intake/template", "../../batch/outbox/mail", "../../cmd/payrun") {
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
			asked := keyInCode.FindAllStringSubmatch(strings.ReplaceAll(string(source), `" +`, `"+`), -1)
			for _, match := range mistakeInCode.FindAllStringSubmatch(strings.ReplaceAll(string(source), `" +`, `"+`), -1) {
				asked = append(asked, []string{"", "usage." + match[1], match[2]})
				if hint := "usage." + match[1] + "_hint"; texts[hint] != "" {
					used[hint] = true
				}
			}
			for _, match := range asked {
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
		want catalogue.Language
	}{
		{nil, catalogue.English},
		{map[string]string{"LANG": "fr_CI.UTF-8"}, catalogue.French},
		{map[string]string{"LANG": "en_GB.UTF-8"}, catalogue.English},
		{map[string]string{"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, catalogue.English},
		{map[string]string{"LANG": "C", "LC_MESSAGES": "fr"}, catalogue.French},
		{map[string]string{"LANG": "fro_FR"}, catalogue.English},
	} {
		env := func(name string) (string, bool) { value, ok := test.env[name]; return value, ok }
		if got := catalogue.FromEnvironment(env); got != test.want {
			t.Errorf("%v chooses %s, want %s", test.env, got, test.want)
		}
	}
}
