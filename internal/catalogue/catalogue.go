// Package catalogue holds every word that payrun says to a person about a file or
// a batch, in French and English, in one catalogue per language.
//
// Codes and keys are the same in both and never change; words may. The package
// decides nothing.
package catalogue

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
	xlanguage "golang.org/x/text/language"

	"payrun/internal/plural"
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

// Accepted returns the first language of an Accept-Language header that there are words for,
// English for none.
func Accepted(header string) Language {
	tags, _, err := xlanguage.ParseAcceptLanguage(header)
	if err != nil {
		return English
	}
	for _, tag := range tags {
		base, _ := tag.Base()
		if found, known := ParseLanguage(base.String()); known {
			return found
		}
	}
	return English
}

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

// wording has the words of a problem's code, and of its remedy.
type wording struct {
	Message string `yaml:"message"`
	Hint    string `yaml:"hint"`
}

// Catalogue is the words of one language. It is shared, never changed, and safe for
// concurrent use.
type Catalogue struct {
	Problems map[string]wording `yaml:"problems"`
	Texts    map[string]string  `yaml:"texts"`
	// Statement has the remedies for what is wrong with a statement, by code or by the
	// word before its point; "other" is for the rest.
	Statement map[string]string `yaml:"statement"`

	// tag chooses the plural rule.
	tag xlanguage.Tag
}

// The catalogues are read when they are first asked for: each takes three milliseconds,
// and a run wants one at its start, one for the reports and one for each mistake.
//
//nolint:gochecknoglobals // never change
var (
	inFrench  = sync.OnceValues(func() (*Catalogue, error) { return read(french, xlanguage.French) })
	inEnglish = sync.OnceValues(func() (*Catalogue, error) { return read(english, xlanguage.English) })
)

// New returns the catalogue of a language. The catalogues are part of the
// program: an error is a defect of the build.
func New(language Language) (*Catalogue, error) {
	if language == French {
		return inFrench()
	}
	return inEnglish()
}

// Console returns the catalogue of a language with the words of the server's pages, which no
// command says. They are in console/, a file for each language and part of the console.
func Console(language Language) (*Catalogue, error) {
	if language == French {
		return pagesInFrench()
	}
	return pagesInEnglish()
}

//go:embed console
var console embed.FS

//nolint:gochecknoglobals // never change
var (
	pagesInFrench  = sync.OnceValues(func() (*Catalogue, error) { return withPages(French) })
	pagesInEnglish = sync.OnceValues(func() (*Catalogue, error) { return withPages(English) })
)

// withPages adds the words of the pages to a language's.
func withPages(language Language) (*Catalogue, error) {
	words, err := New(language)
	if err != nil {
		return nil, err
	}
	all := *words
	all.Texts = maps.Clone(words.Texts)
	files, err := fs.Glob(console, "console/*."+string(language)+".yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		source, err := console.ReadFile(file)
		if err != nil {
			return nil, err
		}
		part, err := read(source, words.tag)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for key, text := range part.Texts {
			if _, there := all.Texts[key]; there {
				return nil, fmt.Errorf("%s: %s has words already", file, key)
			}
			all.Texts[key] = text
		}
	}
	return &all, nil
}

// Strictly reads words that are part of the program, and refuses keys that are unknown or
// come twice. Every command does it before anything else, with a reader that takes a third
// of the time of the one for people's files.
func Strictly(source []byte, words any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	decoder.KnownFields(true)
	return decoder.Decode(words)
}

func read(source []byte, tag xlanguage.Tag) (*Catalogue, error) {
	c := Catalogue{tag: tag}
	if err := Strictly(source, &c); err != nil {
		return nil, fmt.Errorf("catalogue %q: %w", tag, err)
	}
	return &c, nil
}

// Finding is something wrong with a row or a file, as the code that names it and
// what fills its words.
type Finding struct {
	Code string
	// Value is the cell as it was read, Details are the rest: "min", "max", "operator".
	Value   string
	Details map[string]string
	// Statement is set for what is wrong with a provider's statement: nobody is paid
	// by it, so the remedies are others.
	Statement bool
}

// Problem returns what is wrong and how to mend it. A code without words is its
// own message. What comes from the file is shortened, and what would move a
// terminal's cursor is made visible.
func (c *Catalogue) Problem(p Finding) (message, hint string) {
	words, ok := c.Problems[p.Code]
	if !ok {
		return p.Code, ""
	}
	args := []string{"value", Visible(p.Value)}
	for _, key := range slices.Sorted(maps.Keys(p.Details)) {
		detail := Visible(p.Details[key])
		switch key {
		case "field":
			detail = c.Text("field." + detail)
		case "then":
			detail = c.Text("conflict." + detail)
		case "remedy":
			detail = c.Text("remedy."+detail, "restored", Visible(p.Details["restored"]))
		case "state":
			detail = c.Text("state." + detail)
		case "ago":
			unit, count, _ := strings.Cut(detail, " ")
			detail = c.Text("ago."+unit, "count", count)
		}
		args = append(args, key, detail)
	}
	remedy := words.Hint
	if p.Statement {
		remedy = c.statementHint(p.Code)
	}
	return c.fill(words.Message, args), c.fill(remedy, args)
}

// statementHint returns the remedy for a problem of a statement.
func (c *Catalogue) statementHint(code string) string {
	family, _, _ := strings.Cut(code, ".")
	for _, key := range []string{code, family} {
		if hint, ok := c.Statement[key]; ok {
			return hint
		}
	}
	return c.Statement["other"]
}

// shownMax bounds how much of a value is shown, in characters. The reasons that
// come with a file's problems list the titles of its columns.
const shownMax = 500

// Visible writes control characters as their pictures (␊ for a line break), and
// other marks that cannot be seen as a replacement character. A long text is cut.
func Visible(text string) string {
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
// name and value, and words that stand beside a count in the form for it. A key
// without words is its own text.
func (c *Catalogue) Text(key string, args ...string) string {
	text, ok := c.Texts[key]
	if !ok {
		return key
	}
	return c.fill(text, args)
}

// fill puts values and forms into a text.
func (c *Catalogue) fill(text string, args []string) string {
	if strings.Contains(text, "{span}") {
		args = append(slices.Clone(args), "span", c.span(args))
	}
	return plural.Fill(c.tag, text, args...)
}

// span words the rows from "first" to "last" among the arguments, one or several.
func (c *Catalogue) span(args []string) string {
	var first, last string
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "first":
			first = args[i+1]
		case "last":
			last = args[i+1]
		}
	}
	if first == last {
		return c.Text("span.one", "first", first)
	}
	return c.Text("span.many", "first", first, "last", last)
}
