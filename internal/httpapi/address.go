package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// AddressOf is where a request comes from, for whoever counts tries: of a proxy in front, if
// there is one, it is what that says, and of an IPv6 address its network, of which one visitor
// has many.
func AddressOf(r *http.Request, proxied bool) string {
	from := r.RemoteAddr
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	if proxied {
		all := r.Header.Values("X-Forwarded-For")
		if len(all) > 0 {
			hops := strings.Split(all[len(all)-1], ",")
			from = strings.TrimSpace(hops[len(hops)-1])
		}
	}
	const network = 64
	if at, err := netip.ParseAddr(from); err == nil && at.Unmap().Is6() {
		if prefix, err := at.Prefix(network); err == nil {
			return prefix.String()
		}
	}
	return from
}
