package pgledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"payrun/ledger"
)

// txn is a transaction that writes. It begins with the first round trip and is committed in
// the last, with what is written.
type txn struct {
	conn *pgxpool.Conn
	log  log
	// xid is the transaction's id, empty before it has begun.
	xid string
	// pending are written together with the commit.
	pending pgx.Batch
}

// read asks the questions of a batch in one round trip, in order, the first of a transaction
// behind its beginning.
func (x *txn) read(ctx context.Context, questions *pgx.Batch) error {
	if x.xid == "" {
		var all pgx.Batch
		all.Queue("begin isolation level read committed")
		all.Queue("select pg_current_xact_id()::text").QueryRow(func(row pgx.Row) error { return row.Scan(&x.xid) })
		all.QueuedQueries = append(all.QueuedQueries, questions.QueuedQueries...)
		questions = &all
	}
	return x.conn.SendBatch(ctx, questions).Close()
}

// exec writes with the commit.
func (x *txn) exec(sql string, arguments ...any) { x.pending.Queue(sql, arguments...) }

// errLost says that the answer to a commit was lost.
var errLost = errors.New("the answer to a commit was lost")

// commit writes what is pending and commits. With errLost nobody knows whether it did.
func (x *txn) commit(ctx context.Context) error {
	x.pending.Queue("commit")
	err := x.read(ctx, &x.pending)
	switch refused := (*pgconn.PgError)(nil); {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.Severity == "ERROR" && !x.conn.Conn().IsClosed():
		// One of the statements was refused, and with it the commit.
		if refused.Code == divisionByZero {
			err = errStale
		}
		return errors.Join(err, x.rollback(ctx))
	default:
		return fmt.Errorf("%w: %w", errLost, err)
	}
}

func (x *txn) rollback(ctx context.Context) error {
	if x.conn.Conn().IsClosed() || x.conn.Conn().PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := x.conn.Exec(ctx, "rollback")
	return err
}

// ErrReadOnly says that the server lets nobody write from here: it is a replica, or a role or a
// database is set to read only. What only reads works.
var ErrReadOnly = errors.New("the database takes no writes")

// readOnly is the code by which the server says so.
const readOnly = "25006"

// update makes one durable transaction of what write does. If write returns an error,
// nothing is changed and the error is returned as it is. Write may be called again, from the
// beginning, after the server was away. Once the server refuses to record something, or does
// not come back, the store stops.
func (s *Store) update(ctx context.Context, write func(context.Context, *txn) error) error {
	if err := s.stoppedBy(); err != nil {
		return err
	}
	err := s.retry(ctx, func() error { return s.once(ctx, write) })
	if refused(err) == readOnly {
		err = fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	if err != nil && !errors.Is(err, ledger.ErrStopped) && (refused(err) != "" || transient(err)) {
		// A full disk, a right that was taken away, a server that does not come back: what
		// cannot be recorded must not be sent.
		err = fmt.Errorf("%w: %q: %w", ledger.ErrStopped, s.name, err)
	}
	if errors.Is(err, ledger.ErrStopped) {
		s.stop(err)
	}
	return err
}

func (s *Store) once(ctx context.Context, write func(context.Context, *txn) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	x := &txn{conn: conn, log: log{ledger: s.identity}}
	// From here on the caller's impatience must not leave a commit without an answer.
	ctx, end := s.whileAtWork(context.WithoutCancel(ctx), conn.Conn().PgConn().PID())
	defer end()
	if err := write(ctx, x); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if rolledBack := x.rollback(ctx); rolledBack != nil {
			s.log.Debug().Err(rolledBack).Msg("roll back")
		}
		return err
	}
	err = x.commit(ctx)
	if ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", errLost, context.Cause(ctx))
	}
	if errors.Is(err, errLost) {
		return s.resolve(ctx, x, err)
	}
	return err
}

// resolve finds out what became of a commit whose answer was lost: nil if it is in, a
// transient error if it is not, and ledger.ErrStopped if nobody can tell.
func (s *Store) resolve(ctx context.Context, x *txn, lost error) error {
	s.log.Warn().Err(lost).Str("transaction", x.xid).Msg("the answer to a commit was lost")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.OutageMax)
	defer cancel()
	for wait := resolveFirst; ; wait = min(2*wait, resolveMax) {
		committed, err := s.committed(ctx, x)
		switch {
		case err == nil && committed:
			return nil
		case err == nil:
			return errUndone
		case !transient(err) && !errors.Is(err, errRunning):
			return fmt.Errorf("%w: %q: %w: %w", ledger.ErrStopped, s.name, lost, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %q: %w: %w", ledger.ErrStopped, s.name, lost, err)
		case <-time.After(wait):
		}
	}
}

const (
	resolveFirst = 20 * time.Millisecond
	resolveMax   = time.Second
)

// errUndone says that a transaction is certainly not in. It is transient.
var errUndone = errors.New("the transaction was undone")

// errRunning says that a transaction is not over.
var errRunning = errors.New("the transaction is not over")

// committed reports whether a transaction is in, once it is over. The events that it wrote
// tell: a server that was reset may give its id to another.
func (s *Store) committed(ctx context.Context, x *txn) (bool, error) {
	var status *string
	err := s.pool.QueryRow(ctx, "select pg_xact_status($1::text::xid8)", x.xid).Scan(&status)
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == invalidParameter {
		// The server has not heard of that id yet: the transaction is not in.
		return false, nil
	}
	switch {
	case err != nil:
		return false, err
	case status == nil:
		return false, errors.New("the server has forgotten the transaction")
	case *status == "in progress":
		return false, errRunning
	case !x.log.wrote():
		return *status == "committed", nil
	}
	head := x.log.linker.Heads
	var hash []byte
	err = s.pool.QueryRow(ctx, "select hash from events where sequence = $1", int64(head.Count)).Scan(&hash) //nolint:gosec // below 2^63
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return string(hash) == string(head.Hash[:]), err
}

// Codes of PostgreSQL's errors, see its appendix A.
const (
	invalidParameter = "22023"
	divisionByZero   = "22012" // how a write says that its rows are not those that were read
	uniqueViolation  = "23505"
	undefinedTable   = "42P01"
)

// retry does something until it succeeds, fails for a reason that stays, or the server was
// away for too long since it first failed.
func (s *Store) retry(ctx context.Context, do func() error) error {
	var deadline time.Time
	for wait := resolveFirst; ; wait = min(2*wait, resolveMax) {
		err := do()
		if err == nil || !transient(err) || ctx.Err() != nil {
			return err
		}
		if deadline.IsZero() {
			deadline = time.Now().Add(s.options.OutageMax)
		}
		if errors.Is(err, errOverdue) || time.Now().After(deadline) {
			return err
		}
		s.log.Warn().Err(err).Msg("the database does not answer")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// transient reports whether an error is the server's or the network's state of the moment,
// and nothing was written.
func transient(err error) bool {
	if errors.Is(err, errOverdue) {
		return true // whatever asking for it ended with
	}
	if errors.Is(err, ledger.ErrStopped) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) {
		switch refused.Code {
		case "40001", "40P01", // serialisation, deadlock
			"25P03",                            // idle in the middle of a transaction
			"53300",                            // too many connections
			"57P01", "57P02", "57P03", "57P05": // shutting down, crashed, starting, idle for too long
			return true
		}
		return refused.Code[:2] == "08"
	}
	if network := net.Error(nil); errors.As(err, &network) {
		return true
	}
	return errors.Is(err, errUndone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		pgconn.SafeToRetry(err) || isConnClosed(err)
}

// isConnClosed recognises what pgx says of a connection that broke earlier.
func isConnClosed(err error) bool {
	return err.Error() == "conn closed"
}

// stoppedBy returns the error of the commit after which nothing may be written any more.
func (s *Store) stoppedBy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

func (s *Store) stop(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped == nil {
		s.stopped = err
	}
}
