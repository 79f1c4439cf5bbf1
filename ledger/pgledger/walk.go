package pgledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"payrun/ledger"
)

// walker reads the audit log in its order, and holds each event against its chains.
type walker struct {
	store *Store
	db    querier
	// from is the chain of heads where the walk begins, linker where it stands.
	from   ledger.Chain
	linker ledger.Linker
	// chains are those of the batches that it met, and the ledger's own.
	chains map[ledger.BatchID]*walked
}

// walked is the chain of a batch as far as the walk has come.
type walked struct {
	ledger.Chain
	number int
	// last is the position of the last payout that entered.
	last int
}

// walkFrom begins a walk where the chain of heads and the ledger's own ended once.
func (s *Store) walkFrom(db querier, heads, own ledger.Chain) *walker {
	return &walker{
		store: s, db: db, from: heads, linker: ledger.Linker{Heads: heads},
		chains: map[ledger.BatchID]*walked{"": {Chain: own}},
	}
}

// walk has each event met, once its chains have it.
func (w *walker) walk(ctx context.Context, meet func(context.Context, ledger.Event) error) error {
	for event, err := range w.store.events(ctx, w.db, w.from.Count+1) {
		if err == nil {
			err = w.link(ctx, event)
		}
		if err == nil {
			err = meet(ctx, event)
		}
		if err != nil {
			return err
		}
	}
	return w.compareEnds(ctx)
}

// link holds an event against its chains.
func (w *walker) link(ctx context.Context, event ledger.Event) error {
	chain, err := w.chain(ctx, event.Batch)
	if err != nil {
		return err
	}
	linked := event
	w.linker.Link(&linked, &chain.Chain)
	if hash := hex.EncodeToString(w.linker.Heads.Hash[:]); linked.Sequence != event.Sequence || linked.Place != event.Place || hash != event.Hash {
		return w.store.corrupt(whereEvent(linked.Sequence),
			fmt.Sprintf("number %d, place %d, hash %s", linked.Sequence, linked.Place, hash),
			fmt.Sprintf("number %d, place %d, hash %s", event.Sequence, event.Place, event.Hash))
	}
	return nil
}

// chain returns a batch's chain as far as the walk has come: at first, where the checkpoint has it.
func (w *walker) chain(ctx context.Context, id ledger.BatchID) (*walked, error) {
	if chain := w.chains[id]; chain != nil {
		return chain, nil
	}
	chain := &walked{}
	var count int64
	var hash []byte
	err := w.store.ask(ctx, w.db, "select number, checked, checked_hash from batches where id = $1", one(&chain.number, &count, &hash), toText(id))
	if err != nil {
		return nil, err
	}
	if w.from.Count > 0 {
		chain.Chain = chainOf(count, hash)
	}
	w.chains[id] = chain
	return chain, nil
}

// enrolled holds what an event says entered against the payouts that are there, in file order.
func (w *walker) enrolled(ctx context.Context, event ledger.Event) error {
	where, chain := whereEvent(event.Sequence), w.chains[event.Batch]
	digest, at, left := ledger.NewListDigest(), event.First, event.Enrolled
	if at <= chain.last {
		return w.store.corrupt(where, fmt.Sprintf("payouts behind the one at %d", chain.last), fmt.Sprintf("the first at %d", at))
	}
	for left > 0 {
		page, last, err := w.store.page(ctx, w.db, recordsOfOwn, chain.number, at, nil, min(left, lastPage))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return w.store.corrupt(where, fmt.Sprintf("%d payouts", event.Enrolled), fmt.Sprintf("%d payouts", event.Enrolled-left))
		}
		if left == event.Enrolled && page[0].at != event.First {
			return w.store.corrupt(where, fmt.Sprintf("the first payout at %d", event.First), fmt.Sprintf("one at %d", page[0].at))
		}
		for i := range page {
			if err := w.entered(event, &page[i]); err != nil {
				return err
			}
			accepted := page[i].Accepted()
			digest.Add(&accepted)
		}
		at, left = last+1, left-len(page)
	}
	chain.last = at - 1
	if found := digest.Hex(); found != event.Digest {
		return w.store.corrupt(where, "terms with digest "+event.Digest, found)
	}
	return nil
}

// entered holds a payout against the event with which it entered.
func (w *walker) entered(event ledger.Event, r *record) error {
	if r.Batch == event.Batch && r.position == r.at && r.QueuedAt.Equal(event.At) {
		return nil
	}
	return w.store.corrupt(wherePayout(r.ID),
		fmt.Sprintf("entered with event %d, batch %q, at %d, %s", event.Sequence, event.Batch, r.at, event.At.Format(time.RFC3339Nano)),
		fmt.Sprintf("batch %q, at %d, %s", r.Batch, r.position, r.QueuedAt.Format(time.RFC3339Nano)))
}

// compareEnds holds the ends of the chains that the walk met against those that are kept.
func (w *walker) compareEnds(ctx context.Context) error {
	head, err := w.store.head(ctx, w.db)
	if err != nil {
		return err
	}
	if head != w.linker.Heads {
		return w.store.corrupt("the head of the audit log", fmt.Sprintf("event %d, %x", w.linker.Heads.Count, w.linker.Heads.Hash), fmt.Sprintf("event %d, %x", head.Count, head.Hash))
	}
	for id, chain := range w.chains {
		sql, arguments := "select chain, chain_hash from batches where id = $1", []any{toText(id)}
		if id == "" {
			sql, arguments = "select own, own_hash from ledger", nil
		}
		var count int64
		var hash []byte
		if err := w.store.ask(ctx, w.db, sql, one(&count, &hash), arguments...); err != nil {
			return err
		}
		if end := chainOf(count, hash); end != chain.Chain {
			return w.store.corrupt(fmt.Sprintf("the chain of batch %q", id), fmt.Sprintf("line %d, %x", chain.Count, chain.Hash), fmt.Sprintf("line %d, %x", end.Count, end.Hash))
		}
	}
	return nil
}

func wherePayout(id ledger.TransactionID) string { return fmt.Sprintf("payout %q", id) }

func whereEvent(sequence uint64) string { return fmt.Sprintf("event %d", sequence) }
