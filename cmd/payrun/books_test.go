package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
)

// books are the simulated provider's, as it shows them: the shape of its page, not
// its code.
type books struct {
	Transfers []struct {
		TransactionID string `json:"transaction_id"`
		Number        string `json:"number"`
		Amount        int64  `json:"amount"`
		Credited      bool   `json:"credited"`
	} `json:"transfers"`
	Credited struct {
		Count  int   `json:"count"`
		Amount int64 `json:"amount"`
	} `json:"credited"`
	PaidTwice []string    `json:"paid_twice"`
	Fees      json.Number `json:"fees"`
	InTheAir  int         `json:"in_the_air"`
}

func readBooks(t *testing.T, url string) books {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/_sandbox/books", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var b books
	if err := json.NewDecoder(response.Body).Decode(&b); err != nil {
		t.Fatalf("read the books: %v", err)
	}
	return b
}

// startSandbox runs the simulated provider as a process of its own and returns
// its URL.
func startSandbox(t *testing.T, binary string, args ...string) string {
	t.Helper()
	url, _ := startSandboxUntil(t, binary, args...)
	return url
}

// startSandboxUntil is startSandbox for a provider that goes away before the test ends:
// another may then take its address.
func startSandboxUntil(t *testing.T, binary string, args ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, binary, append([]string{"sandbox"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the sandbox printed no address: %v", err)
	}
	return strings.TrimSpace(line), stop
}

// credentials is the environment of a person whose account the simulator has.
func credentials(t *testing.T) []string {
	t.Helper()
	return append(append(os.Environ(), own(t).list()...),
		"PAYRUN_API_KEY=sandbox-key", "PAYRUN_API_SECRET=sandbox-secret", "LANG=C")
}

// reportJSON is the part of a report that the test reads.
type reportJSON struct {
	Summary struct {
		Rows       int         `json:"rows"`
		Amount     int64       `json:"amount"`
		Successful countJSON   `json:"successful"`
		Fees       json.Number `json:"fees"`
	} `json:"summary"`
	Payouts []struct {
		TransactionID string `json:"transaction_id"`
		Number        string `json:"number"`
		Amount        int64  `json:"amount"`
		State         string `json:"state"`
	} `json:"payouts"`
}

// countJSON is a count as the test reads it, in whole francs.
type countJSON struct {
	Count  int   `json:"count"`
	Amount int64 `json:"amount"`
}

// TestReportLedgerAndProviderAgreeToTheFranc pays the sample file through a
// provider in another process and holds the four records of it against each
// other: the file, the ledger, the reports and the provider's own books.
func TestReportLedgerAndProviderAgreeToTheFranc(t *testing.T) {
	for _, dialect := range []string{"v2", "v1"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			binary, folder := payrunBinary(t), t.TempDir()
			url := startSandbox(t, binary)
			run := exec.CommandContext(t.Context(), binary, "run", filepath.Join("..", "..", "testdata", "payroll.csv"),
				"--api-url", url, "--dialect", dialect, "--rate", "0", "--yes", "--no-progress",
				"--ledger", filepath.Join(folder, "ledger.db"), "--report", folder)
			run.Env = credentials(t)
			if out, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			holdAgainstEachOther(t, folder, readBooks(t, url))
		})
	}
}

func holdAgainstEachOther(t *testing.T, folder string, provider books) {
	t.Helper()
	file := readSample(t)
	report := readReport(t, filepath.Join(folder, "payroll.json"))
	store, err := boltledger.Open(filepath.Join(folder, "ledger.db"), boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()

	var total int64
	for _, transfer := range provider.Transfers {
		row, ok := file[transfer.TransactionID]
		if !ok || !transfer.Credited || row.amount != transfer.Amount || row.number != transfer.Number {
			t.Errorf("the provider credited %+v, the file says %+v", transfer, row)
		}
		payout, err := store.Payout(t.Context(), ledger.TransactionID(transfer.TransactionID))
		if err != nil || payout.State != ledger.Successful || payout.Amount.Minor != transfer.Amount {
			t.Errorf("the provider credited %+v, the ledger says %+v, %v", transfer, payout, err)
		}
		total += transfer.Amount
	}
	if len(provider.Transfers) != len(file) || len(report.Payouts) != len(file) {
		t.Errorf("%d rows in the file, %d transfers, %d rows in the report", len(file), len(provider.Transfers), len(report.Payouts))
	}
	s := report.Summary
	if s.Amount != total || s.Successful.Amount != total || s.Successful.Count != len(file) || s.Fees != provider.Fees {
		t.Errorf("the report says %+v, the provider credited %d in %d transfers with fees %s", s, total, len(file), provider.Fees)
	}
	for _, row := range report.Payouts {
		if file[row.TransactionID] != (sampleRow{row.Number, row.Amount}) || row.State != "successful" {
			t.Errorf("the report says %+v, the file %+v", row, file[row.TransactionID])
		}
	}
}

type sampleRow struct {
	number string
	amount int64
}

// readSample reads the sample file with nothing of payrun's.
func readSample(t *testing.T) map[string]sampleRow {
	t.Helper()
	text, err := os.Open(filepath.Join("..", "..", "testdata", "payroll.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	reader := csv.NewReader(text)
	header, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	rows := map[string]sampleRow{}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		amount, err := strconv.ParseInt(record[at["amount"]], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows[record[at["transaction_id"]]] = sampleRow{record[at["customer_id"]], amount}
	}
}

func readReport(t *testing.T, path string) reportJSON {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report reportJSON
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report
}

const roughDay = `
seed: %d
latency: {min: 1ms, max: 20ms}
settle: {min: 50ms, max: 300ms}
late: {min: 50ms, max: 500ms}
lookup_lag: {min: 50ms, max: 500ms}
slow: {min: 500ms, max: 900ms}
token_life: 5s
faults:
  drop_before: 3
  drop_after: 4
  hang_after: 2
  late: 3
  http_502: 3
  http_504_after: 3
  failed_504: 2
  garbage: 2
  truncated: 3
  stranger: 2
  pending: 10
  lookup_500: 5
  lookup_lag: 10
`

// TestKilledAtRandomMomentsNobodyIsPaidTwice kills the real program again and
// again while it pays through a provider on a bad day, and runs the same command
// until it is done. The provider pays a repeated transaction id again, so only
// payrun can keep the promise.
func TestKilledAtRandomMomentsNobodyIsPaidTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a real process for several seconds")
	}
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	seed := rand.Uint64N(1 << 32)
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	scenario, file := filepath.Join(folder, "rough.yaml"), filepath.Join(folder, "kill.csv")
	if err := os.WriteFile(scenario, fmt.Appendf(nil, roughDay, seed), 0o600); err != nil {
		t.Fatal(err)
	}
	const rows, early, kills = 400, 3, 5
	total := writeRows(t, file, rows)
	url := startSandbox(t, binary, "--scenario", scenario)
	command := func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, binary, "run", file, "--api-url", url, "--yes", "--no-progress",
			"--rate", "200", "--workers", "24", "--request-timeout", "1s", "--lookup-grace", "3s", "--poll-max", "1s", "--wait", "6s",
			"--ledger", filepath.Join(folder, "ledger.db"), "--report", filepath.Join(folder, "report"))
		cmd.Env = credentials(t)
		return cmd
	}
	// The first are killed at any moment, before anything is sent too; the others while
	// they pay.
	for range early {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(20+random.IntN(600))*time.Millisecond)
		_ = command(ctx).Run() // ends by SIGKILL, as exec.CommandContext does
		cancel()
	}
	const share = rows / (kills + 1)
	paying := 0
	for i := range kills {
		if killAt(t, command(t.Context()), url, i*share+1+random.IntN(share)) {
			paying++
		}
	}
	if paying <= kills/2 {
		t.Errorf("only %d of %d runs were killed while they paid", paying, kills)
	}
	p := &payroll{path: file, rows: rows, total: total}
	code, out := p.runUntilNothingIsOpen(t, func() (int, string) {
		said, err := command(t.Context()).CombinedOutput()
		return exitCodeOf(t, err), string(said)
	})
	if code != exitPaid && code != exitFailed {
		t.Fatalf("the last run ended with %d\n%s", code, out)
	}
	p.judge(t, readBooks(t, url), filepath.Join(folder, "report", "kill.json"), filepath.Join(folder, "ledger.db"))
}

// killAt runs a command that pays and kills it once the provider has heard of so many
// transfers. It reports false if the command ended before.
func killAt(t *testing.T, cmd *exec.Cmd, url string, transfers int) bool {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return false
		case <-ticker.C:
			if len(readBooks(t, url).Transfers) >= transfers {
				_ = cmd.Process.Kill()
				<-ended
				return true
			}
		}
	}
}

// payroll is a file of writeRows that is being paid.
type payroll struct {
	path  string
	rows  int
	total int64
}

// runUntilNothingIsOpen runs a command that pays the file until no payout is in doubt. A
// "not found" is believed beside a younger transfer only, and where everything was sent
// there will be none: each time a person is added to the file, whose payment is the
// control of those before.
func (p *payroll) runUntilNothingIsOpen(t *testing.T, run func() (code int, out string)) (code int, out string) {
	t.Helper()
	const most = 16 // a bad day may lose the answers of several in a row
	for range most {
		if code, out = run(); code != exitOpen {
			return code, out
		}
		p.rows++
		p.total = writeRows(t, p.path, p.rows)
		t.Logf("something is open after a run: %d rows from now on", p.rows)
	}
	t.Fatalf("payouts are open after %d runs, each with one to compare with\n%s", most, out)
	return code, out
}

// judge holds the provider's books, the report and the ledger against the file: each row
// is paid once or has failed and is not paid, and all of them say which.
func (p *payroll) judge(t *testing.T, provider books, reportPath, ledgerPath string) {
	t.Helper()
	if len(provider.PaidTwice) > 0 || provider.InTheAir > 0 {
		t.Errorf("paid twice: %v, still in the air: %d", provider.PaidTwice, provider.InTheAir)
	}
	credited := map[string]int{}
	for _, transfer := range provider.Transfers {
		if transfer.Credited {
			credited[transfer.TransactionID]++
		}
	}
	report := readReport(t, reportPath)
	s := report.Summary
	if s.Rows != p.rows || len(report.Payouts) != p.rows || s.Amount != p.total {
		t.Errorf("the report has %d rows of %d XOF, the file %d of %d", s.Rows, s.Amount, p.rows, p.total)
	}
	if s.Successful.Count != provider.Credited.Count || s.Successful.Amount != provider.Credited.Amount {
		t.Errorf("the report says %+v were paid, the provider %+v", s.Successful, provider.Credited)
	}
	store, err := boltledger.Open(ledgerPath, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	times := map[ledger.State]int{ledger.Successful: 1, ledger.Failed: 0}
	for _, row := range report.Payouts {
		payout, err := store.Payout(t.Context(), ledger.TransactionID(row.TransactionID))
		want, final := times[payout.State]
		got := 0
		for _, attempt := range payout.Attempts() {
			got += credited[string(attempt.Reference)]
		}
		if err != nil || !final || row.State != payout.State.String() || got != want {
			t.Errorf("%s is %s in the ledger (%v), %s in the report, and credited %d times",
				row.TransactionID, payout.State, err, row.State, got)
		}
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d of %d rows paid, %d transfers at the provider", s.Successful.Count, p.rows, len(provider.Transfers))
}
