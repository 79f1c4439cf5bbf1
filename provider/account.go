package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/url"
	"strings"
)

// Account is the merchant's account that a client pays from: where its requests
// go, in which of the provider's environments, and with which API key. What one
// account knows another does not, so that a look-up with another account's key
// proves nothing.
//
// Accounts are compared with ==, and with SameMoney by who does not mind which
// key was used. An Account holds no secret and may be stored and printed.
type Account struct {
	// Scheme is "https" or "http", Host lower case and without a port, Port
	// never empty, Path without a slash at its end: "" for none.
	Scheme, Host, Port, Path string
	// Environment is the value of the header that chooses among the provider's
	// environments, as sent: "Production".
	Environment string
	// Key is the fingerprint of the API key; see Fingerprint.
	Key string
	// Simulated marks the simulator that payrun starts itself. It is one
	// account whatever port it listens on: its Host, Port and Path are empty.
	Simulated bool
}

// SimulatorPlace is the Place of the simulator that payrun starts itself.
const SimulatorPlace = "sandbox"

// loopbackHost stands for every name of this machine's own address, since a
// provider that listens there is reached by all of them.
const loopbackHost = "localhost"

// NewAccount returns the account at a base address, with environment and API
// key as they are sent.
func NewAccount(base *url.URL, environment, key string) Account {
	a := Account{
		Scheme: strings.ToLower(base.Scheme), Host: strings.TrimSuffix(strings.ToLower(base.Hostname()), "."),
		Port: base.Port(), Path: strings.TrimRight(base.EscapedPath(), "/"), Environment: environment,
	}
	if a.Port == "" {
		a.Port = map[string]string{"http": "80", "https": "443"}[a.Scheme]
	}
	if IsLoopback(a.Host) {
		a.Host = loopbackHost
	}
	a.Key = Fingerprint(a.Host, key)
	return a
}

// SimulatedAccount returns the account at the simulator that payrun starts
// itself.
func SimulatedAccount(environment, key string) Account {
	return Account{Environment: environment, Key: Fingerprint(SimulatorPlace, key), Simulated: true}
}

// IsLoopback reports whether a host, without its port, is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == loopbackHost || (ip != nil && ip.IsLoopback())
}

// Fingerprint tells one API key of a host from another without giving it away:
// 48 bits of an HMAC-SHA-256, in hexadecimal, that differ from host to host. It
// is empty for no key. Two keys share one by an accident in 2.8e14.
func Fingerprint(host, key string) string {
	const bytes = 6
	if key == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte("payrun account key\x00"+host))
	mac.Write([]byte(key))
	return hex.EncodeToString(mac.Sum(nil)[:bytes])
}

// SameMoney reports whether both pay from one pocket as far as can be told
// without the key, of which an account can have several: two ledgers of
// accounts that are SameMoney may know of the same payouts.
func (a Account) SameMoney(other Account) bool { return a.Place() == other.Place() }

// Place names the account without its key: "https://api.digitalpaye.com
// (Production)", or SimulatorPlace. It is equal for accounts that are SameMoney
// and differs for others, so that ledgers and files can be told apart by it.
func (a Account) Place() string {
	if a.Simulated {
		return SimulatorPlace
	}
	if a.Environment == "" {
		return a.address()
	}
	return a.address() + " (" + a.Environment + ")"
}

// Loopback reports whether the account is at this machine, where a rehearsal
// pays no real money. The simulator is.
func (a Account) Loopback() bool { return a.Simulated || a.Host == loopbackHost }

// String names the account with its key's fingerprint: "https://api.digitalpaye.com
// (Production), key 3f9ac0d1e2b4".
func (a Account) String() string {
	if a.Key == "" {
		return a.Place()
	}
	return a.Place() + ", key " + a.Key
}

// address returns the base of all requests, without the port where it is the usual one.
func (a Account) address() string {
	host := a.Host
	if usual := a.Scheme == "https" && a.Port == "443" || a.Scheme == "http" && a.Port == "80"; !usual {
		host = net.JoinHostPort(a.Host, a.Port)
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return a.Scheme + "://" + host + a.Path
}
