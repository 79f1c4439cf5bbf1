package sheet

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNoTextIsTakenForAFormula(t *testing.T) {
	for _, c := range []struct{ why, text, want string }{
		{"a plain name", "Kouamé Ahou", "Kouamé Ahou"},
		{"a dash within", "PAY-0001", "PAY-0001"},
		{"nothing", "", ""},
		{"equals", "=1+1", "'=1+1"},
		{"plus", "+225 07", "'+225 07"},
		{"minus", "-1", "'-1"},
		{"at", "@SUM(A1)", "'@SUM(A1)"},
		{"tab", "\tx", "'\tx"},
		{"carriage return", "\rx", "'\rx"},
		{"line feed", "\nx", "'\nx"},
		{"full-width equals", "＝1+1", "'＝1+1"},
		{"white space before the sign", " \u00a0=1", " \u00a0'=1"},
		{"a cell of another separator", "a;=1,-2|@x", "a;'=1,'-2|'@x"},
		{"a second line", "a\n=1", "a\n'=1"},
		{"a sign after a space within", "a; -b", "a; -b"},
		{"an apostrophe already", "'=1", "'=1"},
	} {
		if got := EscapeFormula(c.text); got != c.want {
			t.Errorf("%s: EscapeFormula(%q) = %q, want %q", c.why, c.text, got, c.want)
		}
	}
}

// TestTheGlanceMissesNothing holds the quick look against the careful one.
func TestTheGlanceMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab1=+-@＝＋\t\r\n ,;|é'")), 0, 8, -1).Draw(t, "text")
		if got := marked(text); harmless(text) && got != text {
			t.Errorf("%q is not harmless: %q", text, got)
		}
	})
}
