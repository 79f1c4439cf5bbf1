package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"sync"

	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/boltledger"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

// createLedger opens the ledger and begins it if there is none.
func (a *app) createLedger(path string) (*boltledger.Store, error) {
	begun := fsx.Missing(path)
	if begun {
		if err := a.BeginLedger(path); err != nil {
			return nil, err
		}
	}
	store, err := a.openTrusted(path)
	if err == nil {
		a.SayLedger(path, begun)
	}
	return store, err
}

// openTrusted opens a ledger that nobody else can have changed: not if everybody may
// write it. That another user owns it is said.
func (a *app) openTrusted(path string) (*boltledger.Store, error) {
	if err := a.RefuseTwo(path); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		switch {
		case fsx.AnybodyMayWrite(info):
			return nil, ui.Usage(a.Text("ledger.exposed", "file", path), a.Text("ledger.exposed_hint", "file", ui.ShellWord(path)))
		case !fsx.OwnedByUser(info):
			a.Remark(a.Text("ledger.foreign", "file", path))
		}
	}
	return boltledger.Open(path, boltledger.Options{})
}

// openLedger opens a ledger that must exist.
func (a *app) openLedger(path string) (*boltledger.Store, error) {
	if fsx.Missing(path) {
		return nil, a.MissingLedger(path)
	}
	store, err := a.openTrusted(path)
	if err == nil {
		a.SayLedger(path, false)
	}
	return store, err
}

// installed are the providers that this build pays through.
func installed() provider.Registry { return provider.Registry{digitalpaye.Driver()} }

// loadRules reads the rules, the built-in ones for no path, for the provider that is
// paid through.
func (a *app) loadRules(path string) (*rules.Set, error) {
	driver, err := a.Driver()
	if err != nil {
		return nil, err
	}
	set, err := readRules(path)
	if err != nil {
		return nil, err
	}
	if set, err = set.For(driver.Capabilities); err != nil {
		return nil, advise(fmt.Errorf("pay through %s: %w", driver.Name, err), exitUsage)
	}
	return set, nil
}

func readRules(path string) (*rules.Set, error) {
	if path == "" {
		return rules.Default()
	}
	file, err := fsx.Open(path)
	if err != nil {
		return nil, advise(fmt.Errorf("open the rules: %w", err), exitUsage)
	}
	defer file.Close() //nolint:errcheck // only read
	set, err := rules.Load(file)
	if err != nil {
		return nil, advise(fmt.Errorf("rules %s: %w", path, err), exitUsage)
	}
	return set, nil
}

// connection is a provider that can be called, and where it is.
type connection struct {
	provider provider.Provider
	// account is whose money is paid from.
	account provider.Account
	close   func()
}

// connect wires the provider's client. It makes no request.
func (a *app) connect(o settings.ProviderOptions, set *rules.Set) (*connection, error) {
	driver, err := a.Driver()
	if err != nil {
		return nil, err
	}
	config := a.clientConfig(driver, o, set)
	if err := checkAddress(config.URL, driver.URL); err != nil {
		return nil, err
	}
	config.Credentials, err = a.Credentials(settings.Access{
		URL: config.URL, Host: o.APIHost, KeyFile: o.KeyFile, SecretFile: o.SecretFile,
	})
	if err != nil {
		return nil, err
	}
	client, err := driver.Open(config)
	if err != nil {
		return nil, advise(fmt.Errorf("connect to the provider: %w", err), exitUsage)
	}
	return &connection{provider: client, account: client.Account(), close: func() {}}, nil
}

// clientConfig is what opens a client, apart from credentials.
func (a *app) clientConfig(driver provider.Driver, o settings.ProviderOptions, set *rules.Set) provider.Config {
	config := a.ClientConfig(driver)
	config.SchemeNames = set.ProviderNames()
	config.RequestTimeout, config.Connections = o.RequestTimeout, o.Workers
	config.AllowInsecureHTTP = o.InsecureHTTP
	return config
}

// connectSandbox starts the simulator of the chosen provider on loopback. Its books lie
// beside the ledger, so that a later run finds what this one paid.
func (a *app) connectSandbox(ctx context.Context, o settings.ProviderOptions, set *rules.Set, ledgerPath string) (*connection, error) {
	driver, err := a.Driver()
	if err != nil {
		return nil, err
	}
	if driver.Name != sandbox.Simulates {
		return nil, ui.Mistaken("provider_sandbox", "provider", driver.Name, "simulated", sandbox.Simulates)
	}
	scenario, err := loadScenario(o.Scenario)
	if err != nil {
		return nil, err
	}
	simulated, err := sandbox.New(sandbox.Options{Scenario: scenario, BooksFile: ledgerPath + ".sandbox.jsonl"})
	if err != nil {
		return nil, advise(fmt.Errorf("start the sandbox: %w", err), exitUsage)
	}
	server, err := sandbox.Listen(simulated, "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var served sync.WaitGroup
	served.Go(func() {
		if err := server.Serve(serving); err != nil {
			a.Logger().Error().Err(err).Msg("the sandbox stopped")
		}
	})
	config := a.clientConfig(driver, o, set)
	config.URL, config.Simulated = server.URL(), true
	config.Credentials = provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret}
	client, err := driver.Open(config)
	c := &connection{provider: client, close: func() {
		stop()
		served.Wait()
		if err := simulated.Close(); err != nil {
			a.Logger().Error().Err(err).Msg("close the sandbox's books")
		}
	}}
	if err != nil {
		c.close()
		return nil, fmt.Errorf("connect to the sandbox: %w", err)
	}
	c.account = client.Account()
	return c, nil
}

func loadScenario(path string) (*sandbox.Scenario, error) {
	if path == "" {
		return nil, nil
	}
	text, err := fsx.ReadFile(path)
	if err != nil {
		return nil, advise(fmt.Errorf("read the scenario: %w", err), exitUsage)
	}
	scenario, err := sandbox.ParseScenario(text)
	if err != nil {
		return nil, advise(fmt.Errorf("scenario %s: %w", path, err), exitUsage)
	}
	return &scenario, nil
}

// place names where payouts go, empty for an API URL that leads nowhere.
func (a *app) place(o settings.ProviderOptions) string {
	account, known := a.account(o)
	if !known {
		return ""
	}
	return account.Place()
}

// account is the one that the options lead to, without its key, if their API URL leads
// anywhere: what is wrong with it is told when connecting.
func (a *app) account(o settings.ProviderOptions) (account provider.Account, known bool) {
	if o.Sandbox {
		return provider.SimulatedAccount("", ""), true
	}
	return a.Account()
}

// checkAddress refuses an API URL that leads nowhere; example is one that does.
func checkAddress(apiURL, example string) error {
	parsed, err := url.Parse(apiURL)
	if err != nil || parsed.Hostname() == "" {
		return ui.Mistaken("api_url", "example", example)
	}
	return nil
}

// actor is who works at the keyboard, as far as the system tells.
func actor(confirmed service.Confirmation) service.Actor {
	by := service.Actor{Confirmed: confirmed}
	if who, err := user.Current(); err == nil {
		by.Person = who.Username
	}
	if host, err := os.Hostname(); err == nil {
		by.Host = host
	}
	return by
}

// books is the service over a ledger alone, for what asks no provider. Anchors are nil for
// what signs nothing.
func (a *app) books(store ledger.Store, anchors *anchor.Folder) *service.Service {
	return service.New(service.Config{Ledger: store, Anchors: anchors, Log: *a.Logger()})
}
