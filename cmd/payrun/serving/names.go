package serving

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"payrun/cmd/payrun/ui"
	"payrun/provider"
)

// options are those of the server itself.
type options struct {
	listen    string
	cert, key string
	url       string
	files     string
	uploadMax int
	workers   bool
	// wait is that of --wait.
	wait    time.Duration
	notices noticeOptions
}

// place is where a server listens, and by which names it is called.
type place struct {
	// host and port are those of --listen.
	host, port string
	// name is that of --url, empty without one.
	name string
	// certificate is nil without TLS.
	certificate *certificate
}

// place refuses to send tokens and names of people over a network in the clear.
func (o *options) place() (place, error) {
	host, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return place{}, ui.Mistaken("listen", "given", o.listen)
	}
	p := place{host: host, port: port}
	if p.host == "" {
		p.host = "127.0.0.1"
	}
	if p.name, err = o.named(); err != nil {
		return place{}, err
	}
	if (o.cert == "") != (o.key == "") {
		return place{}, ui.Mistaken("tls_pair")
	}
	if o.cert != "" {
		if p.certificate, err = readCertificate(o.cert, o.key); err != nil {
			return place{}, ui.UsageOf(err)
		}
	}
	if p.certificate == nil && p.name == "" && !provider.IsLoopback(p.host) {
		return place{}, ui.Mistaken("tls_needed", "host", p.host)
	}
	return p, nil
}

// named is the host of --url, empty without one.
func (o *options) named() (string, error) {
	if o.url == "" {
		return "", nil
	}
	named, err := url.Parse(o.url)
	if err != nil || named.Scheme != "https" || named.Hostname() == "" || net.ParseIP(named.Hostname()) != nil || strings.Trim(named.Path, "/") != "" || named.User != nil || named.RawQuery != "" {
		return "", ui.Mistaken("server_url", "given", o.url)
	}
	o.url = strings.TrimSuffix(o.url, "/")
	return strings.ToLower(named.Hostname()), nil
}

// named reports whether a request calls the server by one of its names: that of --url, those of
// its certificate, and this machine's own where it listens on this machine alone. A page in a
// browser can give any name of its own this machine's address.
func (p place) named(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	switch {
	case host == "":
		return false
	case host == p.name && p.name != "":
		return true
	case p.certificate != nil && p.certificate.leaf().VerifyHostname(host) == nil:
		return true
	default:
		return provider.IsLoopback(p.host) && provider.IsLoopback(host)
	}
}

// address is the URL that people and programs call.
func (p place) address(listening net.Addr) string {
	switch {
	case p.name != "":
		return "https://" + p.name
	case p.certificate != nil:
		return "https://" + listening.String()
	default:
		return "http://" + listening.String()
	}
}

// origin is by which browsers call the pages: a name, since passkeys are for names alone.
func (p place) origin(listening net.Addr) string {
	if p.name != "" {
		return "https://" + p.name
	}
	_, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		port = p.port
	}
	if p.certificate == nil {
		return "http://" + net.JoinHostPort("localhost", port)
	}
	name := "localhost"
	if names := p.certificate.leaf().DNSNames; len(names) > 0 {
		name = names[0]
	}
	return "https://" + net.JoinHostPort(name, port)
}
