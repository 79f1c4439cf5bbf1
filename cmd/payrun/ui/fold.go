package ui

import (
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// ColumnsOf tells how wide a terminal is at this moment; nil is a stream that is none.
func ColumnsOf(f *os.File) func() int {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	return func() int {
		columns, _, err := term.GetSize(fd)
		if err != nil {
			return 0
		}
		return columns
	}
}

// foldingWriter breaks lines between words where the terminal is too narrow for them: the
// terminal itself breaks within an amount or an option. A word that is wider than the
// terminal is left to it.
//
// It is safe for concurrent use, as far as what it writes to is.
type foldingWriter struct {
	w       io.Writer
	columns func() int

	mu sync.Mutex
	// column is where the next character stands in its line.
	column int
}

// Folded wraps a terminal that is so many columns wide, of which 0 is an unknown number and
// breaks nothing. A nil function is a stream that nobody reads on a screen: it stays as it is.
func Folded(w io.Writer, columns func() int) io.Writer {
	if columns == nil {
		return w
	}
	return &foldingWriter{w: w, columns: columns}
}

// foldingOf finds the writer that folds the lines of a stream, nil for none.
func foldingOf(w io.Writer) *foldingWriter {
	if p, ok := w.(*plainWriter); ok {
		w = p.w
	}
	f, _ := w.(*foldingWriter)
	return f
}

// columnsOf is the width of the terminal behind a stream, 0 for none.
func columnsOf(w io.Writer) int {
	if f := foldingOf(w); f != nil {
		return f.columns()
	}
	return 0
}

// Verbatim is a stream for what another program may read, a file or an object: it is not
// folded, so that it can be copied from the screen as it is.
func Verbatim(w io.Writer) io.Writer {
	if f := foldingOf(w); f != nil {
		return Plain(f.w)
	}
	return w
}

// lineTyped tells a stream that the person has ended its line.
func lineTyped(w io.Writer) {
	if f := foldingOf(w); f != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.column = 0
	}
}

func (f *foldingWriter) Write(text []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out strings.Builder
	width := f.columns()
	for line := range strings.Lines(string(text)) {
		body, ended := strings.CutSuffix(line, "\n")
		folded := foldLine(body, f.column, width)
		out.WriteString(folded)
		if last := strings.LastIndexByte(folded, '\n'); last >= 0 {
			f.column = columnsIn(folded[last+1:])
		} else {
			f.column += columnsIn(folded)
		}
		if ended {
			out.WriteByte('\n')
			f.column = 0
		}
	}
	if _, err := io.WriteString(f.w, out.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}

// colour matches what a terminal does not show of a line of the log.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// columnsIn counts the columns that a text takes.
func columnsIn(text string) int { return utf8.RuneCountInString(colour.ReplaceAllString(text, "")) }

const (
	// foldIndent is by how much the rest of a line stands farther to the right.
	foldIndent = 2
	// commandGoesOn ends a line whose command goes on in the next one: whoever copies it would
	// run the beginning alone, without its --sandbox. Another shell refuses it.
	commandGoesOn = ` \`
)

// command matches a command that ends a line.
var command = regexp.MustCompile(`(^ *|: )(payrun [a-z].*)$`)

// wordsOfCommand is the most that a command without options has; what has more is a sentence
// that begins with the program's name.
const wordsOfCommand = 5

// foldLine breaks a line that begins in a column, so that each part fits into a width.
func foldLine(line string, column, width int) string {
	if width <= 0 || column+columnsIn(line) <= width {
		return line
	}
	f := folding{width: width, column: column}
	spaces := len(line) - len(strings.TrimLeft(line, " "))
	f.indent = strings.Repeat(" ", min(spaces+foldIndent, width/2))
	typed := len(line)
	if at := command.FindStringSubmatchIndex(line); at != nil {
		if text := line[at[4]:]; strings.Contains(text, " --") || len(strings.Fields(text)) <= wordsOfCommand {
			typed = at[4]
		}
	}
	for _, word := range wordsOf(line[:typed], glued) {
		f.add(word, 0)
	}
	if typed < len(line) {
		f.addCommand(wordsOf(line[typed:], withinQuotes))
	}
	return f.out.String()
}

// folding is a line that is being broken.
type folding struct {
	out    strings.Builder
	indent string
	width  int
	column int
	// begun is set once the line has a word.
	begun bool
}

// add appends a word, which has the spaces before it, in the next line if it and what has to
// follow do not fit.
func (f *folding) add(word string, room int) {
	size, bare := columnsIn(word), strings.TrimLeft(word, " ")
	if f.begun && bare != word && f.column+size+room > f.width {
		f.next("")
		word, size = bare, columnsIn(bare)
	}
	f.out.WriteString(word)
	f.column += size
	f.begun = f.begun || bare != ""
}

func (f *folding) next(end string) {
	f.out.WriteString(end + "\n" + f.indent)
	f.column = len(f.indent)
}

// addCommand appends a command: in one line, if there is one that has room for it.
func (f *folding) addCommand(typed []string) {
	size := columnsIn(strings.Join(typed, ""))
	if f.begun && f.column+size > f.width {
		text := strings.TrimRight(f.out.String(), " ")
		f.out.Reset()
		f.out.WriteString(text)
		f.next("")
	}
	typed = f.withValues(typed)
	for i, word := range typed {
		room := 0
		if i < len(typed)-1 {
			room = len(commandGoesOn)
		}
		if i > 0 && f.column+columnsIn(word)+room > f.width {
			f.next(commandGoesOn)
			word = strings.TrimLeft(word, " ")
		}
		f.add(word, -f.width) // it stands where it has to
	}
}

// withValues joins options and their values, where a line has room for both.
func (f *folding) withValues(typed []string) []string {
	var all []string
	for i, word := range typed {
		if i > 0 && strings.HasPrefix(typed[i-1], " -") && !strings.HasPrefix(word, " -") &&
			len(f.indent)+columnsIn(typed[i-1]+word+commandGoesOn) <= f.width {
			all[len(all)-1] += word
			continue
		}
		all = append(all, word)
	}
	return all
}

// wordsOf splits a text before the spaces that may become line ends.
func wordsOf(text string, kept func(text string, space int) bool) []string {
	var all []string
	start := 0
	for i := 1; i < len(text); i++ {
		if text[i] == ' ' && text[i-1] != ' ' && !kept(text, i) {
			all = append(all, text[start:i])
			start = i
		}
	}
	return append(all, text[start:])
}

// unit matches what stays with the number before it.
var unit = regexp.MustCompile(`^ +([A-Z]{3}|s|min|h|%)([^\p{L}\d]|$)`)

// glued reports whether a space in a sentence joins what belongs together: a number and its
// unit, or a sign and what it follows in French.
func glued(text string, space int) bool {
	rest := text[space:]
	if before := text[space-1]; before >= '0' && before <= '9' && unit.MatchString(rest) {
		return true
	}
	after := strings.TrimLeft(rest, " ")
	return strings.HasSuffix(text[:space], "«") || strings.HasPrefix(after, "»") ||
		(after != "" && strings.Contains(":;!?", after[:1]) && (len(after) == 1 || after[1] == ' '))
}

// withinQuotes reports whether a space in a command is within a word of the shell.
func withinQuotes(text string, space int) bool {
	within := false
	for i := range space {
		if text[i] == '\'' && (within || i == 0 || text[i-1] != '\\') {
			within = !within
		}
	}
	return within
}
