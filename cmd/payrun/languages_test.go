package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/help"
	"payrun/internal/catalogue"
)

// The words by which a language is known: they stand in every other sentence of it, and in
// none of the other.
var (
	englishWords = strings.Fields("the of and with is are was were not this that these those from which what when by has have been be it its to your you will would may cannot does do if in only there where who whose whom how than then their them they at")
	frenchWords  = strings.Fields("le la les des du un une est sont pas ne dans avec pour qui que quoi sur par aux au et ou ce cette ces il elle se sans vous votre ni")
	// untold matches the words of a command line, of a file or of a program in a text.
	untold = regexp.MustCompile("\\([^()]*\\)|`[^`]*`|\"[^\"]*\"|«[^»]*»|--?[a-z][a-z-]*(?:[= ][A-Z]+)?|\\S*[/=_@<>]\\S*")
	// said divides a text into words.
	said = regexp.MustCompile(`[\pL\d]+(?:['’]\pL+)?`)
)

// strangers returns the words of a text that are of the language whose words are given.
func strangers(text string, words []string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "payrun ") || strings.HasPrefix(line, "\t") || strings.HasPrefix(trimmed, "PAYRUN_") ||
			strings.HasPrefix(trimmed, "ssh-keygen ") {
			continue // a command to type
		}
		for _, word := range said.FindAllString(untold.ReplaceAllString(line, " "), -1) {
			if slices.Contains(words, strings.ToLower(word)) {
				found = append(found, word+" in: "+strings.TrimSpace(line))
			}
		}
	}
	return found
}

// speaker runs commands in a language, in a folder of its own.
type speaker struct {
	t        *testing.T
	language catalogue.Language
	folder   string
}

// says returns what a command prints on both streams.
func (s speaker) says(args ...string) string {
	s.t.Helper()
	var out bytes.Buffer
	env := environment{stdin: strings.NewReader(""), stdout: &out, stderr: &out, lookup: func(name string) (string, bool) {
		switch name {
		case "LANG":
			return string(s.language), true
		case "PAYRUN_LEDGER":
			return filepath.Join(s.folder, "ledger.db"), true
		case "PAYRUN_REPORT":
			return filepath.Join(s.folder, "report"), true
		case "HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME":
			return s.folder, true
		}
		return "", false
	}}
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "FOLDER", s.folder)
	}
	code := run(args, env)
	return fmt.Sprintf("%s\n", out.String()) + strings.Repeat(" ", min(code, 1))
}

// inBoth calls a test for each language with the words of the other.
func inBoth(t *testing.T, test func(s speaker, others []string)) {
	t.Helper()
	for language, others := range map[catalogue.Language][]string{catalogue.French: englishWords, catalogue.English: frenchWords} {
		t.Run(string(language), func(t *testing.T) {
			folder := t.TempDir()
			for name, text := range map[string]string{
				"nov.csv":    "transaction_id,customer_id,name,amount,operator\nNOV-1,0701020304,Awa Koné,5000,Orange\nNOV-2,0501020304,Yao Koffi,7000,MTN\n",
				"wrong.csv":  "transaction_id,customer_id,name,amount,operator\nW-1,701020304,Awa Koné,5000,Orange\nW-2,0501020304,,12.5,MTN\nW-2,9901020304,Yao,7,XYZ\n",
				"junk.csv":   "a;b;c\n1;2;3\n",
				"bad.yaml":   "worker: 3\n",
				"rough.yaml": "seed: 7\nlatency: {min: 1ms, max: 1ms}\nfaults: {row_refused: 100}\n",
			} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			test(speaker{t, language, folder}, others)
		})
	}
}

// TestTheHelpIsInTheReadersLanguage, every word of every command and flag.
func TestTheHelpIsInTheReadersLanguage(t *testing.T) {
	inBoth(t, func(s speaker, others []string) {
		for _, cmd := range everyCommand() {
			path := strings.Fields(cmd.CommandPath())[1:]
			text := s.says(append(path, "--help")...)
			if len(text) < len(cmd.Short) {
				s.t.Errorf("%s has no help: %s", cmd.CommandPath(), text)
			}
			for _, stranger := range strangers(text, others) {
				s.t.Errorf("%s --help says %s", cmd.CommandPath(), stranger)
			}
		}
	})
}

// TestEveryWordOfTheHelpIsTranslated, from the English words that are there now.
func TestEveryWordOfTheHelpIsTranslated(t *testing.T) {
	words, err := help.In(catalogue.French)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, cmd := range everyCommand() {
		if cmd.Name() == "help" {
			continue
		}
		path := cmd.CommandPath()
		used[path] = true
		french := words.Commands[path]
		if french.Short == "" || (french.Long == "") != (cmd.Long == "") {
			t.Errorf("%s lacks words in French", path)
		}
		if digest := help.Digest(cmd); french.English != digest {
			t.Errorf("%s: the French words are of other English ones: read both, then write english: %q", path, digest)
		}
		for _, usage := range usagesOf(cmd) {
			if used[usage] = true; words.Flag(usage) == usage {
				t.Errorf("%s has a flag without French words: %q", path, usage)
			}
		}
	}
	for path := range words.Commands {
		if !used[path] {
			t.Errorf("there is no command %q to translate", path)
		}
	}
	for usage := range words.Flags {
		if !used[usage] {
			t.Errorf("no flag says %q", usage)
		}
	}
}

// usagesOf lists what the flags of a command say.
func usagesOf(cmd *cobra.Command) []string {
	var usages []string
	add := func(flag *pflag.Flag) { usages = append(usages, flag.Usage) }
	cmd.LocalNonPersistentFlags().VisitAll(add)
	cmd.PersistentFlags().VisitAll(add)
	return usages
}

// TestWhatACommandSaysIsInTheReadersLanguage: its mistakes, its refusals and its results.
func TestWhatACommandSaysIsInTheReadersLanguage(t *testing.T) {
	inBoth(t, func(s speaker, others []string) {
		calls := [][]string{
			{},
			{"frobnicate"},
			{"rnu"},
			{"run"},
			{"run", "a", "b"},
			{"run", "--rate"},
			{"run", "--rate", "many", "x.csv"},
			{"run", "--wait", "5", "x.csv"},
			{"run", "--workers", "x", "x.csv"},
			{"run", "--nosuch"},
			{"run", "-z"},
			{"run", "FOLDER/nowhere.csv", "--sandbox", "--yes"},
			{"run", "FOLDER/nov.csv"},
			{"run", "FOLDER/nov.csv", "--sandbox"},
			{"run", "FOLDER/nov.csv", "--yes", "--api-url", "http://example.com"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--config", "FOLDER/bad.yaml"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--rate", "-1"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--wait", "-1s"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--output", "xml"},
			{"run", "FOLDER/nov.csv", "--lang", "xx"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--expect-count", "9"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--expect-total", "9"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--logo", "FOLDER/nov.csv"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--provider", "none"},
			{"validate", "FOLDER/wrong.csv"},
			{"validate", "FOLDER/wrong.csv", "--details"},
			{"validate", "FOLDER/junk.csv"},
			{"columns", "FOLDER/nov.csv"},
			{"columns", "FOLDER/junk.csv"},
			{"plan", "FOLDER/nov.csv", "--sandbox"},
			{"plan", "FOLDER/nov.csv", "--numbers"},
			{"ids", "FOLDER/nov.csv"},
			{"fix", "FOLDER/wrong.csv", "-o", "FOLDER/clean.csv"},
			{"fix", "FOLDER/nov.csv", "-o", "FOLDER/clean.csv"},
			{"diff", "FOLDER/nov.csv"},
			{"status"},
			{"status", "june"},
			{"status", "june", "--state", "nonsense"},
			{"report", "june"},
			{"receipt", "june"},
			{"retry", "june"},
			{"resume", "june"},
			{"resume"},
			{"cancel", "june"},
			{"reconcile", "june"},
			{"resolve", "june", "X"},
			{"resolve", "june", "X", "--paid"},
			{"evidence", "june"},
			{"verify", "FOLDER"},
			{"approve", "june"},
			{"reject", "june"},
			{"people", "list"},
			{"people", "add", "x"},
			{"policy", "show"},
			{"policy", "propose", "FOLDER/bad.yaml"},
			{"token", "list"},
			{"token", "create", "x"},
			{"token", "create", "x", "--scope", "everything"},
			{"serve", "--listen", "0.0.0.0:1"},
			{"work"},
			{"worker", "list"},
			{"worker", "evict", "x"},
			{"ledger", "verify"},
			{"ledger", "init"},
			{"ledger", "upgrade"},
			{"ledger", "restore", "FOLDER/nov.csv"},
			{"ledger", "backup", "FOLDER/nov.csv"},
			{"template", "FOLDER/t.pdf"},
			{"template", "FOLDER/t.csv"},
			{"rules"},
			{"rules", "show", "--rules", "FOLDER/bad.yaml"},
			{"init", "FOLDER/nov.csv"},
			{"completion"},
			{"doctor", "--sandbox"},
			{"sandbox", "--addr", "x"},
			{"man"},
			{"version", "x"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--no-progress", "--log-level", "error"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--no-progress", "--log-level", "error"},
			{"run", "FOLDER/nov.csv", "--sandbox", "--yes", "--no-progress", "--log-level", "error", "--batch", "again"},
			{"status", "--sandbox"},
			{"status", "nov", "--sandbox"},
			{"status", "nov", "--sandbox", "--state", "successful"},
			{"report", "nov", "--sandbox"},
			{"receipt", "nov", "--sandbox"},
			{"receipt", "nov", "X", "--sandbox"},
			{"retry", "nov", "--sandbox", "--yes"},
			{"resume", "nov", "--sandbox"},
			{"cancel", "nov", "--sandbox"},
			{"reconcile", "nov", "--sandbox"},
			{"resolve", "nov", "NOV-1", "--sandbox", "--paid", "--because", "x", "--yes"},
			{"ledger", "verify", "--sandbox"},
			{"diff", "FOLDER/nov.csv"},
			{"evidence", "nov", "--sandbox", "-o", "FOLDER/evidence"},
			{"verify", "FOLDER/evidence"},
			{"ledger", "backup", "FOLDER/copy.db"},
			{"ledger", "restore", "FOLDER/copy.db"},
			{"people", "init", "x"},
			{"approve", "nov"},
			{"people", "list"},
			{"policy", "show"},
			{"token", "list"},
		}
		for _, call := range calls {
			line := strings.Join(call, " ")
			text := strings.ReplaceAll(s.says(call...), s.folder, "")
			for _, stranger := range strangers(text, others) {
				s.t.Errorf("payrun %s says %s", line, stranger)
			}
		}
	})
}

// TestTheConfigurationIsInTheReadersLanguage: what init writes.
func TestTheConfigurationIsInTheReadersLanguage(t *testing.T) {
	inBoth(t, func(s speaker, others []string) {
		path := filepath.Join(s.folder, "payrun.yaml")
		s.says("init", path)
		text, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, stranger := range strangers(string(text), others) {
			s.t.Errorf("payrun init writes %s", stranger)
		}
	})
}
