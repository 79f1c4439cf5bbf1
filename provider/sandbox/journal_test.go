package sandbox_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"payrun/provider/sandbox"
)

// reopen closes a sandbox and opens its books again.
func reopen(t *testing.T, box *sandbox.Sandbox, options sandbox.Options) *client {
	t.Helper()
	if err := box.Close(); err != nil {
		t.Fatal(err)
	}
	return inProcess(t, options)
}

func TestARestartedSandboxKnowsWhatItPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scenario := day("")
		scenario.Faults = map[sandbox.Fault]float64{
			sandbox.Late: 20, sandbox.DropAfter: 20, sandbox.Failed504: 20,
			sandbox.Pending: 40, sandbox.Reversed: 20, sandbox.LookupLag: 50,
		}
		options := with(scenario)
		options.BooksFile = filepath.Join(t.TempDir(), "books.jsonl")
		c := inProcess(t, options)
		for i := range 30 {
			c.post(v2Path, v2Body(fmt.Sprint("T", i)))
		}
		before := c.box.Books()
		c = reopen(t, c.box, options)
		if diff := cmp.Diff(before, c.box.Books()); diff != "" || before.InTheAir == 0 {
			t.Fatalf("%d in the air; the books changed (-before +after):\n%s", before.InTheAir, diff)
		}
		pass(scenario.Late.Max + scenario.Reversal.Max)
		if books := c.box.Books(); books.InTheAir != 0 || books.Open.Count != 0 {
			t.Errorf("after a restart transfers do not settle: %d in the air, %d open", books.InTheAir, books.Open.Count)
		}
		// The count of requests goes on, so a second payment is another transfer.
		c.post(v2Path, v2Body("T0"))
		if accepted := c.box.Books().Accepted.Count; accepted < len(before.Transfers) {
			t.Errorf("%d accepted after the restart, %d before", accepted, len(before.Transfers))
		}
	})
}

// The process may die in the middle of a line; nobody was answered for it.
func TestATornLastLineIsForgotten(t *testing.T) {
	options := with(day(""))
	options.BooksFile = filepath.Join(t.TempDir(), "books.jsonl")
	c := inProcess(t, options)
	for i := range 3 {
		c.post(v2Path, v2Body(fmt.Sprint("T", i)))
	}
	if err := c.box.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(options.BooksFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	two := lines[0] + lines[1]
	for cut := len(two); cut < len(whole); cut += 37 {
		if err := os.WriteFile(options.BooksFile, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		c := inProcess(t, options)
		c.post(v2Path, v2Body("T9"))
		c = reopen(t, c.box, options)
		if got := c.box.Books().Credited.Count; got != 3 {
			t.Errorf("cut at %d: %d credited, want two and the new one", cut, got)
		}
		if err := c.box.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABooksFileOfAnotherKindIsRefusedUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.jsonl")
	for _, text := range []string{"not JSON\n{}\n", "{}\n", `{"ref":"DP1","amount":5}` + "\ntorn"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sandbox.New(sandbox.Options{BooksFile: path})
		if err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: got %v, want a complaint about line 1", text, err)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%q became %q", text, after)
		}
	}
}

func TestNothingIsAcceptedThatTheBooksCannotHold(t *testing.T) {
	options := with(day(""))
	options.BooksFile = filepath.Join(t.TempDir(), "books.jsonl")
	c := inProcess(t, options)
	if err := c.box.Close(); err != nil {
		t.Fatal(err)
	}
	if r := c.post(v2Path, v2Body("T1")); r.status != 500 {
		t.Errorf("answered %d %s", r.status, r.text)
	}
	if accepted := c.box.Books().Accepted.Count; accepted != 0 {
		t.Errorf("%d accepted, want none", accepted)
	}
	if info, err := os.Stat(options.BooksFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the books' mode: %v, %v", info.Mode(), err)
	}
}
