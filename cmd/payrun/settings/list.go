package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"payrun/ledger/pgledger"
)

// Setting is the value in force of one flag, and its origin. Its keys are
// documented in docs/json.md.
type Setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// originDefault is the origin of a value that nobody set.
const originDefault = "default"

// originVariable begins that of one of the environment.
const originVariable = "environment variable "

// maskedSecret stands for a credential that is there.
const maskedSecret = "••••••••" //nolint:gosec // eight dots

// List lists what applies, by key. The error tells of credentials that cannot
// be used; the list is whole nevertheless.
func (s *Settings) List(flags *pflag.FlagSet) ([]Setting, error) {
	sandboxed := isOn(flags, "sandbox")
	driver, err := s.Driver()
	if err != nil {
		return nil, err
	}
	derived := map[string]string{
		"ledger":  pgledger.WithoutPassword(s.LedgerPath(sandboxed)),
		"lang":    string(s.Language),
		"api-url": shownAddress(s.ClientConfig(driver).URL),
	}
	if sandboxed && !flags.Changed("rate") {
		derived["rate"] = strconv.Itoa(SandboxRate)
	}
	var list []Setting
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "help" {
			return
		}
		one := Setting{Key: Key(flag.Name), Value: flag.Value.String(), Origin: s.originOf(flag)}
		if value, ok := derived[flag.Name]; ok {
			one.Value = value
		}
		list = append(list, one)
	})
	var unusable []error
	for _, variable := range slices.Sorted(maps.Keys(credentialNames)) {
		one, err := s.credentialSetting(variable, flags)
		list = append(list, one)
		unusable = append(unusable, err)
	}
	slices.SortFunc(list, func(x, y Setting) int { return cmp.Compare(x.Key, y.Key) })
	if !sandboxed && s.hasCredentials(flags) {
		unusable = append(unusable, s.MayReceive(Access{URL: s.ClientConfig(driver).URL, Host: valueOf(flags, "api-host")}))
	}
	return list, errors.Join(unusable...)
}

// SayList prints settings in columns.
func (s *Settings) SayList(list []Setting) error {
	keyWidth, valueWidth := 0, 0
	for _, one := range list {
		keyWidth = max(keyWidth, len(one.Key))
		valueWidth = max(valueWidth, len([]rune(one.Value)))
	}
	for _, one := range list {
		if err := s.Say("%-*s  %-*s  %s", keyWidth, one.Key, valueWidth, one.Value, s.shownOrigin(one.Origin)); err != nil {
			return err
		}
	}
	return nil
}

// shownOrigin words an origin for a person.
func (s *Settings) shownOrigin(origin string) string {
	if origin == originDefault {
		return s.Text("config.default")
	}
	if variable, ok := strings.CutPrefix(origin, originVariable); ok {
		return s.Text("config.variable", "name", variable)
	}
	return origin
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

// hasCredentials reports whether a credential is there that an address could be
// wrong for.
func (s *Settings) hasCredentials(flags *pflag.FlagSet) bool {
	for variable, flag := range credentialNames {
		if value, _ := s.Env(EnvPrefix + variable); value != "" || valueOf(flags, flag) != "" {
			return true
		}
	}
	return false
}

// valueOf returns the value of a flag, empty if there is none of that name.
func valueOf(flags *pflag.FlagSet, name string) string {
	flag := flags.Lookup(name)
	if flag == nil {
		return ""
	}
	return flag.Value.String()
}

// isOn reports whether the flag is there and set to true.
func isOn(flags *pflag.FlagSet, name string) bool {
	return valueOf(flags, name) == "true"
}

func (s *Settings) originOf(flag *pflag.Flag) string {
	if from := s.origins[flag.Name]; from.kind != fromDefault {
		return from.name
	}
	return originDefault
}

// credentialNames maps the variable of each credential to the flag that names its
// file.
//
//nolint:gochecknoglobals // a table that nothing writes to
var credentialNames = map[string]string{"API_KEY": "api-key-file", "API_SECRET": "api-secret-file"}

// credentialSetting tells whether a credential is there, never what it is.
func (s *Settings) credentialSetting(variable string, flags *pflag.FlagSet) (Setting, error) {
	one := Setting{Key: Key(flagName(variable)), Value: maskedSecret}
	if value, ok := s.Env(EnvPrefix + variable); ok && value != "" {
		one.Origin = originVariable + EnvPrefix + variable
		return one, nil
	}
	file := flags.Lookup(credentialNames[variable])
	if file == nil || file.Value.String() == "" {
		one.Value, one.Origin = "", originDefault
		return one, nil
	}
	one.Origin = file.Value.String()
	if _, err := s.readSecret(file.Value.String()); err != nil {
		one.Value = ""
		return one, err
	}
	return one, nil
}

// Group is a part of the configuration file.
type Group struct {
	Title    string
	AddFlags func(*pflag.FlagSet)
}

// ConfigGroups order the settings of the file as a person looks for them.
func (s *Settings) ConfigGroups() []Group {
	return []Group{
		{Title: s.Text("config.every"), AddFlags: (&Settings{}).AddFlags},
		{Title: s.Text("config.reading"), AddFlags: (&InputOptions{}).AddFlags},
		{Title: s.Text("config.paying"), AddFlags: func(flags *pflag.FlagSet) { (&PayOptions{}).AddFlags(flags, s) }},
	}
}

// unproposed are settings that the template leaves out beside what is of one run:
// they describe files of one kind, or rehearsals, and would be a trap for the others.
//
//nolint:gochecknoglobals // a table that nothing writes to
var unproposed = map[string]bool{"sheet": true, "map": true, "sandbox": true, "scenario": true}

// Template writes a commented configuration file from the definitions of
// the flags, in the person's language.
func (s *Settings) Template() string {
	var text strings.Builder
	for line := range strings.Lines(s.Text("config.head")) {
		text.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	written := maps.Clone(unproposed)
	maps.Copy(written, ofOneRun)
	for _, g := range s.ConfigGroups() {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.SortFlags = false
		g.AddFlags(flags)
		text.WriteString("\n# == " + g.Title + "\n")
		flags.VisitAll(func(flag *pflag.Flag) {
			if written[flag.Name] {
				return
			}
			written[flag.Name] = true
			flag.Usage = s.Help.Flag(flag.Usage)
			_, usage := pflag.UnquoteUsage(flag)
			value := flag.DefValue
			if flag.Value.Type() == "string" {
				value = strconv.Quote(value)
			}
			if !mayBeFound[flag.Name] {
				usage = "* " + usage
			}
			_, _ = fmt.Fprintf(&text, "\n# %s\n# %s: %s\n", usage, Key(flag.Name), value)
		})
	}
	return text.String()
}
