package pgledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// leases keeps the leases of the workers of one store, and their locks, on a connection of
// its own.
type leases struct {
	store *Store
	place Place

	mu   sync.Mutex
	conn *pgx.Conn
	held map[int64]*lease
	// lineage is the server and timeline that the ledger was opened with, empty if nobody
	// asked.
	lineage string
	// all are the epochs that workers of this store ever had.
	all []int64
	// stop ends the goroutine that renews, done is closed when it has ended.
	stop context.CancelFunc
	done chan struct{}
}

// lease is that of an epoch of this process.
type lease struct {
	ledger.Lease
	// locked is set while the connection has the lock.
	locked bool
}

func newLeases(s *Store, place Place) *leases {
	return &leases{store: s, place: place, held: map[int64]*lease{}}
}

// renewEach is how often leases are renewed: a request may leave within a second of an
// answer only.
const renewEach = 500 * time.Millisecond

// The lock of an epoch is an advisory one, of the session. Its key is the table's number and
// the epoch.
const (
	lockKey = `(('workers'::regclass::oid::bigint << 32) | (%s & 4294967295))`
	locked  = `exists (select from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 1
		and l.database = (select oid from pg_database where datname = current_database())
		and l.classid = 'workers'::regclass::oid and l.objid::bigint = w.epoch & 4294967295)`
)

const renewLeases = `update workers set lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => $2))
	where epoch = any($1) and ended is null`

// Join implements ledger.Claimer. The worker's lease is renewed until it leaves or the store
// is closed.
func (s *Store) Join(ctx context.Context, worker string) (ledger.Claim, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Claim{}, err
	}
	var claim ledger.Claim
	err := s.retry(ctx, func() (err error) {
		claim, err = s.leases.join(ctx, worker)
		return err
	})
	return claim, err
}

func (l *leases) join(ctx context.Context, worker string) (ledger.Claim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.connect(ctx); err != nil {
		return ledger.Claim{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "" // only shown to people
	}
	asked := readClocks()
	var epoch int64
	var taken bool
	err = l.conn.QueryRow(ctx, `with next as (select nextval(pg_get_serial_sequence('workers', 'epoch')) as epoch)
		insert into workers (epoch, name, host, pid, lease_until)
		select epoch, $1, $2, $3, clock_timestamp() + make_interval(secs => $4) from next
		returning epoch, pg_try_advisory_lock(`+fmt.Sprintf(lockKey, "epoch")+`)`,
		toText(worker), toText(host), os.Getpid(), l.store.options.Lease.Seconds()).Scan(&epoch, &taken)
	if err != nil {
		return ledger.Claim{}, fmt.Errorf("worker %q: %w", worker, err)
	}
	claim := ledger.Claim{Worker: worker, Epoch: uint64(epoch)} //nolint:gosec // a sequence is positive
	l.held[epoch] = &lease{ledger.Lease{Claim: claim, For: l.store.options.Lease, Asked: asked}, taken}
	l.all = append(l.all, epoch)
	l.start()
	return claim, nil
}

// ours are the epochs that workers of this store ever had.
func (l *leases) ours() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64{}, l.all...)
}

// connect opens the connection of the locks unless there is one.
func (l *leases) connect(ctx context.Context) (err error) {
	if l.conn != nil && !l.conn.IsClosed() {
		return nil
	}
	for _, one := range l.held {
		one.locked = false
	}
	if l.conn, err = l.place.connect(ctx, l.store.options.NoSync); err != nil {
		return err
	}
	return l.sameServer(ctx)
}

// start begins to renew, unless that was begun before.
func (l *leases) start() {
	if l.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop, l.done = stop, make(chan struct{})
	go l.keep(ctx, l.done)
}

// keep renews until its context ends.
func (l *leases) keep(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	ticker := time.NewTicker(min(renewEach, l.store.options.Lease/3))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		within, cancel := context.WithTimeout(ctx, l.store.options.Lease)
		err := l.renew(within)
		cancel()
		if err != nil && ctx.Err() == nil {
			l.store.log.Warn().Err(err).Msg("the lease was not renewed")
		}
	}
}

// renew renews all leases, and takes the locks again that a broken connection lost.
func (l *leases) renew(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) == 0 {
		return nil
	}
	if err := l.connect(ctx); err != nil {
		return err
	}
	asked := readClocks()
	rows, err := l.conn.Query(ctx, renewLeases+" returning epoch", slices.Collect(maps.Keys(l.held)), l.store.options.Lease.Seconds())
	if err != nil {
		return err
	}
	renewed, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for epoch, one := range l.held {
		if !slices.Contains(renewed, epoch) {
			one.Lost = true
			continue
		}
		one.Asked = asked
		if one.locked {
			continue
		}
		if err := l.conn.QueryRow(ctx, "select pg_try_advisory_lock("+fmt.Sprintf(lockKey, "$1::bigint")+")", epoch).Scan(&one.locked); err != nil {
			return err
		}
	}
	return nil
}

// renewed notes that a lease was renewed by a window.
func (l *leases) renewed(claim ledger.Claim, asked ledger.Clocks) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.held[int64(claim.Epoch)]; one != nil { //nolint:gosec // an epoch was an int64
		one.Asked = asked
	}
}

// Leave implements ledger.Claimer.
func (s *Store) Leave(ctx context.Context, claim ledger.Claim) error {
	return s.retry(ctx, func() error { return s.leases.leave(ctx, claim) })
}

func (l *leases) leave(ctx context.Context, claim ledger.Claim) error {
	epoch := int64(claim.Epoch) //nolint:gosec // an epoch was an int64
	if _, err := l.store.pool.Exec(ctx, endEpochs, []int64{epoch}, "left"); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ours := l.held[epoch]; !ours {
		return nil
	}
	delete(l.held, epoch)
	if l.conn == nil || l.conn.IsClosed() {
		return nil
	}
	_, err := l.conn.Exec(ctx, "select pg_advisory_unlock("+fmt.Sprintf(lockKey, "$1::bigint")+")", epoch)
	return err
}

const endEpochs = "update workers set ended = clock_timestamp(), because = $2 where epoch = any($1) and ended is null"

// leaveMax bounds how long a store that is closed tries to give back what it holds: the end
// of its lease does as well.
const leaveMax = 5 * time.Second

// close ends all epochs and the connection.
func (l *leases) close() error {
	l.mu.Lock()
	stop, done := l.stop, l.done
	l.stop = nil
	l.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveMax)
	defer cancel()
	var err error
	if len(l.held) > 0 && !l.conn.IsClosed() {
		_, err = l.conn.Exec(ctx, endEpochs, slices.Collect(maps.Keys(l.held)), "closed")
		clear(l.held)
	}
	return errors.Join(err, l.conn.Close(ctx))
}

// MaySend returns for how long a request that leaves now may take: its end is before that of
// the lease. It returns ledger.ErrLease, or ledger.ErrEvicted, if none may leave. Without a
// worker there is no lease to mind.
func (s *Store) MaySend() (within time.Duration, err error) {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	within = s.options.Lease
	now := readClocks()
	for _, one := range s.leases.held {
		left, err := one.MaySend(now)
		if err != nil {
			return 0, err
		}
		within = min(within, left)
	}
	return within, nil
}
