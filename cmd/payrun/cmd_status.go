package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (a *app) statusCommand() *cobra.Command {
	var sandboxed bool
	var state string
	cmd := &cobra.Command{
		Use:   "status [BATCH]",
		Short: "Show batches and where they stand",
		Long: `Lists the batches of the ledger. With BATCH: its payouts by state and by
operator, and by name those that are open, that failed, and about which the provider
disagrees. With --state all that are in one state, or that differ. It can be asked
while a run is going on.

Exit status: 7 if the provider disagrees about a payout of BATCH and no person has
resolved that, else 0.`,
		Example: "  payrun status payroll\n  payrun status payroll --state failed",
		Args:    settings.Args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkState(state, len(args) > 0); err != nil {
				return err
			}
			return a.status(cmd.Context(), args, a.LedgerPath(sandboxed), state)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "list every payout of BATCH that is in this `STATE`, or that differs: failed, difference, …")
	addLedgerFlags(cmd.Flags(), &sandboxed)
	return cmd
}

// addLedgerFlags lets a command that calls no provider find the ledger of rehearsals,
// or that of another account.
func addLedgerFlags(flags *pflag.FlagSet, sandboxed *bool) {
	flags.BoolVar(sandboxed, "sandbox", false, "use the ledger of rehearsals, "+settings.SandboxLedgerFile)
	flags.String("api-url", settings.ProductionURL, "use the ledger of the account at the provider's `URL`")
	flags.String("environment", "", "with --api-url: the X-Environment header's `VALUE` (default: from the URL)")
}

// batchStatus is the status of a batch for scripts. Its JSON keys are documented in
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
	Open       []ui.Payout                                 `json:"open,omitempty"`
	// Failed and Differences are named of one batch; Payouts are those of a state
	// that was asked for.
	Failed      []ui.Payout `json:"failed,omitempty"`
	Differences []ui.Payout `json:"differences,omitempty"`
	Payouts     []ui.Payout `json:"payouts,omitempty"`
}

// stateDiffers asks for what the provider disagrees about.
const stateDiffers = "difference"

// checkState refuses a state that no payout can be in.
func checkState(state string, ofBatch bool) error {
	if state == "" {
		return nil
	}
	if !ofBatch {
		return ui.Mistaken("state_alone")
	}
	var words []string
	for _, known := range ledger.States() {
		words = append(words, known.String())
	}
	words = append(words, stateDiffers)
	if !slices.Contains(words, state) {
		return ui.Mistaken("one_of", "flag", "--state", "choices", strings.Join(words, ", "), "given", state)
	}
	return nil
}

func (a *app) status(ctx context.Context, args []string, path, state string) error {
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	books := a.books(store, nil)
	if len(args) == 0 {
		all, err := books.Overview(ctx)
		if err != nil {
			return err
		}
		return a.showBatches(all)
	}
	found, err := books.Status(ctx, ledger.BatchID(args[0]), inState(state))
	if err != nil {
		return err
	}
	if err := a.showBatch(found, state); err != nil {
		return err
	}
	return concluded(found.Outcome(), nil)
}

// inState chooses the payouts that --state asks for.
func inState(state string) func(ledger.Payout) bool {
	return func(p ledger.Payout) bool {
		return p.State.String() == state || (state == stateDiffers && len(p.Unresolved()) > 0)
	}
}

func (a *app) showBatches(all []service.Counted) error {
	list := make([]batchStatus, 0, len(all))
	for _, one := range all {
		list = append(list, newBatchStatus(one.Batch, one.States))
	}
	if a.JSON() {
		return a.PrintJSON(struct {
			Batches []batchStatus `json:"batches"`
		}{list})
	}
	var t ui.Table
	t.Add(a.Text("column.batch"), a.Text("column.file"), a.Text("column.date"), a.Text("column.rows"),
		a.Text("column.paid"), a.Text("column.failed"), a.Text("column.open"), a.Text("column.amount"))
	for _, one := range all {
		b, states := one.Batch, one.States
		t.Add(string(b.ID), b.File, b.CreatedAt.Format(time.DateOnly), strconv.Itoa(states.Total().Count),
			strconv.Itoa(states.In(ledger.Successful).Count), strconv.Itoa(states.In(ledger.Failed).Count),
			strconv.Itoa(states.Open().Count), states.Total().Amount.Grouped())
	}
	return a.PrintTable(t)
}

// showBatch prints where a batch stands: people first, whose list may be long, then the
// totals and what to do.
func (a *app) showBatch(found service.Status, state string) error {
	b := found.Batch
	if a.JSON() {
		status := newBatchStatus(b, found.States)
		status.Open, status.Failed = ui.Payouts(found.Open), ui.Payouts(found.Failed)
		status.Differences, status.Payouts = ui.Payouts(found.Disputed), ui.Payouts(found.Chosen)
		status.ByOperator = map[ledger.Operator]map[string]ledger.Count{}
		for operator, tally := range found.ByOperator {
			status.ByOperator[operator] = byState(*tally)
		}
		return a.PrintJSON(status)
	}
	if state != "" {
		return a.sayEach(ui.Payouts(found.Chosen))
	}
	var lines []string
	for _, list := range []struct {
		title   func(count string) string
		payouts []ledger.Payout
		all     []string
	}{
		{func(n string) string { return a.Text("end.disputed", "count", n) }, found.Disputed, []string{a.ForBatch("status", b.ID, "--state", stateDiffers)}},
		{func(n string) string { return a.Text("end.failed", "count", n) }, found.Failed, []string{a.ForBatch("status", b.ID, "--state", "failed")}},
		{func(n string) string { return a.Text("status.open", "count", n) }, found.Open, nil},
	} {
		if count := len(list.payouts); count > 0 {
			lines = append(append(lines, a.Names(list.title(strconv.Itoa(count)), ui.Payouts(list.payouts), list.all...)...), "")
		}
	}
	if err := a.SayLines(lines); err != nil {
		return err
	}
	if err := a.PrintTable(a.stateTable(found)); err != nil {
		return err
	}
	if err := a.printOperators(found.ByOperator); err != nil {
		return err
	}
	if !b.Sealed {
		return a.Say("%s", a.Text("status.unsealed"))
	}
	return a.SayNext(a.NextFor(b.ID, found.Need()))
}

// sayEach lists people, all of them.
func (a *app) sayEach(payouts []ui.Payout) error {
	for _, p := range payouts {
		if err := a.Say("%s", a.PersonLine(p)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) stateTable(found service.Status) ui.Table {
	var t ui.Table
	b, total := found.Batch, found.States.Total()
	t.Add(string(b.ID), a.Text("column.count"), a.Text("column.amount"))
	for _, state := range ledger.States() {
		if count := found.States.In(state); count.Count > 0 {
			t.Add(a.Text("state."+state.String()), strconv.Itoa(count.Count), count.Amount.Grouped())
		}
	}
	t.Add(a.Text("column.total"), strconv.Itoa(total.Count), total.Amount.Grouped())
	if b.Rejected.Count > 0 {
		t.Add(a.Text("state.rejected"), strconv.Itoa(b.Rejected.Count), b.Rejected.Amount.Grouped())
	}
	return t
}

// printOperators shows the states of each operator's payouts.
func (a *app) printOperators(operators map[ledger.Operator]*engine.Tally) error {
	var t ui.Table
	t.Add(a.Text("column.operator"), a.Text("column.rows"), a.Text("column.paid"), a.Text("column.failed"),
		a.Text("column.open"), a.Text("column.cancelled"), a.Text("column.amount"), a.Text("column.paid")+" XOF")
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		tally := operators[operator]
		t.Add(string(operator), strconv.Itoa(tally.Total().Count), strconv.Itoa(tally.In(ledger.Successful).Count),
			strconv.Itoa(tally.In(ledger.Failed).Count), strconv.Itoa(tally.Open().Count), strconv.Itoa(tally.In(ledger.Cancelled).Count),
			tally.Total().Amount.Grouped(), tally.In(ledger.Successful).Amount.Grouped())
	}
	if err := a.Say(""); err != nil {
		return err
	}
	return a.PrintTable(t)
}

// newBatchStatus returns the status of a batch, without its people.
func newBatchStatus(b ledger.Batch, states engine.Tally) batchStatus {
	return batchStatus{
		Batch: b.ID, File: b.File, Environment: b.Account.Place, CreatedAt: b.CreatedAt, Complete: b.Sealed,
		Rows: states.Total().Count, Amount: int64(states.Total().Amount), Rejected: b.Rejected, States: byState(states),
	}
}

func byState(tally engine.Tally) map[string]ledger.Count {
	states := map[string]ledger.Count{}
	for _, state := range ledger.States() {
		states[state.String()] = tally.In(state)
	}
	return states
}
