package metrics

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"payrun/provider"
)

// Serve serves measurements of a process of this version until stop is called: at a port,
// of a host or, if that is empty, on this machine only, since measurements tell what a
// company pays. It answers to the host, to this machine's own names and to names. Log
// hears where, and if serving ends by itself.
func Serve(ctx context.Context, version, host, port string, names []string, log *zerolog.Logger) (m *Metrics, stop func(), err error) {
	if host == "" {
		host = "127.0.0.1"
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, nil, err
	}
	m = New(version)
	const slow = 10 * time.Second
	server := &http.Server{Handler: onlyNamed(append(names, host), m.Handler()), ReadHeaderTimeout: slow, WriteTimeout: slow}
	var served sync.WaitGroup
	served.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Warn().Err(err).Msg("metrics are not served any more")
		}
	})
	log.Info().Str("url", "http://"+listener.Addr().String()+"/metrics").Msg("serving metrics")
	return m, func() {
		// Whoever is reading now would only learn that the run has ended.
		_ = server.Close()
		served.Wait()
	}, nil
}

// onlyNamed answers requests that call the server by one of its names, by the address
// at which they arrived, or by a name of this machine for itself. A page in a browser
// can give any name of its own this machine's address, and would read the answer.
func onlyNamed(names []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := hostname(r.Host)
		if !provider.IsLoopback(asked) && !arrivedAt(r, asked) &&
			!slices.ContainsFunc(names, func(name string) bool { return asked != "" && hostname(name) == asked }) {
			http.Error(w, "not a name of this server; see --metrics-host", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostname is a host as it is compared: without a port, in small letters.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[] ")), ".")
}

// arrivedAt reports whether a host is the address that the request came in by.
func arrivedAt(r *http.Request, host string) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && hostname(local.String()) == host
}
