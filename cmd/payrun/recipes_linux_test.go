package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"payrun/batch/metrics"
	"payrun/internal/programtest"
)

const recipes = "../../docs/recipes"

// recipeDesk is a machine that pays by the recipes, on a day that the test says.
type recipeDesk struct {
	machine

	day *string
}

// newRecipeDesk has payrun, and a date that does what the day is, first in its path.
func newRecipeDesk(s scene, name string) recipeDesk {
	s.t.Helper()
	m := s.machine(name)
	tools := filepath.Join(m.home, "tools")
	if err := os.MkdirAll(tools, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(s.binary, filepath.Join(tools, "payrun")); err != nil {
		s.t.Fatal(err)
	}
	date := "#!/bin/sh\ncase $1 in +%F) echo \"$TODAY\" ;; *) echo \"${TODAY}T2000\" ;; esac\n"
	if err := os.WriteFile(filepath.Join(tools, "date"), []byte(date), 0o700); err != nil {
		s.t.Fatal(err)
	}
	m.env = append(m.env, "PATH="+tools+":"+os.Getenv("PATH"))
	return recipeDesk{machine: m, day: new(string)}
}

// script is a recipe's script, as the day has it.
func (d recipeDesk) script(name string, args ...string) *process {
	d.t.Helper()
	path, err := filepath.Abs(filepath.Join(recipes, "systemd", name))
	if err != nil {
		d.t.Fatal(err)
	}
	p := &process{Cmd: d.command(d.t.Context())}
	p.Path, p.Args = path, append([]string{path}, args...)
	p.Env = append(p.Env, "TODAY="+*d.day)
	p.Stdout, p.Stderr = &p.out, &p.out
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return p
}

// inbox looks into the inbox, and expects how that ends and what is left in it.
func (d recipeDesk) inbox(day string, want int, left ...string) {
	d.t.Helper()
	*d.day = day
	p := d.looks()
	if code := exitCodeOf(d.t, p.Run()); code != want {
		d.t.Errorf("on %s the inbox ends with %d, want %d:\n%s", day, code, want, p.out.String())
	}
	if found := d.inboxFiles(); !slices.Equal(found, left) {
		d.t.Errorf("on %s %v are left, want %v:\n%s", day, found, left, p.out.String())
	}
}

func (d recipeDesk) looks() *process {
	flags := append(slowly(40)[2:], "--ledger", "l.db", "--report", "reports")
	return d.script("payrun-inbox", append([]string{"inbox"}, flags...)...)
}

func (d recipeDesk) inboxFiles() []string {
	d.t.Helper()
	entries, err := os.ReadDir(filepath.Join(d.home, "inbox"))
	if err != nil {
		d.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// puts writes a file into the inbox.
func (d recipeDesk) puts(name string, order ...int) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Join(d.home, "inbox"), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(d.rows("row.csv", order...), filepath.Join(d.home, "inbox", name)); err != nil {
		d.t.Fatal(err)
	}
}

// TestAnInboxOverTwoDays: the first is killed half-way. On the second it goes on with what is
// open and takes the new file; what nobody can pay is kept and told.
func TestAnInboxOverTwoDays(t *testing.T) {
	t.Parallel()
	s := setScene(t, "")
	d := newRecipeDesk(s, "payroll")
	d.knownAccount("l.db")
	d.puts("2026-11-30.csv", upTo(1, 60)...)
	d.puts("2026-12-01-settlement.csv", upTo(101, 130)...)
	d.puts("notes.csv", 950)

	*d.day = "2026-11-30"
	p := d.looks()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	s.untilPaid(20)
	if err := syscall.Kill(-p.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	if left := d.inboxFiles(); len(left) != 3 {
		t.Fatalf("a killed day leaves %v", left)
	}
	d.inbox("2026-12-01", exitPaid, "notes.csv")
	s.nobodyTwice(1 + 60 + 30)

	d.puts("2026-12-02-b.csv", upTo(201, 203)...)
	bad := filepath.Join(d.home, "inbox", "2026-12-02-a.csv")
	write(t, bad, "transaction_id,customer_id,name,amount,operator\nBAD-1,07,Awa,0,ORANGE\n")
	d.inbox("2026-12-02", exitFile, "2026-12-02-a.csv", "notes.csv")
	s.nobodyTwice(1 + 60 + 30 + 3)

	d.puts("2026-12-02-a.csv", 301)
	d.inbox("2026-12-03", exitPaid, "notes.csv")
	d.puts("2026-11-30.csv", upTo(401, 402)...)
	d.inbox("2026-12-03", exitConflict, "2026-11-30.csv", "notes.csv")
	s.nobodyTwice(1 + 60 + 30 + 3 + 1)
}

// TestAnInboxIsStoppedGently, and says by its code what kept a file.
func TestAnInboxIsStoppedGently(t *testing.T) {
	t.Parallel()
	s := setScene(t, "")
	d := newRecipeDesk(s, "payroll")
	d.knownAccount("l.db")
	d.puts("2026-11-30.csv", upTo(1, 60)...)
	*d.day = "2026-11-30"
	p := d.looks()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	s.untilPaid(10)
	if err := syscall.Kill(-p.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := exitCodeOf(t, p.Wait()); code != exitInterrupted {
		t.Errorf("stopped, it ends with %d\n%s", code, p.out.String())
	}
	d.env = append(d.env, "PAYRUN_API_KEY=wrong")
	d.inbox("2026-11-30", exitStopped, "2026-11-30.csv")
	d.env = d.env[:len(d.env)-1]
	d.inbox("2026-11-30", exitPaid)
	s.nobodyTwice(61)
}

// TestCopiesAreKeptAndPutBack: the newest three, each read to its end; who restores one pays
// nobody twice.
func TestCopiesAreKeptAndPutBack(t *testing.T) {
	t.Parallel()
	s := setScene(t, "")
	d := newRecipeDesk(s, "payroll")
	d.knownAccount("l.db")
	for _, day := range []string{"2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"} {
		*d.day = day
		p := d.script("payrun-backup", "l.db", "copies", "3")
		if err := p.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", day, err, p.out.String())
		}
	}
	kept, err := filepath.Glob(filepath.Join(d.home, "copies", "*"))
	if err != nil || len(kept) != 3 || filepath.Base(kept[0]) != "payrun-2026-11-28T2000.db" {
		t.Fatalf("kept %v, %v", kept, err)
	}
	with := append(atOnce(), "--ledger", "l.db")
	d.pays(exitPaid, "", append([]string{"run", d.rows("may.csv", upTo(1, 5)...)}, with...)...)
	d.pays(exitPaid, "", "ledger", "restore", kept[2], "--yes", "--ledger", "l.db")
	d.types(append([]string{"run", d.path("may.csv")}, with...)...)
	s.nobodyTwice(6) // what the copy does not know is looked up first
}

// TestTheUnitsAreThoseOfSystemd: it understands each, with the programs where the recipe puts
// them, and finds little that they could harm.
func TestTheUnitsAreThoseOfSystemd(t *testing.T) {
	t.Parallel()
	verifier := programtest.Find(t, "systemd-analyze") //nolint:misspell // its name
	folder := t.TempDir()
	units, err := filepath.Glob(filepath.Join(recipes, "systemd", "*.[st][ei][rm]*"))
	if err != nil || len(units) != 7 {
		t.Fatalf("units %v, %v", units, err)
	}
	programs := regexp.MustCompile(`/usr/local/(bin|lib/payrun)/[a-z-]+`)
	var written []string
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, filepath.Base(unit))
		written = append(written, write(t, path, programs.ReplaceAllString(string(text), "/bin/true")))
	}
	verify := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), verifier, args...)
		cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+folder+":")
		if out, err := cmd.CombinedOutput(); err != nil || (args[0] == "verify" && len(out) > 0) {
			t.Errorf("systemd %v: %v\n%s", args, err, out)
		}
	}
	for _, unit := range written {
		if strings.Contains(unit, "@") {
			continue // which the others have as theirs
		}
		verify("verify", "--man=no", unit)
		if strings.HasSuffix(unit, ".service") {
			verify("security", "--offline=true", "--no-pager", "--threshold=35", unit)
		}
	}
}

// TestTheUnitsSayWhatPayrunUnderstands.
func TestTheUnitsSayWhatPayrunUnderstands(t *testing.T) {
	lines := 0
	for _, name := range []string{"payrun-serve.service", "payrun-work.service", "payrun-inbox.service"} {
		text, err := os.ReadFile(filepath.Join(recipes, "systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(strings.TrimPrefix(line, "ExecStart="))
			if !strings.HasPrefix(line, "ExecStart=") || len(words) == 0 {
				continue
			}
			args := words[1:]
			if name == "payrun-inbox.service" {
				args = append([]string{"run"}, args...)
			}
			lines++
			cmd, rest, err := newApp(t.Context(), environment{}).rootCommand().Find(args)
			if err != nil || !cmd.Runnable() || cmd.ParseFlags(rest) != nil {
				t.Errorf("%s: payrun does not understand %q: %v", name, args, err)
			}
		}
	}
	if lines != 3 {
		t.Errorf("%d command lines, want 3: the test looks in the wrong place", lines)
	}
}

// TestTheAlertsAreOfWhatPayrunMeasures: Prometheus's own tool plays a good and a bad day, and
// every series is one that payrun has from its start.
func TestTheAlertsAreOfWhatPayrunMeasures(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(recipes, "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	measured := scraped(t, metrics.New("test"))
	series := regexp.MustCompile(`(payrun_[a-z_]+)(?:\{([a-z]+)(=~?)"([^"]+)"\})?`).FindAllStringSubmatch(string(text), -1)
	if len(series) < 7 {
		t.Fatalf("the alerts name %v", series)
	}
	for _, one := range series {
		for value := range strings.SplitSeq(one[4], "|") {
			if !strings.Contains(measured, one[1]) || (one[2] != "" && !regexp.MustCompile(one[1]+`\{[^}]*`+one[2]+`="`+value+`"`).MatchString(measured)) {
				t.Errorf("payrun has no %s", one[0])
			}
		}
	}
	promtool := programtest.Find(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts-test.yaml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = recipes
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// scraped returns the page that Prometheus would read.
func scraped(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	recorded := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorded, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return recorded.Body.String()
}
