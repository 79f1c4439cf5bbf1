package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestTheTemplateSaysWhatApplies takes every comment sign away and reads the file:
// each key must be a flag of run, with its default.
func TestTheTemplateSaysWhatApplies(t *testing.T) {
	t.Parallel()
	text := regexp.MustCompile(`(?m)^# ([a-z_]+: )`).ReplaceAllString(configTemplate(), "$1")
	path := filepath.Join(t.TempDir(), "payrun.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := readConfig(path, true)
	if err != nil {
		t.Fatal(err)
	}
	root := (&app{}).rootCommand()
	if err := refuseUnknownKeys(root, path, file); err != nil {
		t.Fatal(err)
	}
	run, _, err := root.Find([]string{"run"})
	if err != nil {
		t.Fatal(err)
	}
	run.InheritedFlags() // brings the root's flags into Flags
	a := &app{origins: map[string]string{}}
	for key, value := range file {
		flag := run.Flags().Lookup(key)
		if flag == nil {
			t.Errorf("the template sets %s, which run does not know", key)
			continue
		}
		before := flag.Value.String()
		if err := a.set(run, key, stringOf(value), "the template"); err != nil {
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

// TestTheTemplateLeavesNoSettingOut: a flag of the groups is in the file, or is
// listed as one that speaks of a single run.
func TestTheTemplateLeavesNoSettingOut(t *testing.T) {
	t.Parallel()
	text := configTemplate()
	for _, g := range configGroups() {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		g.addFlags(flags)
		flags.VisitAll(func(flag *pflag.Flag) {
			if written := strings.Contains(text, "\n# "+configKey(flag.Name)+": "); written == perRun[flag.Name] {
				t.Errorf("--%s: in the template %v, listed as speaking of one run %v", flag.Name, written, perRun[flag.Name])
			}
		})
	}
}
