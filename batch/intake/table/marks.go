package table

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml"
)

//go:embed marks.yaml
var marksYAML []byte

// Mark is the word of a column beside the table about a row: that it was paid already, or
// cancelled. What it means for the payment is for a person to say.
type Mark struct {
	// Title is the column's, or its name in a spreadsheet if it has none.
	Title string
	// Text is the cell.
	Text string
}

// markWords are the words of marks.yaml, folded.
type markWords struct {
	words, titles, affirmatives map[string]bool
	// links are the words that may follow a word which marks a row, and leads those that
	// may come before it.
	links, leads map[string]bool
}

// knownMarks reads marks.yaml, once.
//
//nolint:gochecknoglobals // never changes
var knownMarks = sync.OnceValues(func() (markWords, error) {
	var data struct {
		Words        []string `yaml:"words"`
		Titles       []string `yaml:"titles"`
		Affirmatives []string `yaml:"affirmatives"`
		Links        []string `yaml:"links"`
		Leads        []string `yaml:"leads"`
	}
	if err := yaml.UnmarshalWithOptions(marksYAML, &data, yaml.Strict()); err != nil {
		return markWords{}, fmt.Errorf("read the words that mark rows: %w", err)
	}
	return markWords{
		words: foldAll(data.Words), titles: foldAll(data.Titles), affirmatives: foldAll(data.Affirmatives),
		links: foldAll(data.Links), leads: foldAll(data.Leads),
	}, nil
})

func foldAll(texts []string) map[string]bool {
	folded := make(map[string]bool, len(texts))
	for _, text := range texts {
		folded[fold(text)] = true
	}
	return folded
}

// marks recognises the cells that mark a row.
type marks struct {
	known  markWords
	layout *layout
	// answers has the columns whose title asks whether a row was paid.
	answers map[int]bool
	// judged has what cells were found to be: a column of states has few of them.
	judged map[string]bool
	// dashes makes another sign of a dash that stands alone.
	dashes *strings.Replacer
}

const (
	// markMax is longer than any word that marks a row.
	markMax = 60
	// judgedMax bounds what is remembered of columns that hold no states.
	judgedMax = 1024
)

func newMarks(known markWords, l *layout) *marks {
	m := &marks{
		known: known, layout: l, answers: make(map[int]bool), judged: make(map[string]bool),
		dashes: strings.NewReplacer(" - ", ";", " – ", ";", " — ", ";"),
	}
	for column, title := range l.titles {
		bare, _, _ := strings.Cut(title, "(")
		m.answers[column] = known.titles[fold(title)] || known.titles[fold(bare)]
	}
	return m
}

// at returns the mark that a cell is, nil for none.
func (m *marks) at(column int, text string) *Mark {
	if len(text) > markMax {
		return nil
	}
	marks, known := m.judged[text]
	if !known {
		marks = m.known.mark(text)
		if len(m.judged) < judgedMax {
			m.judged[strings.Clone(text)] = marks
		}
	}
	if !marks && m.answers[column] {
		marks = m.known.affirmatives[fold(text)] || isCheck(text) || isDate(text)
	}
	if !marks {
		return nil
	}
	return m.here(column, text)
}

func (m *marks) here(column int, text string) *Mark {
	mark := &Mark{Title: ColumnName(column), Text: strings.Clone(text)}
	if column < len(m.layout.titles) && m.layout.titles[column] != "" {
		mark.Title = m.layout.titles[column]
	}
	return mark
}

// markedName returns the mark that somebody wrote behind a name, "Koné Awa (payé)", nil
// for none. A name may be one of the words, so that it needs a sign before it.
func (m *marks) markedName(column int, name string) *Mark {
	at := remarkAt(name)
	if at <= 0 || len(name) > cellMax {
		return nil
	}
	for part := range strings.FieldsFuncSeq(m.dashes.Replace(name[at-1:]), func(r rune) bool { return strings.ContainsRune(behindName, r) }) {
		if part = trim(part); part != "" && len(part) <= markMax && m.known.mark(part) {
			return m.here(column, part)
		}
	}
	return nil
}

// remarkAt returns where the first sign is that may part a remark from a name, -1 for
// none. It is asked for every row.
func remarkAt(name string) int {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == ' ':
		case c == '-', c == "–"[0], strings.IndexByte(behindName, c) >= 0:
			return i
		}
	}
	return -1
}

// behindName are the signs that part a remark from the name before it. A dash parts two
// names as well, unless it stands alone.
const behindName = "()[]{}/:;,*="

// mark reports whether a cell says that its row was paid or cancelled: by one of the
// words alone, behind "déjà" and the like, or before a date, a bracket and what else goes
// on about it. "Paid leave" says something else.
func (w markWords) mark(text string) bool {
	if w.words[fold(text)] {
		return true
	}
	for {
		end := wordEnd(text)
		if end == 0 || end == len(text) || !w.leads[fold(text[:end])] {
			break
		}
		text = strings.TrimLeft(text[end:], " '’")
	}
	const wordsMost = 4
	for end, count := 0, 0; count < wordsMost && end < len(text); count++ {
		end += wordEnd(text[end:])
		if w.words[fold(text[:end])] && w.goesOn(text[end:]) {
			return true
		}
		for end < len(text) && text[end] == ' ' {
			end++
		}
		if wordEnd(text[end:]) == 0 {
			break
		}
	}
	return false
}

// wordEnd returns where the word ends that a text begins with, 0 if it begins with none.
func wordEnd(text string) int {
	if end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		return end
	}
	return len(text)
}

// goesOn reports whether what follows a word which marks a row is about it.
func (w markWords) goesOn(rest string) bool {
	if rest = trim(rest); rest == "" {
		return true
	}
	first := strings.TrimLeft(rest, " ")
	return strings.ContainsAny(rest, "0123456789") || strings.ContainsAny(rest[:1], "(-:,;.!/") ||
		w.links[fold(first[:wordEnd(first)])]
}

// isCheck recognises a ticked box.
func isCheck(text string) bool { return strings.ContainsAny(text, "✓✔☑✅☒✗✘") }

// isDate recognises what is written as a date.
func isDate(text string) bool {
	digits := len(digitsIn(text))
	const least = 3 // 1/2/26 has four, 1.12 three
	return digits >= least && strings.ContainsAny(text, "/-.")
}
