package audit

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func someIndex(tb testing.TB) []byte {
	tb.Helper()
	text, err := Index{
		Kind: indexKind, Schema: indexSchema, Payrun: "1.2.3", MadeAt: time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC),
		Batch: "november <1>", Ledger: "memory", Account: "sandbox", Currency: "XOF",
		File: File{Name: "november.csv", SHA256: strings.Repeat("ab", 32), Copy: "file.csv"}, FirstEvent: 1, LastEvent: 9,
		Head: strings.Repeat("cd", 32), Elsewhere: []Elsewhere{{"A-1", "october"}},
	}.encode()
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// FuzzParseIndex holds that what is read has one spelling, and that nothing breaks the
// reader.
func FuzzParseIndex(f *testing.F) {
	f.Add(someIndex(f))
	f.Add([]byte(`{"kind":"evidence","schema":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		index, err := parseIndex(text)
		if err != nil {
			return
		}
		if again, err := index.encode(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q is written again as %q, %v", text, again, err)
		}
	})
}

// TestAnotherSchemaIsNotRead: a later payrun may mean something else by the same keys.
func TestAnotherSchemaIsNotRead(t *testing.T) {
	text := string(someIndex(t))
	for name, other := range map[string]string{
		"another schema":  strings.Replace(text, `"schema": 1`, `"schema": 2`, 1),
		"another kind":    strings.Replace(text, `"evidence"`, `"receipt"`, 1),
		"another key":     strings.Replace(text, `"kind"`, `"more": 1, "kind"`, 1),
		"no space":        strings.Replace(text, `"kind": `, `"kind":`, 1),
		"no end":          strings.TrimSuffix(text, "\n"),
		"escaped letters": strings.Replace(text, `<1>`, `\u003c1\u003e`, 1),
	} {
		if _, err := parseIndex([]byte(other)); err == nil || other == text {
			t.Errorf("%s: it was read", name)
		}
	}
	if _, err := parseIndex([]byte(text)); err != nil {
		t.Error(err)
	}
}

// TestACopyIsNamedByItsEndingAlone, so that no name leads out of the folder or upsets a
// shell.
func TestACopyIsNamedByItsEndingAlone(t *testing.T) {
	for accepted, want := range map[string]string{
		"november.csv": "file.csv", "Paie novembre.XLSX": "file.xlsx", "november": "file", "a.b/c": "file", "x.": "file",
		"x.$(rm)": "file", "x.toolongone": "file", ".csv": "file.csv", "stdin": "file", "x.csv\n": "file",
	} {
		if got := copyName(accepted); got != want {
			t.Errorf("%q is copied as %q, want %q", accepted, got, want)
		}
	}
}
