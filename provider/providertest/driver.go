package providertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"payrun/provider"
)

// RunDriver holds a driver to what a registry needs of it. It speaks to nobody: that the
// clients keep their promises is what Run tries.
func RunDriver(t *testing.T, d provider.Driver) {
	t.Helper()
	for says, keep := range map[string]func(context.Context, provider.Driver) error{
		"it has a name, and an address that is its own":    isNamed,
		"its settings have the values that they state":     keepsItsSettings,
		"its capabilities are those of its clients":        statesItsCapabilities,
		"what says whose money it is tells accounts apart": tellsAccountsApart,
		"without TLS it stays on this machine":             refusesPlainHTTP,
		"where nobody listens nothing is sent":             sendsNothingToNobody,
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := keep(ctx, d); err != nil {
				t.Error(err)
			}
		})
	}
}

var driverName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func isNamed(_ context.Context, d provider.Driver) error {
	base, err := url.Parse(d.URL)
	switch {
	case !driverName.MatchString(d.Name) || d.Title == "":
		return fmt.Errorf("name %q, title %q", d.Name, d.Title)
	case err != nil || base.Scheme != "https" || !slices.Contains(d.Hosts, base.Hostname()):
		return fmt.Errorf("%q does not lead to one of its hosts %v by TLS", d.URL, d.Hosts)
	}
	return nil
}

func keepsItsSettings(_ context.Context, d provider.Driver) error {
	for _, s := range d.Settings {
		if !driverName.MatchString(s.Name) || s.Usage == "" {
			return fmt.Errorf("setting %+v has no name that a flag can have, or no usage", s)
		}
		for _, value := range append(slices.Clone(s.Choices), s.Default) {
			values := map[string]string{s.Name: value}
			if err := d.Check(values); err != nil {
				return err
			}
			if _, err := d.Open(provider.Config{URL: d.URL, Settings: values}); err != nil {
				return fmt.Errorf("open with %v: %w", values, err)
			}
		}
		if err := d.Check(map[string]string{s.Name: "no such value"}); (err != nil) != (len(s.Choices) > 0) {
			return fmt.Errorf("a value that %+v does not state: %w", s, err)
		}
	}
	return nil
}

func statesItsCapabilities(_ context.Context, d provider.Driver) error {
	client, err := d.Open(provider.Config{URL: d.URL})
	if err != nil {
		return err
	}
	if got := client.Capabilities(); !reflect.DeepEqual(got, d.Capabilities) {
		return fmt.Errorf("its client states %+v, and itself %+v", got, d.Capabilities)
	}
	if len(d.Capabilities.Countries) == 0 || len(d.Capabilities.Currencies) == 0 {
		return fmt.Errorf("%+v: pays nowhere", d.Capabilities)
	}
	return coherent(d.Capabilities, provider.Request{
		Name: "A", Country: d.Capabilities.Countries[0], Amount: d.Capabilities.Currencies[0].Of(typical),
	})
}

func tellsAccountsApart(_ context.Context, d provider.Driver) error {
	usual, err := d.Open(provider.Config{URL: d.URL})
	if err != nil {
		return err
	}
	keyed, err := d.Open(provider.Config{URL: d.URL, Credentials: provider.Credentials{Key: "the-key", Secret: "the-secret"}})
	if err != nil {
		return err
	}
	if !keyed.Account().SameMoney(usual.Account()) || keyed.Account() == usual.Account() {
		return fmt.Errorf("%s and %s are not one account's, with a key and without", keyed.Account(), usual.Account())
	}
	for _, s := range d.Settings {
		if !s.OfAccount {
			continue
		}
		other, err := d.Open(provider.Config{URL: d.URL, Settings: map[string]string{s.Name: "Another"}})
		if err != nil {
			return err
		}
		if other.Account().SameMoney(usual.Account()) {
			return fmt.Errorf("with another %s the account is still %s", s.Name, usual.Account())
		}
	}
	return nil
}

func refusesPlainHTTP(_ context.Context, d provider.Driver) error {
	config := provider.Config{URL: "http://api.example"}
	if _, err := d.Open(config); err == nil {
		return errors.New("it sends credentials in clear")
	}
	config.AllowInsecureHTTP = true
	_, err := d.Open(config)
	return err
}

func sendsNothingToNobody(ctx context.Context, d provider.Driver) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	nobody := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		return err
	}
	client, err := d.Open(provider.Config{
		URL: nobody, RequestTimeout: time.Second, Credentials: provider.Credentials{Key: "the-key", Secret: "the-secret"},
	})
	if err != nil {
		return err
	}
	request := template()
	request.Reference, request.Amount = "123456789012", d.Capabilities.Currencies[0].Of(typical)
	request.Country = d.Capabilities.Countries[0]
	if o := client.Send(ctx, request); o.Class != provider.NotSent || !o.Unsent {
		return fmt.Errorf("send: %+v, want not sent", o)
	}
	if o := client.LookUp(ctx, about(request, provider.Outcome{})); o.Class != provider.NotSent {
		return fmt.Errorf("look up: %+v, want not sent", o)
	}
	return nil
}
