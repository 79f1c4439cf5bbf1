package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// plainWriter writes text of which a terminal executes nothing: file names, titles
// and words of the provider come from strangers, and an escape sequence in one can
// clear a screen, forge a line or paste a command. A control character is written as
// "\u001b", which a person sees and which means the same within JSON.
//
// It is safe for concurrent use, as far as what it writes to is.
type plainWriter struct {
	w  io.Writer
	mu sync.Mutex
	// begun are the first bytes of a character whose end was not written yet.
	begun []byte
}

// Plain wraps a stream that people read.
func Plain(w io.Writer) io.Writer { return &plainWriter{w: w} }

// coloured returns the stream behind Plain, for lines with the program's own colours.
func coloured(w io.Writer) io.Writer {
	if p, ok := w.(*plainWriter); ok {
		return p.w
	}
	return w
}

// Raw returns the stream behind Plain and Folded, for what draws on a terminal itself.
func Raw(w io.Writer) io.Writer {
	w = coloured(w)
	if f, ok := w.(*foldingWriter); ok {
		w = f.w
	}
	return w
}

func (p *plainWriter) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	whole := text
	if len(p.begun) > 0 {
		whole = append(p.begun, text...)
		p.begun = nil
	}
	if end := unfinished(whole); end < len(whole) {
		p.begun = append([]byte(nil), whole[end:]...)
		whole = whole[:end]
	}
	if len(whole) == 0 {
		return len(text), nil
	}
	if _, err := io.WriteString(p.w, Visible(string(whole))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// unfinished returns where a character begins that the text ends within.
func unfinished(text []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if first := text[len(text)-back]; utf8.RuneStart(first) {
			if first >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-back:]) {
				return len(text) - back
			}
			break
		}
	}
	return len(text)
}

// Visible returns a text with its control characters spelled out: those of ASCII and
// of Latin-1, those that turn the direction of writing, and bytes that are no text.
// Line ends and tabs stay.
func Visible(text string) string {
	if !strings.ContainsFunc(text, commands) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r != utf8.RuneError && commands(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// commands reports whether a terminal would do something other than show the
// character. A replacement character may stand for a byte that is no text.
func commands(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case unicode.IsControl(r), r == utf8.RuneError:
		return true
	default: // embeddings, overrides and isolates
		return (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)
	}
}
