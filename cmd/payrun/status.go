package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
)

func (a *app) statusCommand() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "status [BATCH]",
		Short: "Show batches and where they stand",
		Long: `Lists the batches of the ledger. With BATCH: its payouts by state and by
operator, and those that are open. It can be asked while a run is going on.`,
		Example: "  payrun status payroll",
		Args:    usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.status(cmd.Context(), args, a.ledgerPath(sandboxed))
		},
	}
	addSandboxLedgerFlag(cmd, &sandboxed)
	return cmd
}

// addSandboxLedgerFlag lets a command that calls no provider read the ledger of
// rehearsals.
func addSandboxLedgerFlag(cmd *cobra.Command, sandboxed *bool) {
	cmd.Flags().BoolVar(sandboxed, "sandbox", false, "use the ledger of rehearsals, "+defaultSandboxLedger)
}

// batchStatus is where a batch stands. Its JSON keys are documented in
// docs/json.md.
type batchStatus struct {
	Batch       ledger.BatchID          `json:"batch"`
	File        string                  `json:"file"`
	Environment string                  `json:"environment"`
	CreatedAt   time.Time               `json:"created_at"`
	Complete    bool                    `json:"complete"`
	Rows        int                     `json:"rows"`
	Amount      int64                   `json:"amount"`
	Rejected    ledger.Count            `json:"rejected"`
	States      map[string]ledger.Count `json:"states"`
	// ByOperator and Open are those of one batch that was asked for.
	ByOperator map[ledger.Operator]map[string]ledger.Count `json:"by_operator,omitempty"`
	Open       []openPayout                                `json:"open,omitempty"`
}

// openPayout is a payout that is not final. The number is masked.
type openPayout struct {
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Row           int                  `json:"row"`
	Number        string               `json:"number"`
	Amount        int64                `json:"amount"`
	State         ledger.State         `json:"state"`
	Code          string               `json:"code"`
	Message       string               `json:"message"`
}

func (a *app) status(ctx context.Context, args []string, path string) error {
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	if len(args) == 1 {
		found, err := batch.Find(ctx, store, ledger.BatchID(args[0]))
		if err != nil {
			return err
		}
		return a.showBatch(ctx, store, found)
	}
	return a.showBatches(ctx, store)
}

func (a *app) showBatches(ctx context.Context, store ledger.Store) error {
	batches, err := store.Batches(ctx)
	if err != nil {
		return err
	}
	list := make([]batchStatus, 0, len(batches))
	for _, b := range batches {
		status, err := statusOf(ctx, store, b, nil)
		if err != nil {
			return err
		}
		list = append(list, status)
	}
	if a.global.json() {
		return a.printJSON(struct {
			Batches []batchStatus `json:"batches"`
		}{list})
	}
	var t table
	t.add(a.text("column.batch"), a.text("column.file"), a.text("column.date"), a.text("column.rows"),
		a.text("column.paid"), a.text("column.failed"), a.text("column.open"), a.text("column.amount"))
	for _, s := range list {
		open := s.Rows - s.count(ledger.Successful) - s.count(ledger.Failed) - s.count(ledger.Cancelled)
		t.add(string(s.Batch), s.File, s.CreatedAt.Format(time.DateOnly), number(s.Rows),
			number(s.count(ledger.Successful)), number(s.count(ledger.Failed)), number(open), money.XOF(s.Amount).Grouped())
	}
	return a.printTable(t)
}

func (s batchStatus) count(state ledger.State) int { return s.States[state.String()].Count }

// openShown is how many open payouts a person is shown.
const openShown = 50

func (a *app) showBatch(ctx context.Context, store ledger.Store, b ledger.Batch) error {
	var open []openPayout
	operators := map[ledger.Operator]*engine.Tally{}
	status, err := statusOf(ctx, store, b, func(p ledger.Payout) {
		if operators[p.Operator] == nil {
			operators[p.Operator] = &engine.Tally{}
		}
		operators[p.Operator].Add(p)
		if p.State.Open() {
			open = append(open, openPayout{
				TransactionID: p.ID, Row: p.Row, Number: p.Number.String(), Amount: int64(p.Amount),
				State: p.State, Code: p.Answer.Code, Message: p.Answer.Message,
			})
		}
	})
	if err != nil {
		return err
	}
	if a.global.json() {
		status.Open = open
		status.ByOperator = map[ledger.Operator]map[string]ledger.Count{}
		for operator, tally := range operators {
			status.ByOperator[operator] = byState(*tally)
		}
		return a.printJSON(status)
	}
	if err := a.printTable(a.stateTable(status, b)); err != nil {
		return err
	}
	if err := a.printOperators(operators); err != nil {
		return err
	}
	if err := a.sayOpen(open); err != nil {
		return err
	}
	if !b.Sealed {
		return a.say("%s", a.text("status.unsealed"))
	}
	return nil
}

func (a *app) stateTable(status batchStatus, b ledger.Batch) table {
	var t table
	t.add(string(b.ID), a.text("column.count"), a.text("column.amount"))
	for _, state := range ledger.States() {
		if count := status.States[state.String()]; count.Count > 0 {
			t.add(a.text("state."+state.String()), number(count.Count), count.Amount.Grouped())
		}
	}
	t.add(a.text("column.total"), number(status.Rows), money.XOF(status.Amount).Grouped())
	if b.Rejected.Count > 0 {
		t.add(a.text("state.rejected"), number(b.Rejected.Count), b.Rejected.Amount.Grouped())
	}
	return t
}

// printOperators shows the states of each operator's payouts.
func (a *app) printOperators(operators map[ledger.Operator]*engine.Tally) error {
	var t table
	t.add(a.text("column.operator"), a.text("column.rows"), a.text("column.paid"), a.text("column.failed"),
		a.text("column.open"), a.text("state.cancelled"), a.text("column.amount"), a.text("column.paid")+" XOF")
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		tally := operators[operator]
		t.add(string(operator), number(tally.Total().Count), number(tally.In(ledger.Successful).Count),
			number(tally.In(ledger.Failed).Count), number(tally.Open().Count), number(tally.In(ledger.Cancelled).Count),
			tally.Total().Amount.Grouped(), tally.In(ledger.Successful).Amount.Grouped())
	}
	if err := a.say(""); err != nil {
		return err
	}
	return a.printTable(t)
}

// sayOpen lists open payouts, a line each.
func (a *app) sayOpen(open []openPayout) error {
	if len(open) == 0 {
		return nil
	}
	lines := []string{"", a.text("column.open") + ":"}
	for _, p := range open[:min(len(open), openShown)] {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s (%s %d), %s, %s XOF: %s %s %s", p.TransactionID,
			a.text("column.row"), p.Row, p.Number, money.XOF(p.Amount).Grouped(), a.text("state."+p.State.String()), p.Code, p.Message)))
	}
	if more := len(open) - openShown; more > 0 {
		lines = append(lines, a.text("status.more", "count", number(more)))
	}
	return a.say("%s", strings.Join(lines, "\n"))
}

// statusOf counts a batch, and gives each payout to see, if there is one.
func statusOf(ctx context.Context, store ledger.Store, b ledger.Batch, see func(ledger.Payout)) (batchStatus, error) {
	var tally engine.Tally
	for payout, err := range store.Payouts(ctx, b.ID) {
		if err != nil {
			return batchStatus{}, err
		}
		tally.Add(payout)
		if see != nil {
			see(payout)
		}
	}
	status := batchStatus{
		Batch: b.ID, File: b.File, Environment: b.Environment, CreatedAt: b.CreatedAt, Complete: b.Sealed,
		Rows: tally.Total().Count, Amount: int64(tally.Total().Amount), Rejected: b.Rejected, States: byState(tally),
	}
	return status, nil
}

func byState(tally engine.Tally) map[string]ledger.Count {
	states := map[string]ledger.Count{}
	for _, state := range ledger.States() {
		states[state.String()] = tally.In(state)
	}
	return states
}

func number(n int) string { return strconv.Itoa(n) }
