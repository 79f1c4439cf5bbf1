package pgledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// pageSize is the number of rows that are read at a time.
const pageSize = 512

// log appends events within one transaction. It must be locked before.
type log struct {
	// ledger is the identity of the ledger that was opened.
	ledger string
	linker ledger.Linker
	// own is the chain of the events that no batch has, batches are those of the batches
	// that are written to, by their numbers.
	own     chain
	batches map[int]*chain
	events  []ledger.Event
	numbers []int
	hashes  [][]byte
}

// chain is a chain, and whether it was added to.
type chain struct {
	ledger.Chain
	grew bool
}

// wrote reports whether events were appended.
func (l *log) wrote() bool { return len(l.events) > 0 }

// last is the number of the last event.
func (l *log) last() uint64 { return l.linker.Heads.Count }

// lockLog locks the chain of heads and reads where it ends.
const lockLog = "select heads, heads_hash, own, own_hash, identity ->> 'id' from ledger for update"

// errReplaced says that a copy of another ledger took the place of the one that was opened.
var errReplaced = errors.New("another ledger was copied into the database meanwhile")

// lock asks for the end of the chain of heads, and keeps others from appending.
func (l *log) lock(questions *pgx.Batch) {
	questions.Queue(lockLog).QueryRow(func(row pgx.Row) error {
		var heads, own int64
		var headsHash, ownHash []byte
		var found string
		if err := row.Scan(&heads, &headsHash, &own, &ownHash, &found); err != nil {
			return err
		}
		if found != l.ledger {
			return fmt.Errorf("%w: %w", ledger.ErrStopped, errReplaced)
		}
		l.linker.Heads, l.own.Chain = chainOf(heads, headsHash), chainOf(own, ownHash)
		return nil
	})
}

func chainOf(count int64, hash []byte) ledger.Chain {
	c := ledger.Chain{Count: uint64(count)} //nolint:gosec // written from the number of an event
	copy(c.Hash[:], hash)
	return c
}

// hashOf is a chain's hash as columns have it: empty for one without a line.
func hashOf(c ledger.Chain) []byte {
	if c.Count == 0 {
		return []byte{}
	}
	return c.Hash[:]
}

// extend asks for the chains of batches whose numbers a query gives. The log must be locked
// by an earlier question.
func (l *log) extend(questions *pgx.Batch, numbers string, arguments ...any) {
	questions.Queue("select number, chain, chain_hash from batches where number in ("+numbers+")", arguments...).Query(func(rows pgx.Rows) error {
		var number int
		var count int64
		var hash []byte
		_, err := pgx.ForEachRow(rows, []any{&number, &count, &hash}, func() error {
			if l.batches == nil {
				l.batches = map[int]*chain{}
			}
			l.batches[number] = &chain{Chain: chainOf(count, hash)}
			return nil
		})
		return err
	})
}

// append adds an event of a batch, by its number, or of the ledger, which has the number 0.
func (l *log) append(event ledger.Event, batch int) error {
	of := &l.own
	if batch != 0 {
		of = l.batches[batch]
	}
	if of == nil {
		return errors.New("an event of a batch whose chain was not read")
	}
	of.grew = true
	l.linker.Link(&event, &of.Chain)
	l.events, l.numbers = append(l.events, event), append(l.numbers, batch)
	hash := l.linker.Heads.Hash
	l.hashes = append(l.hashes, hash[:])
	return nil
}

// finish writes the events and where the chains end now.
func (l *log) finish(x *txn) error {
	if !l.wrote() {
		return nil
	}
	count := len(l.events)
	sequences, places, at, epochs := make([]int64, count), make([]int64, count), make([]int64, count), make([]int64, count)
	actors, payouts, acts, workers := make([]string, count), make([]string, count), make([]string, count), make([]string, count)
	from, to, attempts := make([]int16, count), make([]int16, count), make([]int, count)
	rests := make([]*string, count)
	for i := range l.events {
		e := &l.events[i]
		sequences[i], places[i], at[i], epochs[i] = int64(e.Sequence), int64(e.Place), toTime(e.At), int64(e.Epoch) //nolint:gosec // below 2^63
		actors[i], payouts[i], acts[i], workers[i] = toText(e.Actor), toText(e.Payout), toText(e.Act), toText(e.Worker)
		from[i], to[i], attempts[i] = int16(e.From), int16(e.To), e.Attempt
		var err error
		if rests[i], err = restOf(e); err != nil {
			return err
		}
	}
	x.exec(`insert into events (sequence, batch, place, at, actor, payout, from_state, to_state, attempt, act, worker, epoch, rest, hash)
		select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::smallint[], $8::smallint[],
			$9::int[], $10::text[], $11::text[], $12::bigint[], $13::json[], $14::bytea[])`,
		sequences, l.numbers, places, at, actors, payouts, from, to, attempts, acts, workers, epochs, rests, l.hashes)
	for number, c := range l.batches {
		if c.grew {
			x.exec("update batches set chain = $2, chain_hash = $3 where number = $1", number, int64(c.Count), c.Hash[:]) //nolint:gosec // below 2^63
		}
	}
	heads := l.linker.Heads
	x.exec("update ledger set heads = $1, heads_hash = $2, own = $3, own_hash = $4",
		int64(heads.Count), hashOf(heads), int64(l.own.Count), hashOf(l.own.Chain)) //nolint:gosec // below 2^63
	return nil
}

// Events implements ledger.Log.
func (s *Store) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return s.events(ctx, s.reader(), from)
}

func (s *Store) events(ctx context.Context, db querier, from uint64) iter.Seq2[ledger.Event, error] {
	return s.eventPages(ctx, db, from, "true")
}

// Acts implements ledger.Reader.
func (s *Store) Acts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return s.ActsFrom(ctx, batch, 1)
}

// ActsFrom implements ledger.Reader.
func (s *Store) ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	if batch == "" {
		return s.eventPages(ctx, s.reader(), from, "e.payout = '' and e.batch = 0")
	}
	return s.eventPages(ctx, s.reader(), from, "e.payout = '' and e.batch = (select number from batches where id = $3)", toText(batch))
}

// eventPages yields the events for which a condition holds, from one on.
func (s *Store) eventPages(ctx context.Context, db querier, from uint64, condition string, arguments ...any) iter.Seq2[ledger.Event, error] {
	return ledger.InPages(max(1, from), func(from uint64) (page []ledger.Event, behind uint64, more bool, err error) {
		err = s.ask(ctx, db, `select `+eventColumns+` from events e left join batches b on b.number = e.batch
			where e.sequence >= $1 and `+condition+` order by e.sequence limit $2`, func(rows pgx.Rows) (err error) {
			page, err = pgx.CollectRows(rows, scanEvent)
			return err
		}, append([]any{int64(from), pageSize}, arguments...)...) //nolint:gosec // below 2^63
		if more = len(page) == pageSize; more {
			behind = page[pageSize-1].Sequence + 1
		}
		return page, behind, more, err
	})
}

// Head implements ledger.Log.
func (s *Store) Head(ctx context.Context) (count uint64, hash string, err error) {
	head, err := s.head(ctx, s.reader())
	if err != nil || head.Count == 0 {
		return 0, "", err
	}
	return head.Count, hex.EncodeToString(head.Hash[:]), nil
}

func (s *Store) head(ctx context.Context, db querier) (head ledger.Chain, err error) {
	var count int64
	var hash []byte
	err = s.ask(ctx, db, "select heads, heads_hash from ledger", one(&count, &hash))
	return chainOf(count, hash), err
}

// HashAt implements ledger.Log.
func (s *Store) HashAt(ctx context.Context, sequence uint64) (string, error) {
	hash, err := s.hashAt(ctx, s.reader(), sequence)
	return hex.EncodeToString(hash), err
}

// hashAt returns the hash of an event, nil if there is none.
func (s *Store) hashAt(ctx context.Context, db querier, sequence uint64) (hash []byte, err error) {
	err = s.ask(ctx, db, "select hash from events where sequence = $1", one(&hash), int64(min(sequence, 1<<62)))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return hash, err
}
