package pgledger

import (
	"context"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// prove notes what a worker has of the proof of a batch, $2, and answers how far the others at
// work have come: a dead worker's lease, and a lock, are those of another life or of another
// server in whatever was copied or restored, so that no proof goes with it.
const prove = `with others as (select coalesce(max(case when w.proven then 2 else 1 end), 0) as state from workers w
		where w.epoch <> $1 and w.proves = $2 and w.ended is null and w.lease_until > clock_timestamp() and ` + locked + `),
	own as (update workers set proves = $2, proven = $3 or state = 2 from others where epoch = $1 and ended is null and ($3 or state <> 1))
	select state from others`

// Prove implements ledger.Claimer.
func (s *Store) Prove(ctx context.Context, claim ledger.Claim, batch ledger.BatchID, done bool) (found ledger.Proof, err error) {
	err = s.update(ctx, func(ctx context.Context, x *txn) error {
		var number int
		var questions pgx.Batch
		questions.Queue("select number, pg_advisory_xact_lock(hashtext('payrun proof'), number) from batches where id = $1", toText(batch)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&number, nil) })
		if err := x.read(ctx, &questions); err != nil {
			return err
		}
		var asked pgx.Batch
		asked.Queue(prove, int64(claim.Epoch), number, done).QueryRow(func(row pgx.Row) error { return row.Scan(&found) }) //nolint:gosec // an epoch was an int64
		return x.read(ctx, &asked)
	})
	return found, err
}
