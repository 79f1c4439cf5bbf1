package settings

import (
	"errors"

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// ReconcileOptions say what a batch is held against.
type ReconcileOptions struct {
	Pay PayOptions
	// Statement is a file that the provider's dashboard exported; empty asks the
	// provider.
	Statement string
	Sheet     string
	Columns   ColumnMap
	Details   bool
}

// AddFlags adds all of them.
func (o *ReconcileOptions) AddFlags(flags *pflag.FlagSet, from *Settings) {
	o.Pay.Provider.AddFlags(flags, from)
	AddOutageFlag(flags, &o.Pay.OutageMax)
	o.Pay.Report.AddFlags(flags)
	flags.StringVar(&o.Statement, "statement", "", "compare with the provider's statement in `FILE` instead of asking")
	flags.StringVar(&o.Sheet, "sheet", "", "the `SHEET` of a workbook (default: the only one with the header)")
	flags.BoolVar(&o.Details, "details", false, "list every difference, and every problem of a statement by itself")
	AddMapFlag(flags, &o.Columns)
}

// Validate refuses what makes no sense.
func (o *ReconcileOptions) Validate() error {
	if o.Pay.OutageMax <= 0 {
		return ui.Mistaken("durations")
	}
	if o.Statement == "" && (o.Sheet != "" || len(o.Columns) > 0) {
		return ui.Mistaken("statement_alone")
	}
	return errors.Join(o.Pay.Provider.Validate(), o.Pay.Report.Validate())
}

// AskingFlags name the flags that say how any provider is asked.
//
//nolint:gochecknoglobals // a table that nothing writes to
var AskingFlags = []string{
	"api-key-file", "api-secret-file", "scenario", "insecure-http", "request-timeout", "rate", "workers", "max-outage",
}
