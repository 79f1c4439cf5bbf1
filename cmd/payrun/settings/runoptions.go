package settings

import (
	"github.com/spf13/pflag"

	"payrun/batch/intake"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// RunOptions are those of run and, but for the paying, of plan.
type RunOptions struct {
	Input       InputOptions
	Pay         PayOptions
	Batch       string
	SkipInvalid bool
	Expected    ControlTotals
	// Plan names what the file is held to, empty for nothing.
	Plan string
}

// AddFlags adds those of the file and the batch.
func (o *RunOptions) AddFlags(flags *pflag.FlagSet) {
	o.Input.AddFlags(flags)
	o.AddBatchFlags(flags)
	o.Expected = NewControlTotals()
	flags.Var(&o.Expected.Count, "expect-count", "control total: how many rows, `N`, must be payable")
	flags.Var(&o.Expected.Corrections, "expect-corrections",
		"control total: how many known rows, `N`, come back with other terms; --yes needs it if any do")
	flags.Var(&o.Expected.Amount, "expect-total", "control total: the `AMOUNT` that they must come to")
}

// AddBatchFlags adds those that say which rows of the file become which batch.
func (o *RunOptions) AddBatchFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Batch, "batch", "", "the batch's `ID` (default: from the file's name)")
	flags.BoolVar(&o.SkipInvalid, "skip-invalid", false, "pay the rows that are right and report the others")
}

// AddAgainstFlag adds the one that names the batch to compare with.
func AddAgainstFlag(flags *pflag.FlagSet, against *string) {
	flags.StringVar(against, "against", "", "compare with `BATCH` (default: the last one that pays mostly the same numbers)")
}

// ID returns the batch's id.
func (o *RunOptions) ID(path string) (ledger.BatchID, error) {
	if o.Batch == "" {
		return intake.IDFromFile(path), nil
	}
	if !intake.ValidID(o.Batch) {
		return "", ui.Mistaken("batch_name", "given", o.Batch)
	}
	return ledger.BatchID(o.Batch), nil
}
