package pgledger

import (
	"context"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
)

// EnrolFirst is how many rows are made durable together at first.
const EnrolFirst = enrolFirst

// LastPage is how much is read at a time at most.
const LastPage = lastPage

// Vanish ends a store as a process ends that is killed: its connections break, and nothing
// is given back.
func (s *Store) Vanish() {
	s.Freeze()
	s.leases.mu.Lock()
	if s.leases.conn != nil {
		_ = s.leases.conn.Close(context.Background())
	}
	s.leases.mu.Unlock()
	s.pool.Close()
}

// Freeze stops renewing leases, as in a process that is stopped. Its session stays.
func (s *Store) Freeze() {
	s.leases.mu.Lock()
	stop, done := s.leases.stop, s.leases.done
	s.leases.stop = func() {}
	s.leases.mu.Unlock()
	if stop != nil && done != nil {
		stop()
		<-done
	}
}

// Exec has a statement run, for tests that tamper.
func (s *Store) Exec(ctx context.Context, sql string, arguments ...any) error {
	_, err := s.pool.Exec(ctx, sql, arguments...)
	return err
}

// Holds answers a question of a session.
func (s *Store) Holds(ctx context.Context, sql string, session uint32) (yes bool, err error) {
	err = s.pool.QueryRow(ctx, sql, int64(session)).Scan(&yes)
	return yes, err
}

// Limits are those after which an end of a connection gives up a silent peer.
type Limits struct {
	Idle, Each     time.Duration
	Count          int
	Unacknowledged time.Duration
}

// Ends is a connection: its socket here, and the limits of the server's.
type Ends struct {
	Conn   net.Conn
	Server Limits
	PID    uint32
}

// Connections returns the connection of the leases and another.
func (s *Store) Connections(ctx context.Context) (lease, pool Ends, err error) {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	if lease, err = endsOf(ctx, s.leases.conn); err != nil {
		return lease, pool, err
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return lease, pool, err
	}
	defer conn.Release()
	pool, err = endsOf(ctx, conn.Conn())
	return lease, pool, err
}

func endsOf(ctx context.Context, conn *pgx.Conn) (e Ends, err error) {
	e.Conn, e.PID = conn.PgConn().Conn(), conn.PgConn().PID()
	var idle, each, unacknowledged int64
	err = conn.QueryRow(ctx, `select (select setting::bigint from pg_settings where name = 'tcp_keepalives_idle'),
		(select setting::bigint from pg_settings where name = 'tcp_keepalives_interval'),
		(select setting::int from pg_settings where name = 'tcp_keepalives_count'),
		(select setting::bigint from pg_settings where name = 'tcp_user_timeout')`).Scan(&idle, &each, &e.Server.Count, &unacknowledged)
	e.Server.Idle, e.Server.Each = time.Duration(idle)*time.Second, time.Duration(each)*time.Second
	e.Server.Unacknowledged = time.Duration(unacknowledged) * time.Millisecond
	return e, err
}
