package table

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyRow draws a row of a table with one column beside it, and whether it has content:
// people, places that nobody filled in, remarks, titles once more, and nothing.
func anyRow(t *rapid.T) []string {
	return rapid.SampledFrom([][]string{
		{"A-1", "0701020304", "Awa", "5000", "ORANGE", ""},
		{"A-2", "0701020305", "Yao", "6000", "MTN", "payé"},
		{"", "", "", "", "", "17"},
		{"", "", "", "", "", "0701020306"},
		{"", "", "Fait à Abidjan", "", "", ""},
		{"", "TOTAL", "", "11000", "", ""},
		{"transaction_id", "customer_id", "name", "amount", "operator", "x"},
		{"name", "amount", "operator", "transaction_id", "customer_id", ""},
		{"", " ", "", "", "\u00a0", ""},
		{"", "", "", "", "", ""},
	}).Draw(t, "row")
}

func hasContent(cells []string) bool {
	return strings.TrimSpace(strings.Join(cells, "")) != ""
}

// drawn is a table at random: what stands above the titles, and below.
func drawn(t *rapid.T) (rows [][]string, content int) {
	above := rapid.SliceOfN(rapid.SampledFrom([][]string{
		{"Société X", "", "", "", "", ""}, {"", "", "", "", "", ""}, {"A-0", "0701020303", "Aya", "7000", "ORANGE", ""},
	}), 0, 3).Draw(t, "above")
	rows = append(rows, above...)
	rows = append(rows, []string{"transaction_id", "customer_id", "name", "amount", "operator", ""})
	rows = append(rows, []string{"A-9", "0701020309", "Zoe", "9000", "ORANGE", ""})
	for range rapid.IntRange(0, 20).Draw(t, "rows") {
		rows = append(rows, anyRow(t))
	}
	for _, row := range rows {
		if hasContent(row) {
			content++
		}
	}
	return rows, content
}

// TestNoRowIsEverUnaccountedFor counts the rows with content of tables at random, and
// holds the count against what was read and what was not, in a text and in workbooks of
// both kinds with another sheet.
func TestNoRowIsEverUnaccountedFor(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows, content := drawn(r)
		other, more := drawn(r)
		hidden := rapid.SampledFrom([]Hidden{"", HiddenPay, HiddenSkip}).Draw(r, "hidden")
		lines := make([]string, len(rows))
		var first, second, firstODS, secondODS strings.Builder
		for i, row := range rows {
			lines[i] = strings.Join(row, ";")
			attributes, visibility := "", ""
			if rapid.IntRange(0, 2).Draw(r, "hidden row") == 0 {
				attributes, visibility = ` hidden="1"`, ` table:visibility="filter"`
			}
			first.WriteString(cellsOf(i+1, attributes, row...))
			firstODS.WriteString(odsCells(visibility, row...))
		}
		for i, row := range other {
			second.WriteString(cellsOf(i+1, "", row...))
			secondODS.WriteString(odsCells("", row...))
		}
		balanced(t, r, written(t, "f.csv", strings.Join(lines, "\n")+"\n"), Options{}, content)
		sheet := func(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }
		book := parts(t, withSheets(sheet(first.String()), "", sheet(second.String()), ""))
		balanced(t, r, book, Options{Sheet: "Siège", Hidden: hidden}, content+more)
		table := func(name, rows string) string {
			return `<table:table table:name="` + name + `">` + rows + `</table:table>`
		}
		document := ods(t, "", table("Siège", firstODS.String())+table("Agences", secondODS.String()))
		balanced(t, r, document, Options{Sheet: "Siège", Hidden: hidden}, content+more)
	})
}

// odsCells is a row of texts; an empty one has a cell without anything in it.
func odsCells(attributes string, texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		if text == "" {
			b.WriteString(`<table:table-cell/>`)
			continue
		}
		b.WriteString(`<table:table-cell office:value-type="string"><text:p>` + text + `</text:p></table:table-cell>`)
	}
	return `<table:table-row` + attributes + `>` + b.String() + `</table:table-row>`
}

// balanced reads a file and compares what it accounts for with the rows that it has.
func balanced(t *testing.T, r *rapid.T, path string, opts Options, content int) {
	t.Helper()
	file, err := Open(path, opts)
	if errors.Is(err, ErrNoRows) && opts.Hidden == HiddenSkip {
		return // everybody is hidden
	}
	if err != nil {
		r.Fatalf("%s: %v", path, err)
	}
	defer file.Close()
	rows, err := pass(t.Context(), file)
	if err != nil {
		r.Fatal(err)
	}
	inventory, err := file.Inventory(t.Context())
	if err != nil {
		r.Fatal(err)
	}
	if inventory.Read != len(rows) {
		r.Errorf("%d rows were given, %d are counted as read", len(rows), inventory.Read)
	}
	if inventory.Rows() != content {
		r.Errorf("%d rows are accounted for of %d: %+v", inventory.Rows(), content, inventory)
	}
}
