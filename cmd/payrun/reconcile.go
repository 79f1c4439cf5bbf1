package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/engine"
	"payrun/batch/input"
	"payrun/ledger"
	"payrun/ledger/money"
)

// reconcileOptions say what a batch is held against.
type reconcileOptions struct {
	pay payOptions
	// statement is a file that the provider's dashboard exported; empty asks the
	// provider.
	statement string
	sheet     string
	columns   map[string]string
}

func (a *app) reconcileCommand() *cobra.Command {
	var o reconcileOptions
	cmd := &cobra.Command{
		Use:   "reconcile BATCH",
		Short: "Hold the file, the ledger and the provider against each other",
		Long: `Asks the provider about every payout of the batch again, by its list of
transactions and by look-ups at --rate, and compares. With --statement it asks
nobody and compares with what the provider's dashboard exported, CSV or XLSX.

An open payout that the provider has settled is recorded as such. What contradicts
a final state, a payment that was reversed for one, is recorded beside it and
listed; nothing final is rewritten and nothing is sent. The reports are written
again.

Exit status: 0 no differences, 3 the statement cannot be read, 5 some look-ups had
no answer, 7 differences.`,
		Example: "  payrun reconcile payroll --rate 5\n  payrun reconcile payroll --statement november.xlsx",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.statement != "" {
				if err := a.refuseIdle(cmd, "does nothing with --statement, which asks nobody", askingFlags...); err != nil {
					return err
				}
			}
			a.sandboxDefaults(cmd, &o.pay)
			return a.reconcile(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	flags := cmd.Flags()
	o.pay.provider.addFlags(flags)
	o.pay.report.addFlags(flags)
	flags.StringVar(&o.statement, "statement", "", "compare with the provider's statement in `FILE` instead of asking")
	flags.StringVar(&o.sheet, "sheet", "", "the `SHEET` of a workbook (default: the only one with the header)")
	flags.StringToStringVar(&o.columns, "map", nil, "take a `field=Header` from the column with that title")
	return cmd
}

// askingFlags say how the provider is asked.
//
//nolint:gochecknoglobals // a table that nothing writes to
var askingFlags = []string{
	"api-url", "dialect", "environment", "status-path", "api-key-file", "api-secret-file", "scenario",
	"insecure-http", "request-timeout", "rate", "workers",
}

func (o *reconcileOptions) validate() error {
	if o.statement == "" && (o.sheet != "" || len(o.columns) > 0) {
		return usage("--sheet and --map go with --statement")
	}
	return errors.Join(o.pay.provider.validate(), o.pay.report.validate())
}

func (a *app) reconcile(ctx context.Context, id ledger.BatchID, o reconcileOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	if o.statement != "" {
		return a.reconcileStatement(ctx, id, o)
	}
	s, err := a.openSession(ctx, o.pay, false)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.existing(ctx, id)
	if err != nil {
		return err
	}
	if err := checkReports(o.pay.report, id, found.Environment); err != nil {
		return err
	}
	if _, err := s.balance(ctx); err != nil {
		return err
	}
	done, err := s.inquiry().Reconcile(a.accepting, found, s.rules.Fee)
	if err != nil {
		return err
	}
	if done.ListError != nil {
		a.logger().Warn().Err(done.ListError).
			Msg("payouts were looked up one by one; transfers that were never sent from here were not sought")
	}
	return a.conclusion(ctx, s.store, found, done, o)
}

// reconcileStatement needs no provider and no credentials.
func (a *app) reconcileStatement(ctx context.Context, id ledger.BatchID, o reconcileOptions) error {
	set, err := loadRules(o.pay.provider.rules)
	if err != nil {
		return err
	}
	store, err := a.openLedger(a.ledgerPath(o.pay.provider.sandbox))
	if err != nil {
		return err
	}
	defer a.closeLedger(store)
	found, err := batch.Find(ctx, store, id)
	if err != nil {
		return err
	}
	if err := checkReports(o.pay.report, id, found.Environment); err != nil {
		return err
	}
	statement, err := input.OpenStatement(o.statement, input.Options{
		Sheet: o.sheet, Map: columnMap(o.columns), Stdin: a.stdin,
	})
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return err
	case errors.Is(err, input.ErrNoIDs):
		return a.unnamedStatement(o.statement, err)
	case err != nil:
		return a.unreadable(o.statement, err)
	}
	defer statement.Close() //nolint:errcheck // only read
	rows, problems, err := batch.ReadStatement(ctx, statement, set)
	if err != nil {
		return a.unreadable(o.statement, err)
	}
	if len(problems) > 0 {
		return a.refuseStatement(o.statement, statement.Info(), len(rows), problems)
	}
	done, err := batch.ReconcileStatement(a.accepting, store, found, rows, set.Fee)
	if err != nil {
		return err
	}
	return a.conclusion(ctx, store, found, done, o)
}

// unnamedStatement tells of a statement without a column of references. Giving its
// rows ids, as helps a file of beneficiaries, would compare nothing.
func (a *app) unnamedStatement(path string, err error) error {
	told := a.unreadable(path, err)
	if advised := (*advice)(nil); errors.As(told, &advised) {
		advised.hints = []string{a.text("notice.statement_ids")}
	}
	return told
}

// conclusion writes the reports again and tells what came of it.
func (a *app) conclusion(ctx context.Context, store reportable, b ledger.Batch, done batch.Reconciliation, o reconcileOptions) error {
	written, err := a.writeReports(ctx, store, b, o.pay.report)
	if err != nil {
		return err
	}
	after, err := engine.Look(ctx, store, b)
	if err != nil {
		return err
	}
	result := newReconciled(b, done, after.Tally())
	result.Reports = written.Files
	if o.statement != "" {
		result.Source = sourceStatement
	}
	if err := a.tellReconciled(result); err != nil {
		return err
	}
	if result.Exit != exitPaid {
		return exitError(result.Exit)
	}
	return nil
}

// difference is one thing about which file, ledger and provider disagree. Row,
// TransactionID, Amount and State are the ledger's and empty where it has none.
type difference struct {
	Row           int                  `json:"row"`
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Reference     string               `json:"reference"`
	Amount        int64                `json:"amount"`
	AmountThere   int64                `json:"amount_there"`
	Code          string               `json:"code"`
	State         string               `json:"state"`
	Provider      string               `json:"provider"`
	ProviderCode  string               `json:"provider_code"`
	Fees          *money.Centimes      `json:"fees"`
	FeesExpected  *money.Centimes      `json:"fees_expected"`
	StatementRow  int                  `json:"statement_row"`
}

func newDifference(d batch.Difference) difference {
	shown := difference{
		Row: d.Payout.Row, TransactionID: d.Payout.ID, Reference: d.Reference,
		Amount: int64(d.Payout.Amount), AmountThere: int64(d.AmountThere), Code: d.Code,
		StatementRow: d.StatementRow,
	}
	if d.Payout.ID != "" {
		shown.State = d.Payout.State.String()
	}
	if d.Code != batch.DifferenceFile {
		shown.Provider, shown.ProviderCode = d.Provider.Class.String(), d.Provider.Code
	}
	if d.Code == batch.DifferenceFees {
		shown.Fees, shown.FeesExpected = &d.Provider.Fees, &d.FeesExpected
	}
	return shown
}

// newDifferences lists differences by row, what has none at the end.
func newDifferences(found []batch.Difference) []difference {
	list := make([]difference, 0, len(found))
	for _, d := range found {
		list = append(list, newDifference(d))
	}
	slices.SortStableFunc(list, func(a, b difference) int {
		const last = 1 << 62
		return cmp.Or(
			cmp.Compare(cmp.Or(a.Row, last), cmp.Or(b.Row, last)),
			cmp.Compare(a.StatementRow, b.StatementRow), cmp.Compare(a.Reference, b.Reference))
	})
	return list
}
