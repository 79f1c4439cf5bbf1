package pgtest

import (
	"bytes"
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Proxy stands between a client and a server on loopback, and breaks what goes through it.
type Proxy struct {
	listener net.Listener
	to       string

	mu sync.Mutex
	// swallow is the text in an answer of the server's that is thrown away, with its
	// connection; then called once.
	swallow []byte
	then    func()
	conns   map[net.Conn]bool
	refused bool
	// silent is set once clients hear nothing any more; servers are their other ends.
	silent  bool
	servers map[net.Conn]bool
	all     sync.WaitGroup
}

// NewProxy listens on loopback until the test ends.
func NewProxy(tb testing.TB, port int) *Proxy {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: listener, to: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), conns: map[net.Conn]bool{}, servers: map[net.Conn]bool{}}
	p.all.Go(p.serve)
	tb.Cleanup(func() {
		if err := listener.Close(); err != nil {
			tb.Error(err)
		}
		p.Cut()
		p.all.Wait()
	})
	return p
}

// Port is where the proxy listens.
func (p *Proxy) Port() int {
	if address, ok := p.listener.Addr().(*net.TCPAddr); ok {
		return address.Port
	}
	return 0
}

// SwallowCommit has the next answer to a commit thrown away, and its connection cut: what was
// asked for is done, and nobody hears of it. Then is called before that.
func (p *Proxy) SwallowCommit(then func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallow, p.then = []byte("COMMIT\x00"), then
}

// Refuse has connections refused, or not.
func (p *Proxy) Refuse(refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = refused
}

// Cut breaks all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		conn.Close() //nolint:errcheck // broken on purpose
	}
}

// Silence has clients hear nothing any more, on connections that stay: the server has found that
// they are gone. New ones are not answered either.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
	for conn := range p.servers {
		conn.Close() //nolint:errcheck // broken on purpose
	}
}

func (p *Proxy) silenced() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silent
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refused := p.refused
		p.mu.Unlock()
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.to)
		if err != nil || refused {
			client.Close() //nolint:errcheck // refused
			if err == nil {
				server.Close() //nolint:errcheck // never used
			}
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server], p.servers[server] = true, true, true
		if p.silent {
			server.Close() //nolint:errcheck // never used
		}
		p.mu.Unlock()
		p.all.Go(func() { p.pass(client, server) })
	}
}

// pass carries bytes both ways until one side ends.
func (p *Proxy) pass(client, server net.Conn) {
	var both sync.WaitGroup
	end := func() {
		server.Close() //nolint:errcheck // gone, or broken on purpose
		if !p.silenced() {
			client.Close() //nolint:errcheck // as above
		}
	}
	both.Go(func() {
		carry(server, client, func([]byte) bool { return true })
		end()
		_, _ = io.Copy(io.Discard, client) // until it gives up
		client.Close()                     //nolint:errcheck // it has
	})
	both.Go(func() { carry(client, server, func(chunk []byte) bool { return !p.swallows(chunk) }); end() })
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, server)
	delete(p.servers, server)
}

// carry carries what one side says to the other, as long as it may.
func carry(to io.Writer, from io.Reader, may func([]byte) bool) {
	const size = 1 << 16
	buffer := make([]byte, size)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if !may(buffer[:n]) {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// swallows reports whether an answer is to be thrown away.
func (p *Proxy) swallows(chunk []byte) bool {
	p.mu.Lock()
	if p.swallow == nil || !bytes.Contains(chunk, p.swallow) {
		p.mu.Unlock()
		return false
	}
	p.swallow = nil
	p.mu.Unlock()
	p.then()
	return true
}
