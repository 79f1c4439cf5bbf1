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
	// trap is the next one, and passed how many bytes went through since it was set. While
	// springs is not nil, a trap is springing: everybody waits until it is closed.
	trap    *Trap
	passed  int64
	springs chan struct{}
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

// Trap is a place in what goes through a proxy that nothing gets past: before the so many-th
// byte of all, in whatever direction, or before what is sent or answered with a text in it.
type Trap struct {
	After          int64
	Sent, Answered string
	// Skip is how often the text goes through before.
	Skip int
	// Then is called while nothing goes through. When it returns the connection is cut, and
	// the trap is gone.
	Then func()
}

// Set sets a trap, in place of the one before. Nil takes it away.
func (p *Proxy) Set(trap *Trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trap, p.passed = trap, 0
}

// Passed is how many bytes went through since a trap was set.
func (p *Proxy) Passed() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed
}

// SwallowCommit has the next answer to a commit thrown away, and its connection cut: what was
// asked for is done, and nobody hears of it. Then is called before that.
func (p *Proxy) SwallowCommit(then func()) { p.Set(&Trap{Answered: "COMMIT\x00", Then: then}) }

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
		p.carry(server, client, sent)
		end()
		_, _ = io.Copy(io.Discard, client) // until it gives up
		client.Close()                     //nolint:errcheck // it has
	})
	both.Go(func() { p.carry(client, server, answered); end() })
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, server)
	delete(p.servers, server)
}

// Directions in which something goes.
const (
	sent = iota
	answered
)

// carry carries what one side says to the other, up to a trap.
func (p *Proxy) carry(to io.Writer, from io.Reader, direction int) {
	const size = 1 << 16
	buffer := make([]byte, size)
	for {
		n, err := from.Read(buffer)
		passes := p.passes(buffer[:n], direction)
		if passes > 0 {
			if _, err := to.Write(buffer[:passes]); err != nil {
				return
			}
		}
		if err != nil || passes < n {
			return
		}
	}
}

// passes returns how much of a chunk goes through.
func (p *Proxy) passes(chunk []byte, direction int) int {
	p.mu.Lock()
	for p.springs != nil {
		springs := p.springs
		p.mu.Unlock()
		<-springs
		p.mu.Lock()
	}
	before := p.trap.before(chunk, direction, p.passed)
	p.passed += int64(before)
	if before == len(chunk) {
		p.mu.Unlock()
		return before
	}
	then, springs := p.trap.Then, make(chan struct{})
	p.trap, p.springs = nil, springs
	p.mu.Unlock()
	then()
	p.mu.Lock()
	p.springs = nil
	p.mu.Unlock()
	close(springs)
	return before
}

// before returns how much of a chunk comes before the trap, when so much has passed.
func (t *Trap) before(chunk []byte, direction int, passed int64) int {
	if t == nil {
		return len(chunk)
	}
	for of, text := range []string{sent: t.Sent, answered: t.Answered} {
		if of == direction && text != "" && bytes.Contains(chunk, []byte(text)) {
			if t.Skip--; t.Skip < 0 {
				return 0
			}
		}
	}
	if left := t.After - passed; t.After > 0 && left < int64(len(chunk)) {
		return int(left)
	}
	return len(chunk)
}
