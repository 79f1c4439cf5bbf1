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

// TestTheDiagramIsDrawnFromTheTable holds the page about the lives of payouts and batches
// against the tables that every store obeys.
func TestTheDiagramIsDrawnFromTheTable(t *testing.T) {
	const page = "../docs/states.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for begin, drawing := range map[string]string{
		"<!-- drawn from the table: go test ./ledger -update -->\n":            drawing(),
		"<!-- drawn from the table of batches: go test ./ledger -update -->\n": batchDrawing(),
	} {
		const end = "<!-- end of the drawing -->\n"
		before, rest, opened := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !opened || !closed {
			t.Fatalf("%s has no place for the drawing %q", page, begin)
		}
		want = before + begin + drawing + end + after
	}
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

// batchDrawing is the table of a batch's moves as a diagram. What enters leads to a draft
// from everywhere, which would hide the rest.
func batchDrawing() string {
	var diagram strings.Builder
	diagram.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> draft: the first row enters\n")
	var entered []string
	for _, move := range ledger.BatchMoves() {
		if move.By == "" {
			entered = append(entered, "`"+move.From.String()+"`")
			continue
		}
		fmt.Fprintf(&diagram, "    %s --> %s: %s (%s)\n", move.From, move.To, strings.ReplaceAll(move.Because, ": ", ", "), move.By)
	}
	diagram.WriteString("    closed --> [*]\n```\n\n")
	return diagram.String() + "A batch is `draft` again as soon as payouts enter it, from " + strings.Join(entered, ", ") + ".\n"
}
