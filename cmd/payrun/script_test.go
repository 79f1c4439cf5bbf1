package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"payrun/batch/service"
	"payrun/cmd/payrun/session"
)

var update = flag.Bool("update", false, "rewrite the expected output in scripts and golden files")

// TestScripts runs the files in testdata/script: each is a page about one thing
// a person does with payrun.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(t, "testdata/script"))
}

// scripts are the parameters for the scripts of a folder.
func scripts(t *testing.T, folder string) testscript.Params {
	t.Helper()
	testdata, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := filepath.Abs("../../docs/schema")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir:                 folder,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"conforms": conforms,
		},
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", testdata)
			env.Setenv("SCHEMAS", schemas)
			env.Setenv("LANG", "C.UTF-8")
			env.Setenv("LOGIN", session.Actor(service.Unconfirmed).Person)
			for name, value := range placesIn(filepath.Join(env.WorkDir, ".home")) {
				env.Setenv(name, value)
			}
			return nil
		},
	}
}

// exits runs a command and expects its exit code: exits 3 payrun validate FILE.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// conforms holds the output of the last command against a published schema: conforms diff.
func conforms(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: conforms SCHEMA")
	}
	published, err := jsonschema.NewCompiler().Compile(filepath.Join(ts.Getenv("SCHEMAS"), args[0]+".schema.json"))
	ts.Check(err)
	printed, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile("stdout")))
	ts.Check(err)
	ts.Check(published.Validate(printed))
}

// payrunBinary returns a program that is payrun to the tests that kill it: this one,
// which is the command when it is called by its name, as in the scripts. Nothing has to
// be linked again for it.
func payrunBinary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "payrun")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeRows writes a file of so many beneficiaries and returns their total.
func writeRows(t *testing.T, path string, rows int) (total int64) {
	t.Helper()
	text := []byte("transaction_id,customer_id,name,amount,operator\n")
	for i := range rows {
		amount := int64(100 + 37*i)
		total += amount
		text = fmt.Appendf(text, "KILL-%05d,07%08d,Awa Koné,%d,ORANGE\n", i, i, amount)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return total
}
