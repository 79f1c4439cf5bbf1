package main

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"payrun/batch/intake/table"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/reports"
)

// inputOptions say how a file is read and checked.
type inputOptions struct {
	sheet       string
	columns     settings.ColumnMap
	hidden      string
	strict      bool
	restoreZero bool
	// repeats is how many rows shall be paid although they repeat others.
	repeats settings.ControlTotal
	// details shows each problem by itself.
	details bool
	// annotate and problems are where what was found is written.
	annotate, problems string
}

// addReadingFlags adds those that say where the columns are.
func (o *inputOptions) addReadingFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.sheet, "sheet", "", "the workbook's `SHEET` (default: the only one with the header)")
	settings.AddMapFlag(flags, &o.columns)
	flags.StringVar(&o.hidden, "hidden", "", "`pay` or skip the rows of a workbook that are hidden or filtered out (default: refuse them)")
}

func (o *inputOptions) addFlags(flags *pflag.FlagSet) {
	o.addReadingFlags(flags)
	flags.BoolVar(&o.strict, "strict", false, "treat warnings as errors")
	flags.BoolVar(&o.restoreZero, "restore-leading-zero", false,
		"put back the zero that a spreadsheet dropped from a nine-digit number")
	addDetailsFlag(flags, &o.details)
	o.addRepeatFlag(flags)
	flags.StringVar(&o.annotate, "annotate", "", "copy the file to `OUT.xlsx` (or .csv) with a column of what is wrong, to mend there")
	flags.StringVar(&o.problems, "problems", "", "write all problems to `OUT.csv`, one a line")
}

func (o *inputOptions) addRepeatFlag(flags *pflag.FlagSet) {
	o.repeats = settings.NewControlTotal("N")
	flags.Var(&o.repeats, "repeat-ok", "pay the `N` rows that repeat a payment; another number than there are is refused")
}

func addDetailsFlag(flags *pflag.FlagSet, details *bool) {
	flags.BoolVar(details, "details", false, "show each problem by itself, not one paragraph for each kind")
}

// reading returns how the file is to be read.
func (o *inputOptions) reading() table.Options {
	return table.Options{Sheet: o.sheet, Map: o.columns, Hidden: table.Hidden(o.hidden)}
}

// validate refuses to write over the file that is read. The annotated copy
// replaces no file at all.
func (o *inputOptions) validate(path string) error {
	switch {
	case o.hidden != "" && o.hidden != string(table.HiddenPay) && o.hidden != string(table.HiddenSkip):
		return ui.Mistaken("one_of", "flag", "--hidden", "choices", "pay, skip", "given", o.hidden)
	case o.problems == "":
		return nil
	case !strings.EqualFold(filepath.Ext(o.problems), ".csv"):
		return ui.Mistaken("problems_csv", "given", o.problems)
	case fsx.SameFile(path, o.problems), o.problems == o.annotate:
		return ui.Mistaken("problems_taken", "file", o.problems)
	default:
		return nil
	}
}

// providerOptions say where and how payouts are made.
type providerOptions struct {
	// apiHost is the host that the credentials are for, empty for the provider's own.
	apiHost    string
	keyFile    string
	secretFile string

	sandbox  bool
	scenario string

	insecureHTTP   bool
	requestTimeout time.Duration
	rate           float64
	workers        int

	// rules name the operators as the provider does, among others.
	rules string
}

// addFlags adds those of every provider and those that are a provider's own, whose
// values the settings keep.
func (o *providerOptions) addFlags(flags *pflag.FlagSet, from *settings.Settings) {
	from.AddClientFlags(flags)
	flags.StringVar(&o.apiHost, "api-host", "", "the `HOST` that the credentials are for, if it is not the provider's own")
	flags.StringVar(&o.keyFile, "api-key-file", "", "read the API key from `FILE`, which only you may read")
	flags.StringVar(&o.secretFile, "api-secret-file", "", "read the API secret from `FILE`, which only you may read")
	flags.BoolVar(&o.sandbox, "sandbox", false, "pay against a simulated provider started for this run: no money moves")
	flags.StringVar(&o.scenario, "scenario", "", "with --sandbox: the faults in `FILE`")
	flags.BoolVar(&o.insecureHTTP, "insecure-http", false, "allow an --api-url without TLS that is not on this machine")
	flags.DurationVar(&o.requestTimeout, "request-timeout", 30*time.Second, "how long one request may take")
	flags.Float64Var(&o.rate, "rate", 5, "requests a second at most, look-ups included; 0 is as fast as the provider allows (with --sandbox 500, if none is given)")
	flags.IntVar(&o.workers, "workers", 16, "requests under way at once")
	addRulesFlag(flags, &o.rules)
}

func addRulesFlag(flags *pflag.FlagSet, path *string) {
	flags.StringVar(path, "rules", "", "use the rules in `FILE` instead of the built-in ones")
}

func (o *providerOptions) validate() error {
	switch {
	case o.rate < 0:
		return ui.Mistaken("rate")
	case o.workers < 1:
		return ui.Mistaken("workers")
	case o.requestTimeout <= 0:
		return ui.Mistaken("request_timeout")
	case o.scenario != "" && !o.sandbox:
		return ui.Mistaken("scenario_alone")
	}
	return nil
}

// payOptions say how a batch is paid.
type payOptions struct {
	provider    providerOptions
	yes         bool
	adopt       bool
	newLedger   bool
	partial     bool
	wait        time.Duration
	lookupGrace time.Duration
	pollMin     time.Duration
	pollMax     time.Duration
	outageMax   time.Duration
	metricsAddr string
	// metricsHosts are further names that the server of metrics answers to.
	metricsHosts string
	report       reportOptions
}

func (o *payOptions) addFlags(flags *pflag.FlagSet, from *settings.Settings) {
	o.provider.addFlags(flags, from)
	flags.BoolVar(&o.yes, "yes", false, "do not ask before money moves")
	flags.BoolVar(&o.adopt, "adopt", false, "the ledger may not be the newest: look up what is queued before sending it")
	flags.BoolVar(&o.newLedger, "new-ledger", false, "the account never paid anybody: begin it with this ledger")
	flags.BoolVar(&o.partial, "allow-partial", false, "start although the balance does not cover everything")
	flags.DurationVar(&o.wait, "wait", 5*time.Minute, "how long to wait for open payouts after the last one was sent")
	flags.DurationVar(&o.lookupGrace, "lookup-grace", time.Minute,
		"how long after a request the provider's \"not found\" is proof that it was not taken")
	flags.DurationVar(&o.pollMin, "poll-min", 500*time.Millisecond, "time before a payout's first look-up")
	flags.DurationVar(&o.pollMax, "poll-max", 15*time.Second, "longest time between two look-ups of a payout")
	addOutageFlag(flags, &o.outageMax)
	flags.StringVar(&o.metricsAddr, "metrics-addr", "",
		"serve Prometheus metrics and /healthz at `HOST:PORT` during the run; without a host only on this machine")
	flags.StringVar(&o.metricsHosts, "metrics-host", "",
		"with --metrics-addr: answer to these `NAMES` too, separated by commas, beside this machine's own and the address")
	o.report.addFlags(flags)
}

func addOutageFlag(flags *pflag.FlagSet, outageMax *time.Duration) {
	flags.DurationVar(outageMax, "max-outage", 5*time.Minute, "how long the provider may be silent before the run stops")
}

func (o *payOptions) validate() error {
	switch {
	case o.wait < 0, o.lookupGrace <= 0, o.outageMax <= 0:
		return ui.Mistaken("durations")
	case o.pollMin <= 0 || o.pollMax < o.pollMin:
		return ui.Mistaken("poll")
	}
	return o.provider.validate()
}

// reportOptions say where reports go.
type reportOptions struct {
	dir       string
	csvLocale string
	// formats are those to write; none means all but the journal.
	formats []string
	journal reports.Journal
	// anchors is the folder for anchors and the key that signs, empty for the usual ones.
	anchors string
}

func (o *reportOptions) validate() error {
	switch {
	case o.dir == "":
		return ui.Mistaken("report_empty")
	case o.csvLocale != "" && o.csvLocale != "fr":
		return ui.Mistaken("one_of", "flag", "--csv-locale", "choices", "fr", "given", o.csvLocale)
	}
	for _, name := range o.formats {
		if !slices.Contains(reports.Formats(), name) {
			return ui.Mistaken("one_of", "flag", "--format", "choices", strings.Join(reports.Formats(), ", "), "given", name)
		}
	}
	if slices.Contains(o.formats, reports.FormatJournal) {
		if err := o.journal.Validate(); err != nil {
			return ui.UsageOf(err, "name accounts of your chart with --account-beneficiaries, --account-wallet and --account-fees")
		}
	}
	return nil
}

// journalFlags say how a journal books.
//
//nolint:gochecknoglobals // a table that nothing writes to
var journalFlags = []string{
	"journal-code", "journal-detail", "account-beneficiaries", "account-wallet", "account-fees",
}

// addFormatFlags adds what only the command that writes reports again offers.
func (o *reportOptions) addFormatFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.formats, "format", nil, "write these `FORMATS` only: csv, xlsx, json, html, journal")
	flags.StringVar(&o.journal.Code, "journal-code", o.journal.Code, "the journal's `CODE` in the books")
	flags.BoolVar(&o.journal.Detail, "journal-detail", false, "book every payout and every fee by itself")
	flags.StringVar(&o.journal.Beneficiaries, "account-beneficiaries", o.journal.Beneficiaries, "the `ACCOUNT` that owed the payments")
	flags.StringVar(&o.journal.Wallet, "account-wallet", o.journal.Wallet, "the `ACCOUNT` of the mobile-money wallet")
	flags.StringVar(&o.journal.Fees, "account-fees", o.journal.Fees, "the `ACCOUNT` of the fees")
}

func (o *reportOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "report", "payrun-report", "write the reports into `DIR`")
	flags.StringVar(&o.csvLocale, "csv-locale", "", "write the CSV for a spreadsheet in `fr` (semicolons, BOM)")
	flags.StringVar(&o.anchors, "anchors", "",
		"keep in `DIR` what tells that the ledger is the newest, and the key that signs reports (default: one for the whole machine, or your own)")
}
