package pgledger

import (
	"context"
	"encoding/hex"
	"maps"
	"sync"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/money"
)

// counted keeps the counts of batches as they were at an event, so that counting one again costs
// what moved since, whoever moved it.
type counted struct {
	mu      sync.Mutex
	batches map[int]tally
}

// tally is a batch as it was counted.
type tally struct {
	// head is the last event by then, hash that of it as text.
	head int64
	hash string
	// members is how many positions it had.
	members int
	// adopted is set where payouts belong to another batch, whose events are not this one's.
	adopted bool
	totals  map[kind]total
}

// kind is the class in which payouts are counted.
type kind struct {
	operator, currency string
	state              int16
}

type total struct {
	count int
	minor int64
}

// The questions of counting. What moved is asked of what the log has since the last time, unless that
// is so much that counting all is no dearer, or changed more than states.
const (
	countsOfMembers = `select p.operator, p.currency, p.state, count(*), sum(p.minor)::bigint
		from members m join payouts p on p.id = m.payout where m.batch = $1 group by p.operator, p.currency, p.state`
	changedSince = `select count(*), coalesce(bool_or(rest ->> 'Enrolled' is not null or rest ->> 'Terms' is not null), false)
		from (select rest from events where sequence > $2 and batch = $1 limit $3) e`
	movedSince = `select p.operator, p.currency, f.from_state, p.state, count(*), sum(p.minor)::bigint
		from (select distinct on (payout) payout, from_state from events
			where sequence > $2 and batch = $1 and payout <> '' order by payout, sequence) f
		join payouts p on p.id = f.payout group by p.operator, p.currency, f.from_state, p.state`
)

// followMax is how many events are followed at most.
const followMax = 50_000

// Counts implements ledger.Reader.
func (s *Store) Counts(ctx context.Context, id ledger.BatchID) (counts ledger.Counts, err error) {
	var now tally
	var number int
	ask := func(db querier) error {
		b, err := s.batch(ctx, db, id)
		if err != nil {
			return err
		}
		number = b.number
		s.counted.mu.Lock()
		before, known := s.counted.batches[number]
		s.counted.mu.Unlock()
		if known && before.members == b.members {
			if now, known, err = s.follow(ctx, db, b.number, before); err != nil || known {
				return err
			}
		}
		now, err = s.count(ctx, db, b)
		return err
	}
	if err := s.retry(ctx, func() error { return s.snapshot(ctx, ask) }); err != nil {
		return counts, err
	}
	s.counted.mu.Lock()
	if s.counted.batches == nil {
		s.counted.batches = map[int]tally{}
	}
	s.counted.batches[number] = now
	s.counted.mu.Unlock()
	return now.counts(), nil
}

// count counts a batch from its payouts.
func (s *Store) count(ctx context.Context, db querier, batch batch) (tally, error) {
	now := tally{members: batch.members, totals: map[kind]total{}}
	head, err := s.head(ctx, db)
	if err != nil {
		return now, err
	}
	if now.head = int64(head.Count); head.Count > 0 { //nolint:gosec // below 2^63
		now.hash = hex.EncodeToString(head.Hash[:])
	}
	err = s.ask(ctx, db, "select exists (select from members where batch = $1 and adopted)", one(&now.adopted), batch.number)
	if err != nil {
		return now, err
	}
	return now, s.ask(ctx, db, countsOfMembers, func(rows pgx.Rows) error {
		clear(now.totals)
		var k kind
		var t total
		_, err := pgx.ForEachRow(rows, []any{&k.operator, &k.currency, &k.state, &t.count, &t.minor}, func() error {
			now.totals[k] = t
			return nil
		})
		return err
	}, batch.number)
}

// follow counts a batch from what moved since it was counted. It reports false where that does not
// tell all, or the log is not the one that it was.
func (s *Store) follow(ctx context.Context, db querier, batch int, before tally) (tally, bool, error) {
	head, err := s.head(ctx, db)
	if err != nil {
		return before, false, err
	}
	now := before
	now.head, now.hash = int64(head.Count), hex.EncodeToString(head.Hash[:]) //nolint:gosec // below 2^63
	if now.head == before.head && now.hash == before.hash {
		return before, true, nil
	}
	if now.head <= before.head || now.head-before.head > followMax || before.adopted {
		return before, false, nil
	}
	then, err := s.hashAt(ctx, db, uint64(before.head)) //nolint:gosec // the number of an event
	if err != nil || hex.EncodeToString(then) != before.hash {
		return before, false, err
	}
	var moved int
	var more bool
	err = s.ask(ctx, db, changedSince, one(&moved, &more), batch, before.head, followMax)
	if err != nil || more {
		return before, false, err
	}
	if moved == 0 {
		return now, true, nil
	}
	now.totals = maps.Clone(before.totals)
	return now, true, s.ask(ctx, db, movedSince, func(rows pgx.Rows) error {
		var from, to kind
		var t total
		_, err := pgx.ForEachRow(rows, []any{&to.operator, &to.currency, &from.state, &to.state, &t.count, &t.minor}, func() error {
			from.operator, from.currency = to.operator, to.currency
			now.move(from, to, t)
			return nil
		})
		return err
	}, batch, before.head)
}

// move counts payouts as another kind than they were.
func (t *tally) move(from, to kind, moved total) {
	was, is := t.totals[from], t.totals[to]
	if from == to {
		return
	}
	t.totals[from] = total{was.count - moved.count, was.minor - moved.minor}
	t.totals[to] = total{is.count + moved.count, is.minor + moved.minor}
	if t.totals[from].count == 0 {
		delete(t.totals, from)
	}
}

// counts are the counts as a ledger tells them.
func (t *tally) counts() (counts ledger.Counts) {
	for k, of := range t.totals {
		amount := money.Currency(fromText(k.currency)).Of(of.minor)
		counts.AddTotal(ledger.Operator(fromText(k.operator)), ledger.State(k.state), ledger.Total{Count: of.count, Amount: amount}) //nolint:gosec // written from a state
	}
	return counts
}
