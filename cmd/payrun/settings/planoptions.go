package settings

import (
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// PlanOptions are those of plan beside the ones of run.
type PlanOptions struct {
	RunOptions

	// Against is the batch to compare with, empty for the last comparable one.
	Against string
	// Out names the plan to write, empty for none. Payees lists everybody on its page,
	// Numbers shows numbers there in full.
	Out             string
	Payees, Numbers bool
}

// AddPlanFlags adds those that run does not have.
func (o *PlanOptions) AddPlanFlags(flags *pflag.FlagSet) {
	AddAgainstFlag(flags, &o.Against)
	flags.StringVarP(&o.Out, "out", "o", "", "write the plan as `PLAN`.html, PLAN.txt and PLAN.list.jsonl")
	flags.BoolVar(&o.Payees, "payees", false, "with --out: list everybody on the page")
	flags.BoolVar(&o.Numbers, "numbers", false, "with --out: show numbers in full on the page")
}

// ValidatePlan refuses what makes no sense.
func (o *PlanOptions) ValidatePlan() error {
	if o.Out == "" && (o.Payees || o.Numbers) {
		return ui.Mistaken("plan_page")
	}
	return nil
}

// AddPlanFlag adds the flag that names the plan to hold a file to.
func AddPlanFlag(flags *pflag.FlagSet, plan *string) {
	flags.StringVar(plan, "plan", "", "pay exactly what `PLAN` says, as plan --out wrote it, or nothing")
}
