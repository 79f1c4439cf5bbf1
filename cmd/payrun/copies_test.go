//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger/snapshot"
)

// What a ledger does not know, somebody else may have paid: the tests below pay thirty
// people from a ledger that is killed in mid-batch, from its copies and its backups.

const copiedRows = 30

// halfWay is a machine whose run was killed when it had paid a few.
func halfWay(t *testing.T) (scene, machine, string) {
	t.Helper()
	s := setScene(t, "")
	m := s.machine("caisse")
	ledgerPath := filepath.Join(m.home, "l.db")
	m.knownAccount(ledgerPath)
	file := s.rows("may.csv", upTo(1, copiedRows)...)
	run := m.starts(append([]string{"run", file, "--ledger", ledgerPath}, slowly(8)...)...)
	s.untilPaid(1 + copiedRows/2)
	run.kills(t)
	if left := stands(t, ledgerPath, "may", ledger.Queued); left < 5 {
		t.Fatalf("only %d are queued", left)
	}
	return s, m, ledgerPath
}

func resume(ledgerPath string, flags ...string) []string {
	return append([]string{"resume", "may", "--ledger", ledgerPath}, flags...)
}

// TestACopyAndItsLedgerPayNobodyTwice: whichever of the two is resumed first pays the
// rest, and the other one stops, on one machine or on two that know nothing of each
// other.
func TestACopyAndItsLedgerPayNobodyTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		machines  int
		copyFirst bool
	}{
		"on one machine, the ledger first":  {1, false},
		"on one machine, the copy first":    {1, true},
		"on two machines, the ledger first": {2, false},
		"on two machines, the copy first":   {2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m, ledgerPath := halfWay(t)
			other := m
			if test.machines == 2 {
				other = s.machine("laptop")
			}
			copied := filepath.Join(other.home, "copy.db")
			m.copyFile(ledgerPath, copied)
			first, second := func() (machine, string) { return m, ledgerPath }, func() (machine, string) { return other, copied }
			if test.copyFirst {
				first, second = second, first
			}
			one, path := first()
			one.pays(exitPaid, "", resume(path, atOnce()...)...)
			one.agrees("payrun-report/may.json")
			two, path := second()
			two.pays(exitConflict, "the provider already has a payout that this ledger never sent", resume(path, atOnce()...)...)
			two.agrees("payrun-report/may.json")
			s.nobodyTwice(1 + copiedRows)

			// With a person's word it takes over what is there.
			two.pays(exitPaid, "the ledger was adopted", resume(path, append(atOnce(), "--adopt")...)...)
			two.agrees("payrun-report/may.json")
			s.nobodyTwice(1 + copiedRows)
		})
	}
}

// TestOfACopyAndItsLedgerAtOnceOneStops: the copy was compared with the provider when
// the other one had not gone on yet.
func TestOfACopyAndItsLedgerAtOnceOneStops(t *testing.T) {
	t.Parallel()
	s, m, ledgerPath := halfWay(t)
	copied := filepath.Join(m.home, "copy.db")
	m.copyFile(ledgerPath, copied)
	before := s.requests()
	fromCopy := m.starts(resume(copied, append(slowly(20), "--report", "copied")...)...)
	until(t, "the copy is compared", func() bool { return s.requests() > before+3 })
	fromLedger := m.starts(resume(ledgerPath, slowly(10)...)...)
	codes := map[int]int{}
	for _, p := range []*process{fromCopy, fromLedger} {
		codes[p.end(t)]++
	}
	if codes[exitPaid] != 1 || codes[exitStopped]+codes[exitConflict] != 1 {
		t.Errorf("exit codes %v, want one that paid and one that stopped\n%s\n%s", codes, fromCopy.out.String(), fromLedger.out.String())
	}
	m.agrees("payrun-report/may.json")
	m.agrees("copied/may.json")
	s.nobodyTwice(1 + copiedRows)
}

// TestAdoptingWhileTheOtherStillPaysStops: --adopt is about what was paid before, and
// not about what somebody else is about to send.
func TestAdoptingWhileTheOtherStillPaysStops(t *testing.T) {
	t.Parallel()
	s := setScene(t, "")
	m := s.machine("caisse")
	ledgerPath := filepath.Join(m.home, "l.db")
	m.knownAccount(ledgerPath)
	file := s.rows("may.csv", upTo(1, copiedRows)...)
	run := m.starts(append([]string{"run", file, "--ledger", ledgerPath}, slowly(3)...)...)
	s.untilPaid(1 + 2)
	// The grace is longer than a window of the other one lasts, as it always is.
	adopting := append(append([]string{"run", file, "--adopt", "--ledger", "other.db", "--report", "other"}, atOnce()...), "--lookup-grace", "2s")
	m.pays(exitStopped, "another payrun pays from this account: from the ledger \""+ledgerPath+"\"", adopting...)
	m.agrees("other/may.json")
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := run.end(t); code != exitInterrupted {
		t.Errorf("the one that was at work first: exit %d\n%s", code, run.out.String())
	}
	m.pays(exitPaid, "", resume(ledgerPath, atOnce()...)...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(1 + copiedRows)

	m.pays(exitPaid, "", adopting...)
	m.agrees("other/may.json")
	s.nobodyTwice(1 + copiedRows)
}

// TestABackupRestoredAfterAKillPaysTheRest: what was paid after the backup was made is
// taken over, what was in the window is looked up, and what is left is paid.
func TestABackupRestoredAfterAKillPaysTheRest(t *testing.T) {
	t.Parallel()
	const rows = 60
	s := setScene(t, "latency: {min: 100ms, max: 200ms}\n")
	m := s.machine("caisse")
	ledgerPath, backup := filepath.Join(m.home, "l.db"), filepath.Join(m.home, "backup.db")
	m.knownAccount(ledgerPath)
	run := m.starts(append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", ledgerPath}, slowly(10)...)...)
	s.untilPaid(1 + 3)
	m.pays(exitPaid, "", "ledger", "backup", backup, "--ledger", ledgerPath)
	// More than was under way, or intended, when the backup was made.
	s.untilPaid(s.books().Credited.Count + 12)
	run.kills(t)
	paid := s.books().Credited.Count

	// Put back by hand it is known as older, and nothing is sent.
	m.copyFile(ledgerPath, ledgerPath+".kept")
	m.copyFile(backup, ledgerPath)
	out := m.pays(exitConflict, "this ledger is not the newest of its account", resume(ledgerPath, atOnce()...)...)
	if !strings.Contains(out, "is not the newest: on") {
		t.Errorf("the anchor is not told\n%s", out)
	}
	s.nobodyTwice(paid)

	m.copyFile(ledgerPath+".kept", ledgerPath)
	m.pays(exitUsage, "holds together", "ledger", "restore", backup, "--ledger", ledgerPath)
	m.pays(exitPaid, "looked up at the provider before it is sent", "ledger", "restore", backup, "--ledger", ledgerPath, "--yes")
	m.pays(exitPaid, "", resume(ledgerPath, atOnce()...)...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(1 + rows)
	if count := stands(t, ledgerPath, "may", ledger.Successful); count != rows {
		t.Errorf("the ledger has %d paid", count)
	}
}

// TestALedgerThatLosesItsNameDuringARunStopsIt: what was recorded until then is saved,
// and goes on from there.
func TestALedgerThatLosesItsNameDuringARunStopsIt(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(path, older string) error{
		"removed": func(path, _ string) error { return os.Remove(path) },
		"replaced by a backup of before": func(path, older string) error {
			return os.Rename(older, path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setScene(t, "")
			m := s.machine("caisse")
			ledgerPath, older := filepath.Join(m.home, "l.db"), filepath.Join(m.home, "older.db")
			m.knownAccount(ledgerPath)
			m.copyFile(ledgerPath, older)
			file := s.rows("may.csv", upTo(1, copiedRows)...)
			again := append([]string{"run", file, "--ledger", ledgerPath}, atOnce()...)
			run := m.starts(append([]string{"run", file, "--ledger", ledgerPath}, slowly(10)...)...)
			s.untilPaid(1 + 5)
			if err := take(ledgerPath, older); err != nil {
				t.Fatal(err)
			}
			if code := run.end(t); code != exitStopped || !strings.Contains(run.out.String(), "moved, removed or replaced") {
				t.Fatalf("exit %d\n%s", code, run.out.String())
			}
			m.agrees("payrun-report/may.json")
			paid := s.books().Credited.Count
			if paid > 1+copiedRows/2 {
				t.Errorf("%d were paid after the ledger was gone", paid)
			}

			// The same command again begins a ledger, or goes on with the older one.
			m.pays(exitConflict, "the provider already has a payout that this ledger never sent", again...)
			s.nobodyTwice(paid)

			saved, err := filepath.Glob(ledgerPath + ".saved-*")
			if err != nil || len(saved) != 1 {
				t.Fatalf("saved are %v, %v", saved, err)
			}
			m.pays(exitPaid, "", "ledger", "restore", saved[0], "--ledger", ledgerPath, "--yes")
			m.pays(exitPaid, "", again...)
			m.agrees("payrun-report/may.json")
			s.nobodyTwice(1 + copiedRows)
		})
	}
}

// freezes stops a run, but not in the middle of writing its anchor: a copy would be told
// that somebody is at work, as TestALockThatNobodyLetsGoOfEndsTheWait has it.
func (m machine) freezes(run *process) {
	m.t.Helper()
	for {
		if err := run.Process.Signal(syscall.SIGSTOP); err != nil {
			m.t.Fatal(err)
		}
		if !m.writesAnchor() {
			return
		}
		if err := run.Process.Signal(syscall.SIGCONT); err != nil {
			m.t.Fatal(err)
		}
	}
}

// writesAnchor reports whether an anchor of the machine is locked for writing.
func (m machine) writesAnchor() bool {
	m.t.Helper()
	paths, err := filepath.Glob(filepath.Join(placesIn(m.home)["PAYRUN_ANCHORS"], "*.anchor"))
	if err != nil || len(paths) == 0 {
		m.t.Fatalf("the machine has no anchors (%v)", err)
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			m.t.Fatal(err)
		}
		err = errors.Join(syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), file.Close())
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return true
		}
	}
	return false
}

// TestAHolderThatWakesFindsItsCopyDone: a run is stopped and not dead. Whoever asks for
// its state hears within seconds that it does not answer, and a copy of its ledger pays
// the rest. What the run had ready when it was stopped does not leave.
func TestAHolderThatWakesFindsItsCopyDone(t *testing.T) {
	t.Parallel()
	s := setScene(t, "")
	m := s.machine("caisse")
	ledgerPath, copied := filepath.Join(m.home, "l.db"), filepath.Join(m.home, "copy.db")
	m.knownAccount(ledgerPath)
	run := m.starts(append([]string{"run", s.rows("may.csv", upTo(1, copiedRows)...), "--ledger", ledgerPath}, slowly(10)...)...)
	s.untilPaid(1 + 5)
	m.freezes(run)
	stopped := time.Now()
	m.copyFile(ledgerPath, copied)
	m.pays(exitPaid, "", resume(copied, append(atOnce(), "--report", "copied")...)...)
	m.agrees("copied/may.json")
	asked := time.Now()
	code, out := m.types("status", "--ledger", ledgerPath)
	if took := time.Since(asked); code != exitUsage || !strings.Contains(out, "does not answer") || took > 2*snapshot.Silence {
		t.Errorf("its state: exit %d after %s\n%s", code, took, out)
	}
	<-time.After(time.Until(stopped.Add(11 * time.Second))) // longer than a busy machine takes
	if err := run.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if code := run.end(t); code != exitStopped {
		t.Errorf("the run that woke: exit %d, want %d\n%s", code, exitStopped, run.out.String())
	}
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(1 + copiedRows)
	m.pays(exitConflict, "this ledger is not the newest of its account", resume(ledgerPath, atOnce()...)...)
	s.nobodyTwice(1 + copiedRows)
}
