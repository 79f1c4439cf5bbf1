package provider_test

import (
	"net/url"
	"strings"
	"testing"

	"payrun/provider"
)

func account(t *testing.T, base, environment, key string) provider.Account {
	t.Helper()
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return provider.NewAccount(address, environment, key)
}

func TestAnAccountIsTheAddressTheEnvironmentAndTheKey(t *testing.T) {
	ours := account(t, "https://api.digitalpaye.com", "Production", "pk_live_1")
	for _, test := range []struct {
		says        string
		other       provider.Account
		same, money bool
	}{
		{"the port written out", account(t, "https://API.digitalpaye.com:443/", "Production", "pk_live_1"), true, true},
		{"the root's dot", account(t, "https://api.digitalpaye.com.", "Production", "pk_live_1"), true, true},
		{"another key", account(t, "https://api.digitalpaye.com", "Production", "pk_live_2"), false, true},
		{"no key", account(t, "https://api.digitalpaye.com", "Production", ""), false, true},
		{"another environment", account(t, "https://api.digitalpaye.com", "Sandbox", "pk_live_1"), false, false},
		{"another path", account(t, "https://api.digitalpaye.com/eu", "Production", "pk_live_1"), false, false},
		{"another host", account(t, "https://sandbox.digitalpaye.com", "Production", "pk_live_1"), false, false},
		{"another port", account(t, "https://api.digitalpaye.com:8443", "Production", "pk_live_1"), false, false},
		{"the simulator", provider.SimulatedAccount("Production", "pk_live_1"), false, false},
	} {
		if got := ours == test.other; got != test.same {
			t.Errorf("%s: the same account is %t, want %t", test.says, got, test.same)
		}
		if got := ours.SameMoney(test.other); got != test.money {
			t.Errorf("%s: the same money is %t, want %t", test.says, got, test.money)
		}
	}
}

func TestLoopbackIsToldApartByPort(t *testing.T) {
	one := account(t, "http://127.0.0.1:8080", "Sandbox", "k")
	for _, name := range []string{"http://localhost:8080", "http://[::1]:8080", "http://LOCALHOST:8080/"} {
		if other := account(t, name, "Sandbox", "k"); one != other || !other.Loopback() {
			t.Errorf("%s is %s, want %s", name, other, one)
		}
	}
	if other := account(t, "http://127.0.0.1:8081", "Sandbox", "k"); one.SameMoney(other) {
		t.Error("two ports are one account")
	}
	if simulated := provider.SimulatedAccount("Sandbox", "k"); simulated.SameMoney(one) || !simulated.Loopback() {
		t.Errorf("the simulator is %s", simulated)
	}
	if account(t, "https://api.digitalpaye.com", "", "").Loopback() {
		t.Error("the provider is on this machine")
	}
}

func TestAnAccountShowsNoKey(t *testing.T) {
	ours := account(t, "https://api.digitalpaye.com/v9", "Production", "pk_live_secret")
	for _, shown := range []string{ours.String(), ours.Place()} {
		if strings.Contains(shown, "pk_live") {
			t.Errorf("shows the key: %q", shown)
		}
	}
	want := "https://api.digitalpaye.com/v9 (Production), key " + ours.Key
	if got := ours.String(); got != want || len(ours.Key) != 12 {
		t.Errorf("is called %q, want %q", got, want)
	}
	if elsewhere := account(t, "https://sandbox.digitalpaye.com", "", "pk_live_secret"); elsewhere.Key == ours.Key {
		t.Error("one key has one fingerprint everywhere")
	}
}

func TestAPlaceIsNamedForPeople(t *testing.T) {
	for want, ours := range map[string]provider.Account{
		"https://api.digitalpaye.com (Production)":             account(t, "https://API.digitalpaye.com:443/", "Production", "k"),
		"http://[2001:db8::1]:8080/a%2Fb/c (Un & deux)":        account(t, "http://[2001:db8::1]:8080/a%2Fb/c", "Un & deux", "k"),
		"http://localhost":                                     account(t, "http://127.0.0.1", "", ""),
		"https://api.digitalpaye.com/a%20%28b%29 (Production)": account(t, "https://api.digitalpaye.com/a%20%28b%29", "Production", "k"),
		"sandbox": provider.SimulatedAccount("Sandbox", "k"),
	} {
		if got := ours.Place(); got != want {
			t.Errorf("is called %q, want %q", got, want)
		}
	}
}
