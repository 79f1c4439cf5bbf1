package main

import (
	"bufio"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestASecondLedgerIsNoticedHoweverItsRowsAreSorted: another machine's ledger paid some
// of the rows, and this one knows of none. The provider has a list or none.
func TestASecondLedgerIsNoticedHoweverItsRowsAreSorted(t *testing.T) {
	t.Parallel()
	const without = "list: missing\n"
	for name, test := range map[string]struct {
		scenario   string
		paid, rows []int
	}{
		"the same rows":                      {without, upTo(1, 12), upTo(1, 12)},
		"sorted the other way":               {without, upTo(1, 3), upTo(30, 1)},
		"begins with those not yet paid":     {without, upTo(1, 5), slices.Concat(upTo(6, 60), upTo(1, 5))},
		"in the midst of those not yet paid": {"list: whole\n", upTo(1, 3), slices.Concat(upTo(10, 60), upTo(1, 3), upTo(70, 99))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setPaidScene(t, test.scenario, test.paid...)
			m := s.machine("caisse")
			run := append([]string{"run", s.rows("may.csv", test.rows...), "--workers", "1"}, atOnce()...)
			out := m.pays(exitConflict, "the provider already has a payout that this ledger never sent", run...)
			if !strings.Contains(out, "nothing was sent") || !strings.Contains(out, "a new ledger is begun") {
				t.Errorf("not told\n%s", out)
			}
			s.nobodyTwice(len(test.paid))
			m.agrees("payrun-report/may.json")
			if len(test.rows) > 30 {
				return
			}
			m.pays(exitPaid, "the ledger was adopted", append(run, "--adopt", "--workers", "8")...)
			m.agrees("payrun-report/may.json")
			s.nobodyTwice(len(test.rows))
		})
	}
}

// TestAPageThatShowsNothingVouchesForNothing: another ledger paid the file, and the
// provider's look-ups do not show it to a new one.
func TestAPageThatShowsNothingVouchesForNothing(t *testing.T) {
	t.Parallel()
	const rows = 8
	for name, test := range map[string]struct {
		scenario string
		// here is set where the other ledger is this machine's, abroad where the provider
		// is not on it.
		here, abroad bool
		code         int
		says         string
		// exposed is the number of people who may be paid before it is noticed.
		exposed int
	}{
		"blind, and a list":                {"lookup_finds: nothing\n", false, false, exitConflict, "this ledger never sent", 0},
		"blind, no list, known here":       {"lookup_finds: nothing\nlist: missing\n", true, false, exitOpen, "another ledger paid from this account lately", 0},
		"blind, no list, nothing known":    {"lookup_finds: nothing\nlist: missing\n", false, false, exitOpen, "nothing shows that the provider's \"not found\" can be believed", 1},
		"blind, no list, a real provider":  {"lookup_finds: nothing\nlist: missing\n", false, true, exitOpen, "give --new-ledger", 0},
		"a gateway's own 404":              {"lookup_finds: nothing\nnot_found: aws\nlist: missing\n", false, false, exitStopped, "does not answer", 0},
		"another gateway's own 404":        {"lookup_finds: nothing\nnot_found: kong\nlist: missing\n", false, false, exitStopped, "does not answer", 0},
		"two minutes behind, and the list": {"lookup_lag: {min: 2m, max: 2m}\nfaults: {lookup_lag: 100}\n", true, false, exitOpen, "nothing shows that the provider's \"not found\" can be believed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s scene
			var m machine
			if test.here {
				s = setScene(t, test.scenario)
				m = s.machine("caisse")
				m.pays(exitPaid, "", append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--new-ledger", "--ledger", "first.db"}, atOnce()...)...)
			} else {
				s = setPaidScene(t, test.scenario, upTo(1, rows)...)
				m = s.machine("caisse")
			}
			run := append([]string{"run", s.path("may.csv"), "--ledger", "second.db", "--report", "second", "--max-outage", "2s"}, atOnce()...)
			if test.abroad {
				m.env = []string{"HTTP_PROXY=" + s.url, "PAYRUN_API_URL=http://pay.example", "PAYRUN_API_HOST=pay.example"}
				run = append(run, "--insecure-http", "--environment", "Sandbox", "--lookup-grace", "1m")
			}
			m.pays(test.code, test.says, run...)
			if b := s.books(); len(b.PaidTwice) > test.exposed || b.Credited.Count > rows+test.exposed {
				t.Errorf("credited %d, twice %v", b.Credited.Count, b.PaidTwice)
			}
			if test.exposed == 0 {
				m.agrees("second/may.json")
			}
		})
	}
}

// TestALookUpTwoMinutesBehindReleasesNobody: answers are lost, and the page does not show
// yet what was taken. What is in doubt stays so.
func TestALookUpTwoMinutesBehindReleasesNobody(t *testing.T) {
	t.Parallel()
	const rows = 12
	s := setScene(t, "seed: 3\nlookup_lag: {min: 2m, max: 2m}\nfaults: {lookup_lag: 100, drop_after: 40}\n")
	m := s.machine("caisse")
	ledgerPath := filepath.Join(m.home, "l.db")
	run := append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", ledgerPath, "--new-ledger", "--wait", "3s"}, atOnce()...)
	for range 2 { // the second time, as the advice says, from where it stands
		code, out := m.types(run...)
		if code != exitOpen || !strings.Contains(out, "unknown") {
			t.Errorf("exit %d, want %d\n%s", code, exitOpen, out)
		}
		m.agrees("payrun-report/may.json")
		if b := s.books(); len(b.PaidTwice) > 0 || len(b.Transfers) > rows {
			t.Errorf("credited %+v, twice %v", b.Credited, b.PaidTwice)
		}
	}
}

// TestASimulatorThatWasBegunAnewPays: it forgot what another ledger paid, as no provider
// does, and its empty list is believed once the first payout is found.
func TestASimulatorThatWasBegunAnewPays(t *testing.T) {
	t.Parallel()
	const rows = 3
	s := scene{t: t, binary: payrunBinary(t), folder: t.TempDir()}
	m := s.machine("caisse")
	begin := func(address string) *process {
		p := &process{Cmd: m.command(t.Context(), "sandbox", "--addr", address)}
		out, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		url, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("the simulator printed no address: %v", err)
		}
		m.url = strings.TrimSpace(url)
		return p
	}
	first := begin("127.0.0.1:0")
	run := func(ledgerPath string) []string {
		return append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", ledgerPath}, atOnce()...)
	}
	m.pays(exitPaid, "", run("first.db")...)
	first.kills(t)
	second := begin(strings.TrimPrefix(m.url, "http://"))
	defer second.kills(t)
	m.pays(exitPaid, "another ledger of this account was used since", run("second.db")...)
	m.agrees("payrun-report/may.json")
	m.nobodyTwice(rows)
}

// TestALookUpPageThatIsNotThereIsSaid as what it is: the provider answers everything
// else.
func TestALookUpPageThatIsNotThereIsSaid(t *testing.T) {
	if testing.Short() {
		t.Skip("a probe asks for twenty seconds before it gives up")
	}
	t.Parallel()
	s := setScene(t, "not_found: page\n")
	m := s.machine("caisse")
	run := append([]string{"run", s.rows("may.csv", upTo(1, 3)...)}, atOnce()...)
	out := m.pays(exitStopped, "the provider answers, but not to look-ups", run...)
	if !strings.Contains(out, "--status-path (get-status-payment or transaction)") {
		t.Errorf("not told what to do\n%s", out)
	}
	s.nobodyTwice(0)
}
