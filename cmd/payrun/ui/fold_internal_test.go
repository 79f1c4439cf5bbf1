package ui

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLinesBreakBetweenWords, and neither within a number, an amount, an option nor a word of
// the shell; a command that goes on says so.
func TestLinesBreakBetweenWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		width    int
		text     string
		expected string
	}{
		"it fits": {40, "Not paid, 2:\n", "Not paid, 2:\n"},
		"a person": {40, "  MAY-2 (row 3), Yao N'Guessan, •••0304, 1\u202f250\u202f000\u202fXOF: PAYMENT_FAILED the account is closed\n", "" +
			"  MAY-2 (row 3), Yao N'Guessan, •••0304,\n    1\u202f250\u202f000\u202fXOF: PAYMENT_FAILED the\n    account is closed\n"},
		"the same, wide":      {80, "  MAY-2 (row 3), Yao N'Guessan, •••0304, 1\u202f250\u202f000\u202fXOF: closed\n", "  MAY-2 (row 3), Yao N'Guessan, •••0304, 1\u202f250\u202f000\u202fXOF: closed\n"},
		"a sum and its franc": {20, "there is room for 5 XOF more\n", "there is room for\n  5 XOF more\n"},
		"seconds":             {20, "the run took about 9 s in all\n", "the run took about\n  9 s in all\n"},
		"a French colon":      {20, "il reste des ouverts : trois\n", "il reste des\n  ouverts : trois\n"},
		"French quotes":       {20, "la banque a dit que « oui » trois fois\n", "la banque a dit que\n  « oui » trois fois\n"},
		"a command": {40, "Next: payrun retry may --sandbox --ledger ledgers/november.db --rate 5\n", "" +
			"Next:\n  payrun retry may --sandbox \\\n  --ledger ledgers/november.db --rate 5\n"},
		"a command that has a line's room": {40, "what finishes them, and looks first: payrun resume may --sandbox\n", "" +
			"what finishes them, and looks first:\n  payrun resume may --sandbox\n"},
		"a word of the shell": {30, "Next: payrun retry 'pay of the month' --ledger a.db\n", "" +
			"Next:\n  payrun retry \\\n  'pay of the month' \\\n  --ledger a.db\n"},
		"a sentence about the program": {40, "check that person: payrun pays the row whatever that column says\n", "" +
			"check that person: payrun pays the row\n  whatever that column says\n"},
		"a long word":        {10, "see https://example.com/a/b/c now\n", "see\n  https://example.com/a/b/c\n  now\n"},
		"an unknown width":   {0, strings.Repeat("word ", 40) + "\n", strings.Repeat("word ", 40) + "\n"},
		"colours":            {20, "\x1b[33mWRN\x1b[0m the run is slow\n", "\x1b[33mWRN\x1b[0m the run is slow\n"},
		"a margin":           {20, "        run the same command again\n", "        run the same\n          command\n          again\n"},
		"an empty line ends": {20, "\n\n", "\n\n"},
	} {
		var out bytes.Buffer
		w := Folded(&out, func() int { return c.width })
		if n, err := io.WriteString(w, c.text); err != nil || n != len(c.text) {
			t.Errorf("%s: %d of %d bytes: %v", name, n, len(c.text), err)
		}
		if got := out.String(); got != c.expected {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.expected)
		}
	}
}

// TestWhatIsNoTerminalStaysAsItIs, and so does what a program reads on one.
func TestWhatIsNoTerminalStaysAsItIs(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("word ", 40) + "\n"
	var pipe, screen bytes.Buffer
	_, _ = io.WriteString(Plain(Folded(&pipe, nil)), text)
	folded := Plain(Folded(&screen, func() int { return 40 }))
	_, _ = io.WriteString(Verbatim(folded), text)
	if pipe.String() != text || screen.String() != text {
		t.Errorf("a pipe: %q\nan object on a screen: %q", &pipe, &screen)
	}
	if Raw(folded) != io.Writer(&screen) {
		t.Error("what draws on the screen itself does not get it")
	}
}

// TestAQuestionAndItsAnswerShareALine, of which the next one knows that it is over.
func TestAQuestionAndItsAnswerShareALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := Plain(Folded(&out, func() int { return 20 }))
	_, _ = io.WriteString(w, "Type the total: ")
	lineTyped(w)
	_, _ = io.WriteString(w, "it is not the total\n")
	if got := out.String(); got != "Type the total: it is not the total\n" {
		t.Errorf("%q", got)
	}
}

// TestANarrowTableIsBlocks, and a wide one is not.
func TestANarrowTableIsBlocks(t *testing.T) {
	t.Parallel()
	labelled := func(title, cell string) string { return title + " : " + cell }
	var operators Table
	operators.Add("opérateur", "lignes", "payés", "échoués", "ouverts", "montant XOF")
	operators.Add("ORANGE", "120", "118", "2", "", "1\u202f250\u202f000")
	operators.Add("MTN", "7", "7", "0", "0", "9\u202f000")
	if got, want := operators.Fit(40, labelled), ""+
		"opérateur\nORANGE\n  lignes : 120\n  payés : 118\n  échoués : 2\n  montant XOF : 1\u202f250\u202f000\n"+
		"MTN\n  lignes : 7\n  payés : 7\n  échoués : 0\n  ouverts : 0\n  montant XOF : 9\u202f000\n"; got != want {
		t.Errorf("40 columns:\n%s\nwant\n%s", got, want)
	}
	for _, columns := range []int{0, 80} {
		if got := operators.Fit(columns, labelled); got != operators.String() {
			t.Errorf("%d columns:\n%s", columns, got)
		}
	}
	for line := range strings.SplitSeq(operators.Fit(40, labelled), "\n") {
		if utf8.RuneCountInString(line) > 40 {
			t.Errorf("%q is wider than 40 columns", line)
		}
	}
	sums := Table{Untitled: true}
	sums.Add("paid in November", "118", fmt.Sprint(1250000))
	sums.Add("failed in November", "2", fmt.Sprint(9000))
	if got := sums.Fit(20, labelled); got != sums.String() {
		t.Errorf("a table without titles:\n%s", got)
	}
}
