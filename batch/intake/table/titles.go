package table

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed headers.yaml
var headersYAML []byte

// meaning is the field that a title names, and how strongly.
type meaning struct {
	field  Field
	strong bool
}

// fieldWords are a field's entries in headers.yaml besides its titles. The phrases
// are as wordsOf has them.
type fieldWords struct {
	words, claims, disclaims []string
	looks                    look
}

// vocabulary holds all known titles and words in them. It never changes once it is made, and is
// shared.
type vocabulary struct {
	titles map[string]meaning
	fields map[Field]fieldWords
	// templates are the folded titles of payrun's own templates.
	templates [][]string
	// currencies and required are what brackets may hold, folded; units, others and
	// alone are phrases as wordsOf has them.
	currencies, required       map[string]bool
	units, said, others, alone []string
	named                      []namedCurrencies
}

// namedCurrencies are the codes of the currencies that some phrases can mean.
type namedCurrencies struct{ codes, phrases []string }

// vocabularyFile is the form of headers.yaml and of the titles in the form of statements.
type vocabularyFile struct {
	Fields map[Field]struct {
		Strong    []string `yaml:"strong"`
		Weak      []string `yaml:"weak"`
		Words     []string `yaml:"words"`
		Claims    []string `yaml:"claims"`
		Disclaims []string `yaml:"disclaims"`
		Looks     look     `yaml:"looks"`
	} `yaml:"fields"`
	FamilyName []string   `yaml:"family_name"`
	GivenName  []string   `yaml:"given_name"`
	Errors     []string   `yaml:"errors"`
	Templates  [][]string `yaml:"templates"`
	PassedOver struct {
		Currency []string `yaml:"currency"`
		Required []string `yaml:"required"`
	} `yaml:"passed_over"`
	Currencies []struct {
		Codes []string `yaml:"codes"`
		Words []string `yaml:"words"`
	} `yaml:"currencies"`
	Units  []string `yaml:"units"`
	Said   []string `yaml:"units_said"`
	Others []string `yaml:"others"`
	Alone  []string `yaml:"others_alone"`
}

// knownTitles reads headers.yaml, once.
//
//nolint:gochecknoglobals // never changes
var knownTitles = sync.OnceValues(func() (*vocabulary, error) {
	var data vocabularyFile
	if err := yaml.UnmarshalWithOptions(headersYAML, &data, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the known headers: %w", err)
	}
	v := data.vocabulary()
	v.add(fieldFamilyName, true, data.FamilyName)
	v.add(fieldGivenName, true, data.GivenName)
	v.add(fieldErrors, true, data.Errors)
	return v, nil
})

func (f *vocabularyFile) vocabulary() *vocabulary {
	v := &vocabulary{
		titles: make(map[string]meaning), fields: make(map[Field]fieldWords),
		currencies: folded(f.PassedOver.Currency), required: folded(f.PassedOver.Required),
		units: phrases(f.Units), said: phrases(f.Said), others: phrases(f.Others), alone: phrases(f.Alone),
	}
	for _, named := range f.Currencies {
		v.named = append(v.named, namedCurrencies{named.Codes, phrases(named.Words)})
	}
	for field, known := range f.Fields {
		v.add(field, false, known.Weak)
		v.add(field, true, append([]string{string(field)}, known.Strong...))
		v.fields[field] = fieldWords{
			words: phrases(known.Words), claims: phrases(known.Claims),
			disclaims: phrases(known.Disclaims), looks: known.Looks,
		}
	}
	for _, titles := range f.Templates {
		v.templates = append(v.templates, slices.Collect(maps.Keys(folded(titles))))
	}
	return v
}

func (v *vocabulary) add(field Field, strong bool, titles []string) {
	for _, title := range titles {
		v.titles[fold(title)] = meaning{field, strong}
	}
}

func folded(texts []string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[fold(text)] = true
	}
	return set
}

func phrases(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = wordsOf(text)
	}
	return all
}

// holds returns the first of the phrases that stands in the words of a title.
func holds(words string, phrases []string) (phrase string, found bool) {
	for _, phrase := range phrases {
		if strings.Contains(words, phrase) {
			return strings.TrimSpace(phrase), true
		}
	}
	return "", false
}

// read returns what a title means, no field for one that is not known.
func (v *vocabulary) read(title string) meaning {
	bare := v.withoutBrackets(title)
	if known, ok := v.titles[fold(bare)]; ok {
		return known
	}
	if known := v.titles[fold(v.withoutCurrency(bare))]; known.field == FieldAmount || known.field == FieldFees {
		return known
	}
	return meaning{}
}

// template returns the titles of the template whose titles all stand in a header,
// none if there is none.
func (v *vocabulary) template(titles []string) []string {
	present := folded(titles)
	for _, template := range v.templates {
		if !slices.ContainsFunc(template, func(title string) bool { return !present[title] }) {
			return template
		}
	}
	return nil
}

// brackets pairs the ones people put a remark in.
//
//nolint:gochecknoglobals // a table
var brackets = map[rune]rune{'(': ')', '[': ']', '{': '}', '（': '）'}

// withoutBrackets takes out the brackets whose content changes nothing, a currency
// that payrun pays in or that the column is required. All others stay.
func (v *vocabulary) withoutBrackets(title string) string {
	var kept strings.Builder
	for rest := title; rest != ""; {
		open := strings.IndexFunc(rest, func(r rune) bool { return brackets[r] != 0 })
		if open < 0 {
			kept.WriteString(rest)
			break
		}
		bracket := []rune(rest[open:])[0]
		inside := rest[open+len(string(bracket)):]
		content, after, closed := strings.Cut(inside, string(brackets[bracket]))
		kept.WriteString(rest[:open])
		if !closed || !v.passedOver(content) {
			kept.WriteString(string(bracket))
			rest = inside
			continue
		}
		kept.WriteByte(' ')
		rest = after
	}
	return kept.String()
}

// passedOver reports whether a remark changes nothing about a title: "FCFA", "en
// francs CFA", "obligatoire".
func (v *vocabulary) passedOver(remark string) bool {
	words := strings.Fields(wordsOf(remark))
	if len(words) > 1 && (words[0] == "en" || words[0] == "in") {
		words = words[1:]
	}
	text := strings.Join(words, "")
	return v.currencies[text] || v.required[text]
}

// withoutCurrency takes off the francs behind a title, "Montant en F CFA".
func (v *vocabulary) withoutCurrency(title string) string {
	words := strings.Fields(wordsOf(title))
	for n := min(len(words)-1, 2); n > 0; n-- {
		if !v.currencies[strings.Join(words[len(words)-n:], "")] {
			continue
		}
		words = words[:len(words)-n]
		if last := words[len(words)-1]; len(words) > 1 && (last == "en" || last == "in") {
			words = words[:len(words)-1]
		}
		return strings.Join(words, " ")
	}
	return title
}

// unit returns the word of a title by which its figures are no francs to be paid as
// they stand, empty if there is none.
func (v *vocabulary) unit(title string) string {
	unit, _ := holds(wordsOf(title), v.units)
	return unit
}

// could reports whether the words of a title say that its column could be the
// field.
func (v *vocabulary) could(field Field, title string) bool {
	_, found := holds(wordsOf(title), v.fields[field].words)
	return found
}

// claims reports whether a title says so as clearly as a strong one.
func (v *vocabulary) claims(field Field, title string) bool {
	words := wordsOf(title)
	_, claimed := holds(words, v.fields[field].claims)
	_, disclaimed := holds(words, v.fields[field].disclaims)
	return claimed && !disclaimed
}

// other reports whether a title says that its column is something else.
func (v *vocabulary) other(title string) bool {
	words := wordsOf(title)
	_, found := holds(words, v.others)
	return found || slices.Contains(v.alone, words)
}
