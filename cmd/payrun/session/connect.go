package session

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"payrun/batch/rules"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/provider"
	"payrun/provider/sandbox"
)

// Rules reads the rules, the built-in ones for no path, for the provider that is
// paid through.
func (o *Opener) Rules(path string) (*rules.Set, error) {
	driver, err := o.Driver()
	if err != nil {
		return nil, err
	}
	set, err := ReadRules(path)
	if err != nil {
		return nil, err
	}
	set, err = set.For(driver.Capabilities)
	if wrong, ok := errors.AsType[*rules.MarketError](err); ok {
		return nil, ui.Mistaken("rules_market", "provider", driver.Name, "country", wrong.Country, "currency", string(wrong.Currency),
			"countries", wrong.Countries(), "currencies", wrong.Currencies())
	}
	return set, err
}

// ReadRules reads the rules as they are written, the built-in ones for no path.
func ReadRules(path string) (*rules.Set, error) {
	if path == "" {
		return rules.Default()
	}
	file, err := fsx.Open(path)
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("open the rules: %w", err))
	}
	defer file.Close() //nolint:errcheck // only read
	set, err := rules.Load(file)
	if err != nil {
		return nil, ui.Mistaken("unread", "file", path, "reason", err.Error(), "example", "payrun rules show")
	}
	return set, nil
}

// Connection is a provider that can be called, and where it is.
type Connection struct {
	Provider provider.Provider
	// Account is whose money is paid from.
	Account provider.Account
	close   func()
}

// Close ends the simulator, if there is one.
func (c *Connection) Close() { c.close() }

// Connect wires the provider's client, or starts its simulator beside the ledger of
// rehearsals. It asks nobody.
func (o *Opener) Connect(ctx context.Context, p settings.ProviderOptions) (*Connection, error) {
	if p.Sandbox {
		return o.connectSandbox(ctx, p, o.LedgerPath(true))
	}
	return o.connect(p)
}

// connect wires the provider's client. It makes no request.
func (o *Opener) connect(p settings.ProviderOptions) (*Connection, error) {
	driver, err := o.Driver()
	if err != nil {
		return nil, err
	}
	config := o.clientConfig(driver, p)
	if err := checkAddress(config.URL, driver.URL); err != nil {
		return nil, err
	}
	config.Credentials, err = o.Credentials(settings.Access{
		URL: config.URL, Host: p.APIHost, KeyFile: p.KeyFile, SecretFile: p.SecretFile,
	})
	if err != nil {
		return nil, err
	}
	client, err := driver.Open(config)
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("connect to the provider: %w", err))
	}
	return &Connection{Provider: client, Account: client.Account(), close: func() {}}, nil
}

// clientConfig returns the configuration of a client, but for its credentials.
func (o *Opener) clientConfig(driver provider.Driver, p settings.ProviderOptions) provider.Config {
	config := o.ClientConfig(driver)
	config.RequestTimeout, config.Connections = p.RequestTimeout, p.Workers
	config.AllowInsecureHTTP = p.InsecureHTTP
	return config
}

// connectSandbox starts the simulator of the chosen provider on loopback. Its books lie
// beside the ledger, so that a later run finds what this one paid.
func (o *Opener) connectSandbox(ctx context.Context, p settings.ProviderOptions, ledgerPath string) (*Connection, error) {
	driver, err := o.Driver()
	if err != nil {
		return nil, err
	}
	if driver.Name != sandbox.Simulates {
		return nil, ui.Mistaken("provider_sandbox", "provider", driver.Name, "simulated", sandbox.Simulates)
	}
	scenario, err := Scenario(p.Scenario)
	if err != nil {
		return nil, err
	}
	simulated, err := sandbox.New(sandbox.Options{Scenario: scenario, BooksFile: beside(ledgerPath) + ".sandbox.jsonl"})
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("start the sandbox: %w", err))
	}
	server, err := sandbox.Listen(simulated, "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var served sync.WaitGroup
	served.Go(func() {
		if err := server.Serve(serving); err != nil {
			o.Logger().Error().Err(err).Msg("the sandbox stopped")
		}
	})
	config := o.clientConfig(driver, p)
	config.URL, config.Simulated = server.URL(), true
	config.Credentials = provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret}
	client, err := driver.Open(config)
	c := &Connection{Provider: client, close: func() {
		stop()
		served.Wait()
		if err := simulated.Close(); err != nil {
			o.Logger().Error().Err(err).Msg("close the sandbox's books")
		}
	}}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("connect to the sandbox: %w", err)
	}
	c.Account = client.Account()
	return c, nil
}

// Scenario reads the faults of a simulated provider, none for no path.
func Scenario(path string) (*sandbox.Scenario, error) {
	if path == "" {
		return nil, nil
	}
	text, err := fsx.ReadFile(path)
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("read the scenario: %w", err))
	}
	scenario, err := sandbox.ParseScenario(text)
	if err != nil {
		return nil, ui.Mistaken("unread_scenario", "file", path, "reason", err.Error())
	}
	return &scenario, nil
}

// PlaceOf names where payouts go, empty for an API URL that leads nowhere.
func (o *Opener) PlaceOf(p settings.ProviderOptions) string {
	account, known := o.AccountOf(p)
	if !known {
		return ""
	}
	return account.Place()
}

// AccountOf is the one that the options lead to, without its key, if their API URL leads
// anywhere: what is wrong with it is told when connecting.
func (o *Opener) AccountOf(p settings.ProviderOptions) (account provider.Account, known bool) {
	if p.Sandbox {
		return provider.SimulatedAccount("", ""), true
	}
	return o.Account()
}

// checkAddress refuses an API URL that leads nowhere; example is one that does.
func checkAddress(apiURL, example string) error {
	parsed, err := url.Parse(apiURL)
	if err != nil || parsed.Hostname() == "" {
		return ui.Mistaken("api_url", "example", example)
	}
	return nil
}
