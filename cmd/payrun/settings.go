package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// setting is what applies for one flag, and where that came from. Its keys are
// documented in docs/json.md.
type setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// originDefault is how the origin of a value that nobody set is called.
const originDefault = "default"

// maskedSecret stands for a credential that is there.
const maskedSecret = "••••••••" //nolint:gosec // eight dots

func (a *app) configCommand(others []*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the settings that apply, and where each came from",
		Long: `Prints the value of every setting and its origin: a flag of this very command,
an environment variable, the configuration file or the default. Takes the flags of
every other command, to see what they would change. Credentials are masked.

Exit status: 0, or 2 if a setting or a credential cannot be used.`,
		Example: "  PAYRUN_RATE=2 payrun config --config /etc/payrun/payrun.yaml",
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.showSettings(cmd.Flags()) },
	}
	for _, other := range others {
		// The first command that has a flag of that name speaks for it.
		cmd.Flags().AddFlagSet(other.LocalFlags())
	}
	return cmd
}

func (a *app) showSettings(flags *pflag.FlagSet) error {
	settings, unusable := a.settings(flags)
	if a.global.json() {
		if err := a.printJSON(map[string][]setting{"settings": settings}); err != nil {
			return err
		}
		return unusable
	}
	keyWidth, valueWidth := 0, 0
	for _, s := range settings {
		keyWidth = max(keyWidth, len(s.Key))
		valueWidth = max(valueWidth, len([]rune(s.Value)))
	}
	for _, s := range settings {
		if err := a.say("%-*s  %-*s  %s", keyWidth, s.Key, valueWidth, s.Value, s.Origin); err != nil {
			return err
		}
	}
	return unusable
}

// settings lists what applies, by key. The error tells of credentials that cannot
// be used; the list is whole nevertheless.
func (a *app) settings(flags *pflag.FlagSet) ([]setting, error) {
	sandboxed := isOn(flags, "sandbox")
	derived := map[string]string{
		"ledger": a.ledgerPath(sandboxed),
		"lang":   string(a.language()),
	}
	if sandboxed && !flags.Changed("rate") {
		derived["rate"] = strconv.Itoa(sandboxRate)
	}
	var list []setting
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "help" {
			return
		}
		s := setting{Key: configKey(flag.Name), Value: flag.Value.String(), Origin: a.originOf(flag)}
		if flag.Name == "api-url" {
			s.Value = shownAddress(s.Value)
		}
		if value, ok := derived[flag.Name]; ok {
			s.Value = value
		}
		list = append(list, s)
	})
	var unusable []error
	for _, variable := range slices.Sorted(maps.Keys(credentialNames)) {
		s, err := a.credentialSetting(variable, flags)
		list = append(list, s)
		unusable = append(unusable, err)
	}
	slices.SortFunc(list, func(x, y setting) int { return cmp.Compare(x.Key, y.Key) })
	return list, errors.Join(unusable...)
}

// shownAddress is an address of which nothing is shown that may be secret: all but
// scheme, host and path, if it is an address at all. People put a password before an
// "@", or a key behind a "?".
func shownAddress(value string) string {
	address, err := url.Parse(value)
	plain := err == nil && (address.Scheme == "http" || address.Scheme == "https") && address.Hostname() != ""
	switch {
	case value == "":
		return ""
	case !plain || strings.ContainsAny(address.Path, "@:"):
		return maskedSecret
	case address.User != nil || address.RawQuery != "" || address.Fragment != "":
		return (&url.URL{Scheme: address.Scheme, Host: address.Host, Path: address.Path}).String() + " " + maskedSecret
	default:
		return value
	}
}

// isOn reports whether the flag is there and set to true.
func isOn(flags *pflag.FlagSet, name string) bool {
	flag := flags.Lookup(name)
	return flag != nil && flag.Value.String() == "true"
}

func (a *app) originOf(flag *pflag.Flag) string {
	switch origin, recorded := a.origins[flag.Name]; {
	case recorded:
		return origin
	case flag.Changed:
		return "--" + flag.Name
	default:
		return originDefault
	}
}

// credentialNames maps the variable of each credential to the flag that names its
// file.
//
//nolint:gochecknoglobals // a table that nothing writes to
var credentialNames = map[string]string{"API_KEY": "api-key-file", "API_SECRET": "api-secret-file"}

// credentialSetting tells whether a credential is there, never what it is.
func (a *app) credentialSetting(variable string, flags *pflag.FlagSet) (setting, error) {
	s := setting{Key: configKey(flagName(variable)), Value: maskedSecret}
	if value, ok := a.env(envPrefix + variable); ok && value != "" {
		s.Origin = "environment variable " + envPrefix + variable
		return s, nil
	}
	file := flags.Lookup(credentialNames[variable])
	if file == nil || file.Value.String() == "" {
		s.Value, s.Origin = "", originDefault
		return s, nil
	}
	s.Origin = file.Value.String()
	if _, err := readSecret(file.Value.String()); err != nil {
		s.Value = ""
		return s, err
	}
	return s, nil
}

// group is a part of the configuration file.
type group struct {
	title    string
	addFlags func(*pflag.FlagSet)
}

// configGroups order the settings of the file as a person looks for them.
func configGroups() []group {
	return []group{
		{"Every command", (&globalOptions{}).addFlags},
		{"Reading a file of beneficiaries", (&inputOptions{}).addFlags},
		{"The provider, paying and reports", (&payOptions{}).addFlags},
	}
}

// perRun are flags that say something about one file or one run. In a file that
// applies to all of them they would be a trap.
//
//nolint:gochecknoglobals // a table that nothing writes to
var perRun = map[string]bool{
	"config": true, "sheet": true, "map": true, "yes": true, "allow-partial": true, "sandbox": true, "scenario": true,
	"annotate": true, "problems": true, "out": true, "prefix": true,
}

const configHead = `# Settings of payrun. Every line is what applies anyway: take the "# " away and
# change the value. A flag beats an environment variable (PAYRUN_RATE for rate),
# and that beats this file. Credentials do not belong here: name a file that only
# you can read, or set PAYRUN_API_KEY and PAYRUN_API_SECRET.
#
# payrun config shows what applies, and why.
`

// configTemplate writes a commented configuration file from the definitions of
// the flags.
func configTemplate() string {
	var text strings.Builder
	text.WriteString(configHead)
	written := maps.Clone(perRun)
	for _, g := range configGroups() {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.SortFlags = false
		g.addFlags(flags)
		text.WriteString("\n# == " + g.title + "\n")
		flags.VisitAll(func(flag *pflag.Flag) {
			if written[flag.Name] {
				return
			}
			written[flag.Name] = true
			_, usage := pflag.UnquoteUsage(flag)
			value := flag.DefValue
			if flag.Value.Type() == "string" {
				value = strconv.Quote(value)
			}
			_, _ = fmt.Fprintf(&text, "\n# %s\n# %s: %s\n", usage, configKey(flag.Name), value)
		})
	}
	return text.String()
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration file",
		Long: `Writes payrun.yaml, or FILE, with every setting, its default and what it is for,
all commented out. A file that exists is never touched.`,
		Example: "  payrun init && payrun config",
		Args:    usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			path := defaultConfig
			if len(args) > 0 {
				path = args[0]
			}
			return a.writeTemplate(path)
		},
	}
}

func (a *app) writeTemplate(path string) error {
	err := createWhole(path, []byte(configTemplate()))
	if errors.Is(err, fs.ErrExist) {
		return usage(fmt.Sprintf("%q exists and was not touched", path), "name another file: payrun init FILE")
	}
	if err != nil {
		return advise(fmt.Errorf("write the configuration: %w", err), exitUsage)
	}
	if a.global.json() {
		return a.printJSON(map[string]string{"config": path})
	}
	return a.say("%s", path)
}
