package pgledger

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"payrun/ledger"
)

// Options change how a ledger is opened. The zero value is right for money.
type Options struct {
	// OutageMax is how long the store waits for a server that is away before it gives up.
	// Default one minute.
	OutageMax time.Duration
	// Lease is how long a worker is taken to be at work after it last said so. Default 15
	// seconds, at least one.
	Lease time.Duration
	// Silence is how long the server may be silent on a connection before that is given up, here
	// and by the server. Default 30 seconds, at least one.
	Silence time.Duration
	// NoSync accepts a server that does not bring to disk what it answers: for simulations
	// only.
	NoSync bool
	// Log is told of outages. The zero value is silent.
	Log zerolog.Logger
}

const (
	outageDefault  = time.Minute
	leaseDefault   = 15 * time.Second
	leaseMin       = time.Second
	silenceDefault = 30 * time.Second
	silenceMin     = time.Second
)

func (o Options) withDefaults() Options {
	if o.OutageMax <= 0 {
		o.OutageMax = outageDefault
	}
	if o.Lease <= 0 {
		o.Lease = leaseDefault
	}
	if o.Silence <= 0 {
		o.Silence = silenceDefault
	}
	o.Lease, o.Silence = max(o.Lease, leaseMin), max(o.Silence, silenceMin)
	return o
}

// Store is a ledger in a database. It is safe for concurrent use, by several processes on
// several machines.
type Store struct {
	// name is the database without a password.
	name    string
	pool    *pgxpool.Pool
	options Options
	log     zerolog.Logger
	leases  *leases
	recent  recent
	// identity is that of the ledger that was opened. Once the database has another one, a
	// ledger was copied into it.
	identity string

	mu      sync.Mutex
	stopped error

	counted counted
}

var _ ledger.Store = (*Store)(nil)

// Open opens the ledger of a database, which Migrate made. It returns a *MissingError if
// there is none, a *ledger.FormatError for one of another version, a *ledger.NoLedgerError
// for what is somebody else's, an
// *IncomingError for one that is being copied there, an
// *UnreachableError for a server that cannot be used, a *ServerError for one that may lose
// what it was given, and a *PooledError for a pooler.
func Open(ctx context.Context, dsn string, options Options) (*Store, error) {
	return open(ctx, dsn, options, func(ctx context.Context, s *Store) error { return s.checkIdentity(ctx) })
}

// open opens what admit admits.
func open(ctx context.Context, dsn string, options Options, admit func(context.Context, *Store) error) (*Store, error) {
	options = options.withDefaults()
	place, err := ParsePlace(dsn)
	if err != nil {
		return nil, err
	}
	place.limit(within(options.Silence))
	config := place.config.Copy()
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return place.prepare(ctx, conn, options.NoSync) }
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, place.access(err)
	}
	s := &Store{name: place.String(), pool: pool, options: options, log: options.Log}
	s.leases = newLeases(s, place)
	if err := s.check(ctx, place); err != nil {
		pool.Close()
		return nil, err
	}
	if err := admit(ctx, s); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// check refuses a database that is no ledger of this version.
func (s *Store) check(ctx context.Context, place Place) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return place.access(err)
	}
	defer conn.Release()
	version, err := place.version(ctx, conn.Conn())
	switch {
	case err != nil:
		return err
	case version != latest():
		return place.format(version)
	}
	return nil
}

// Close implements ledger.Store. Whatever its workers held can be taken over.
func (s *Store) Close() error {
	err := s.leases.close()
	s.pool.Close()
	return err
}

// String names the database, without a password.
func (s *Store) String() string { return s.name }

// querier is a pool, a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
}

// reader returns the querier for a question that stands alone.
func (s *Store) reader() querier { return s.pool }

// ask has the rows of a question read. Of the pool it is asked again while the server is
// away.
func (s *Store) ask(ctx context.Context, db querier, sql string, read func(pgx.Rows) error, arguments ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	once := func() error {
		rows, err := db.Query(ctx, sql, arguments...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return errors.Join(read(rows), rows.Err())
	}
	if db != querier(s.pool) {
		return once()
	}
	return s.retry(ctx, once)
}

// one reads the one row that an answer has, or pgx.ErrNoRows.
func one(into ...any) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		if !rows.Next() {
			return errors.Join(rows.Err(), pgx.ErrNoRows)
		}
		return rows.Scan(into...)
	}
}
