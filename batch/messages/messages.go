// Package messages holds every word that payrun says to a person about a file or
// a batch, in French and English, in one catalogue per language.
//
// Codes and keys are the same in both and never change; words may. The package
// decides nothing.
package messages

import (
	_ "embed" // the catalogues
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"payrun/batch/rules"
)

// Language is one of the languages there are words for.
type Language string

// The languages.
const (
	French  Language = "fr"
	English Language = "en"
)

//go:embed fr.yaml
var french []byte

//go:embed en.yaml
var english []byte

// ParseLanguage reads the name of a language: "fr", "en", or a locale such as
// "fr_CI.UTF-8". ok is false for any other.
func ParseLanguage(name string) (language Language, ok bool) {
	name = strings.ToLower(name)
	for _, language := range []Language{French, English} {
		if rest, found := strings.CutPrefix(name, string(language)); found && (rest == "" || strings.ContainsAny(rest[:1], "_-.@")) {
			return language, true
		}
	}
	return English, false
}

// FromEnvironment returns the language of the locale: the first that is set of
// LC_ALL, LC_MESSAGES and LANG, as POSIX orders them. It is English for any other
// language than French.
func FromEnvironment(env func(string) (string, bool)) Language {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, ok := env(variable); ok && value != "" {
			language, _ := ParseLanguage(value)
			return language
		}
	}
	return English
}

// wording is what a problem's code means and what to do about it.
type wording struct {
	Message string `yaml:"message"`
	Hint    string `yaml:"hint"`
}

// Catalogue is the words of one language. It is safe for concurrent use.
type Catalogue struct {
	Problems map[string]wording `yaml:"problems"`
	Texts    map[string]string  `yaml:"texts"`
}

// New returns the catalogue of a language. The catalogues are part of the
// program: an error is a defect of the build.
func New(language Language) (*Catalogue, error) {
	source := english
	if language == French {
		source = french
	}
	var c Catalogue
	if err := yaml.UnmarshalWithOptions(source, &c, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("catalogue %q: %s", language, yaml.FormatError(err, false, false))
	}
	return &c, nil
}

// Problem returns what is wrong and how to mend it. A code without words is its
// own message. What comes from the file is shortened, and what would move a
// terminal's cursor is made visible.
func (c *Catalogue) Problem(p rules.Problem) (message, hint string) {
	words, ok := c.Problems[p.Code]
	if !ok {
		return p.Code, ""
	}
	args := []string{"value", visible(p.Value)}
	for _, key := range slices.Sorted(maps.Keys(p.Details)) {
		detail := visible(p.Details[key])
		if key == "field" {
			detail = c.Text("field." + detail)
		}
		args = append(args, key, detail)
	}
	return fill(words.Message, args), fill(words.Hint, args)
}

// shownMax is how much of a value is shown, in characters. The reasons that
// come with a file's problems list the titles of its columns.
const shownMax = 500

// visible writes control characters as their pictures (␊ for a line break), and
// other marks that cannot be seen as a replacement character.
func visible(text string) string {
	const pictures, picturedMax = 0x2400, 0x1f
	count := 0
	return strings.Map(func(r rune) rune {
		switch count++; {
		case count > shownMax:
			return -1
		case count == shownMax:
			return '…'
		case r <= picturedMax:
			return pictures + r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return unicode.ReplacementChar
		default:
			return r
		}
	}, text)
}

// Text returns the words of a key, with its placeholders filled from pairs of
// name and value. A key without words is its own text.
func (c *Catalogue) Text(key string, args ...string) string {
	text, ok := c.Texts[key]
	if !ok {
		return key
	}
	return fill(text, args)
}

// fill replaces {name} by the value that follows the name in args.
func fill(text string, args []string) string {
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+args[i]+"}", args[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
