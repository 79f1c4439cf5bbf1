package ui

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fakeTerminal shows text as a terminal does that breaks long lines anew when it is resized.
type fakeTerminal struct {
	width int
	lines []string
}

var erase = regexp.MustCompile(`\x1b\[(\d+)A\x1b\[J`)

func (f *fakeTerminal) size() (width, height int, err error) { return f.width, 24, nil }

// rows lists what is on the screen at the width of the moment.
func (f *fakeTerminal) rows() []string {
	var rows []string
	for _, line := range f.lines {
		r := []rune(line)
		for len(r) > f.width {
			rows, r = append(rows, string(r[:f.width])), r[f.width:]
		}
		rows = append(rows, string(r))
	}
	return rows
}

// Write implements io.Writer for whole lines, and for rows that are erased.
func (f *fakeTerminal) Write(text []byte) (int, error) {
	rest := string(text)
	if at := erase.FindStringSubmatchIndex(rest); at != nil {
		if at[0] != 0 {
			return 0, fmt.Errorf("%q erases what was just written", rest)
		}
		up, err := strconv.Atoi(rest[at[2]:at[3]])
		if err != nil {
			return 0, err
		}
		rows := f.rows()
		f.lines, rest = slices.Clone(rows[:max(0, len(rows)-up)]), rest[at[1]:]
	}
	for line := range strings.Lines(rest) {
		f.lines = append(f.lines, strings.TrimSuffix(line, "\n"))
	}
	return len(text), nil
}

// TestResizingLeavesNoStaleLine: whatever the width becomes, one bar is on the screen, and
// every line above it.
func TestResizingLeavesNoStaleLine(t *testing.T) {
	t.Parallel()
	terminal := &fakeTerminal{width: 80}
	c := &console{w: terminal, size: terminal.size}
	draw := func(bar string) {
		t.Helper()
		if _, err := c.ReadFrom(strings.NewReader(bar + "\n")); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(1); err != nil {
			t.Fatal(err)
		}
	}
	say := func(line string) {
		t.Helper()
		if _, err := c.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	say("checked")
	bar := func(n int) string { return strconv.Itoa(n) + strings.Repeat("=", terminal.width-1) }
	draw(bar(1))
	for n, width := range []int{80, 40, 23, 100, 30, 30, 80} {
		terminal.width = width
		if n == 3 {
			say("wait")
		}
		draw(bar(n + 2))
		want := []string{"checked", bar(n + 2)}
		if n >= 3 {
			want = []string{"checked", "wait", bar(n + 2)}
		}
		if got := terminal.rows(); !slices.Equal(got, want) {
			t.Errorf("at %d columns: %q, want %q", width, got, want)
		}
	}
	if err := c.Flush(0); err != nil {
		t.Fatal(err)
	}
	if got := terminal.rows(); !slices.Equal(got, []string{"checked", "wait"}) {
		t.Errorf("in the end: %q", got)
	}
}

// TestLinesAboveTheBarAreFolded as those without one are.
func TestLinesAboveTheBarAreFolded(t *testing.T) {
	t.Parallel()
	terminal := &fakeTerminal{width: 20}
	c := &console{w: terminal, size: terminal.size}
	if _, err := c.Write([]byte("payrun: the provider is slow\n")); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(0); err != nil {
		t.Fatal(err)
	}
	if got := terminal.rows(); !slices.Equal(got, []string{"payrun: the provider", "  is slow"}) {
		t.Errorf("%q", got)
	}
}
