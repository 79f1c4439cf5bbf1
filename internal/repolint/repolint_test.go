package repolint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "payrun"
	// root is where the module begins, as seen from this folder.
	root = "../.."

	fileLinesMax     = 600 // a file that is longer holds two things
	funcLinesMax     = 70  // a function fits a screen
	testFuncLinesMax = 120 // a table of cases may go on
)

// mayImport is the direction of dependencies: for each package, all others of
// this module that its code (not its tests) may import. A package that is not
// listed is new: decide here what it may know.
var mayImport = map[string][]string{
	"ledger/money":     {},
	"ledger/phone":     {},
	"ledger/canonical": {"ledger/phone"},
	"ledger":           {"ledger/canonical", "ledger/money", "ledger/phone"},

	// What it knows of ledgers and accounts are their names.
	"ledger/anchor": {"internal/fsx"},

	"ledger/boltledger":          {"internal/fsx", "ledger", "ledger/money", "ledger/phone"},
	"ledger/boltledger/snapshot": {"ledger", "ledger/boltledger"},
	"ledger/memledger":           {"ledger", "ledger/money", "ledger/phone"},
	"ledger/pgledger":            {"ledger", "ledger/money", "ledger/phone"},
	"ledger/pgledger/pgtest":     {},
	"ledger/moving":              {"ledger"},
	"ledger/ledgertest":          {"ledger", "ledger/money", "ledger/phone"},

	"provider":              {"ledger/money", "ledger/phone"},
	"provider/policy":       {"provider"},
	"provider/digitalpaye":  {"ledger/money", "ledger/phone", "provider"},
	"provider/sandbox":      {"internal/placeindex", "ledger/money", "ledger/phone"},
	"provider/providertest": {"ledger/money", "ledger/phone", "provider"},

	"batch/intake/table":    {"internal/fsx"},
	"batch/intake/annotate": {"batch/intake/table", "internal/sheet"},
	"batch/intake/findings": {"batch/intake/annotate", "batch/intake/table", "batch/rules", "internal/fsx", "internal/sheet"},
	"batch/intake/fix":      {"batch/intake/table", "batch/rules", "ledger", "ledger/money"},
	"batch/rules":           {"batch/intake/table", "ledger", "ledger/money", "ledger/phone", "provider"},
	"batch/intake/mapping":  {"batch/intake/table", "batch/rules", "ledger/money"},
	"batch/intake":          {"batch/intake/table", "batch/rules", "ledger", "ledger/money", "ledger/phone"},
	"batch/intake/template": {"batch/intake/table", "batch/rules", "internal/paper", "internal/sheet"},
	"batch/audit": {
		"batch/approval", "batch/approval/sshsig", "batch/clearance", "internal/fsx", "ledger", "ledger/anchor", "ledger/canonical", "ledger/money", "reports",
	},
	"batch/audit/audittest": {},
	"batch/evidence":        {"ledger", "provider"},
	"batch/engine":          {"batch/clearance", "batch/evidence", "ledger", "ledger/money", "ledger/phone", "provider", "provider/policy"},
	"batch/metrics":         {"batch/engine", "ledger", "provider", "provider/policy"},
	"batch/reconcile": {
		"batch/evidence", "batch/intake/table", "batch/rules", "internal/placeindex", "ledger", "ledger/money", "ledger/phone",
		"provider", "provider/policy",
	},
	"batch":       {},
	"batch/retry": {"batch/evidence", "batch/reconcile", "batch/rules", "ledger", "provider"},
	"batch/service": {
		"batch/approval", "batch/approval/changes", "batch/approval/document", "batch/audit", "batch/clearance",
		"batch/intake/annotate", "batch/intake/findings", "batch/intake/fix", "batch/intake/mapping", "batch/intake/template", "internal/fsx",
		"batch/engine", "batch/evidence", "batch/intake", "batch/intake/table", "batch/reconcile", "batch/retry", "batch/rules",
		"ledger", "ledger/anchor", "ledger/money", "ledger/phone", "provider", "provider/policy", "reports",
	},

	"batch/access":                     {"ledger"},
	"batch/inbox":                      {"batch/intake/table", "internal/fsx", "ledger"},
	"batch/signin":                     {"batch/approval", "ledger"},
	"batch/outbox":                     {"ledger"},
	"batch/outbox/mail":                {"batch/outbox", "internal/catalogue", "ledger", "provider"},
	"batch/outbox/webhook":             {"batch/outbox", "ledger", "provider"},
	"batch/worker":                     {"batch/engine", "batch/service", "ledger"},
	"batch/clearance":                  {"batch/approval", "ledger"},
	"batch/approval":                   {"batch/approval/changes", "batch/approval/sshsig", "ledger/canonical", "ledger/phone"},
	"batch/approval/changes":           {"ledger/phone"},
	"batch/approval/document":          {"batch/approval", "internal/plural", "ledger/money", "ledger/phone", "reports/page"},
	"batch/approval/sshsig":            {},
	"batch/approval/sshsig/sshsigtest": {"batch/approval/sshsig"},

	"reports":      {"internal/catalogue", "internal/fsx", "internal/paper", "internal/plural", "internal/sheet", "ledger", "ledger/money", "ledger/phone", "reports/page"},
	"reports/page": {},

	"internal/catalogue": {"internal/plural"},
	"internal/console": {
		"batch/access", "batch/approval", "batch/approval/changes", "batch/approval/document", "batch/approval/sshsig", "batch/audit", "batch/clearance",
		"batch/inbox", "batch/intake", "batch/intake/annotate", "batch/intake/findings", "batch/intake/fix", "batch/intake/table", "batch/intake/template", "batch/outbox",
		"batch/retry", "batch/rules", "batch/service", "batch/signin", "batch/worker", "internal/catalogue", "internal/fsx", "internal/httpapi", "internal/sse", "ledger",
		"ledger/money", "ledger/phone", "reports", "reports/page",
	},
	"internal/fsx":   {},
	"internal/paper": {},
	"internal/httpapi": {
		"batch/access", "batch/approval", "batch/approval/sshsig", "batch/clearance", "batch/inbox", "batch/intake", "batch/intake/table", "batch/outbox", "batch/reconcile", "batch/retry", "batch/rules", "batch/service",
		"batch/signin", "batch/worker", "internal/catalogue", "internal/fsx", "internal/sse", "ledger", "ledger/money", "ledger/phone", "provider", "reports", "reports/page",
	},
	"internal/browsertest": {"internal/programtest"},
	"internal/httpclient":  {"batch/outbox", "internal/httpapi", "ledger", "provider"},
	"internal/heapfloor":   {},
	"internal/repolint":    {},
	"internal/placeindex":  {},
	"internal/plural":      {},
	"internal/programtest": {},
	"internal/servertest":  {"batch/worker", "provider", "provider/digitalpaye", "provider/sandbox"},
	"internal/sse":         {},
	"internal/sheet":       {},
}

// anything marks the folders whose programs sit on top of everything else.
var anything = []string{"cmd", "bench"}

// mayStartGoroutines are the files outside tests with a `go` statement or the
// like. In each, somebody waits for the goroutine to end.
var mayStartGoroutines = []string{
	"batch/intake/prefetch.go",             // reads on while what was read is used
	"batch/engine/engine.go",               // the workers and the recorder, ended by Run
	"batch/reconcile/statusclient.go",      // look-ups side by side, ended by the one who asked
	"cmd/payrun/ui/interrupts.go",          // hears the signals, ended with the command
	"cmd/payrun/ui/prompt.go",              // reads what a person types, who may interrupt instead
	"internal/httpapi/awake.go",            // keeps a long call's connection awake, ended by the call
	"batch/worker/turn.go",                 // watches whether another batch waits, ended by drive
	"batch/service/whole.go",               // counts what all machines did, waited for by drive
	"batch/outbox/outbox.go",               // one for each who is told, ended by Run
	"batch/metrics/server.go",              // serves metrics for one run, ended by its owner's stop
	"ledger/pgledger/pages.go",             // reads the next page, waited for by the loop over the list
	"provider/policy/paced.go",             // shares a rate while While runs, which waits for it
	"cmd/payrun/ui/progress.go",            // redraws or logs, ended by its owner's stop
	"ledger/pgledger/lease.go",             // renews leases until the store is closed
	"ledger/boltledger/enter.go",           // makes a group's indexes beside writing its rows
	"ledger/boltledger/groups.go",          // writes a group while the next is gathered
	"ledger/boltledger/snapshot/server.go", // hands out copies of the ledger during a run
	"internal/console/checks.go",           // reads a file for its page, ended by Close
	"internal/console/submits.go",          // enters a file beside its page, ended by Close
	"cmd/payrun/serving/serve.go",          // serves and pays, both ended by work
	"cmd/payrun/cmd_work.go",               // heeds what other processes hear, ended with the command
	"cmd/payrun/session/hints.go",          // listens, ended by Heed
	"cmd/payrun/session/connect.go",        // serves the built-in sandbox for one run
	"provider/sandbox/inprocess.go",        // one handler per request, as net/http has it
	"reports/fanout.go",                    // one writer per format, ended by fanOut
	"reports/xlsx_sections.go",             // renders a sheet in sections, ended by its end or close
}

// maySleep are tests that let virtual time pass, where sleeping waits for nobody.
var maySleep = []string{
	"provider/sandbox/harness_test.go", // pass, in a testing/synctest bubble
}

// nameless are package names that say nothing of what is inside.
var nameless = []string{
	"base", "common", "core", "helper", "helpers", "manager", "misc", "models", "shared", "util", "utils",
}

// file is one parsed source file; its path is relative to the root, with slashes.
type file struct {
	path   string
	lines  []string
	syntax *ast.File
	set    *token.FileSet
}

func (f file) folder() string { return path.Dir(f.path) }
func (f file) test() bool     { return strings.HasSuffix(f.path, "_test.go") }

func (f file) line(node ast.Node) int { return f.set.Position(node.Pos()).Line }

// TestArrowsPointOneWay keeps the packages in the order of the table above.
func TestArrowsPointOneWay(t *testing.T) {
	for _, f := range source(t) {
		if f.test() || slices.Contains(anything, strings.Split(f.path, "/")[0]) {
			continue
		}
		allowed, known := mayImport[f.folder()]
		if !known {
			t.Errorf("%s: package %s is not in the table of this test: say what it may import", f.path, f.folder())
			continue
		}
		for _, imported := range ours(f) {
			if !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s; it may import %v", f.path, imported, allowed)
			}
		}
	}
}

// TestOnlyTestsImportTests keeps suites and doubles out of the product. The bench, which is none,
// starts servers as tests do.
func TestOnlyTestsImportTests(t *testing.T) {
	for _, f := range source(t) {
		if f.test() || strings.HasSuffix(f.folder(), "test") || f.folder() == "bench" {
			continue
		}
		for _, imported := range ours(f) {
			if strings.HasSuffix(imported, "test") {
				t.Errorf("%s imports %s, which is for tests", f.path, imported)
			}
		}
	}
}

// TestEachProviderIsHeldToTheSuites: a package that has a driver for the registry calls
// both suites of providertest in its tests.
func TestEachProviderIsHeldToTheSuites(t *testing.T) {
	drivers, calls := map[string]bool{}, map[string][]string{}
	for _, f := range source(t) {
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "Driver" && n.Recv == nil && !f.test() {
					drivers[f.folder()] = true
				}
			case *ast.SelectorExpr:
				if from, is := n.X.(*ast.Ident); is && from.Name == "providertest" && f.test() {
					calls[f.folder()] = append(calls[f.folder()], n.Sel.Name)
				}
			}
			return true
		})
	}
	if len(drivers) == 0 {
		t.Error("no package has a driver: the test looks at nothing")
	}
	for folder := range drivers {
		for _, suite := range []string{"Run", "RunDriver"} {
			if !slices.Contains(calls[folder], suite) {
				t.Errorf("no test of %s calls providertest.%s", folder, suite)
			}
		}
	}
}

// TestPackagesSayWhatTheyPromise wants a package comment everywhere, and names
// that mean something.
func TestPackagesSayWhatTheyPromise(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range source(t) {
		if f.test() {
			continue
		}
		if slices.Contains(nameless, f.syntax.Name.Name) {
			t.Errorf("%s: package %s says nothing of what is inside", f.path, f.syntax.Name.Name)
		}
		documented[f.folder()] = documented[f.folder()] || f.syntax.Doc != nil
	}
	for folder, has := range documented {
		if !has {
			t.Errorf("%s: the package has no comment", folder)
		}
	}
}

// TestFilesAndFunctionsFitTheEye stops files and functions from growing without
// anybody deciding so. A long table is marked with nolint:funlen and its reason.
func TestFilesAndFunctionsFitTheEye(t *testing.T) {
	for _, f := range source(t) {
		if got := len(f.lines); got > fileLinesMax {
			t.Errorf("%s has %d lines, more than %d", f.path, got, fileLinesMax)
		}
		limit := funcLinesMax
		if f.test() {
			limit = testFuncLinesMax
		}
		for _, declaration := range f.syntax.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || function.Body == nil || excused(f, function) {
				continue
			}
			if got := codeLines(f, function.Body); got > limit {
				t.Errorf("%s:%d: %s has %d lines, more than %d", f.path, f.line(function), function.Name.Name, got, limit)
			}
		}
	}
}

// TestGoroutinesHaveAnOwner allows goroutines in the listed files only, and the
// list to name only files that have some.
func TestGoroutinesHaveAnOwner(t *testing.T) {
	starting := map[string]bool{}
	for _, f := range source(t) {
		if f.test() || strings.HasSuffix(f.folder(), "test") || strings.HasPrefix(f.path, "bench/") {
			continue
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			if !startsGoroutine(node) {
				return true
			}
			starting[f.path] = true
			if !slices.Contains(mayStartGoroutines, f.path) {
				t.Errorf("%s:%d starts a goroutine: who waits for it? Answer in the list of this test", f.path, f.line(node))
			}
			return true
		})
	}
	for _, listed := range mayStartGoroutines {
		if !starting[listed] {
			t.Errorf("%s starts no goroutine any more: take it off the list", listed)
		}
	}
}

// TestNothingSleepsOrStartsItself finds time.Sleep, in tests too, where it makes
// results depend on the machine, and init functions, which run unasked.
func TestNothingSleepsOrStartsItself(t *testing.T) {
	for _, f := range source(t) {
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.SelectorExpr:
				name, ok := node.X.(*ast.Ident)
				if ok && name.Name == "time" && node.Sel.Name == "Sleep" && !slices.Contains(maySleep, f.path) {
					t.Errorf("%s:%d sleeps: wait for an event, or test in virtual time", f.path, f.line(node))
				}
			case *ast.FuncDecl:
				if node.Recv == nil && node.Name.Name == "init" {
					t.Errorf("%s:%d: init runs unasked: let the caller ask", f.path, f.line(node))
				}
			}
			return true
		})
	}
}

// TestCommentsSayFirstWhatAThingIs finds riddles: "tally is what the rows come to" for
// "tally is the sum of the rows".
func TestCommentsSayFirstWhatAThingIs(t *testing.T) {
	riddle := regexp.MustCompile(`^// \w+ (is|are) what\b`)
	for _, f := range source(t) {
		for _, comment := range f.syntax.Comments {
			if first := comment.List[0]; riddle.MatchString(first.Text) {
				t.Errorf("%s:%d: %q: say the kind of thing first", f.path, f.line(first), first.Text)
			}
		}
	}
}

// source parses every Go file of the module.
func source(t *testing.T) []file {
	t.Helper()
	var files []file
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && skipped(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := parse(name)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatalf("read the source: %v", err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files found: this test looks in the wrong place", len(files))
	}
	return files
}

// skipped folders hold no code of this module's.
func skipped(folder string) bool {
	return folder == "testdata" || folder == "tools" || strings.HasPrefix(folder, ".")
}

func parse(name string) (file, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return file{}, err
	}
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	return file{path: name, lines: lines, syntax: syntax, set: set}, err
}

// ours lists what the file imports of this module, without the module's name.
func ours(f file) []string {
	var imported []string
	for _, spec := range f.syntax.Imports {
		full, err := strconv.Unquote(spec.Path.Value)
		if rest, found := strings.CutPrefix(full, module+"/"); err == nil && found {
			imported = append(imported, rest)
		}
	}
	return imported
}

// startsGoroutine recognises `go f()`, and `group.Go(func() …)` of errgroup and
// sync.WaitGroup.
func startsGoroutine(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.GoStmt:
		return true
	case *ast.CallExpr:
		selector, ok := node.Fun.(*ast.SelectorExpr)
		return ok && (selector.Sel.Name == "Go" || selector.Sel.Name == "TryGo")
	}
	return false
}

// excused reports whether the function's length is explained where it stands.
func excused(f file, function *ast.FuncDecl) bool {
	opening := f.set.Position(function.Body.Lbrace).Line
	for _, group := range f.syntax.Comments {
		for _, comment := range group.List {
			line := f.line(comment)
			about := line == opening || group == function.Doc
			if about && strings.Contains(comment.Text, "nolint:") && strings.Contains(comment.Text, "funlen") {
				return true
			}
		}
	}
	return false
}

// codeLines counts the lines of a function's body that are not comments alone.
func codeLines(f file, body *ast.BlockStmt) int {
	first, last := f.set.Position(body.Lbrace).Line, f.set.Position(body.Rbrace).Line
	count := 0
	for number := first + 1; number < last; number++ {
		if !strings.HasPrefix(strings.TrimSpace(f.lines[number-1]), "//") {
			count++
		}
	}
	return count
}
