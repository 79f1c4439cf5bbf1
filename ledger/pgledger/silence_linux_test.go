package pgledger_test

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// noticed is within how long a silent peer is noticed, as docs/machines.md promises.
const noticed = time.Minute

// TestADeadHostIsNoticedWithinAMinute: the connection of the leases and the others have limits on
// both ends by which a silence ends them in time.
func TestADeadHostIsNoticedWithinAMinute(t *testing.T) {
	store := open(t, begin(t))
	defer store.Close()
	join(t, store, "one")
	lease, pool, err := store.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, conn := range map[string]pgledger.Ends{"the leases'": lease, "another": pool} {
		here := socketOf(t, conn.Conn)
		there := conn.Server
		for end, set := range map[string]pgledger.Limits{"here": here, "at the server": there} {
			idle := set.Idle + time.Duration(set.Count)*set.Each
			if set.Idle <= 0 || set.Each <= 0 || set.Count <= 0 || idle > noticed || set.Unacknowledged <= 0 || set.Unacknowledged > noticed {
				t.Errorf("%s connection, %s: %+v, which do not notice within a minute", name, end, set)
			}
		}
		if here != there {
			t.Errorf("%s connection: %+v here, %+v at the server", name, here, there)
		}
	}
}

// socketOf reads what is set on a connection's socket.
func socketOf(t *testing.T, conn net.Conn) (l pgledger.Limits) {
	t.Helper()
	raw, err := conn.(syscall.Conn).SyscallConn() //nolint:forcetypeassert // without TLS it is a socket
	if err != nil {
		t.Fatal(err)
	}
	option := func(level, name int) (value int) {
		control := raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), level, name) })
		if control != nil || err != nil {
			t.Fatal(control, err)
		}
		return value
	}
	if option(unix.SOL_SOCKET, unix.SO_KEEPALIVE) == 0 {
		t.Error("no keep-alives")
	}
	return pgledger.Limits{
		Idle:           time.Duration(option(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)) * time.Second,
		Each:           time.Duration(option(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)) * time.Second,
		Count:          option(unix.IPPROTO_TCP, unix.TCP_KEEPCNT),
		Unacknowledged: time.Duration(option(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)) * time.Millisecond,
	}
}

// TestAConnectionThatNothingGetsThroughIsGivenUp: packets are lost from one moment on, and nobody is
// told. What is asked is asked again on another connection, the leases are renewed on another, and
// the server ends the sessions.
func TestAConnectionThatNothingGetsThroughIsGivenUp(t *testing.T) {
	server := pgtest.Shared(t)
	address := begin(t)
	proxy := pgtest.NewProxy(t, server.Port)
	short := options()
	short.Silence = time.Second
	store, err := pgledger.Open(t.Context(), server.AddressAt(proxy.Port(), address[strings.LastIndex(address, "=")+1:]), short)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	enrol(t, store, 1)
	join(t, store, "one")
	_, pool, err := store.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	watch := open(t, address)
	defer watch.Close()
	if err := proxy.Swallow(); err != nil {
		t.Fatal(err)
	}
	if all, err := store.Batches(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("batches %v, %v", all, err)
	}
	goes := func(what, sql string) {
		t.Helper()
		for {
			if yes, err := watch.Holds(t.Context(), sql, pool.PID); err != nil {
				t.Fatalf("%s: %v", what, err)
			} else if yes {
				return
			}
			select {
			case <-t.Context().Done():
				t.Fatal(what)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	goes("the server ends a session that it hears nothing of", "select not exists (select from pg_stat_activity where pid = $1)")
	goes("the lease is renewed", "select lease_until > clock_timestamp() and $1 <> 0 from workers")
	for {
		if _, err := store.MaySend(); err == nil {
			break
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the lease's connection is not given up")
		case <-time.After(5 * time.Millisecond):
		}
	}
}
