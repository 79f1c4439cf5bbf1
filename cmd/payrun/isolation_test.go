package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"payrun/cmd/payrun/settings"
	"payrun/ledger/anchor"
)

// What payrun remembers for a person and for the machine lies outside the folder that a
// test works in: the ledger's place, answers about columns, anchors. Two tests that share
// any of it see each other's payments, and so would a second run of these tests, or
// whoever owns the machine. So each test has places of its own, and TestMain has the
// tests fail if anything was left elsewhere.

func TestMain(m *testing.M) {
	testscript.Main(isolated{m}, map[string]func(){"payrun": checked, "payrun-abroad": abroad})
}

// testsAtOnce are the parallel tests for each processor.
const testsAtOnce = 3

// isolated runs tests where nothing outside the working folder is anybody's.
type isolated struct{ tests testscript.TestingM }

// Run implements testscript.TestingM.
func (i isolated) Run() int {
	before := outside()
	root, err := os.MkdirTemp("", "payrun")
	if err != nil {
		return fails(err)
	}
	// What a test takes from here is not its own: home is empty, then and afterwards.
	home := filepath.Join(root, "home")
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, settings.EnvPrefix) {
			err = errors.Join(err, os.Unsetenv(name))
		}
	}
	for name, value := range placesIn(home) {
		err = errors.Join(err, os.Setenv(name, value))
	}
	// Most tests wait for a provider and a disk most of the time: more of them are under
	// way than there are processors, unless -parallel says otherwise.
	err = errors.Join(err, flag.Set("test.parallel", strconv.Itoa(testsAtOnce*runtime.GOMAXPROCS(0))))
	if err = errors.Join(err, os.Mkdir(home, 0o700), os.Setenv("TMPDIR", root)); err != nil {
		return fails(err)
	}
	// The commands that tests call here have a small heap, and the floor that main lays
	// under it is the processes' own.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800)
	}
	code := i.tests.Run()
	left := filesIn(home).but(files{home})
	for _, path := range outside().but(before) {
		// Somebody who pays on this machine meanwhile leaves anchors that name other ledgers.
		text, err := os.ReadFile(path)
		if ours := strings.Contains(string(text), root); ours || err != nil || filepath.Ext(path) != ".anchor" {
			left = append(left, path)
		}
	}
	if len(left) > 0 {
		code = fails(errors.New("a test left what is not its own: " + strings.Join(left, ", ")))
	}
	if err := os.RemoveAll(root); err != nil {
		return fails(err)
	}
	return code
}

func fails(err error) int {
	_, _ = fmt.Fprintln(os.Stderr, "FAIL:", err)
	return 1
}

// places are the environment variables that say where payrun remembers things.
type places map[string]string

// placesIn are all those places, in one folder.
func placesIn(folder string) places {
	return places{
		"HOME": folder, "XDG_STATE_HOME": filepath.Join(folder, "state"), "XDG_CONFIG_HOME": filepath.Join(folder, "config"),
		"PAYRUN_ANCHORS": filepath.Join(folder, "anchors"),
	}
}

// own are a test's own places, the same however often it asks.
func own(t *testing.T) places {
	t.Helper()
	// The test's own folder, of which TempDir hands out numbered parts.
	return placesIn(filepath.Join(filepath.Dir(t.TempDir()), "home"))
}

// list returns them as a process takes them.
func (p places) list() []string {
	var list []string
	for name, value := range p {
		list = append(list, name+"="+value)
	}
	return list
}

// env looks one up: the environment of a command that runs within the test.
func (p places) env(name string) (string, bool) {
	value, ok := p[name]
	return value, ok
}

// files are paths that exist.
type files []string

// but returns those that are not among others.
func (f files) but(others files) []string {
	return slices.DeleteFunc(slices.Clone(f), func(path string) bool { return slices.Contains(others, path) })
}

// outside lists what lies where payrun remembers things if nobody says otherwise.
func outside() files {
	home, err := os.UserHomeDir()
	if err != nil {
		return filesIn(filepath.Dir(anchor.MachineWide))
	}
	return slices.Concat(filesIn(filepath.Dir(anchor.MachineWide)),
		filesIn(filepath.Join(home, ".local", "state", "payrun")), filesIn(filepath.Join(home, ".config", "payrun")))
}

// filesIn lists a folder and all that is in it, nothing if it is not there.
func filesIn(folder string) files {
	var found files
	_ = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// TestWhereAnchorsLie: a rehearsal's beside its ledger, others where the whole machine
// sees them and, where that cannot be written, with the person; or where somebody says.
func TestWhereAnchorsLie(t *testing.T) {
	t.Parallel()
	a := newApp(t.Context(), environment{lookup: own(t).env})
	state, _ := a.Env("XDG_STATE_HOME")
	for _, test := range []struct {
		chosen    string
		sandboxed bool
		want      []string
	}{
		{"", false, []string{anchor.MachineWide, filepath.Join(state, "payrun", "anchors")}},
		{"", true, []string{"ledger.db.anchors"}},
		{"chosen", false, []string{"chosen"}},
		{"chosen", true, []string{"chosen"}},
	} {
		if got := a.AnchorFolders("ledger.db", test.chosen, test.sandboxed); !slices.Equal(got, test.want) {
			t.Errorf("chosen %q, sandboxed %t: %q, want %q", test.chosen, test.sandboxed, got, test.want)
		}
	}
}
