package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAFoundFileMovesNoMoneyAndLearnsNothing: a payrun.yaml that came with a folder names
// an address and says yes. Whoever listens there hears nothing, not even of a plan.
func TestAFoundFileMovesNoMoneyAndLearnsNothing(t *testing.T) {
	t.Parallel()
	s := setScene(t, "")
	for name, settings := range map[string]string{
		"an address":               "api_url: " + s.url + "\n",
		"a yes":                    "yes: true\n",
		"an address and a yes":     "api_url: " + s.url + "\nyes: true\nrate: 100\n",
		"a ledger that knows none": "ledger: other.db\n",
	} {
		m := s.machine(strings.ReplaceAll(name, " ", "-"))
		s.write(filepath.Join(filepath.Base(m.home), "payrun.yaml"), settings)
		m.env = []string{"PAYRUN_API_URL=" + s.url}
		if strings.Contains(settings, "api_url") {
			m.env = []string{"PAYRUN_API_URL="}
		}
		file := s.rows("may.csv", 1, 2)
		for _, command := range [][]string{
			{"plan", file}, {"run", file, "--no-progress"}, {"resume", "--no-progress"}, {"reconcile", "may"},
		} {
			if code, out := m.types(command...); code != exitUsage || !strings.Contains(out, "./payrun.yaml: ") {
				t.Errorf("%s, %s: exit %d\n%s", name, command[0], code, out)
			}
		}
	}
	if heard := s.requests(); heard > 0 {
		t.Errorf("%d requests came", heard)
	}
	s.nobodyTwice(0)
}

// TestNobodyResumesWithoutAWord: without a terminal and without --yes nothing is sent,
// whoever calls it and however much is queued.
func TestNobodyResumesWithoutAWord(t *testing.T) {
	t.Parallel()
	const rows = 10
	s := setScene(t, "")
	m := s.machine("caisse")
	m.knownAccount("l.db")
	run := m.starts(append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", "l.db"}, slowly(5)...)...)
	s.untilPaid(1 + 2)
	run.kills(t)
	sent := len(s.books().Transfers)
	for _, command := range [][]string{
		{"resume"}, {"resume", "may"}, {"retry", "may"}, {"run", s.path("may.csv")},
	} {
		code, out := m.types(append(command, "--ledger", "l.db", "--no-progress", "--rate", "0", "--lookup-grace", "500ms")...)
		if code != exitUsage || !strings.Contains(out, "nobody is there to confirm") {
			t.Errorf("%s: exit %d\n%s", command[0], code, out)
		}
	}
	if now := len(s.books().Transfers); now != sent {
		t.Errorf("%d transfers came", now-sent)
	}
	m.pays(exitPaid, "", append([]string{"resume", "may", "--ledger", "l.db"}, atOnce()...)...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(1 + rows)
}

// TestAReportThatCannotBeWrittenTakesNothingBack: everybody was paid, and that is what
// the exit code says; what to do about the report is said beside it.
func TestAReportThatCannotBeWrittenTakesNothingBack(t *testing.T) {
	t.Parallel()
	const rows = 12
	s := setScene(t, "")
	m := s.machine("caisse")
	run := m.starts(append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", "l.db"}, slowly(30)...)...)
	s.untilPaid(2)
	inTheWay := filepath.Join(m.home, "payrun-report", "may.json", "something")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	if code := run.end(t); code != exitPaid || !strings.Contains(run.out.String(), "payrun report may") {
		t.Errorf("exit %d\n%s", code, run.out.String())
	}
	s.nobodyTwice(rows)
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	m.pays(exitPaid, "", "report", "may", "--ledger", "l.db")
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(rows)
}
