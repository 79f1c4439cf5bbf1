package settings

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
	"payrun/provider"
)

// providerFlag names the flag that chooses a provider.
const providerFlag = "provider"

// AddProviderFlag adds the one that chooses a provider.
func (s *Settings) AddProviderFlag(flags *pflag.FlagSet) {
	flags.String(providerFlag, s.Providers.First().Name, "the `PROVIDER` to pay through: "+strings.Join(s.Providers.Names(), ", "))
}

// AddAccountFlags adds those that say which account is meant.
func (s *Settings) AddAccountFlags(flags *pflag.FlagSet) {
	s.AddProviderFlag(flags)
	s.addOwn(flags, func(own provider.Setting) bool { return own.OfAccount })
	s.addAddress(flags)
}

// AddClientFlags adds those that say where a provider is and how it is spoken to.
func (s *Settings) AddClientFlags(flags *pflag.FlagSet) {
	s.AddProviderFlag(flags)
	s.addAddress(flags)
	s.addOwn(flags, func(provider.Setting) bool { return true })
}

func (s *Settings) addAddress(flags *pflag.FlagSet) {
	flags.String("api-url", s.Providers.First().URL, "the provider's `URL`")
}

// addOwn adds flags of providers' own settings.
func (s *Settings) addOwn(flags *pflag.FlagSet, wanted func(provider.Setting) bool) {
	for _, own := range s.Providers.Settings() {
		if wanted(own) {
			flags.String(own.Name, own.Default, own.Usage)
		}
	}
}

// Driver returns the provider that the settings choose.
func (s *Settings) Driver() (provider.Driver, error) {
	driver, err := s.Providers.Driver(s.settingOf(providerFlag, s.Providers.First().Name))
	if unknown, is := errors.AsType[*provider.UnknownError](err); is {
		known := map[string]bool{}
		for _, name := range unknown.Known {
			known[name] = true
		}
		return driver, ui.Mistaken("provider_unknown", "given", unknown.Name,
			"known", strings.Join(unknown.Known, ", "), "near", nearest(unknown.Name, known))
	}
	return driver, err
}

// ClientConfig returns what the settings say of a provider: its address and its own
// settings.
func (s *Settings) ClientConfig(driver provider.Driver) provider.Config {
	config := provider.Config{URL: driver.URL, Settings: map[string]string{}}
	if url, given := s.given("api-url"); given {
		config.URL = url
	}
	for _, own := range driver.Settings {
		if value, given := s.given(own.Name); given {
			config.Settings[own.Name] = value
		}
	}
	return config
}

// Account returns the account that the settings lead to, without its key, if their
// address leads anywhere: what is wrong with it is told when connecting.
func (s *Settings) Account() (account provider.Account, known bool) {
	driver, err := s.Driver()
	if err != nil {
		return provider.Account{}, false
	}
	config := s.ClientConfig(driver)
	config.AllowInsecureHTTP = true
	client, err := driver.Open(config)
	if err != nil {
		return provider.Account{}, false
	}
	return client.Account(), true
}

// validateProvider refuses a provider that there is not, and settings that it does not
// have. A command without the flag has nothing to do with any.
func (s *Settings) validateProvider() error {
	if s.Command == nil || s.Command.Flags().Lookup(providerFlag) == nil {
		return nil
	}
	driver, err := s.Driver()
	if err != nil {
		return err
	}
	for _, own := range s.Providers.Settings() {
		if s.Typed(own.Name) && !driver.Owns(own.Name) {
			return ui.Mistaken("provider_setting", "flag", "--"+own.Name, "provider", driver.Name)
		}
	}
	err = driver.Check(s.ClientConfig(driver).Settings)
	if wrong, is := errors.AsType[*provider.SettingError](err); is {
		return ui.Mistaken("one_of", "flag", "--"+wrong.Setting.Name,
			"choices", strings.Join(wrong.Setting.Choices, ", "), "given", wrong.Value)
	}
	return err
}

// ProviderFlags lists the flags that say where a provider is and how it is spoken to.
func (s *Settings) ProviderFlags() []string {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	s.AddClientFlags(flags)
	names := map[string]bool{}
	flags.VisitAll(func(flag *pflag.Flag) { names[flag.Name] = true })
	return slices.Sorted(maps.Keys(names))
}

// AddLedgerFlags lets a command that calls no provider find the ledger of rehearsals,
// or that of another account.
func (s *Settings) AddLedgerFlags(flags *pflag.FlagSet, sandboxed *bool) {
	flags.BoolVar(sandboxed, "sandbox", false, "use the ledger of rehearsals, "+SandboxLedgerFile)
	s.AddAccountFlags(flags)
}
