package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/settings"
	"payrun/internal/catalogue"
)

// speaking is an invocation that speaks English.
func speaking(t *testing.T) *app {
	t.Helper()
	a := newApp(t.Context(), environment{})
	if err := a.Speak(catalogue.English); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestTheTemplateSaysWhatApplies takes every comment sign away and reads the file:
// each key must be a flag of run, with its default.
func TestTheTemplateSaysWhatApplies(t *testing.T) {
	t.Parallel()
	a := speaking(t)
	text := regexp.MustCompile(`(?m)^# ([a-z_]+: )`).ReplaceAllString(a.Template(), "$1")
	var file map[string]any
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	root := newApp(t.Context(), environment{}).rootCommand()
	run, _, err := root.Find([]string{"run"})
	if err != nil {
		t.Fatal(err)
	}
	run.InheritedFlags() // brings the root's flags into Flags
	for name, value := range file {
		key := strings.ReplaceAll(name, "_", "-")
		flag := run.Flags().Lookup(key)
		if flag == nil {
			t.Errorf("the template sets %s, which run does not know", key)
			continue
		}
		before := flag.Value.String()
		if err := run.Flags().Set(key, fmt.Sprint(cmp.Or(value, any("")))); err != nil {
			t.Error(err)
		}
		if after := flag.Value.String(); after != before {
			t.Errorf("the template says %s is %q, the default is %q", key, after, before)
		}
	}
	const fewest = 20
	if len(file) < fewest {
		t.Errorf("the template has only %d settings", len(file))
	}
}

// ofSomeFiles would be a trap for other files, or for a payment after a rehearsal.
var ofSomeFiles = []string{"sheet", "map", "sandbox", "scenario"}

// TestTheTemplateLeavesNoSettingOut: a flag of the groups is in the file, or is
// listed as one that speaks of a single run or of some files only.
func TestTheTemplateLeavesNoSettingOut(t *testing.T) {
	t.Parallel()
	a := speaking(t)
	text := a.Template()
	for _, g := range a.ConfigGroups() {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		g.AddFlags(flags)
		flags.VisitAll(func(flag *pflag.Flag) {
			written := strings.Contains(text, "\n# "+settings.Key(flag.Name)+": ")
			left := slices.Contains(settings.OfOneRun(), flag.Name) || slices.Contains(ofSomeFiles, flag.Name)
			if written == left {
				t.Errorf("--%s: in the template %v, listed as left out %v", flag.Name, written, left)
			}
		})
	}
}

// TestEveryFlagIsASettingOrOfOneRun: what no file may set is a flag of some command, and
// every other flag takes back what a file would say of its default.
func TestEveryFlagIsASettingOrOfOneRun(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, cmd := range everyCommand() {
		cmd.InheritedFlags()
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			seen[flag.Name] = true
			before := flag.Value.String()
			if slices.Contains(settings.OfOneRun(), flag.Name) || before == "[]" { // an empty list is written by leaving it out
				return
			}
			if err := flag.Value.Set(before); err != nil || flag.Value.String() != before {
				t.Errorf("%s --%s: set to its default %q it is %q, %v", cmd.CommandPath(), flag.Name, before, flag.Value, err)
			}
		})
	}
	for _, name := range settings.OfOneRun() {
		if !seen[name] {
			t.Errorf("no command has --%s", name)
		}
	}
}

// TestNoFileAnswersForARun: what a person says of one run, in a file, would be said of
// every later one; neither a named file nor a found one may.
func TestNoFileAnswersForARun(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for key, value := range map[string]string{
		"yes": "true", "adopt": "true", "new_ledger": "true", "allow_partial": "true", "skip_invalid": "true",
		"hidden": "skip", "repeat_ok": "4", "repeat-ok": "", "expect_count": "4", "expect_total": "4", "expect_corrections": "4",
		"expect_head": "4:ab", "batch": "november", "only": "MAY-1", "except": "MAY-1", "removed": "true", "cancelled": "true",
		"state": "failed", "paid": "true", "not_paid": "true", "because": "seen", "forget": "true", "annotate": "out.xlsx",
		"problems": "out.csv", "out": "out.csv", "prefix": "MAY", "statement": "list.csv", "config": "other.yaml",
	} {
		path := filepath.Join(folder, "named-"+key+".yaml")
		if err := os.WriteFile(path, []byte(key+": "+value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		stderr := &screen{}
		code := run([]string{"config", "--config", path}, environment{stdout: io.Discard, stderr: stderr, lookup: own(t).env})
		said, flag := stderr.String(), strings.ReplaceAll(key, "_", "-")
		if code != exitUsage || !strings.Contains(said, path+": "+settings.Key(flag)+" speaks of one run") || !strings.Contains(said, ": --"+flag+"\n") {
			t.Errorf("%s, in a named file: exit %d\n%s", key, code, said)
		}
	}
}

// TestTheNextCommandReadsTheSameFile: without the named file it would go to another ledger,
// and to the provider itself after a plan for a simulated one.
func TestTheNextCommandReadsTheSameFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	config, file := filepath.Join(folder, "rehearsal.yaml"), filepath.Join(folder, "may.csv")
	if err := os.WriteFile(config, []byte("ledger: "+filepath.Join(folder, "may.db")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	writeRows(t, file, 2)
	stdout := &screen{}
	code := run([]string{"validate", file, "--config", config}, environment{stdout: stdout, stderr: io.Discard, lookup: own(t).env})
	if said := stdout.String(); code != exitPaid || !strings.Contains(said, " --config "+config+"\n") {
		t.Errorf("exit %d\n%s", code, said)
	}
}
