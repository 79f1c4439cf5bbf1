package ledger_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"payrun/ledger"
)

var update = flag.Bool("update", false, "draw the diagrams anew")

// TestTheDiagramIsDrawnFromTheTable holds the page about a payout's life against the
// table that every store obeys.
func TestTheDiagramIsDrawnFromTheTable(t *testing.T) {
	const page = "../docs/states.md"
	const begin, end = "<!-- drawn from the table: go test ./ledger -update -->\n", "<!-- end of the drawing -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has no place for the drawing", page)
	}
	want := before + begin + drawing() + end + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s does not show the table any more: go test ./ledger -update", page)
	}
}

// drawing is the table of moves as a diagram, with what is heard without a move as a
// list.
func drawing() string {
	var diagram, heard strings.Builder
	diagram.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> queued: accepted\n")
	for _, move := range ledger.Transitions() {
		if move.Observation() {
			fmt.Fprintf(&heard, "| %s | %s |\n", move.From, move.Because)
			continue
		}
		label := move.Because
		switch {
		case move.NewAttempt:
			label += " (a new reference)"
		case move.ByPerson:
			label += " (payrun resolve)"
		}
		// A colon would end the label.
		fmt.Fprintf(&diagram, "    %s --> %s: %s\n", move.From, move.To, strings.ReplaceAll(label, ": ", ", "))
	}
	for _, state := range ledger.States() {
		if state.Final() {
			fmt.Fprintf(&diagram, "    %s --> [*]\n", state)
		}
	}
	diagram.WriteString("```\n\nWhat is kept without a move:\n\n| state | what was heard |\n|---|---|\n")
	return diagram.String() + heard.String()
}
