package ui

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestNothingATerminalExecutesIsPrinted as it was given.
func TestNothingATerminalExecutesIsPrinted(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Awa Koné, 5 000 F\n":       "Awa Koné, 5 000 F\n",
		"\x1b[2Jgone":               `\u001b[2Jgone`,
		"\x1b]0;title\a":            `\u001b]0;title\u0007`,
		"paid\rnot":                 `paid\u000dnot`,
		"back\b\bspace\x7f":         `back\u0008\u0008space\u007f`,
		"one byte CSI \u009b31m":    `one byte CSI \u009b31m`,
		"in Latin-1 \x9b31m":        `in Latin-1 \x9b31m`,
		"abc\u202etxt.exe":          `abc\u202etxt.exe`,
		"tab\tand line\n":           "tab\tand line\n",
		"a question mark \uFFFD":    "a question mark \uFFFD",
		"nothing\x00":               `nothing\u0000`,
		"family 👩‍👩‍👧 stays":        "family 👩‍👩‍👧 stays",
		"cut \xe2\x82":              `cut \xe2\x82`,
		"e\u0301 combines, עברית 😀": "e\u0301 combines, עברית 😀",
	} {
		if got := Visible(given); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}

// TestCharactersAreWholeHoweverTheyArrive writes one byte at a time.
func TestCharactersAreWholeHoweverTheyArrive(t *testing.T) {
	t.Parallel()
	const text = "Kouamé a reçu 5\u00a0000\u202fF 😀\n"
	var out bytes.Buffer
	w := Plain(&out)
	for i := range len(text) {
		if n, err := w.Write([]byte{text[i]}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if out.String() != text {
		t.Errorf("%q, want %q", out.String(), text)
	}
}

// FuzzPlain: whatever is written, in whatever pieces, nothing but text comes out, and
// JSON stays the same JSON.
func FuzzPlain(f *testing.F) {
	f.Add("\x1b[31mAwa\u009b\u202e\xff", 3)
	f.Add("Koné", 4)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		var out bytes.Buffer
		w := Plain(&out)
		cut = max(0, min(cut, len(text)))
		for _, part := range []string{text[:cut], text[cut:], "\n"} {
			if _, err := w.Write([]byte(part)); err != nil {
				t.Fatal(err)
			}
		}
		shown := out.String()
		if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t'
		}) {
			t.Errorf("%q comes out as %q", text, shown)
		}
		if !utf8.ValidString(text) {
			return
		}
		line, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal([]byte(Visible(string(line))), &back); err != nil || back != text {
			t.Errorf("%q reads back as %q: %v", text, back, err)
		}
	})
}
