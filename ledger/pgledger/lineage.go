package pgledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// A server has a number of its own, and a timeline that a failover to a replica, and a
// restoration to an earlier moment, end. A dump that is restored makes tables of other numbers,
// in another database or another schema. What was committed before any of that may be lost: the
// ledger may then not know everything that was paid from it.

// lineageOf is the server's number and its timeline, the database's and the ledger's.
const lineageOf = `(select system_identifier::text from pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/' ||
	(select oid from pg_database where datname = current_database()) || '/' || 'ledger'::regclass::oid`

// ErrFailedOver is returned to whoever goes on paying from a server that another one has
// replaced meanwhile. Nothing more may be sent before the ledger was opened anew.
var ErrFailedOver = errors.New("the database was failed over or restored while it was paid from")

// followLineage notes which server, and timeline, the ledger is paid from. If that is another
// one than before, the ledger is adopted: what is queued is looked up before it is sent.
func (s *Store) followLineage(ctx context.Context) error {
	var found string
	err := s.update(ctx, func(ctx context.Context, x *txn) error {
		var questions pgx.Batch
		var before string
		x.log.lock(&questions)
		questions.Queue("select lineage, " + lineageOf + " from ledger").QueryRow(func(row pgx.Row) error { return row.Scan(&before, &found) })
		if err := x.read(ctx, &questions); err != nil || before == found {
			return err
		}
		x.exec("update ledger set lineage = $1", found)
		if before == "" {
			return nil
		}
		s.log.Warn().Str("before", before).Str("now", found).
			Msg("the database was failed over or restored: what is queued is looked up before it is sent")
		return s.adopt(ctx, x)
	})
	if err != nil {
		return fmt.Errorf("which server this is: %w", err)
	}
	s.leases.follow(found)
	return nil
}

// adopt records that the ledger may not know everything that was paid.
func (s *Store) adopt(ctx context.Context, x *txn) error {
	var questions pgx.Batch
	var identity ledger.Identity
	askIdentity(&questions, &identity)
	if err := x.read(ctx, &questions); err != nil {
		return err
	}
	return x.actUpon(identity, ledger.Act{Code: ledger.ActAdopted, At: time.Now().UTC(), By: ledger.Person{Name: "payrun"}})
}

// follow has the leases notice another server from now on.
func (l *leases) follow(lineage string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lineage = lineage
}

// sameServer returns ErrFailedOver if a new connection leads to another server, or timeline,
// than the ledger was opened with. Nothing is written from then on.
func (l *leases) sameServer(ctx context.Context) error {
	if l.lineage == "" {
		return nil
	}
	var found string
	if err := l.conn.QueryRow(ctx, "select "+lineageOf).Scan(&found); err != nil {
		return err
	}
	if found == l.lineage {
		return nil
	}
	err := fmt.Errorf("%w: %q: %w: %s, and %s now", ledger.ErrStopped, l.store.name, ErrFailedOver, l.lineage, found)
	l.store.stop(err)
	for _, one := range l.held {
		one.Lost = true
	}
	return err
}
