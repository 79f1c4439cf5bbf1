package settings

import (
	"time"

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// ProviderOptions say where and how payouts are made.
type ProviderOptions struct {
	// APIHost is the host that the credentials are for, empty for the provider's own.
	APIHost    string
	KeyFile    string
	SecretFile string

	Sandbox  bool
	Scenario string

	InsecureHTTP   bool
	RequestTimeout time.Duration
	Rate           float64
	Workers        int

	// Rules name the operators as the provider does, among others.
	Rules string
}

// AddFlags adds those of every provider and those that are a provider's own, whose
// values the settings keep.
func (o *ProviderOptions) AddFlags(flags *pflag.FlagSet, from *Settings) {
	from.AddClientFlags(flags)
	flags.StringVar(&o.APIHost, "api-host", "", "the `HOST` that the credentials are for, if it is not the provider's own")
	flags.StringVar(&o.KeyFile, "api-key-file", "", "read the API key from `FILE`, which only you may read")
	flags.StringVar(&o.SecretFile, "api-secret-file", "", "read the API secret from `FILE`, which only you may read")
	flags.BoolVar(&o.Sandbox, "sandbox", false, "pay against a simulated provider started for this run: no money moves")
	flags.StringVar(&o.Scenario, "scenario", "", "with --sandbox: the faults in `FILE`")
	flags.BoolVar(&o.InsecureHTTP, "insecure-http", false, "allow an --api-url without TLS that is not on this machine")
	flags.DurationVar(&o.RequestTimeout, "request-timeout", 30*time.Second, "how long one request may take")
	flags.Float64Var(&o.Rate, "rate", 5, "requests a second at most, look-ups included; 0 is as fast as the provider allows (with --sandbox 500, if none is given)")
	flags.IntVar(&o.Workers, "workers", 16, "requests under way at once")
	AddRulesFlag(flags, &o.Rules)
}

// AddRulesFlag adds --rules.
func AddRulesFlag(flags *pflag.FlagSet, path *string) {
	flags.StringVar(path, "rules", "", "use the rules in `FILE` instead of the built-in ones")
}

// Validate refuses what makes no sense.
func (o *ProviderOptions) Validate() error {
	switch {
	case o.Rate < 0:
		return ui.Mistaken("rate")
	case o.Workers < 1:
		return ui.Mistaken("workers")
	case o.RequestTimeout <= 0:
		return ui.Mistaken("request_timeout")
	case o.Scenario != "" && !o.Sandbox:
		return ui.Mistaken("scenario_alone")
	}
	return nil
}

// PayOptions say how a batch is paid.
type PayOptions struct {
	Provider    ProviderOptions
	Yes         bool
	Adopt       bool
	NewLedger   bool
	Partial     bool
	Wait        time.Duration
	LookupGrace time.Duration
	PollMin     time.Duration
	PollMax     time.Duration
	OutageMax   time.Duration
	// NotBefore is the time before which nothing is sent.
	NotBefore NotBefore
	// StartWithin is how long after its time a batch may still begin by itself.
	StartWithin time.Duration
	MetricsAddr string
	// MetricsHosts are further names that the server of metrics answers to.
	MetricsHosts string
	// Measured has measurements taken that the caller serves.
	Measured bool
	Report   ReportOptions
}

// AddFlags adds all of them.
func (o *PayOptions) AddFlags(flags *pflag.FlagSet, from *Settings) {
	o.AddPaceFlags(flags, from)
	flags.BoolVar(&o.Yes, "yes", false, "do not ask before money moves")
	flags.BoolVar(&o.Partial, "allow-partial", false, "start although the balance does not cover everything")
	flags.StringVar(&o.MetricsAddr, "metrics-addr", "",
		"serve Prometheus metrics and /healthz at `HOST:PORT` during the run; without a host only on this machine")
	flags.StringVar(&o.MetricsHosts, "metrics-host", "",
		"with --metrics-addr: answer to these `NAMES` too, separated by commas, beside this machine's own and the address")
	flags.StringVar(&from.OnFinish, "on-finish", "",
		"run `CMD` when a run ended, with the object of --output json on its standard input, PAYRUN_BATCH and PAYRUN_EXIT")
	o.Report.AddFlags(flags)
}

// AddPaceFlags adds those of whatever pays, also where nobody is asked and nothing reported.
func (o *PayOptions) AddPaceFlags(flags *pflag.FlagSet, from *Settings) {
	o.Provider.AddFlags(flags, from)
	flags.BoolVar(&o.Adopt, "adopt", false, "the ledger may not be the newest: look up what is queued before sending it")
	flags.BoolVar(&o.NewLedger, "new-ledger", false, "the account never paid anybody: begin it with this ledger")
	flags.DurationVar(&o.Wait, "wait", 5*time.Minute, "how long to wait for open payouts after the last one was sent")
	flags.DurationVar(&o.LookupGrace, "lookup-grace", time.Minute,
		"how long after a request the provider's \"not found\" is proof that it was not taken")
	flags.DurationVar(&o.PollMin, "poll-min", 500*time.Millisecond, "time before a payout's first look-up")
	flags.DurationVar(&o.PollMax, "poll-max", 15*time.Second, "longest time between two look-ups of a payout")
	AddOutageFlag(flags, &o.OutageMax)
	AddStartWithinFlag(flags, &o.StartWithin)
}

// Rehearse raises the rate of a rehearsal, unless one was given.
func (o *PayOptions) Rehearse(flags *pflag.FlagSet) {
	if o.Provider.Sandbox && !flags.Changed("rate") {
		o.Provider.Rate = SandboxRate
	}
}

// AddOutageFlag adds --max-outage.
func AddOutageFlag(flags *pflag.FlagSet, outageMax *time.Duration) {
	flags.DurationVar(outageMax, "max-outage", 5*time.Minute, "how long the provider may be silent before the run stops")
}

// Validate refuses what makes no sense.
func (o *PayOptions) Validate() error {
	switch {
	case o.Wait < 0, o.LookupGrace <= 0, o.OutageMax <= 0, o.StartWithin <= 0:
		return ui.Mistaken("durations")
	case o.PollMin <= 0 || o.PollMax < o.PollMin:
		return ui.Mistaken("poll")
	}
	return o.Provider.Validate()
}
