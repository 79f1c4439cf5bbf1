package ui

import (
	"testing"

	"payrun/internal/catalogue"
)

// TestTwoThingsWrongWithOneRowAreOfOneRow: no "rows 3".
func TestTwoThingsWrongWithOneRowAreOfOneRow(t *testing.T) {
	u := new(UI)
	if err := u.Speak(catalogue.English); err != nil {
		t.Fatal(err)
	}
	for rows, want := range map[string]string{"3": "row 3", "3-4": "rows 3-4"} {
		if got := u.rowWords(rows, 2); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
