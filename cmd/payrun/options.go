package main

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/pflag"

	"payrun/batch/messages"
	"payrun/reports"
)

// globalOptions apply to every command.
type globalOptions struct {
	config    string
	ledger    string
	output    string
	logFormat string
	logLevel  string
	logFile   string
	lang      string

	noProgress bool
}

const (
	outputTable = "table"
	outputJSON  = "json"
	logConsole  = "console"
)

func (o *globalOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.config, "config", "", "read settings from `FILE` (default payrun.yaml, if there is one)")
	flags.StringVar(&o.ledger, "ledger", "", "the ledger's `PATH` (default payrun.db; with --sandbox payrun-sandbox.db)")
	flags.StringVar(&o.output, "output", outputTable, "print results as `table` or json")
	flags.StringVar(&o.logFormat, "log-format", logConsole, "write logs as `console` or json")
	flags.StringVar(&o.logLevel, "log-level", "info", "lowest `level` logged: debug, info, warn, error")
	flags.StringVar(&o.logFile, "log-file", "", "append logs to `FILE`, which only you can read, instead of standard error")
	flags.StringVar(&o.lang, "lang", "", "`fr` or en (default: from the locale)")
	flags.BoolVar(&o.noProgress, "no-progress", false, "show no progress bar and no progress lines")
}

func (o *globalOptions) json() bool { return o.output == outputJSON }

func (o *globalOptions) validate() error {
	if o.output != outputTable && o.output != outputJSON {
		return usage("--output is table or json, not \"" + o.output + "\"")
	}
	if o.logFormat != logConsole && o.logFormat != outputJSON {
		return usage("--log-format is console or json, not \"" + o.logFormat + "\"")
	}
	if _, err := zerolog.ParseLevel(o.logLevel); err != nil || o.logLevel == "" {
		return usage("--log-level is debug, info, warn or error, not \"" + o.logLevel + "\"")
	}
	if o.lang != "" {
		if _, ok := messages.ParseLanguage(o.lang); !ok {
			return usage("--lang is fr or en, not \"" + o.lang + "\"")
		}
	}
	return nil
}

// inputOptions say how a file is read and checked.
type inputOptions struct {
	sheet       string
	columns     map[string]string
	strict      bool
	restoreZero bool
	// annotate and problems are where what was found is written.
	annotate, problems string
}

// addReadingFlags adds those that say where the columns are.
func (o *inputOptions) addReadingFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.sheet, "sheet", "", "the workbook's `SHEET` (default: the only one with the header)")
	flags.StringToStringVar(&o.columns, "map", nil, "take a `field=Header` from the column with that title")
}

func (o *inputOptions) addFlags(flags *pflag.FlagSet) {
	o.addReadingFlags(flags)
	flags.BoolVar(&o.strict, "strict", false, "treat warnings as errors")
	flags.BoolVar(&o.restoreZero, "restore-leading-zero", false,
		"put back the zero that a spreadsheet dropped from a nine-digit number")
	flags.StringVar(&o.annotate, "annotate", "", "copy the file to `OUT.xlsx` (or .csv) with a column of what is wrong, to mend there")
	flags.StringVar(&o.problems, "problems", "", "write all problems to `OUT.csv`, one a line")
}

// validate refuses to write over the file that is read. The annotated copy
// replaces no file at all.
func (o *inputOptions) validate(path string) error {
	switch {
	case o.problems == "":
		return nil
	case !strings.EqualFold(filepath.Ext(o.problems), ".csv"):
		return usage("--problems names a .csv file, not \"" + o.problems + "\"")
	case sameFile(path, o.problems), o.problems == o.annotate:
		return usage("--problems "+o.problems+" is another file of this command", "choose another name")
	default:
		return nil
	}
}

// providerOptions say where and how payouts are made.
type providerOptions struct {
	apiURL      string
	dialect     string
	environment string
	statusPath  string
	keyFile     string
	secretFile  string

	sandbox  bool
	scenario string

	insecureHTTP   bool
	requestTimeout time.Duration
	rate           float64
	workers        int

	// rules name the operators as the provider's dialect does, among others.
	rules string
}

const (
	productionURL = "https://api.digitalpaye.com"
	sandboxRate   = 500
)

func (o *providerOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.apiURL, "api-url", productionURL, "the provider's `URL`")
	flags.StringVar(&o.dialect, "dialect", "v2", "the provider's API: `v2` or v1")
	flags.StringVar(&o.environment, "environment", "", "the X-Environment header's `VALUE` (default: from the URL)")
	flags.StringVar(&o.statusPath, "status-path", "get-status-payment", "the look-up's `PATH` under /v1/")
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
	case o.dialect != "v1" && o.dialect != "v2":
		return usage("--dialect is v2 or v1, not \"" + o.dialect + "\"")
	case o.rate < 0:
		return usage("--rate is a number of requests a second, or 0")
	case o.workers < 1:
		return usage("--workers is 1 or more")
	case o.requestTimeout <= 0:
		return usage("--request-timeout is longer than that")
	case o.scenario != "" && !o.sandbox:
		return usage("--scenario goes with --sandbox")
	}
	return nil
}

// payOptions say how a batch is paid.
type payOptions struct {
	provider    providerOptions
	yes         bool
	partial     bool
	wait        time.Duration
	lookupGrace time.Duration
	pollMin     time.Duration
	pollMax     time.Duration
	outageMax   time.Duration
	metricsAddr string
	report      reportOptions
}

func (o *payOptions) addFlags(flags *pflag.FlagSet) {
	o.provider.addFlags(flags)
	flags.BoolVar(&o.yes, "yes", false, "do not ask before money moves")
	flags.BoolVar(&o.partial, "allow-partial", false, "start although the balance does not cover everything")
	flags.DurationVar(&o.wait, "wait", 5*time.Minute, "how long to wait for open payouts after the last one was sent")
	flags.DurationVar(&o.lookupGrace, "lookup-grace", time.Minute,
		"how long after a request the provider's \"not found\" is proof that it was not taken")
	flags.DurationVar(&o.pollMin, "poll-min", 500*time.Millisecond, "time before a payout's first look-up")
	flags.DurationVar(&o.pollMax, "poll-max", 15*time.Second, "longest time between two look-ups of a payout")
	flags.DurationVar(&o.outageMax, "max-outage", 5*time.Minute, "how long the provider may be silent before the run stops")
	flags.StringVar(&o.metricsAddr, "metrics-addr", "",
		"serve Prometheus metrics and /healthz at `HOST:PORT` during the run; without a host only on this machine")
	o.report.addFlags(flags)
}

func (o *payOptions) validate() error {
	switch {
	case o.wait < 0, o.lookupGrace <= 0, o.outageMax <= 0:
		return usage("--wait, --lookup-grace and --max-outage are durations such as 90s or 5m")
	case o.pollMin <= 0 || o.pollMax < o.pollMin:
		return usage("--poll-min is more than nothing, and --poll-max no less")
	}
	return o.provider.validate()
}

// reportOptions say where reports go.
type reportOptions struct {
	dir string
	// chosen is the flag of dir, which tells whether anybody chose it.
	chosen    *pflag.Flag
	csvLocale string
	// formats are those to write; none means all but the journal.
	formats []string
	journal reports.Journal
}

// chosenFolder is the folder that somebody chose, empty for none.
func (o *reportOptions) chosenFolder() string {
	if o.chosen == nil || !o.chosen.Changed {
		return ""
	}
	return o.dir
}

func (o *reportOptions) validate() error {
	switch {
	case o.dir == "":
		return usage("--report names a folder")
	case o.csvLocale != "" && o.csvLocale != "fr":
		return usage("--csv-locale is fr or nothing, not \"" + o.csvLocale + "\"")
	}
	for _, name := range o.formats {
		if !slices.Contains(reports.Formats(), name) {
			return usage("--format is " + strings.Join(reports.Formats(), ", ") + ", not \"" + name + "\"")
		}
	}
	if slices.Contains(o.formats, reports.FormatJournal) {
		if err := o.journal.Validate(); err != nil {
			return advise(err, exitUsage, "name accounts of your chart with --account-beneficiaries, --account-wallet and --account-fees")
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
	o.chosen = flags.Lookup("report")
	flags.StringVar(&o.csvLocale, "csv-locale", "", "write the CSV for a spreadsheet in `fr` (semicolons, BOM)")
}
