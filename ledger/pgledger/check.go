package pgledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// checkpointEvery is the number of events that are worth a checkpoint, which costs a commit.
const checkpointEvery = 1000

// Check implements ledger.Verifier. It notices a failover and a restoration, and reads the database
// as it stands at one moment, while others go on. Memory does not grow with what was recorded since
// the checkpoint.
func (s *Store) Check(ctx context.Context) error {
	if err := s.followLineage(ctx); err != nil {
		return err
	}
	var w *walker
	if err := s.snapshot(ctx, func(db querier) (err error) {
		if w, err = s.walkFromCheckpoint(ctx, db); err != nil {
			return err
		}
		if err := w.walk(ctx, w.met); err != nil {
			return err
		}
		return w.compareLatest(ctx)
	}); err != nil {
		return err
	}
	if w.linker.Heads.Count < w.from.Count+checkpointEvery {
		return nil
	}
	return s.update(ctx, func(_ context.Context, x *txn) error {
		heads, own := w.linker.Heads, w.chains[""].Chain
		x.exec(`update ledger set checked = $1, checked_hash = $2, checked_own = $3, checked_own_hash = $4 where checked < $1`,
			int64(heads.Count), heads.Hash[:], int64(own.Count), hashOf(own)) //nolint:gosec // below 2^63
		for id, chain := range w.chains {
			if id != "" {
				x.exec("update batches set checked = $2, checked_hash = $3 where id = $1 and checked < $2",
					toText(id), int64(chain.Count), hashOf(chain.Chain)) //nolint:gosec // below 2^63
			}
		}
		return nil
	})
}

// walkFromCheckpoint begins a walk at the checkpoint, which the log must have.
func (s *Store) walkFromCheckpoint(ctx context.Context, db querier) (*walker, error) {
	var checked, own int64
	var hash, ownHash []byte
	if err := s.ask(ctx, db, "select checked, checked_hash, checked_own, checked_own_hash from ledger", one(&checked, &hash, &own, &ownHash)); err != nil {
		return nil, err
	}
	w := s.walkFrom(db, chainOf(checked, hash), chainOf(own, ownHash))
	if checked == 0 {
		return w, nil
	}
	found, err := s.hashAt(ctx, db, w.from.Count)
	if err == nil && string(found) != string(hash) {
		err = s.corrupt(whereEvent(w.from.Count), "hash "+hex.EncodeToString(hash), "hash "+hex.EncodeToString(found))
	}
	return w, err
}

// met holds an enrolment against the payouts that entered with it. Of an event of another kind the
// chains have told all.
func (w *walker) met(ctx context.Context, event ledger.Event) error {
	if event.Enrolled == 0 {
		return nil
	}
	return w.enrolled(ctx, event)
}

// notTheLatest finds a payout that another event wrote last than the log's last about it.
const notTheLatest = `select e.payout, e.latest, coalesce(p.event, 0)
	from (select payout, max(sequence) as latest from events where sequence > $1 and payout <> '' group by payout) e
	left join payouts p on p.id = e.payout where p.event is distinct from e.latest order by e.payout limit 1`

// compareLatest holds the payouts of which the log speaks since the checkpoint against its last
// event about each. Of those that only entered, and are as they entered, there is nothing to compare.
func (w *walker) compareLatest(ctx context.Context) error {
	var id string
	var latest, found int64
	err := w.store.ask(ctx, w.db, notTheLatest, one(&id, &latest, &found), int64(w.from.Count)) //nolint:gosec // below 2^63
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.store.corrupt(wherePayout(ledger.TransactionID(fromText(id))), fmt.Sprintf("what event %d made of it", latest), fmt.Sprintf("what event %d did", found))
}
