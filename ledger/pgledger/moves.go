package pgledger

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// moves reads the events of all payouts, those of each together and in their order, payouts by
// their ids. The server sorts them, beside its memory, for there is no index of them: what every
// window would have to write costs more than a sort now and then.
type moves struct {
	store *Store
	db    querier
	page  []ledger.Event
	next  int
}

const declareMoves = `declare moves no scroll cursor for
	select ` + eventColumns + ` from events e left join batches b on b.number = e.batch where e.payout <> '' order by e.payout, e.sequence`

// readMoves begins to read, within a transaction.
func (s *Store) readMoves(ctx context.Context, db querier) (*moves, error) {
	m := &moves{store: s, db: db}
	// All will be read.
	for _, statement := range []string{"set local cursor_tuple_fraction = 1", declareMoves} {
		if err := s.ask(ctx, db, statement, func(pgx.Rows) error { return nil }); err != nil {
			return nil, err
		}
	}
	return m, m.read(ctx)
}

// read reads the next page.
func (m *moves) read(ctx context.Context) error {
	return m.store.ask(ctx, m.db, "fetch "+strconv.Itoa(lastPage)+" from moves", func(rows pgx.Rows) (err error) {
		m.page, err = pgx.AppendRows(m.page[:0], rows, scanEvent)
		m.next = 0
		return err
	})
}

// of returns the next event if it is about that payout, nil otherwise. It is good until the next
// call.
func (m *moves) of(ctx context.Context, id ledger.TransactionID) (*ledger.Event, error) {
	if m.next == len(m.page) {
		if len(m.page) < lastPage {
			return nil, nil
		}
		if err := m.read(ctx); err != nil || len(m.page) == 0 {
			return nil, err
		}
	}
	event := &m.page[m.next]
	switch {
	case event.Payout == id:
		m.next++
		return event, nil
	case toText(event.Payout) < toText(id): // as the server sorts them
		return nil, m.stray(event)
	default:
		return nil, nil
	}
}

func (m *moves) stray(event *ledger.Event) error {
	return m.store.corrupt(whereEvent(event.Sequence), "a payout that entered", fmt.Sprintf("payout %q, which never did", event.Payout))
}

// end returns an error if events are left.
func (m *moves) end() error {
	if m.next < len(m.page) {
		return m.stray(&m.page[m.next])
	}
	return nil
}

// allRecords yields all payouts by their ids.
func (s *Store) allRecords(ctx context.Context, db querier) iter.Seq2[record, error] {
	return ledger.InPages("", func(behind string) ([]record, string, bool, error) {
		page, err := s.records(ctx, db, "p.id > $1 order by p.id limit $2", behind, lastPage)
		more := len(page) == lastPage
		if more {
			behind = toText(page[lastPage-1].ID)
		}
		return page, behind, more, err
	})
}

// replayPayouts replays each payout from its entering on, and holds what is kept against what comes
// of that.
func (v *verifier) replayPayouts(ctx context.Context) error {
	moves, err := v.store.readMoves(ctx, v.db)
	if err != nil {
		return err
	}
	names := map[ledger.Reference]ledger.TransactionID{}
	followed := uint64(0)
	for stored, err := range v.store.allRecords(ctx, v.db) {
		if err != nil {
			return err
		}
		count, err := v.replay(ctx, &stored, moves, names)
		if err != nil {
			return err
		}
		followed += count
		if len(names) >= pageSize {
			if err := v.compareNames(ctx, names); err != nil {
				return err
			}
		}
	}
	if err := v.compareNames(ctx, names); err != nil {
		return err
	}
	if err := moves.end(); err != nil || followed == v.moves {
		return err
	}
	return v.store.corrupt("the audit log", fmt.Sprintf("%d moves of payouts", v.moves), fmt.Sprintf("%d that payouts have", followed))
}

// replay replays a payout, counts its moves, and adds the names of its later attempts to others.
func (v *verifier) replay(ctx context.Context, stored *record, moves *moves, names map[ledger.Reference]ledger.TransactionID) (count uint64, err error) {
	// Where a file has it now is in no event, and how it entered was held against the event.
	now := ledger.NewPayout(stored.Accepted(), stored.Batch, stored.Row, stored.QueuedAt)
	last := uint64(0)
	for event, err := moves.of(ctx, stored.ID); event != nil || err != nil; event, err = moves.of(ctx, stored.ID) {
		if err != nil {
			return count, err
		}
		change := event.Change()
		if now, err = now.Applied(change); err != nil {
			return count, v.store.corrupt(whereEvent(event.Sequence), "an event that can be replayed", err.Error())
		}
		if change.Reference != "" {
			names[change.Reference] = stored.ID
			v.references++
		}
		last = event.Sequence
		count++
	}
	if last != 0 && last != stored.event {
		return count, v.store.corrupt(wherePayout(stored.ID), fmt.Sprintf("what event %d made of it", last), fmt.Sprintf("what event %d did", stored.event))
	}
	v.result.ByState.Add(now)
	v.earlier += len(now.Earlier)
	if now.State.Open() {
		v.open++
	}
	return count, v.same(wherePayout(stored.ID), now, stored.Payout)
}

// compareNames looks for the names of later attempts, each of which must be its payout's, and
// forgets them.
func (v *verifier) compareNames(ctx context.Context, names map[ledger.Reference]ledger.TransactionID) error {
	wanted := make([]string, 0, len(names))
	for reference := range names {
		wanted = append(wanted, toText(reference))
	}
	found := map[ledger.Reference]ledger.TransactionID{}
	err := v.store.ask(ctx, v.db, "select reference, payout from names where reference = any($1)", func(rows pgx.Rows) error {
		var reference, payout string
		_, err := pgx.ForEachRow(rows, []any{&reference, &payout}, func() error {
			found[ledger.Reference(fromText(reference))] = ledger.TransactionID(fromText(payout))
			return nil
		})
		return err
	}, wanted)
	if err != nil {
		return err
	}
	for _, reference := range slices.Sorted(maps.Keys(names)) {
		if found[reference] != names[reference] {
			return v.store.corrupt(fmt.Sprintf("the reference %q", reference), fmt.Sprintf("%q", names[reference]), fmt.Sprintf("%q", found[reference]))
		}
	}
	clear(names)
	return nil
}
