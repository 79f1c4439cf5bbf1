package pgledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// TakeOver implements ledger.Claimer. A worker whose session is gone and whose lease is not
// over yet is waited for: it comes back, or it is gone.
func (s *Store) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	ids := make([]string, 0, len(payouts))
	for _, id := range payouts {
		ids = append(ids, toText(id))
	}
	if err := s.endGone(ctx, ids); err != nil {
		return nil, err
	}
	var taken []ledger.Payout
	err := s.update(ctx, func(ctx context.Context, x *txn) error {
		g := newGroup(s, x)
		var questions pgx.Batch
		x.log.lock(&questions)
		questions.Queue(recordsWhere+"p.id = any($1)", ids).Query(g.take)
		g.askLive(&questions)
		if err := x.read(ctx, &questions); err != nil {
			return err
		}
		if err := errors.Join(g.missing(payouts), g.complete(ctx)); err != nil {
			return err
		}
		if g.claims.Over(claim) {
			return claim.Ended()
		}
		taken = nil
		var mine []string
		for _, id := range payouts {
			if r := g.records[id]; g.claims.TakeOver(r.Payout, claim) {
				taken, mine = append(taken, r.Payout), append(mine, toText(id))
			}
		}
		x.exec("update payouts set epoch = $2 where id = any($1) and epoch <> $2", mine, int64(claim.Epoch)) //nolint:gosec // an epoch was an int64
		return nil
	})
	s.recent.forget(payouts)
	return taken, err
}

// holder is a worker that holds something and did not end.
type holder struct {
	epoch int64
	// left is how long its lease lasts, and locked whether its session is there.
	left   time.Duration
	locked bool
}

// endGone ends the epochs that hold any of the payouts and whose workers are gone.
func (s *Store) endGone(ctx context.Context, ids []string) error {
	for {
		holders, err := s.holders(ctx, ids)
		if err != nil {
			return err
		}
		var gone []int64
		wait := time.Duration(0)
		for _, h := range holders {
			switch {
			case h.locked:
			case h.left > 0:
				wait = max(wait, h.left)
			default:
				gone = append(gone, h.epoch)
			}
		}
		if len(gone) > 0 {
			err := s.retry(ctx, func() error {
				_, err := s.pool.Exec(ctx, `update workers w set ended = clock_timestamp(), because = 'taken over'
					where epoch = any($1) and ended is null and lease_until < clock_timestamp() and not `+locked, gone)
				return err
			})
			if err != nil {
				return err
			}
		}
		if wait == 0 {
			return nil
		}
		s.log.Info().Dur("left", wait).Msg("waiting for the lease of a worker whose session is gone")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(wait+leaseSlack, s.options.Lease)):
		}
	}
}

// leaseSlack is added to the wait for the end of a lease.
const leaseSlack = 10 * time.Millisecond

func (s *Store) holders(ctx context.Context, ids []string) (found []holder, err error) {
	err = s.ask(ctx, s.reader(), `select w.epoch, (extract(epoch from w.lease_until - clock_timestamp()) * 1000)::bigint, `+locked+`
		from workers w where w.ended is null and w.epoch in (select epoch from payouts where id = any($1))`, func(rows pgx.Rows) error {
		found = nil
		var h holder
		var left int64
		_, err := pgx.ForEachRow(rows, []any{&h.epoch, &left, &h.locked}, func() error {
			h.left = time.Duration(left) * time.Millisecond
			found = append(found, h)
			return nil
		})
		return err
	}, ids)
	return found, err
}

// Worker is an epoch of a worker, as people see it.
type Worker struct {
	ledger.Claim
	Host string
	PID  int
	// Joined and Lease are in the database's time.
	Joined, Lease time.Time
	// Session tells whether its connection is there, Holds how many payouts it has under way.
	Session bool
	Holds   int
}

// Workers returns those that did not end, the oldest first.
func (s *Store) Workers(ctx context.Context) (all []Worker, err error) {
	err = s.ask(ctx, s.reader(), `select w.epoch, w.name, w.host, w.pid, w.joined, w.lease_until, `+locked+`,
		(select count(*) from payouts p where p.open and p.epoch = w.epoch)
		from workers w where w.ended is null order by w.epoch`, func(rows pgx.Rows) error {
		all = nil
		var w Worker
		var epoch int64
		_, err := pgx.ForEachRow(rows, []any{&epoch, &w.Worker, &w.Host, &w.PID, &w.Joined, &w.Lease, &w.Session, &w.Holds}, func() error {
			w.Epoch, w.Worker, w.Host = uint64(epoch), fromText(w.Worker), fromText(w.Host) //nolint:gosec // a sequence is positive
			w.Joined, w.Lease = w.Joined.UTC(), w.Lease.UTC()
			all = append(all, w)
			return nil
		})
		return err
	})
	return all, err
}

// Held counts the payouts that a batch brought in and that others than this store's workers
// have under way: held by those who are at work, and left by those who are gone.
func (s *Store) Held(ctx context.Context, batch ledger.BatchID) (held, left int, err error) {
	err = s.ask(ctx, s.reader(), `select count(*) filter (where at_work), count(*) filter (where not at_work)
		from (select w.ended is null and (w.lease_until > clock_timestamp() or `+locked+`) as at_work
			from payouts p join batches b on b.number = p.batch join workers w on w.epoch = p.epoch
			where b.id = $1 and p.open and w.epoch <> all($2)) as others`, one(&held, &left), toText(batch), s.leases.ours())
	return held, left, err
}

// Evict ends an epoch, whatever its worker does: what it holds can be taken over. It returns
// ledger.ErrNotFound if it is not at work. It is for a person who knows that the process is
// gone, or will never go on: nothing else protects against a request that it still sends.
func (s *Store) Evict(ctx context.Context, epoch uint64, because string) error {
	return s.retry(ctx, func() error {
		done, err := s.pool.Exec(ctx, endEpochs, []int64{int64(epoch)}, toText(because)) //nolint:gosec // below 2^63
		if err == nil && done.RowsAffected() == 0 {
			err = fmt.Errorf("worker of epoch %d: %w", epoch, ledger.ErrNotFound)
		}
		return err
	})
}
