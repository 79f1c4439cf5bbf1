package main

import (
	"context"
	"fmt"
	"strconv"
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
		Long: `Lists the batches of the ledger. With BATCH: its payouts by state, and those
that are open. It can be asked while a run is going on.`,
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
	States      map[string]ledger.Count `json:"states"`
	Open        []openPayout            `json:"open,omitempty"`
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
	status, err := statusOf(ctx, store, b, func(p ledger.Payout) {
		open = append(open, openPayout{
			TransactionID: p.ID, Row: p.Row, Number: p.Number.String(), Amount: int64(p.Amount),
			State: p.State, Code: p.Answer.Code, Message: p.Answer.Message,
		})
	})
	if err != nil {
		return err
	}
	if a.global.json() {
		status.Open = open
		return a.printJSON(status)
	}
	var t table
	t.add(string(b.ID), a.text("column.count"), a.text("column.amount"))
	for _, state := range ledger.States() {
		if count := status.States[state.String()]; count.Count > 0 {
			t.add(a.text("state."+state.String()), number(count.Count), count.Amount.Grouped())
		}
	}
	t.add(a.text("column.total"), number(status.Rows), money.XOF(status.Amount).Grouped())
	if err := a.printTable(t); err != nil {
		return err
	}
	for _, p := range open[:min(len(open), openShown)] {
		line := fmt.Sprintf("%s (%s %d): %s %s %s", p.TransactionID, a.text("column.row"), p.Row,
			a.text("state."+p.State.String()), p.Code, p.Message)
		if err := a.say("%s", line); err != nil {
			return err
		}
	}
	if !b.Sealed {
		return a.say("%s", a.text("status.unsealed"))
	}
	return nil
}

func statusOf(ctx context.Context, store ledger.Store, b ledger.Batch, open func(ledger.Payout)) (batchStatus, error) {
	var tally engine.Tally
	for payout, err := range store.Payouts(ctx, b.ID) {
		if err != nil {
			return batchStatus{}, err
		}
		tally.Add(payout)
		if open != nil && payout.State.Open() {
			open(payout)
		}
	}
	status := batchStatus{
		Batch: b.ID, File: b.File, Environment: b.Environment, CreatedAt: b.CreatedAt, Complete: b.Sealed,
		Rows: tally.Total().Count, Amount: int64(tally.Total().Amount), States: map[string]ledger.Count{},
	}
	for _, state := range ledger.States() {
		status.States[state.String()] = tally.In(state)
	}
	return status, nil
}

func number(n int) string { return strconv.Itoa(n) }
