package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"payrun/batch/metrics"
)

// serveMetrics serves measurements until stop is called. An address without a
// host is on this machine only: measurements tell what a company pays.
func (a *app) serveMetrics(ctx context.Context, address string) (m *metrics.Metrics, stop func(), err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, usage(fmt.Sprintf("--metrics-addr %q is not HOST:PORT", address), "it looks like 127.0.0.1:9090")
	}
	if host == "" {
		host = "127.0.0.1"
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, nil, advise(fmt.Errorf("serve metrics: %w", err), exitUsage, "choose another --metrics-addr; nothing was sent")
	}
	m = metrics.New(version)
	const slow = 10 * time.Second
	server := &http.Server{Handler: m.Handler(), ReadHeaderTimeout: slow, WriteTimeout: slow}
	var served sync.WaitGroup
	served.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.logger().Warn().Err(err).Msg("metrics are not served any more")
		}
	})
	a.logger().Info().Str("url", "http://"+listener.Addr().String()+"/metrics").Msg("serving metrics")
	return m, func() {
		// Whoever is reading now would only learn that the run has ended.
		_ = server.Close()
		served.Wait()
	}, nil
}
