package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"

	"payrun/batch/engine"
	"payrun/batch/metrics"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

const (
	defaultLedger        = "payrun.db"
	defaultSandboxLedger = "payrun-sandbox.db"
	// environmentSandbox names the built-in simulator, environmentLoopback a
	// provider on this machine, whatever its port.
	environmentSandbox  = "sandbox"
	environmentLoopback = "loopback"
)

func (a *app) ledgerPath(sandboxed bool) string {
	switch {
	case a.global.ledger != "":
		return a.global.ledger
	case sandboxed:
		return defaultSandboxLedger
	default:
		return defaultLedger
	}
}

// createLedger opens the ledger and begins it if there is none.
func (a *app) createLedger(path string) (*boltledger.Store, error) {
	return boltledger.Open(path, boltledger.Options{})
}

// openLedger opens a ledger that must exist.
func (a *app) openLedger(path string) (*boltledger.Store, error) {
	if isMissing(path) {
		return nil, usage(a.text("ledger.none", "path", path), a.text("ledger.none_hint"))
	}
	return boltledger.Open(path, boltledger.Options{})
}

func loadRules(path string) (*rules.Set, error) {
	if path == "" {
		return rules.Default()
	}
	file, err := os.Open(path) //nolint:gosec // the person names the file
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
	// environment is how the ledger knows it: a host, "sandbox" or "loopback".
	environment string
	close       func()
}

// connect wires the provider's client. It makes no request.
func (a *app) connect(o providerOptions) (*connection, error) {
	environment, err := environmentOf(o.apiURL)
	if err != nil {
		return nil, err
	}
	config := clientConfig(o)
	if config.Credentials, err = a.credentials(o); err != nil {
		return nil, err
	}
	client, err := digitalpaye.New(config)
	if err != nil {
		return nil, advise(fmt.Errorf("connect to the provider: %w", err), exitUsage)
	}
	return &connection{provider: client, environment: environment, close: func() {}}, nil
}

func clientConfig(o providerOptions) digitalpaye.Config {
	return digitalpaye.Config{
		BaseURL:           o.apiURL,
		Dialect:           digitalpaye.Dialect(o.dialect),
		Environment:       o.environment,
		StatusPath:        o.statusPath,
		RequestTimeout:    o.requestTimeout,
		Connections:       o.workers,
		AllowInsecureHTTP: o.insecureHTTP,
	}
}

// connectSandbox starts the simulator on loopback. Its books lie beside the
// ledger, so that a later run finds what this one paid.
func (a *app) connectSandbox(ctx context.Context, o providerOptions, ledgerPath string) (*connection, error) {
	scenario, err := loadScenario(o.scenario)
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
			a.logger().Error().Err(err).Msg("the sandbox stopped")
		}
	})
	config := clientConfig(o)
	config.BaseURL, config.Environment = server.URL(), "Sandbox"
	config.Credentials = digitalpaye.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret}
	client, err := digitalpaye.New(config)
	c := &connection{provider: client, environment: environmentSandbox, close: func() {
		stop()
		served.Wait()
		if err := simulated.Close(); err != nil {
			a.logger().Error().Err(err).Msg("close the sandbox's books")
		}
	}}
	if err != nil {
		c.close()
		return nil, fmt.Errorf("connect to the sandbox: %w", err)
	}
	return c, nil
}

func loadScenario(path string) (*sandbox.Scenario, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the person names the file
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
func (o *providerOptions) place() string {
	if o.sandbox {
		return environmentSandbox
	}
	environment, _ := environmentOf(o.apiURL) // what is wrong with it is told when connecting
	return environment
}

// environmentOf names the place an API URL leads to.
func environmentOf(apiURL string) (string, error) {
	parsed, err := url.Parse(apiURL)
	if err != nil || parsed.Hostname() == "" {
		return "", usage("--api-url is not a URL", "it looks like "+productionURL)
	}
	host := strings.ToLower(parsed.Hostname())
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return environmentLoopback, nil
	}
	return host, nil
}

// credentials come from the environment or from a file that nobody else can
// read, never from the command line, where other users of the machine see them.
func (a *app) credentials(o providerOptions) (digitalpaye.Credentials, error) {
	key, err := a.secret("API_KEY", a.text("credential.key"), o.keyFile)
	if err != nil {
		return digitalpaye.Credentials{}, err
	}
	secret, err := a.secret("API_SECRET", a.text("credential.secret"), o.secretFile)
	if err != nil {
		return digitalpaye.Credentials{}, err
	}
	return digitalpaye.Credentials{Key: digitalpaye.Secret(key), Secret: digitalpaye.Secret(secret)}, nil
}

func (a *app) secret(variable, name, file string) (string, error) {
	if value, ok := a.env(envPrefix + variable); ok && value != "" {
		return value, nil
	}
	if file == "" {
		return "", usage(a.text("credential.missing", "name", name),
			a.text("credential.set", "variable", envPrefix+variable, "flag", "--"+flagName(variable)+"-file"),
			a.text("credential.rehearse"))
	}
	return readSecret(file)
}

func flagName(variable string) string {
	return strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
}

// othersMask are the permission bits of everybody but the owner.
const othersMask fs.FileMode = 0o077

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", advise(fmt.Errorf("read the secret: %w", err), exitUsage)
	}
	if info.Mode().Perm()&othersMask != 0 {
		return "", usage(fmt.Sprintf("the secret in %q can be read by others", path), "chmod 600 "+path)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the person names the file
	if err != nil {
		return "", advise(fmt.Errorf("read the secret: %w", err), exitUsage)
	}
	value := strings.TrimSpace(string(text))
	if value == "" {
		return "", advise(errors.New("the secret in \""+path+"\" is empty"), exitUsage)
	}
	return value, nil
}

// measured has metrics taken of all that an engine does.
func measured(config engine.Config, m *metrics.Metrics) engine.Config {
	config.Provider = m.Provider(config.Provider)
	config.Store = m.Store(config.Store)
	config.Observer = m
	show := config.Progress
	config.Progress = func(now engine.Progress) {
		m.Progress(now)
		show(now)
	}
	return config
}

// requestFor words payouts as the provider's dialect does.
func requestFor(set *rules.Set, dialect string) func(ledger.Payout) provider.Request {
	return func(p ledger.Payout) provider.Request {
		return provider.Request{
			Reference: string(p.Reference),
			Number:    p.Number,
			Name:      p.Name,
			Amount:    p.Amount,
			Operator:  set.ProviderName(p.Operator, dialect),
			Country:   set.Country(),
			Currency:  set.Currency(),
		}
	}
}
