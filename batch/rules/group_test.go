package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

func TestRowsAreWrittenAsRanges(t *testing.T) {
	for _, test := range []struct {
		rows []int
		most int
		want string
	}{
		{[]int{3}, 9, "3"},
		{[]int{3, 4, 5, 6, 7, 9}, 9, "3-7, 9"},
		{[]int{3, 4, 9, 10, 11}, 9, "3-4, 9-11"},
		{[]int{9, 3, 5, 4}, 9, "3-5, 9"},
		{[]int{7, 7, 7}, 9, "7"},
		{[]int{2, 4, 6, 8}, 2, "2, 4, …"},
		{[]int{2, 4}, 2, "2, 4"},
		{slices.Repeat([]int{7}, 100), 9, "7"},
		{between(2, 201), 9, "2-201"},
		{[]int{0, 0}, 9, ""},
	} {
		var groups rules.Groups
		for _, row := range test.rows {
			groups.Add(rules.Problem{Row: row, Code: rules.CodeNameMissing, Severity: rules.Error})
		}
		found := groups.Sorted()
		if len(found) != 1 || found[0].Count != len(test.rows) {
			t.Fatalf("%v make %d groups", test.rows, len(found))
		}
		if got := found[0].Rows(test.most); got != test.want {
			t.Errorf("%v: %q, want %q", test.rows, got, test.want)
		}
	}
}

// between are all rows from one to another.
func between(first, last int) []int {
	var rows []int
	for row := first; row <= last; row++ {
		rows = append(rows, row)
	}
	return rows
}

func TestAGroupDoesNotGrowWithTheFile(t *testing.T) {
	var groups rules.Groups
	const rows = 10_000
	for row := range rows {
		groups.Add(rules.Problem{Row: 2 * (row + 1), Code: rules.CodeAmountFormat, Severity: rules.Error, Value: "abc"})
	}
	g := groups.Sorted()[0]
	if g.Count != rows || len(g.Samples) > 3 || g.Complete() {
		t.Errorf("%d problems with %d samples", g.Count, len(g.Samples))
	}
	if shown := g.Rows(rows); len(shown) > 400 || !strings.HasSuffix(shown, ", …") {
		t.Errorf("the rows are %q", shown)
	}
}

func TestErrorsComeBeforeWarningsAndNotes(t *testing.T) {
	var groups rules.Groups
	for row, p := range []rules.Problem{
		{Code: "b", Severity: rules.Note},
		{Code: rules.CodeRepeated, Severity: rules.Warning, Value: "1"},
		{Code: rules.CodeRepeated, Severity: rules.Warning, Value: "2"},
		{Code: rules.CodeCellDate, Severity: rules.Error, Column: table.FieldNumber},
		{Code: rules.CodeCellDate, Severity: rules.Error, Column: table.FieldAmount},
		{Code: rules.CodeRepeated, Severity: rules.Error},
	} {
		p.Row = row + 2
		groups.Add(p)
	}
	type line struct {
		Code, Column, Rows string
		Alike              bool
	}
	var got []line
	for _, g := range groups.Sorted() {
		got = append(got, line{g.Code, string(g.Column), g.Rows(9), g.Alike})
	}
	want := []line{
		{rules.CodeCellDate, "customer_id", "5", true},
		{rules.CodeCellDate, "amount", "6", true},
		{rules.CodeRepeated, "", "7", true},
		{rules.CodeRepeated, "", "3-4", false},
		{"b", "", "2", true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{rules.CodeRepeated: 2}, groups.Of(rules.Warning)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
