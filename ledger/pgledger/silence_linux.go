package pgledger

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unacknowledgedMax has a connection given up whose peer acknowledges nothing for so long, which
// keep-alives do not notice while something waits to be sent.
func (l silence) unacknowledgedMax(_, _ string, raw syscall.RawConn) (err error) {
	control := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(l.unacknowledged.Milliseconds()))
	})
	if control != nil {
		return control
	}
	if err == unix.ENOPROTOOPT || err == unix.EOPNOTSUPP { // a socket in the file system
		return nil
	}
	return err
}
