package pgtest

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Swallow has every packet to the proxy on the connections that there are thrown away, on both
// sides, as by a firewall that forgot them, or a machine whose network is gone: nobody gets an
// acknowledgement, or is told that the connection is over. New connections go through.
func (p *Proxy) Swallow() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []error
	for conn := range p.conns {
		all = append(all, swallow(conn))
	}
	return errors.Join(all...)
}

// swallow puts a filter before a connection that lets nothing through.
func swallow(conn net.Conn) error {
	tcp, ok := conn.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	nothing := unix.SockFprog{Len: 1, Filter: &unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}}
	control := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &nothing)
	})
	return errors.Join(control, err)
}
