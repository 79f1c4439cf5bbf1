package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
)

// scene is one account at a simulated provider that runs as a process of its own, and a
// folder for the machines that pay from it.
type scene struct {
	t                   *testing.T
	binary, folder, url string
}

// setScene starts the provider; the scenario may be empty.
func setScene(t *testing.T, scenario string) scene {
	t.Helper()
	s := scene{t: t, binary: payrunBinary(t), folder: t.TempDir()}
	args := []string(nil)
	if scenario != "" {
		args = []string{"--scenario", s.write("scenario.yaml", scenario)}
	}
	s.url = startSandbox(t, s.binary, args...)
	return s
}

// setPaidScene starts a provider at which another ledger, of a machine that nothing is
// known of here, has paid the rows of a file.
func setPaidScene(t *testing.T, scenario string, paid ...int) scene {
	t.Helper()
	s := scene{t: t, binary: payrunBinary(t), folder: t.TempDir()}
	elsewhere := s.machine("elsewhere")
	elsewhere.pays(exitPaid, "", append([]string{"run", s.rows("may.csv", paid...), "--sandbox", "--ledger", "l.db"}, atOnce()...)...)
	s.url = startSandbox(t, s.binary, "--books", filepath.Join(elsewhere.home, "l.db.sandbox.jsonl"),
		"--scenario", s.write("scenario.yaml", scenario))
	return s
}

func (s scene) path(name string) string { return filepath.Join(s.folder, name) }

func (s scene) write(name, text string) string {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}

// rows writes a file of payments from one row to another, whose ids and numbers follow
// from the row.
func (s scene) rows(name string, order ...int) string {
	s.t.Helper()
	var text strings.Builder
	text.WriteString("transaction_id,customer_id,name,amount,operator\n")
	for _, i := range order {
		_, _ = fmt.Fprintf(&text, "ROW-%03d,07%08d,Awa Koné %d,%d,ORANGE\n", i, i, i, 100+37*i)
	}
	return s.write(name, text.String())
}

// upTo counts from one number to another, in either direction.
func upTo(from, to int) []int {
	var all []int
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	for i := from; i > to; i-- {
		all = append(all, i)
	}
	if from > to {
		all = append(all, to)
	}
	return all
}

// machine is a computer with a home and anchors of its own.
type machine struct {
	scene
	home string
	// env holds further variables that its people set.
	env []string
}

func (s scene) machine(name string) machine {
	s.t.Helper()
	home := s.path(name)
	if err := os.MkdirAll(home, 0o700); err != nil {
		s.t.Fatal(err)
	}
	return machine{scene: s, home: home}
}

// command is payrun as it is typed on the machine, in its home.
func (m machine) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, m.binary, args...)
	cmd.Dir = m.home
	cmd.Env = append(append(credentials(m.t), placesIn(m.home).list()...), "PAYRUN_API_URL="+m.url)
	cmd.Env = append(cmd.Env, m.env...)
	return cmd
}

func (m machine) types(args ...string) (code int, out string) {
	m.t.Helper()
	text, err := m.command(m.t.Context(), args...).CombinedOutput()
	return exitCodeOf(m.t, err), string(text)
}

// atOnce are the flags of a command that takes no time here.
func atOnce() []string {
	return []string{"--yes", "--no-progress", "--rate", "0", "--lookup-grace", "500ms", "--poll-min", "50ms", "--poll-max", "300ms"}
}

// slowly are those of one that pays so many people a second, in windows of four.
func slowly(rate int) []string {
	return append(atOnce(), "--rate", strconv.Itoa(rate), "--workers", "2")
}

// pays runs a command that pays and expects its exit code and a sentence.
func (m machine) pays(want int, says string, args ...string) (out string) {
	m.t.Helper()
	code, out := m.types(args...)
	if code != want || !strings.Contains(out, says) {
		m.t.Fatalf("%s: exit %d, want %d and %q in\n%s", strings.Join(args[:2], " "), code, want, says, out)
	}
	return out
}

// knownAccount has the machine's ledger pay one person, so that its anchor vouches for
// it and the account has something that look-ups can show.
func (m machine) knownAccount(ledgerPath string) {
	m.t.Helper()
	m.pays(exitPaid, "", append([]string{"run", m.rows("first.csv", 900), "--ledger", ledgerPath}, atOnce()...)...)
}

// starts runs a command in the background.
func (m machine) starts(args ...string) *process {
	m.t.Helper()
	p := &process{Cmd: m.command(m.t.Context(), args...)}
	p.Stdout, p.Stderr = &p.out, &p.out
	if err := p.Start(); err != nil {
		m.t.Fatal(err)
	}
	return p
}

// untilPaid waits until the provider has credited so many.
func (s scene) untilPaid(count int) {
	s.t.Helper()
	until(s.t, fmt.Sprintf("%d are paid", count), func() bool { return s.books().Credited.Count >= count })
}

func (s scene) books() books {
	s.t.Helper()
	return readBooks(s.t, s.url)
}

// nobodyTwice expects that so many were credited, each once.
func (s scene) nobodyTwice(credited int) {
	s.t.Helper()
	if b := s.books(); b.Credited.Count != credited || len(b.PaidTwice) > 0 {
		s.t.Errorf("the provider credited %d, of them twice %v; want %d, each once", b.Credited.Count, b.PaidTwice, credited)
	}
}

// requests counts what came to the provider.
func (s scene) requests() (count int) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/_sandbox/requests", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var all struct {
		ByEndpoint map[string]int `json:"by_endpoint"`
	}
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		s.t.Fatal(err)
	}
	for _, times := range all.ByEndpoint {
		count += times
	}
	return count
}

// agrees holds a report against the provider's books: whoever the report calls paid is
// credited once with that amount at that number, and whoever it calls anything but open
// and paid is not.
func (m machine) agrees(report string) {
	m.t.Helper()
	credited := map[string]int{}
	for _, transfer := range m.books().Transfers {
		if transfer.Credited {
			credited[fmt.Sprint(transfer.Number, " ", transfer.Amount)]++
		}
	}
	for _, row := range readReport(m.t, filepath.Join(m.home, report)).Payouts {
		got := credited[fmt.Sprint(row.Number, " ", row.Amount)]
		switch row.State {
		case ledger.Successful.String():
			if got != 1 {
				m.t.Errorf("the report says that %s is paid, the provider credited it %d times", row.TransactionID, got)
			}
		case ledger.Failed.String(), ledger.Cancelled.String():
			if got != 0 {
				m.t.Errorf("the report says that %s is %s, the provider credited it", row.TransactionID, row.State)
			}
		}
	}
}

// kills ends a process as a power cut does.
func (p *process) kills(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
}

// copyFile copies a ledger as a person does.
func (m machine) copyFile(from, to string) {
	m.t.Helper()
	if err := os.WriteFile(to, mustRead(m.t, from), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// stands returns how many payouts of a batch are in a state.
func stands(t *testing.T, path string, batch ledger.BatchID, state ledger.State) int {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	count, err := countIn(t.Context(), store, batch, state)
	if err != nil {
		t.Fatal(err)
	}
	return count.Count
}

// countIn counts the payouts of a batch that are in one of the states.
func countIn(ctx context.Context, store ledger.Store, id ledger.BatchID, states ...ledger.State) (ledger.Total, error) {
	var count ledger.Total
	for payout, err := range store.Payouts(ctx, id) {
		if err != nil {
			return ledger.Total{}, err
		}
		if slices.Contains(states, payout.State) {
			count.Add(payout.Amount)
		}
	}
	return count, nil
}
