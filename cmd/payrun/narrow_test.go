package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestNoScreenIsBrokenByANarrowTerminal follows a batch through its screens: no line is wider
// than the terminal, which would break it within an amount or an option, and every amount and
// option of a wide screen is there.
func TestNoScreenIsBrokenByANarrowTerminal(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "fr"} {
		wide := screensAt(t, language, 0)
		for _, columns := range []int{40, 80} {
			for command, shown := range screensAt(t, language, columns) {
				for line := range strings.Lines(shown) {
					if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > columns && !isOneWord(line) {
						t.Errorf("%s, %d columns, %s: %q is wider\n%s", language, columns, command, line, shown)
					}
				}
				for word := range strings.FieldsSeq(wide[command]) {
					if isWhole := strings.HasPrefix(word, "--") || strings.Contains(word, "\u202f"); isWhole && !strings.Contains(shown, word) {
						t.Errorf("%s, %d columns, %s does not show %q\n%s", language, columns, command, word, shown)
					}
				}
			}
		}
	}
}

// isOneWord reports whether a line, without what may follow a word in it, has no space at
// which it could have been broken.
func isOneWord(line string) bool {
	words := 0
	for word := range strings.FieldsSeq(line) {
		if utf8.RuneCountInString(word) > 1 {
			words++
		}
	}
	return words < 2
}

// screensAt runs commands and returns what they show on a terminal that is so many columns wide.
func screensAt(t *testing.T, language string, columns int) map[string]string {
	t.Helper()
	folder, home := t.TempDir(), own(t)
	in := func(name string) string { return filepath.Join(folder, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("novembre.csv", "transaction_id,customer_id,name,amount,operator\n"+
		"NOV-0001,0701020304,Awa Koné,125000,Orange\nNOV-0002,0501020304,Konan Brou-Adjoua N'Guessan,875000,MTN\n")
	write("fausse.csv", "transaction_id,customer_id,name,amount,operator\nDEC-0001,07010203,Awa Koné,-5,Orange\n")
	write("refusing.yaml", "faults: {row_refused: 100}\n")
	screens := map[string]string{}
	for command, args := range map[string][]string{
		"validate": {"validate", in("fausse.csv")},
		"plan":     {"plan", in("novembre.csv"), "--sandbox"},
		"help":     {"run", "--help"},
	} {
		screens[command] = shownAt(columns, home, append(args, "--lang", language, "--ledger", in("plan.db")))
	}
	pay := []string{
		"--lang", language, "--yes", "--sandbox", "--no-progress", "--scenario", in("refusing.yaml"),
		"--ledger", in("ledger.db"), "--report", in("report"),
	}
	screens["run"] = shownAt(columns, home, append([]string{"run", in("novembre.csv")}, pay...))
	screens["retry"] = shownAt(columns, home, append([]string{"retry", "novembre"}, pay...))
	for command, more := range map[string][]string{"status": {"novembre"}, "status, all": nil, "status, failed": {"novembre", "--state", "failed"}} {
		screens[command] = shownAt(columns, home, append(append([]string{"status"}, more...), "--lang", language, "--ledger", in("ledger.db")))
	}
	return screens
}

func shownAt(columns int, home places, args []string) string {
	shown, width := &screen{}, func() int { return columns }
	run(args, environment{
		stdin: strings.NewReader(""), stdout: shown, stderr: shown, lookup: home.env, stdoutColumns: width, stderrColumns: width,
	})
	return shown.String()
}
