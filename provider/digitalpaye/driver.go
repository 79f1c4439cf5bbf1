package digitalpaye

import "payrun/provider"

// The hosts of the API: that of production, and the sandbox that an SDK names.
const (
	productionHost = "api.digitalpaye.com"
	sandboxHost    = "sandbox.digitalpaye.com"
)

// The names of the settings that are Digitalpaye's own.
const (
	settingDialect     = "dialect"
	settingEnvironment = "environment"
	settingStatusPath  = "status-path"
)

// Driver returns Digitalpaye as a registry has it.
func Driver() provider.Driver {
	return provider.Driver{
		Name: "digitalpaye", Title: "Digitalpaye",
		URL: "https://" + productionHost, Hosts: []string{productionHost, sandboxHost},
		Settings: []provider.Setting{
			{Name: settingDialect, Usage: "Digitalpaye's API: `v2` or v1", Default: string(V2), Choices: []string{string(V2), string(V1)}},
			{Name: settingEnvironment, Usage: "Digitalpaye's X-Environment header's `VALUE` (default: from the URL)", OfAccount: true},
			{Name: settingStatusPath, Usage: "the `PATH` of Digitalpaye's look-up under /v1/", Default: DefaultStatusPath},
		},
		Capabilities: capabilities(), Statement: StatementForm(), Named: named, Open: open,
	}
}

func open(c provider.Config) (provider.Client, error) {
	environment := c.Settings[settingEnvironment]
	if c.Simulated {
		environment = "" // no other than the simulator's own, which is the default
	}
	client, err := New(Config{
		BaseURL: c.URL, Credentials: c.Credentials,
		Dialect:     Dialect(c.Settings[settingDialect]),
		Environment: environment, StatusPath: c.Settings[settingStatusPath],
		RequestTimeout: c.RequestTimeout, Connections: c.Connections,
		Simulated: c.Simulated, AllowInsecureHTTP: c.AllowInsecureHTTP,
	})
	if err != nil {
		return nil, err
	}
	return client, nil
}
