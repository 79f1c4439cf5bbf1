package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/batch/messages"
)

// envPrefix begins the name of every environment variable of payrun.
const envPrefix = "PAYRUN_"

// defaultConfig is read when it lies in the working folder and no other file is
// named.
const defaultConfig = "payrun.yaml"

// configure gives each flag that was not typed the value of its environment
// variable or, failing that, of its key in the configuration file.
func (a *app) configure(cmd *cobra.Command) error {
	path, file, err := a.settingsFile(cmd)
	if err != nil {
		return err
	}
	var firstErr error
	a.origins = map[string]string{}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed || firstErr != nil || flag.Name == "config" {
			return
		}
		if value, ok := a.env(envName(flag.Name)); ok {
			firstErr = a.set(cmd, flag.Name, value, "environment variable "+envName(flag.Name))
		} else if value, ok := file[flag.Name]; ok {
			firstErr = a.set(cmd, flag.Name, stringOf(value), path)
		}
	})
	if firstErr != nil {
		return firstErr
	}
	if err := a.global.validate(); err != nil {
		return err
	}
	if err := a.speak(); err != nil {
		return err
	}
	if err := a.openLog(); err != nil {
		return err
	}
	if !unconfigured(cmd) {
		a.warnOfUnknownVariables(cmd.Root())
	}
	return nil
}

// refuseIdle refuses flags that were typed and would change nothing. The same as a
// setting for every command is no mistake.
func (a *app) refuseIdle(cmd *cobra.Command, why string, names ...string) error {
	for _, name := range names {
		flag := cmd.Flags().Lookup(name)
		if _, set := a.origins[name]; flag.Changed && !set {
			return usage("--" + name + " " + why)
		}
	}
	return nil
}

// speak chooses the language of words for people.
func (a *app) speak() (err error) {
	if a.words, err = messages.New(a.language()); err != nil {
		return err
	}
	notice := a.text("notice.stopping")
	a.stopNotice.Store(&notice)
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

// wanted says what a flag takes.
func wanted(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "bool":
		return "true or false"
	case "duration":
		return "a duration such as 90s or 5m"
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	default:
		return "a " + flag.Value.Type()
	}
}

// warnOfUnknownVariables tells of variables that look like settings and are none.
// They are no errors, as the keys of the file are: an environment is shared with
// other programs.
func (a *app) warnOfUnknownVariables(root *cobra.Command) {
	if a.environ == nil {
		return
	}
	known := map[string]bool{envPrefix + "API_KEY": true, envPrefix + "API_SECRET": true}
	for name := range knownFlags(root) {
		known[envName(name)] = true
	}
	for _, entry := range a.environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, envPrefix) && !known[name] {
			a.logger().Warn().Str("variable", name).Msg("unknown environment variable: did you mean " + nearest(name, known) + "?")
		}
	}
}

// settingsFile reads the configuration file, if there is one that counts.
func (a *app) settingsFile(cmd *cobra.Command) (path string, file map[string]any, err error) {
	if unconfigured(cmd) {
		return "", nil, nil
	}
	path, required := defaultConfig, false
	if value, ok := a.env(envName("config")); ok {
		path, required = value, true
	}
	if flag := cmd.Flags().Lookup("config"); flag != nil && flag.Changed {
		path, required = flag.Value.String(), true
	}
	if file, err = readConfig(path, required); err != nil {
		return "", nil, err
	}
	return path, file, refuseUnknownKeys(cmd.Root(), path, file)
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// stringOf writes a value of the file as it would be typed.
func stringOf(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// configKey is how a flag is called in the configuration file.
func configKey(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

func (a *app) set(cmd *cobra.Command, flag, value, origin string) error {
	if err := cmd.Flags().Set(flag, value); err != nil {
		return usage(fmt.Sprintf("%s: %s: %q is not %s", origin, flag, value, wanted(cmd.Flags().Lookup(flag))))
	}
	a.origins[flag] = origin
	return nil
}

// readConfig reads a flat YAML file whose keys are the names of flags; "_" may
// stand for "-".
func readConfig(path string, required bool) (map[string]any, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the person names the file
	switch {
	case errors.Is(err, fs.ErrNotExist) && !required:
		return nil, nil
	case err != nil:
		return nil, advise(fmt.Errorf("read the configuration: %w", err), exitUsage)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(text, &raw); err != nil {
		// Without the lines around it, which may hold what does not belong there.
		return nil, advise(fmt.Errorf("configuration %s: %s", path, yaml.FormatError(err, false, false)), exitUsage)
	}
	file := make(map[string]any, len(raw))
	for key, value := range raw {
		switch value.(type) {
		case map[string]any, []any:
			return nil, usage(fmt.Sprintf("configuration %s: %s wants a single value", path, key))
		}
		file[strings.ReplaceAll(key, "_", "-")] = value
	}
	return file, nil
}

// secretNames may not stand in a configuration file that is not theirs alone.
//
//nolint:gochecknoglobals // a table that nothing writes to
var secretNames = map[string]string{"api-key": "api-key-file", "api-secret": "api-secret-file"}

func refuseUnknownKeys(root *cobra.Command, path string, file map[string]any) error {
	known := knownFlags(root)
	for key := range file {
		if instead, secret := secretNames[key]; secret {
			return usage(fmt.Sprintf("configuration %s: %s does not belong in this file", path, key),
				"put it in a file that only you can read and name that file: "+instead)
		}
		if !known[key] {
			return usage(fmt.Sprintf("configuration %s: unknown key %q", path, key),
				"did you mean "+nearest(key, known)+"?")
		}
	}
	return nil
}

// knownFlags names the flags of all commands.
func knownFlags(root *cobra.Command) map[string]bool {
	known := map[string]bool{}
	for _, cmd := range append([]*cobra.Command{root}, descendants(root)...) {
		collect := func(flag *pflag.Flag) { known[flag.Name] = true }
		cmd.LocalFlags().VisitAll(collect)
		cmd.PersistentFlags().VisitAll(collect)
	}
	return known
}

func descendants(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, child := range cmd.Commands() {
		all = append(append(all, child), descendants(child)...)
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
