package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// otherKeys lets another merchant call, and the same one with a new key. Some answers
// are lost.
const otherKeys = `
seed: 3
merchants:
  - {key: other-key, secret: other-secret}
  - {key: new-key, secret: new-secret, of: sandbox-key}
`

// with is the machine after somebody set other credentials.
func (m machine) with(key, secret string) machine {
	m.env = []string{"PAYRUN_API_KEY=" + key, "PAYRUN_API_SECRET=" + secret}
	return m
}

// TestDoubtsAreNotLookedUpInAnotherAccount: with another merchant's key, or in another
// environment, nothing is found, and nothing may be sent for that.
func TestDoubtsAreNotLookedUpInAnotherAccount(t *testing.T) {
	t.Parallel()
	const rows = 12
	s := setScene(t, otherKeys+"faults: {drop_after: 40}\n")
	m := s.machine("caisse")
	ledgerPath := filepath.Join(m.home, "l.db")
	run := append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", ledgerPath, "--wait", "0s"}, atOnce()...)
	m.pays(exitOpen, "unknown", run...)
	paid := s.books().Credited.Count
	if paid != rows {
		t.Fatalf("%d of %d were taken", paid, rows)
	}
	again := append([]string{"resume", "may", "--ledger", ledgerPath}, atOnce()...)
	for name, test := range map[string]struct {
		machine machine
		says    string
		args    []string
	}{
		"resumed with another's key":     {m.with("other-key", "other-secret"), "key", again},
		"run with another's key":         {m.with("other-key", "other-secret"), "key", run},
		"resumed in another environment": {m, "Production", append(again, "--environment", "Production")},
		"run in another environment":     {m, "Production", append(run, "--environment", "Production")},
		"reconciled with another's key":  {m.with("other-key", "other-secret"), "key", []string{"reconcile", "may", "--ledger", ledgerPath}},
		"reconciled in another environment": {
			m, "Production",
			[]string{"reconcile", "may", "--ledger", ledgerPath, "--environment", "Production"},
		},
	} {
		if code, out := test.machine.types(test.args...); code != exitUsage || !strings.Contains(out, test.says) {
			t.Errorf("%s: exit %d, want %d and %q in\n%s", name, code, exitUsage, test.says, out)
		}
		s.nobodyTwice(paid)
		if transfers := len(s.books().Transfers); transfers != rows {
			t.Fatalf("%s: %d transfers", name, transfers)
		}
	}
	m.pays(exitPaid, "", again...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(rows)
}

// TestANewKeyOfTheAccountIsAcceptedOnceItShowsATransfer of the batch, and that is on
// record.
func TestANewKeyOfTheAccountIsAcceptedOnceItShowsATransfer(t *testing.T) {
	t.Parallel()
	const rows = 12
	s := setScene(t, otherKeys+"faults: {drop_after: 40}\n")
	m := s.machine("caisse")
	ledgerPath := filepath.Join(m.home, "l.db")
	m.pays(exitOpen, "unknown",
		append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", ledgerPath, "--wait", "0s"}, atOnce()...)...)
	m.with("new-key", "new-secret").pays(exitPaid, "", append([]string{"resume", "may", "--ledger", ledgerPath}, atOnce()...)...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(rows)
	if out := m.pays(exitPaid, "", "ledger", "export", "--ledger", ledgerPath); !strings.Contains(out, `"account.key_accepted"`) {
		t.Error("that the key was accepted is not on record")
	}
}

// TestANewKeyThatShowsNothingIsRefused: of a batch whose run was killed before the first
// answer nothing is known that the new key could show.
func TestANewKeyThatShowsNothingIsRefused(t *testing.T) {
	t.Parallel()
	s := setScene(t, otherKeys+"faults: {hang_after: 100}\n")
	m := s.machine("caisse")
	ledgerPath := filepath.Join(m.home, "l.db")
	run := m.starts(append([]string{"run", s.rows("may.csv", 1), "--ledger", ledgerPath}, atOnce()...)...)
	s.untilPaid(1)
	run.kills(t)
	again := append([]string{"resume", "may", "--ledger", ledgerPath}, atOnce()...)
	m.with("new-key", "new-secret").pays(exitUsage, "key", again...)
	s.nobodyTwice(1)
	m.pays(exitPaid, "", again...)
	m.agrees("payrun-report/may.json")
	s.nobodyTwice(1)
}
