package provider

import (
	"fmt"
	"slices"
	"time"
)

// Client is a Provider that pays from one account.
type Client interface {
	Provider
	// Account returns whose money it moves. It makes no request, and always returns
	// the same.
	Account() Account
}

// Driver is a provider that payouts can be made through, as it is before anybody has an
// account there: its name, its limits, and how a client of it is opened.
type Driver struct {
	// Name chooses it: lower-case letters, digits and "-". Title is for people.
	Name, Title string
	// URL is the base of its API. Hosts are its own: credentials go there without
	// another word.
	URL   string
	Hosts []string
	// Settings are its own, beside those of Config that every provider has.
	Settings []Setting
	// Capabilities are those of every client that Open returns.
	Capabilities Capabilities
	// Statement is how it writes statements, in the YAML that package table reads;
	// empty if that is not known.
	Statement []byte
	// Named returns the references, the caller's or its own, that the body of a call of its
	// webhook names, none of a body that it did not write. Nothing in it is proof. Nil for a
	// provider that calls nobody.
	Named func(body []byte) []string
	// Open returns a client. It makes no request, and needs no credentials until one is
	// made. Values of Settings that Check refuses need not be understood.
	Open func(Config) (Client, error)
}

// Setting is one of a provider's own.
type Setting struct {
	// Name is also that of its flag; two providers may share it. Usage says what it
	// does, with its placeholder in back quotes as package flag has it.
	Name, Usage string
	// Default applies where nothing is set, Choices are all values that there are; none
	// takes any.
	Default string
	Choices []string
	// OfAccount says that it is a part of what an account is: with another value the
	// money is somebody else's.
	OfAccount bool
}

// Config is where a provider is and who calls. URL alone is needed.
type Config struct {
	URL         string
	Credentials Credentials
	// Settings are the values of the driver's own settings, by name. What is missing has
	// its default.
	Settings map[string]string
	// RequestTimeout bounds each request; 0 is the driver's default.
	RequestTimeout time.Duration
	// Connections is how many requests are under way at once.
	Connections int
	// Simulated says that URL is the simulator which the caller itself started. See
	// Account.
	Simulated bool
	// AllowInsecureHTTP permits a URL without TLS that is not on this machine.
	AllowInsecureHTTP bool
}

// SettingError is a value that a setting does not have.
type SettingError struct {
	Setting Setting
	Value   string
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("%s %q: want one of %v", e.Setting.Name, e.Value, e.Setting.Choices)
}

// Check returns a *SettingError for a value that a setting of the driver does not have.
// Values of settings that are not its own are nobody's business here.
func (d Driver) Check(values map[string]string) error {
	for _, setting := range d.Settings {
		value, set := values[setting.Name]
		if set && len(setting.Choices) > 0 && !slices.Contains(setting.Choices, value) {
			return &SettingError{setting, value}
		}
	}
	return nil
}

// Owns reports whether a setting is one of the driver's own.
func (d Driver) Owns(name string) bool {
	return slices.ContainsFunc(d.Settings, func(s Setting) bool { return s.Name == name })
}

// Registry are the providers of a build, by name. The first is the one that is meant
// where none is named.
type Registry []Driver

// UnknownError is a name that no provider of a registry has.
type UnknownError struct {
	Name string
	// Known are the names there are, in the registry's order.
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("provider %q: want one of %v", e.Name, e.Known)
}

// First returns the provider that is meant where none is named, nothing of a registry
// without any.
func (r Registry) First() Driver {
	if len(r) == 0 {
		return Driver{}
	}
	return r[0]
}

// Driver returns the provider of a name. The error is an *UnknownError.
func (r Registry) Driver(name string) (Driver, error) {
	for _, d := range r {
		if d.Name == name {
			return d, nil
		}
	}
	return Driver{}, &UnknownError{name, r.Names()}
}

// Names returns the names that there are.
func (r Registry) Names() []string {
	names := make([]string, len(r))
	for i, d := range r {
		names[i] = d.Name
	}
	return names
}

// Settings returns all providers' own settings, one of each name, the first provider's
// first.
func (r Registry) Settings() []Setting {
	var all []Setting
	for _, d := range r {
		for _, setting := range d.Settings {
			if !slices.ContainsFunc(all, func(s Setting) bool { return s.Name == setting.Name }) {
				all = append(all, setting)
			}
		}
	}
	return all
}
