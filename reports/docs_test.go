package reports

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEveryKeyAndColumnIsDocumented: scripts rely on what the documents say.
func TestEveryKeyAndColumnIsDocumented(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	keys, columnsPage := read("json.md"), read("report.md")
	for _, key := range append(jsonKeys(reflect.TypeFor[Summary]()), jsonKeys(reflect.TypeFor[jsonLine]())...) {
		if !strings.Contains(keys, "`"+key+"`") {
			t.Errorf("docs/json.md does not explain the key %q", key)
		}
	}
	for _, column := range columns() {
		if !strings.Contains(columnsPage, "`"+column+"`") {
			t.Errorf("docs/report.md does not explain the column %q", column)
		}
	}
}

func jsonKeys(of reflect.Type) []string {
	var keys []string
	for field := range of.Fields() {
		if field.Anonymous {
			keys = append(keys, jsonKeys(field.Type)...)
			continue
		}
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	return keys
}

// TestTheColumnsAreTheSameEverywhere: the header that scripts rely on is that of
// the CSV's record and of the JSON's line.
func TestTheColumnsAreTheSameEverywhere(t *testing.T) {
	var fromCSV []string
	for field := range reflect.TypeFor[record]().Fields() {
		fromCSV = append(fromCSV, field.Tag.Get("csv"))
	}
	want := strings.Join(columns(), " ")
	if got := strings.Join(fromCSV, " "); got != want {
		t.Errorf("CSV has the columns %s, want %s", got, want)
	}
	if got := strings.Join(jsonKeys(reflect.TypeFor[jsonLine]()), " "); got != want {
		t.Errorf("JSON has the keys %s, want %s", got, want)
	}
}
