package pgledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// enrolFirst is the number of rows that are made durable together at first: a few, so that the next are
// read and checked meanwhile. It doubles up to enrolGroup: a group costs some journeys, whatever is in it.
const (
	enrolFirst = 2000
	enrolGroup = 8000
)

// analyseFrom is the number of new payouts from which the server is asked to take stock: until
// it has, it plans for an empty table.
const analyseFrom = 10000

// Enrol implements ledger.Writer.
func (s *Store) Enrol(ctx context.Context, given ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	var done ledger.Enrolment
	file := &fileSeen{list: ledger.NewListDigest()}
	if err := s.beginEnrolment(ctx, given); err != nil {
		return done, err
	}
	group, full := make([]ledger.Entry, 0, enrolFirst), enrolFirst
	flush := func() error {
		err := s.enrolGroup(ctx, given.ID, group, &done, file)
		group, full = group[:0], min(2*full, enrolGroup)
		return err
	}
	for entry, err := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			// What came before is durable, as it is of longer files.
			if ctx.Err() == nil {
				err = errors.Join(err, flush())
			}
			return done, err
		}
		if group = append(group, entry); len(group) == full {
			if err := flush(); err != nil {
				return done, err
			}
		}
	}
	if err := flush(); err != nil {
		return done, err
	}
	done.List = file.list.Hex()
	if done.New.Count >= analyseFrom {
		s.takeStock(ctx)
	}
	s.recent.clear() // rows have other numbers
	return done, s.seal(ctx, given.ID, done, file)
}

// takeStock has the server look at a sample of the tables that an enrolment fills: a tenth of
// the usual one, since plans only need to know which tables are large.
func (s *Store) takeStock(ctx context.Context) {
	var statements pgx.Batch
	for _, statement := range []string{
		"begin",
		"set local default_statistics_target = 10",
		//nolint:misspell // PostgreSQL's word
		"analyze payouts (id, batch, position, state, open), members (batch, position, payout), paid_to (number)",
		"commit",
	} {
		statements.Queue(statement)
	}
	if err := s.pool.SendBatch(ctx, &statements).Close(); err != nil {
		s.log.Warn().Err(err).Msg("the server did not take stock")
	}
}

// fileSeen remembers a file as far as it was read: the places in the batch that it has, and
// the list of the payouts that are new.
type fileSeen struct {
	list *ledger.ListDigest
	seen ledger.Places
}

// beginEnrolment records the batch as not sealed and forgets its rejected rows.
func (s *Store) beginEnrolment(ctx context.Context, given ledger.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.update(ctx, func(ctx context.Context, x *txn) error {
		var questions pgx.Batch
		x.log.lock(&questions)
		if err := x.read(ctx, &questions); err != nil {
			return err
		}
		all, err := s.batches(ctx, x.conn)
		if err != nil {
			return err
		}
		b, known := batch{Batch: given}, false
		b.State = ledger.BatchDraft
		for _, other := range all {
			if err := other.Admits(given); err != nil {
				return err
			}
			if other.ID == given.ID {
				known = true
				b.number, b.members = other.number, other.members
				b.CreatedAt, b.Release, b.State, b.Submitted = other.CreatedAt, other.Release, other.State, other.Submitted
			}
		}
		b.Sealed, b.Accepted, b.Rejected = false, ledger.Total{}, ledger.Total{}
		if !known {
			body, err := toJSON(b.Batch)
			x.exec("insert into batches (id, created_at, state, body) values ($1, $2, $3, $4::json)", toText(b.ID), toTime(b.CreatedAt), int16(b.State), body)
			return err
		}
		x.exec("delete from rejected where batch = $1", b.number)
		return x.putBatch(b)
	})
}

// enrolGroup makes a group durable and then counts it.
func (s *Store) enrolGroup(ctx context.Context, id ledger.BatchID, group []ledger.Entry, done *ledger.Enrolment, file *fileSeen) error {
	if len(group) == 0 {
		return nil
	}
	var e *enroller
	err := s.update(ctx, func(ctx context.Context, x *txn) error {
		e = &enroller{txn: x, store: s, now: time.Now().UTC(), digest: ledger.NewListDigest()}
		if err := e.read(ctx, id, group); err != nil {
			return err
		}
		for i := range group {
			e.enrol(group[i])
		}
		return e.finish(ctx)
	})
	if err != nil {
		return err
	}
	done.New = done.New.Plus(e.counted.New)
	done.Known = done.Known.Plus(e.counted.Known)
	done.Rejected = done.Rejected.Plus(e.counted.Rejected)
	done.Conflicts = append(done.Conflicts, e.counted.Conflicts...)
	for i := range e.queued {
		file.list.Add(&e.queued[i].Terms)
	}
	for _, position := range e.seen {
		file.seen.Add(position)
	}
	return nil
}

// enroller writes one group.
type enroller struct {
	store *Store
	txn   *txn
	batch batch
	now   time.Time
	// known are payouts by their ids, also those that entered with this group, taken the
	// names of later attempts, adopted the places of payouts that another batch brought in.
	known   map[ledger.TransactionID]*record
	taken   map[ledger.TransactionID]bool
	adopted map[ledger.TransactionID]place
	counted ledger.Enrolment
	digest  *ledger.ListDigest
	// first is the position of the first payout that entered.
	first int

	queued   []record
	joined   []place
	moved    []place
	rejected []ledger.Entry
	// seen are the positions that the file has.
	seen []int
}

// place is a payout's place in the batch.
type place struct {
	id            ledger.TransactionID
	position, row int
	adopted       bool
}

// read locks the batch and the log, and reads what the ledger knows of the group.
func (e *enroller) read(ctx context.Context, id ledger.BatchID, group []ledger.Entry) (err error) {
	if e.batch, err = e.store.lockBatch(ctx, e.txn, id); err != nil {
		return err
	}
	ids := make([]string, 0, len(group))
	for i := range group {
		if len(group[i].Rejections) == 0 {
			ids = append(ids, toText(group[i].ID))
		}
	}
	e.known, e.taken, e.adopted = map[ledger.TransactionID]*record{}, map[ledger.TransactionID]bool{}, map[ledger.TransactionID]place{}
	var questions pgx.Batch
	questions.Queue(recordsWhere+"p.id = any($1)", ids).Query(func(rows pgx.Rows) error {
		found, err := collectRecords(rows)
		for i := range found {
			e.known[found[i].ID] = &found[i]
		}
		return err
	})
	questions.Queue("select reference from names where reference = any($1)", ids).Query(func(rows pgx.Rows) error {
		var name string
		_, err := pgx.ForEachRow(rows, []any{&name}, func() error { e.taken[ledger.TransactionID(fromText(name))] = true; return nil })
		return err
	})
	questions.Queue("select payout, position, row from members where adopted and batch = $1 and payout = any($2)", e.batch.number, ids).Query(func(rows pgx.Rows) error {
		var payout string
		var at place
		_, err := pgx.ForEachRow(rows, []any{&payout, &at.position, &at.row}, func() error {
			at.id = ledger.TransactionID(fromText(payout))
			e.adopted[at.id] = at
			return nil
		})
		return err
	})
	return e.txn.read(ctx, &questions)
}

func (e *enroller) enrol(entry ledger.Entry) {
	var known *ledger.Payout
	recorded := e.known[entry.ID]
	if recorded != nil {
		known = &recorded.Payout
	}
	admitted := ledger.Admit(entry, known, e.taken[entry.ID])
	e.counted.Take(admitted)
	switch {
	case admitted.Rejected():
		if admitted.Conflict != nil {
			e.mention(recorded)
		}
		e.rejected = append(e.rejected, admitted.Entry)
	case admitted.Known:
		e.recognise(entry, recorded)
	default:
		e.queue(entry)
	}
}

// mention notes that the file has a payout, if in other terms.
func (e *enroller) mention(recorded *record) {
	if recorded.batch == e.batch.number {
		e.seen = append(e.seen, recorded.position)
	} else if at, adopted := e.adopted[recorded.ID]; adopted {
		e.seen = append(e.seen, at.position)
	}
}

// queue enters a payout that the ledger does not know.
func (e *enroller) queue(entry ledger.Entry) {
	position := e.join(entry, false)
	if e.first == 0 {
		e.first = position
	}
	r := record{
		batch: e.batch.number, position: position, event: e.txn.log.last() + 1,
		Payout: ledger.NewPayout(entry.Terms, e.batch.ID, entry.Row, e.now),
	}
	e.digest.Add(&entry.Terms)
	e.queued = append(e.queued, r)
	e.known[entry.ID] = &r
}

// join gives a payout the next position in the batch.
func (e *enroller) join(entry ledger.Entry, adopted bool) int {
	e.batch.members++
	at := place{id: entry.ID, position: e.batch.members, row: entry.Row, adopted: adopted}
	e.joined, e.seen = append(e.joined, at), append(e.seen, at.position)
	if adopted {
		e.adopted[entry.ID] = at
	}
	return at.position
}

// recognise keeps a payout that the ledger has: it stays what it is, in the row where the
// file now has it.
func (e *enroller) recognise(entry ledger.Entry, recorded *record) {
	at := place{id: entry.ID, position: recorded.position, row: recorded.Row}
	if recorded.batch != e.batch.number {
		var adopted bool
		if at, adopted = e.adopted[entry.ID]; !adopted {
			e.join(entry, true)
			return
		}
	}
	e.seen = append(e.seen, at.position)
	if at.row != entry.Row {
		at.row = entry.Row
		e.moved = append(e.moved, at)
	}
}

// finish writes the group, and its event if payouts entered.
func (e *enroller) finish(ctx context.Context) error {
	if err := errors.Join(e.copyPayouts(ctx), e.copyMembers(ctx), e.copyRejected(ctx)); err != nil {
		return err
	}
	if len(e.moved) > 0 {
		positions, rows := make([]int, len(e.moved)), make([]int, len(e.moved))
		for i, at := range e.moved {
			positions[i], rows[i] = at.position, at.row
		}
		e.txn.exec(`update members m set row = u.row from unnest($2::int[], $3::int[]) as u(position, row)
			where m.batch = $1 and m.position = u.position`, e.batch.number, positions, rows)
	}
	if len(e.queued) > 0 && e.batch.State != ledger.BatchDraft {
		e.batch.Batch = e.batch.Entered()
	}
	e.batch.rejected += len(e.rejected)
	if err := e.txn.putBatch(e.batch); err != nil {
		return err
	}
	if len(e.queued) == 0 {
		return nil
	}
	err := e.txn.log.append(ledger.Event{
		At: e.now, Actor: ledger.EnrolActor, By: e.batch.By, Batch: e.batch.ID,
		Enrolled: e.counted.New.Count, First: e.first, Digest: e.digest.Hex(),
	}, e.batch.number)
	return errors.Join(err, e.txn.log.finish(e.txn))
}

func (e *enroller) copyPayouts(ctx context.Context) error {
	if len(e.queued) == 0 {
		return nil
	}
	_, err := e.txn.conn.CopyFrom(ctx, pgx.Identifier{"payouts"},
		[]string{"id", "batch", "position", "number", "name", "minor", "currency", "country", "operator", "note", "queued_at", "reference", "event"},
		pgx.CopyFromSlice(len(e.queued), func(i int) ([]any, error) {
			p := &e.queued[i]
			return []any{
				toText(p.ID), p.batch, p.position, toText(p.Number.Reveal()), toText(p.Name), p.Amount.Minor, toText(p.Amount.Currency),
				toText(p.Country), toText(p.Operator), toText(p.Note), toTime(p.QueuedAt), toText(p.Reference), int64(p.event), //nolint:gosec // below 2^63
			}, nil
		}))
	if err != nil {
		return err
	}
	_, err = e.txn.conn.CopyFrom(ctx, pgx.Identifier{"paid_to"}, []string{"number", "payout", "minor", "currency", "queued_at"},
		pgx.CopyFromSlice(len(e.queued), func(i int) ([]any, error) {
			p := &e.queued[i]
			return []any{toText(p.Number.Reveal()), toText(p.ID), p.Amount.Minor, toText(p.Amount.Currency), toTime(p.QueuedAt)}, nil
		}))
	return err
}

func (e *enroller) copyMembers(ctx context.Context) error {
	if len(e.joined) == 0 {
		return nil
	}
	_, err := e.txn.conn.CopyFrom(ctx, pgx.Identifier{"members"}, []string{"batch", "position", "row", "payout", "adopted"},
		pgx.CopyFromSlice(len(e.joined), func(i int) ([]any, error) {
			at := e.joined[i]
			return []any{e.batch.number, at.position, at.row, toText(at.id), at.adopted}, nil
		}))
	return err
}

func (e *enroller) copyRejected(ctx context.Context) error {
	if len(e.rejected) == 0 {
		return nil
	}
	_, err := e.txn.conn.CopyFrom(ctx, pgx.Identifier{"rejected"}, []string{"batch", "position", "entry"},
		pgx.CopyFromSlice(len(e.rejected), func(i int) ([]any, error) {
			text, err := toJSON(e.rejected[i])
			return []any{e.batch.number, e.batch.rejected + i + 1, text}, err
		}))
	return err
}

// seal notes which payouts the file no longer has, and records that its last row is durable.
func (s *Store) seal(ctx context.Context, id ledger.BatchID, done ledger.Enrolment, file *fileSeen) error {
	return s.update(ctx, func(ctx context.Context, x *txn) error {
		b, err := s.lockBatch(ctx, x, id)
		if err != nil {
			return err
		}
		var gone []int
		for position := 1; position <= b.members; position++ {
			if !file.seen.Has(position) {
				gone = append(gone, position)
			}
		}
		if len(gone) > 0 {
			x.exec("update members set row = 0 where batch = $1 and position = any($2) and row <> 0", b.number, gone)
		}
		seals := b.ToSeal()
		act := b.Sealing(done.Accepted(), time.Now().UTC())
		if seals {
			if b.Batch, err = b.With(act); err != nil {
				return fmt.Errorf("seal batch %q: %w", id, err)
			}
		}
		b.Sealed, b.Accepted, b.Rejected = true, done.Accepted(), done.Rejected
		if err := x.putBatch(b); err != nil || !seals {
			return err
		}
		return errors.Join(x.log.append(ledger.EventOfAct(act), b.number), x.log.finish(x))
	})
}
