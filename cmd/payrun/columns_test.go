package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/cmd/payrun/ui"
)

const twoQuestions = "transaction_id;Téléphone;Compte Wave;Nom;Salaire;Net à percevoir;Opérateur\n" +
	"N-1;0701020304;0709080706;Awa Koné;250000;198000;Orange\nN-2;0701020305;0709080707;Yao N'Guessan;140000;120000;Orange\n"

// TestAPersonIsAskedOnceWhichColumnIsMeant answers the question in the ways people do.
// What was answered is there the next time.
func TestAPersonIsAskedOnceWhichColumnIsMeant(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typed string
		code  int
		// says is a part of standard error, takes one of standard output.
		says, takes string
	}{
		"by number":                {"2\n2\n", exitPaid, "", "customer_id ← Compte Wave (chosen), amount ← Net à percevoir (chosen)"},
		"by title, in any case":    {"téléphone\nnet à PERCEVOIR\n", exitPaid, "", "customer_id ← Téléphone (chosen), amount ← Net à percevoir (chosen)"},
		"wrongly at first":         {"yes\n3\n1\n1\n", exitPaid, `"yes" is none of these`, "customer_id ← Téléphone (chosen), amount ← Salaire (chosen)"},
		"one of two":               {"1\n\n", exitFile, "payrun validate FILE --map 'amount=Salaire'", ""},
		"nothing":                  {"\n", exitFile, "payrun validate FILE --map 'customer_id=Compte Wave'", ""},
		"nothing, and goes":        {"", exitFile, "several columns could be the customer_id", ""},
		"something else, and goes": {"x", exitFile, `"x" is none of these`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "november.csv")
			if err := os.WriteFile(path, []byte(twoQuestions), 0o600); err != nil {
				t.Fatal(err)
			}
			settings := t.TempDir()
			code, out, says := answering(t, test.typed, settings, "validate", path)
			if code != test.code || !strings.Contains(out, test.takes) ||
				!strings.Contains(says, strings.ReplaceAll(test.says, "FILE", ui.ShellWord(path))) {
				t.Errorf("exit %d, want %d, %q and %q in\n%s%s", code, test.code, test.takes, test.says, out, says)
			}
			if !strings.Contains(says, "2  Compte Wave  e.g. 0709080706 · 0709080707") ||
				!strings.Contains(says, "which column has the numbers to pay (customer_id)?") {
				t.Errorf("the question shows no cells:\n%s", says)
			}
			if test.code != exitPaid {
				return
			}
			if !strings.Contains(says, "2  Net à percevoir  e.g. 198000 · 120000  sum 318\u202f000\u202fXOF") {
				t.Errorf("the question shows no sums:\n%s", says)
			}
			code, out, says = answering(t, "", settings, "validate", path)
			if again := strings.ReplaceAll(test.takes, "(chosen)", "(chosen before)"); code != exitPaid || says != "" || !strings.Contains(out, again) {
				t.Errorf("the next time: exit %d, want %q in\n%s%s", code, again, out, says)
			}
		})
	}
}

// answering runs a command at a terminal at which somebody types.
func answering(t *testing.T, typed, settings string, args ...string) (code int, out, says string) {
	t.Helper()
	var stdout bytes.Buffer
	stderr := &screen{}
	args = append(args, "--ledger", filepath.Join(t.TempDir(), "ledger.db"), "--no-progress")
	code = run(args, environment{
		stdin: strings.NewReader(typed), stdout: &stdout, stderr: stderr,
		lookup: func(name string) (string, bool) {
			if name == "XDG_CONFIG_HOME" {
				return settings, true
			}
			return own(t).env(name)
		},
		stdinTerminal: true, stderrTerminal: true,
	})
	return code, stdout.String(), stderr.String()
}

// TestFiguresThatAreNoFrancsAreNotOffered: a key too many would pay euros as francs.
func TestFiguresThatAreNoFrancsAreNotOffered(t *testing.T) {
	t.Parallel()
	for title, unit := range map[string]string{"Montant (EUR)": "eur", "Montant (en milliers)": "milliers", "Salaire (brut)": "brut"} {
		path := filepath.Join(t.TempDir(), "november.csv")
		text := "transaction_id;Téléphone;Nom;" + title + ";Opérateur\nN-1;0701020304;Awa Koné;500;Orange\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, says := answering(t, "1\n1\n", t.TempDir(), "validate", path)
		if code != exitFile || strings.Contains(says, "Type 1") || !strings.Contains(says, `says "`+unit+`"`) {
			t.Errorf("%s: exit %d\n%s", title, code, says)
		}
	}
}

// TestWhereAScriptReadsNobodyIsAsked: a question in the middle of JSON would wait for
// ever.
func TestWhereAScriptReadsNobodyIsAsked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "november.csv")
	if err := os.WriteFile(path, []byte(twoQuestions), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, says := answering(t, "1\n1\n", t.TempDir(), "validate", path, "--output", "json")
	if code != exitFile || strings.Contains(says, "Type 1") || !strings.Contains(out, `"code": "file.columns"`) {
		t.Errorf("exit %d\n%s%s", code, out, says)
	}
}
