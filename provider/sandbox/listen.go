package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// ErrNotLoopback is returned by Listen for an address that other machines can
// reach: the simulator has no business there.
var ErrNotLoopback = errors.New("the sandbox only listens on loopback")

// Server is a sandbox behind a real listener.
type Server struct {
	listener net.Listener
	http     *http.Server
	hang     context.CancelFunc // ends requests that wait
}

// readHeaderMax bounds how long a client may take over its headers, and
// stopMax how long answers under way may take when the server stops.
const (
	readHeaderMax = 10 * time.Second
	stopMax       = time.Second
)

// Listen binds a loopback address, "127.0.0.1:0" for any free port. From then on
// connections queue; Serve answers them.
func Listen(s *Sandbox, address string) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: %w", address, ErrNotLoopback)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	base, cancel := context.WithCancel(context.Background())
	return &Server{
		listener: listener,
		hang:     cancel,
		http: &http.Server{
			Handler: s, ReadHeaderTimeout: readHeaderMax, ConnState: s.CountConnections,
			BaseContext: func(net.Listener) context.Context { return base },
		},
	}, nil
}

// URL is the base address for clients, without a slash at the end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Serve answers until the context ends. Then it cuts off what is still waiting
// (latency, hangs), lets answers being written finish, and returns nil. It may
// be called once.
func (s *Server) Serve(ctx context.Context) error {
	stopped := make(chan error, 1)
	release := context.AfterFunc(ctx, func() {
		s.hang()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopMax)
		defer cancel()
		err := s.http.Shutdown(limit)
		if errors.Is(err, context.DeadlineExceeded) {
			// A connection that was opened and never used counts as busy.
			err = s.http.Close()
		}
		stopped <- err
	})
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		release()
		s.hang()
		return fmt.Errorf("serve the sandbox: %w", err)
	}
	if release() { // closed by Close, not by the context
		return nil
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop the sandbox: %w", err)
	}
	return nil
}

// Close stops a server that was never served, or at once.
func (s *Server) Close() error {
	s.hang()
	return errors.Join(s.http.Close(), ignoreClosed(s.listener.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
