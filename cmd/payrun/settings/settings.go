package settings

import (
	"fmt"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/help"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/provider"
	"payrun/reports/page"
)

// EnvPrefix begins the name of every environment variable of payrun.
const EnvPrefix = "PAYRUN_"

// File is read when it lies in the working folder and no other file is
// named.
const File = "payrun.yaml"

// originKind is the kind of source of a setting.
type originKind int

const (
	fromDefault originKind = iota
	fromCommandLine
	fromEnvironment
	// fromNamedFile is a file that a person named.
	fromNamedFile
	// fromFoundFile is the file that lay in the working folder.
	fromFoundFile
)

// origin is the source of a setting: its kind, and its name for people.
type origin struct {
	kind originKind
	name string
}

// TypedOnly annotates a flag that has the name of a setting and another meaning: the
// environment and the configuration file do not set it.
const TypedOnly = "payrun-typed-only"

// Settings are those of one invocation: typed, in the environment, or in a
// file. Apply fills them in.
type Settings struct {
	*ui.UI

	// Talk are those that say how the command talks, Config and Ledger the files that
	// were named.
	Talk           ui.Options
	Config, Ledger string
	// OnFinish is the command that is told how a run ended, empty for none.
	OnFinish string
	// Server is the one that is asked instead of a ledger, if any is.
	Server ServerOptions
	// WaitLock is how long to wait for a ledger that another process has open.
	WaitLock time.Duration
	// Env looks a variable up; Environ lists NAME=value, nil for an empty environment.
	Env     func(string) (string, bool)
	Environ func() []string
	// Command is the one that runs.
	Command *cobra.Command
	// Providers are those that can be paid through.
	Providers provider.Registry
	// Help has the words of the help in the person's language.
	Help *help.Words

	// origins tells where each setting came from, by flag; none is the default.
	origins map[string]origin
	// file is the configuration file that was read.
	file settingsFile
	// letterhead is who reports are from.
	letterhead page.Letterhead
}

// Apply gives each flag that was not typed the value of its environment
// variable or, failing that, of its key in the configuration file. It returns the file
// if it lay in the working folder and something of it counts, else nothing.
func (s *Settings) Apply(cmd *cobra.Command) (found string, err error) {
	s.Command, s.origins = cmd, map[string]origin{}
	file, err := s.settingsFile(cmd)
	if err != nil {
		return "", err
	}
	s.file = file
	used := false
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		variable := envName(flag.Name)
		value, fromEnv := s.Env(variable)
		inFile, fromFile := file.values[flag.Name]
		switch {
		case err != nil:
		case flag.Changed:
			s.origins[flag.Name] = origin{fromCommandLine, "--" + flag.Name}
		case flag.Name == "config", flag.Annotations[TypedOnly] != nil:
		case fromEnv:
			err = s.set(cmd, flag.Name, value, origin{fromEnvironment, originVariable + variable})
		case fromFile:
			used = true
			err = s.set(cmd, flag.Name, stringOf(inFile), file.origin)
		}
	})
	if err != nil || !used || file.origin.kind != fromFoundFile {
		return "", err
	}
	return file.shown(), nil
}

// ChosenLanguage is the one that the person is spoken to in.
func (s *Settings) ChosenLanguage() catalogue.Language {
	language, chosen := catalogue.ParseLanguage(s.Talk.Lang)
	if !chosen {
		language = catalogue.FromEnvironment(s.Env)
	}
	return language
}

// Typed reports whether a setting was typed to this command.
func (s *Settings) Typed(flag string) bool { return s.origins[flag].kind == fromCommandLine }

// RefuseIdle refuses flags that were typed and would change nothing; key says why. The
// same as a setting for every command is no mistake.
func (s *Settings) RefuseIdle(cmd *cobra.Command, key string, names ...string) error {
	for _, name := range names {
		flag := cmd.Flags().Lookup(name)
		if flag.Changed && s.origins[name].kind == fromCommandLine {
			return ui.Mistaken(key, "flag", "--"+name)
		}
	}
	return nil
}

// unconfigured reports whether a command does not read the file: what helps a
// person to set payrun up must work while the configuration is broken.
func unconfigured(cmd *cobra.Command) bool {
	switch top := topCommand(cmd); top.Name() {
	case "init", "man", "version", "help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return true
	default:
		return false
	}
}

// topCommand returns the command directly under the root that cmd belongs to.
func topCommand(cmd *cobra.Command) *cobra.Command {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return cmd
}

// WarnOfUnknownVariables tells of variables that look like settings and are none.
// They are no errors, as the keys of the file are: an environment is shared with
// other programs.
func (s *Settings) WarnOfUnknownVariables(cmd *cobra.Command) {
	if s.Environ == nil || unconfigured(cmd) {
		return
	}
	known := map[string]bool{EnvPrefix + "API_KEY": true, EnvPrefix + "API_SECRET": true}
	for _, name := range secretVariables {
		known[EnvPrefix+name] = true
	}
	for name := range knownFlags(cmd.Root()) {
		known[envName(name)] = true
	}
	for _, entry := range s.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, EnvPrefix) && !known[name] {
			s.Logger().Warn().Str("variable", name).Msg(s.Text("settings.variable", "near", nearest(name, known)))
		}
	}
}

// settingsFile reads the configuration file, if there is one that counts.
func (s *Settings) settingsFile(cmd *cobra.Command) (settingsFile, error) {
	if unconfigured(cmd) {
		return settingsFile{}, nil
	}
	file := settingsFile{origin: origin{fromFoundFile, File}}
	if value, ok := s.Env(envName("config")); ok {
		file.origin = origin{fromNamedFile, value}
	}
	if flag := cmd.Flags().Lookup("config"); flag != nil && flag.Changed {
		file.origin = origin{fromNamedFile, flag.Value.String()}
	}
	text, err := s.readSettings(file.origin)
	if err != nil {
		return settingsFile{}, err
	}
	if file.values, err = parseConfig(file.origin.name, text); err != nil {
		return settingsFile{}, err
	}
	if err := refuseUnknownKeys(cmd.Root(), file.origin.name, file.values); err != nil {
		return settingsFile{}, err
	}
	if err := s.refuseOfOneRun(file); err != nil {
		return settingsFile{}, err
	}
	return file, s.refuseUnasked(file)
}

func envName(flag string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// stringOf writes a value of the file as it would be typed.
func stringOf(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// Key is the name of a flag in the configuration file.
func Key(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

func (s *Settings) set(cmd *cobra.Command, flag, value string, from origin) error {
	if err := cmd.Flags().Set(flag, value); err != nil {
		return ui.Mistaken("setting_value", "origin", s.shownOrigin(from.name), "key", flag, "value", value,
			"wanted", "usage.wanted_"+wantedKind(cmd.Flags().Lookup(flag)), "command", cmd.CommandPath())
	}
	s.origins[flag] = from
	return nil
}

// parseConfig reads a flat YAML file whose keys are the names of flags; "_" may
// stand for "-".
func parseConfig(path string, text []byte) (map[string]any, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(text, &raw); err != nil {
		// Without the lines around it, which may hold what does not belong there.
		return nil, ui.Mistaken("unread", "file", path, "reason", yaml.FormatError(err, false, false), "example", "payrun init")
	}
	file := make(map[string]any, len(raw))
	for key, value := range raw {
		switch value.(type) {
		case map[string]any, []any:
			return nil, ui.Mistaken("settings_single", "file", path, "key", key)
		}
		file[strings.ReplaceAll(key, "_", "-")] = value
	}
	return file, nil
}

// secretNames may not stand in a configuration file that is not theirs alone.
//
//nolint:gochecknoglobals // a table that nothing writes to
var secretNames = map[string]string{"api-key": "api-key-file", "api-secret": "api-secret-file", "token": "token-file"}

func refuseUnknownKeys(root *cobra.Command, path string, file map[string]any) error {
	known := knownFlags(root)
	for key := range file {
		if instead, secret := secretNames[key]; secret {
			return ui.Mistaken("settings_secret", "file", path, "key", key, "instead", instead)
		}
		if !known[key] {
			return ui.Mistaken("settings_unknown", "file", path, "key", key, "near", nearest(key, known))
		}
	}
	return nil
}

// knownFlags names the flags of all commands.
func knownFlags(root *cobra.Command) map[string]bool {
	known := map[string]bool{}
	for _, cmd := range append([]*cobra.Command{root}, Descendants(root)...) {
		collect := func(flag *pflag.Flag) { known[flag.Name] = true }
		cmd.LocalFlags().VisitAll(collect)
		cmd.PersistentFlags().VisitAll(collect)
	}
	return known
}

// Descendants lists the commands below one.
func Descendants(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, child := range cmd.Commands() {
		all = append(append(all, child), Descendants(child)...)
	}
	return all
}

func nearest(word string, known map[string]bool) string {
	best, distance := "", len(word)+100
	for candidate := range known {
		d := levenshtein.ComputeDistance(word, candidate)
		if d < distance || (d == distance && candidate < best) {
			best, distance = candidate, d
		}
	}
	return best
}

// AddFlags adds those of every command.
func (s *Settings) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.Config, "config", "", "read settings from `FILE` (default payrun.yaml, if there is one, of which only harmless ones count)")
	flags.StringVar(&s.Ledger, "ledger", "", "the ledger's `PATH` (default: the account's own, see payrun config; with --sandbox payrun-sandbox.db)")
	flags.DurationVar(&s.WaitLock, "wait-lock", 0, "how long to wait for a ledger that another payrun has open")
	flags.StringVar(&s.Talk.Output, "output", ui.OutputTable, "print results as `table` or json")
	flags.StringVar(&s.Talk.LogFormat, "log-format", ui.LogConsole, "write logs as `console` or json")
	flags.StringVar(&s.Talk.LogLevel, "log-level", "", "lowest `level` logged: debug, info, warn, error (default: info, on a terminal warn)")
	flags.StringVar(&s.Talk.LogFile, "log-file", "", "append logs to `FILE`, which only you can read, instead of standard error")
	flags.StringVar(&s.Talk.Lang, "lang", "", "`fr` or en (default: from the locale)")
	flags.StringVar(&s.Talk.TimeZone, "time-zone", DefaultZone, "the time `ZONE` in which times of payment are given and shown")
	flags.BoolVar(&s.Talk.NoProgress, "no-progress", false, "show no progress bar and no progress lines")
}

// ForeseeOutput has a mistake in the command line told in the form that the rest of it, or
// the environment, asks for. It does nothing once Apply has read them.
func (s *Settings) ForeseeOutput(args []string) {
	if s.Command != nil {
		return
	}
	if value, _ := s.Env(envName("output")); value == ui.OutputJSON {
		s.Talk.Output = value
	}
	for i, arg := range args {
		if arg == "--output="+ui.OutputJSON || arg == ui.OutputJSON && i > 0 && args[i-1] == "--output" {
			s.Talk.Output = ui.OutputJSON
		}
	}
}

// ForeseeLanguage has the help, which is shown before any setting is read, in the language
// that the command line, the environment or the locale asks for.
func (s *Settings) ForeseeLanguage(args []string) (err error) {
	chosen, _ := s.Env(envName("lang"))
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			chosen = value
		} else if arg == "--lang" && i+1 < len(args) {
			chosen = args[i+1]
		}
	}
	language, known := catalogue.ParseLanguage(chosen)
	if !known {
		language = catalogue.FromEnvironment(s.Env)
	}
	s.Help, err = help.In(language)
	return err
}

// Validate refuses values that none of them has.
func (s *Settings) Validate() error {
	if s.Talk.Output != ui.OutputTable && s.Talk.Output != ui.OutputJSON {
		return ui.Mistaken("one_of", "flag", "--output", "choices", "table, json", "given", s.Talk.Output)
	}
	if s.Talk.LogFormat != ui.LogConsole && s.Talk.LogFormat != ui.OutputJSON {
		return ui.Mistaken("one_of", "flag", "--log-format", "choices", "console, json", "given", s.Talk.LogFormat)
	}
	if _, err := zerolog.ParseLevel(s.Talk.LogLevel); err != nil {
		return ui.Mistaken("one_of", "flag", "--log-level", "choices", "debug, info, warn, error", "given", s.Talk.LogLevel)
	}
	if s.Talk.Lang != "" {
		if _, ok := catalogue.ParseLanguage(s.Talk.Lang); !ok {
			return ui.Mistaken("one_of", "flag", "--lang", "choices", "fr, en", "given", s.Talk.Lang)
		}
	}
	if err := s.Talk.LoadZone(); err != nil {
		return ui.Mistaken("time_zone", "given", s.Talk.TimeZone)
	}
	return s.validateProvider()
}
