package main

import (
	"path/filepath"
	"strings"
	"testing"

	"payrun/ledger"
)

// The provider of these tests calls a transfer failed and books it all the same, two
// seconds later.
const revived = "reversal: {min: 2s, max: 2s}\nfaults: {revived: 100}\n"

// nobodysNumberTwice expects that no number was credited more than once, whatever the
// references.
func (s scene) nobodysNumberTwice() {
	s.t.Helper()
	times := map[string]int{}
	for _, transfer := range s.books().Transfers {
		if transfer.Credited {
			times[transfer.Number]++
		}
	}
	for number, count := range times {
		if count > 1 {
			s.t.Errorf("%s was credited %d times", number, count)
		}
	}
}

// TestARetryThatIsResumedLaterAsksAgain: the new attempts were queued when all that was
// before had failed, and are sent when it is paid.
func TestARetryThatIsResumedLaterAsksAgain(t *testing.T) {
	t.Parallel()
	const rows = 5
	s := setScene(t, revived)
	m := s.machine("caisse")
	on := func(command string, more ...string) []string {
		return append(append([]string{command, "may", "--ledger", "l.db"}, atOnce()...), more...)
	}
	m.pays(exitFailed, "failed", append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", "l.db"}, atOnce()...)...)
	m.agrees("payrun-report/may.json")
	m.pays(exitOpen, "", on("retry", "--wait", "0s")...)
	if queued := stands(t, filepath.Join(m.home, "l.db"), "may", ledger.Queued); queued != rows {
		t.Fatalf("%d of %d attempts are queued", queued, rows)
	}
	s.untilPaid(rows)

	out := m.pays(exitConflict, "", on("resume")...)
	if !strings.Contains(out, "payrun resolve") {
		t.Errorf("what to do is not said\n%s", out)
	}
	s.nobodysNumberTwice()
	s.nobodyTwice(rows)

	// A retry leaves out what is contradicted, however often it is typed.
	m.pays(exitConflict, "", on("retry")...)
	m.pays(exitConflict, "", on("resume")...)
	s.nobodysNumberTwice()
	s.nobodyTwice(rows)
	for _, id := range []string{"ROW-001", "ROW-002", "ROW-003", "ROW-004", "ROW-005"} {
		m.pays(exitPaid, "", "resolve", "may", id, "--ledger", "l.db", "--paid", "--because", "their page has it", "--yes")
	}
	m.pays(exitPaid, "paid       5", on("resume")...)
	s.nobodysNumberTwice()
}

// TestAThirdAttemptAsksAboutTheFirst: the second failed for good, and the first was
// booked after all.
func TestAThirdAttemptAsksAboutTheFirst(t *testing.T) {
	t.Parallel()
	s := setScene(t, "seed: 1\nsettle: {min: 10ms, max: 20ms}\nreversal: {min: 2s, max: 2s}\nfaults: {revived: 50, pending_then_failed: 50}\n")
	m := s.machine("caisse")
	retry := append([]string{"retry", "may", "--ledger", "l.db"}, atOnce()...)
	m.pays(exitFailed, "", append([]string{"run", s.rows("may.csv", 1), "--ledger", "l.db"}, atOnce()...)...)
	m.pays(exitFailed, "", retry...)
	if second := s.books().Transfers[1].TransactionID; second != "ROW-001-2" {
		t.Fatalf("the second attempt is %s", second)
	}
	s.untilPaid(1)
	m.pays(exitConflict, "payrun resolve", retry...)
	if b := s.books(); len(b.Transfers) != 2 || b.Credited.Count != 1 {
		t.Errorf("the books have %+v", b.Transfers)
	}
}

// TestARowIsCorrectedInPlace: what failed may be paid at another number under its own
// id, unless the first number was paid after all.
func TestARowIsCorrectedInPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		scenario string
		booked   bool
	}{
		"what failed for good":      {"faults: {failed_504: 100}\n", false},
		"what was booked after all": {revived, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rows = 3
			s := setScene(t, test.scenario)
			m := s.machine("caisse")
			file := s.rows("may.csv", upTo(1, rows)...)
			m.pays(exitFailed, "", append([]string{"run", file, "--ledger", "l.db"}, atOnce()...)...)
			want, last := exitFailed, "0700000009"
			if test.booked {
				s.untilPaid(rows)
				want, last = exitConflict, "0700000003"
			}
			text := strings.Replace(string(mustRead(t, file)), "0700000001", "0700000009", 1)
			s.write("may.csv", text)
			m.pays(want, "ROW-001", append([]string{"run", file, "--ledger", "l.db", "--expect-corrections", "1"}, atOnce()...)...)
			b := s.books()
			if got := b.Transfers[len(b.Transfers)-1].Number; got != last && !test.booked {
				t.Errorf("the last transfer went to %s, want %s", got, last)
			}
			if test.booked && len(b.Transfers) != rows {
				t.Errorf("the books have %+v", b.Transfers)
			}
			s.nobodysNumberTwice()
		})
	}
}

// TestWhoComesBackUnderASecondIDIsNotPaidUnderTheFirst: what failed is not paid under
// another id on another number, neither in its batch nor in a file of its own.
func TestWhoComesBackUnderASecondIDIsNotPaidUnderTheFirst(t *testing.T) {
	t.Parallel()
	s := setScene(t, "faults: {failed_504: 100}\n")
	m := s.machine("caisse")
	file := s.rows("may.csv", 1, 2, 3)
	run := append([]string{"run", file, "--ledger", "l.db"}, atOnce()...)
	m.pays(exitFailed, "", run...)
	again := strings.NewReplacer("ROW-001", "ROW-001b", "0700000001", "0700000009").Replace(string(mustRead(t, file)))
	s.write("may.csv", again)
	m.pays(exitFile, "id.renamed", run...)
	lines := strings.SplitAfterN(again, "\n", 3)
	own := s.write("own.csv", lines[0]+lines[1])
	m.pays(exitFile, "payrun retry may --only ROW-001", append([]string{"run", own, "--ledger", "l.db"}, atOnce()...)...)
	var first []string
	for _, transfer := range s.books().Transfers {
		if transfer.Number == "0700000001" {
			first = append(first, transfer.TransactionID)
		}
	}
	if len(first) != 1 {
		t.Errorf("the number of before was sent %v", first)
	}
}
