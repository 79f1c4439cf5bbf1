package pgledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// checkpointEvery is the number of events that are worth a checkpoint, which costs a commit.
const checkpointEvery = 1000

// Check implements ledger.Verifier. It notices a failover and a restoration, and reads the database as it stands at one moment, while
// others go on.
func (s *Store) Check(ctx context.Context) error {
	if err := s.followLineage(ctx); err != nil {
		return err
	}
	c := &checker{store: s, latest: map[ledger.TransactionID]uint64{}, chains: map[ledger.BatchID]*ledger.Chain{}}
	if err := s.snapshot(ctx, func(db querier) error {
		c.db = db
		return c.run(ctx)
	}); err != nil {
		return err
	}
	if c.linker.Heads.Count < c.from.Count+checkpointEvery {
		return nil
	}
	return s.update(ctx, func(_ context.Context, x *txn) error {
		heads, own := c.linker.Heads, c.chains[""]
		x.exec(`update ledger set checked = $1, checked_hash = $2, checked_own = $3, checked_own_hash = $4 where checked < $1`,
			int64(heads.Count), heads.Hash[:], int64(own.Count), hashOf(*own)) //nolint:gosec // below 2^63
		for id, chain := range c.chains {
			if id != "" {
				x.exec("update batches set checked = $2, checked_hash = $3 where id = $1 and checked < $2",
					toText(id), int64(chain.Count), hashOf(*chain)) //nolint:gosec // below 2^63
			}
		}
		return nil
	})
}

// checker holds what was recorded since a checkpoint against what is kept.
type checker struct {
	store *Store
	db    querier
	// from is the chain of heads at the checkpoint, linker where the walk stands, chains
	// those of batches that it met, and the ledger's own.
	from   ledger.Chain
	linker ledger.Linker
	chains map[ledger.BatchID]*ledger.Chain
	// latest is the number of the last event about each payout.
	latest map[ledger.TransactionID]uint64
}

func (c *checker) run(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	for event, err := range c.store.events(ctx, c.db, c.from.Count+1) {
		if err == nil {
			err = c.link(ctx, event)
		}
		if err == nil {
			err = c.note(ctx, event)
		}
		if err != nil {
			return err
		}
	}
	if err := c.compareEnds(ctx); err != nil {
		return err
	}
	return c.compare(ctx)
}

// begin reads the checkpoint, and holds it against the log.
func (c *checker) begin(ctx context.Context) error {
	var checked, own int64
	var hash, ownHash []byte
	if err := c.store.ask(ctx, c.db, "select checked, checked_hash, checked_own, checked_own_hash from ledger", one(&checked, &hash, &own, &ownHash)); err != nil {
		return err
	}
	c.from = chainOf(checked, hash)
	c.linker.Heads = c.from
	ownChain := chainOf(own, ownHash)
	c.chains[""] = &ownChain
	if checked == 0 {
		return nil
	}
	var found []byte
	err := c.store.ask(ctx, c.db, "select hash from events where sequence = $1", one(&found), checked)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if string(found) != string(hash) {
		return c.store.corrupt(fmt.Sprintf("event %d", checked), "hash "+hex.EncodeToString(hash), "hash "+hex.EncodeToString(found))
	}
	return nil
}

// link holds an event against its chains.
func (c *checker) link(ctx context.Context, event ledger.Event) error {
	chain := c.chains[event.Batch]
	if chain == nil {
		var count int64
		var hash []byte
		if err := c.store.ask(ctx, c.db, "select checked, checked_hash from batches where id = $1", one(&count, &hash), toText(event.Batch)); err != nil {
			return err
		}
		at := chainOf(count, hash)
		chain = &at
		c.chains[event.Batch] = chain
	}
	linked := event
	c.linker.Link(&linked, chain)
	if hash := hex.EncodeToString(c.linker.Heads.Hash[:]); linked.Sequence != event.Sequence || linked.Place != event.Place || hash != event.Hash {
		return c.store.corrupt(fmt.Sprintf("event %d", linked.Sequence),
			fmt.Sprintf("number %d, place %d, hash %s", linked.Sequence, linked.Place, hash),
			fmt.Sprintf("number %d, place %d, hash %s", event.Sequence, event.Place, event.Hash))
	}
	return nil
}

// note keeps what an event says of payouts. Of those that only entered, and are as they
// entered, there is nothing to keep.
func (c *checker) note(ctx context.Context, event ledger.Event) error {
	if event.Payout != "" {
		c.latest[event.Payout] = event.Sequence
	}
	if event.Enrolled == 0 {
		return nil
	}
	digest, count := ledger.NewListDigest(), 0
	for entered, err := range c.store.entered(ctx, c.db, event) {
		if err != nil {
			return err
		}
		digest.Add(&entered.Terms)
		count++
	}
	where := fmt.Sprintf("event %d", event.Sequence)
	if count != event.Enrolled {
		return c.store.corrupt(where, fmt.Sprintf("%d payouts", event.Enrolled), fmt.Sprintf("%d payouts", count))
	}
	if found := digest.Hex(); found != event.Digest {
		return c.store.corrupt(where, "terms with digest "+event.Digest, found)
	}
	return nil
}

// compareEnds holds the ends of the chains that the walk met against those that are kept.
func (c *checker) compareEnds(ctx context.Context) error {
	head, err := c.store.head(ctx, c.db)
	if err != nil {
		return err
	}
	if head != c.linker.Heads {
		return c.store.corrupt("the head of the audit log", fmt.Sprintf("event %d, %x", c.linker.Heads.Count, c.linker.Heads.Hash), fmt.Sprintf("event %d, %x", head.Count, head.Hash))
	}
	for id, chain := range c.chains {
		sql, arguments := "select chain, chain_hash from batches where id = $1", []any{toText(id)}
		if id == "" {
			sql, arguments = "select own, own_hash from ledger", nil
		}
		var count int64
		var hash []byte
		if err := c.store.ask(ctx, c.db, sql, one(&count, &hash), arguments...); err != nil {
			return err
		}
		if end := chainOf(count, hash); end != *chain {
			return c.store.corrupt(fmt.Sprintf("the chain of batch %q", id), fmt.Sprintf("line %d, %x", chain.Count, chain.Hash), fmt.Sprintf("line %d, %x", end.Count, end.Hash))
		}
	}
	return nil
}

// compare holds the payouts of which the log speaks against its last event about each.
func (c *checker) compare(ctx context.Context) error {
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(c.latest)), pageSize) {
		page := make([]string, len(ids))
		for i, id := range ids {
			page[i] = toText(id)
		}
		found := map[ledger.TransactionID]uint64{}
		err := c.store.ask(ctx, c.db, "select id, event from payouts where id = any($1)", func(rows pgx.Rows) error {
			var id string
			var event int64
			_, err := pgx.ForEachRow(rows, []any{&id, &event}, func() error {
				found[ledger.TransactionID(fromText(id))] = uint64(event) //nolint:gosec // written from the number of an event
				return nil
			})
			return err
		}, page)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if found[id] != c.latest[id] {
				return c.store.corrupt(wherePayout(id), fmt.Sprintf("what event %d made of it", c.latest[id]), fmt.Sprintf("what event %d did", found[id]))
			}
		}
	}
	return nil
}
