package pgledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/phone"
)

func phoneOf(column string) phone.E164 { return phone.E164(fromText(column)) }

// batch is a batch as the table has it.
type batch struct {
	ledger.Batch
	number int
	// members and rejected count the positions that were given.
	members, rejected int
}

const batchColumns = "number, body, members, rejected_rows"

func scanBatch(row pgx.CollectableRow) (b batch, err error) {
	var body string
	if err := row.Scan(&b.number, &body, &b.members, &b.rejected); err != nil {
		return b, err
	}
	return b, fromJSON(body, &b.Batch)
}

// Batch implements ledger.Reader.
func (s *Store) Batch(ctx context.Context, id ledger.BatchID) (ledger.Batch, error) {
	b, err := s.batch(ctx, s.reader(), id)
	return b.Batch, err
}

// batch returns a batch as the table has it, or ledger.ErrNotFound.
func (s *Store) batch(ctx context.Context, db querier, id ledger.BatchID) (b batch, err error) {
	err = s.ask(ctx, db, "select "+batchColumns+" from batches where id = $1", func(rows pgx.Rows) error {
		b, err = pgx.CollectExactlyOneRow(rows, scanBatch)
		return err
	}, toText(id))
	if errors.Is(err, pgx.ErrNoRows) {
		err = notFound(id)
	}
	return b, err
}

func notFound(id ledger.BatchID) error { return fmt.Errorf("batch %q: %w", id, ledger.ErrNotFound) }

// Batches implements ledger.Reader.
func (s *Store) Batches(ctx context.Context) ([]ledger.Batch, error) {
	found, err := s.batches(ctx, s.reader())
	var all []ledger.Batch
	for _, b := range found {
		all = append(all, b.Batch)
	}
	return all, err
}

func (s *Store) batches(ctx context.Context, db querier) (all []batch, err error) {
	err = s.ask(ctx, db, "select "+batchColumns+" from batches order by created_at, number", func(rows pgx.Rows) error {
		all, err = pgx.CollectRows(rows, scanBatch)
		return err
	})
	return all, err
}

// The questions for a page of a batch's payouts: of all, of those that it brought in, and of lists
// that have an index. Adopted payouts are few, and their states lie with another batch.
const (
	recordsOfMembers = ofMembers + ` order by m.position limit $4`
	recordsOfOwn     = ofMembers + ` and not m.adopted order by m.position limit $4`
	recordsOpen      = own + `open` + ofOwn + ` union all ` + adopted + `p.open` + ofAdopted
	recordsNoted     = own + `noted and not open` + ofOwn + ` union all ` + adopted + `p.noted and not p.open` + ofAdopted
	recordsNotable   = own + `open` + ofOwn + ` union all ` + own + `noted and not open` + ofOwn + ` union all ` + adopted + `p.open or p.noted` + ofAdopted

	ofMembers = `select ` + recordColumns + `, m.position, m.row from members m join payouts p on p.id = m.payout join batches b on b.number = p.batch
		where m.batch = $1 and m.position >= $2 and ($3::smallint[] is null or p.state = any($3))`
	// A row is looked for payout by payout: to join them, the server may read all members first.
	own = `(select ` + recordColumns + `, p.position as at,
		(select m.row from members m where m.batch = p.batch and m.position = p.position)
		from batches b, (select * from payouts where batch = $1 and position >= $2 and `
	ofOwn   = ` and state = any($3::smallint[]) order by position limit $4) p where b.number = $1)`
	adopted = `(select ` + recordColumns + `, m.position as at, m.row from members m join payouts p on p.id = m.payout join batches b on b.number = p.batch
		where m.adopted and m.batch = $1 and m.position >= $2 and (`
	ofAdopted = `) and p.state = any($3::smallint[]) order by m.position limit $4) order by at limit $4`
)

// Payouts implements ledger.Reader.
func (s *Store) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return s.payouts(ctx, s.reader(), id, states...)
}

func (s *Store) payouts(ctx context.Context, db querier, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return s.payoutsFrom(ctx, db, id, 1, states)
}

// payoutsFrom yields the payouts of a batch from a position on.
func (s *Store) payoutsFrom(ctx context.Context, db querier, id ledger.BatchID, first int, states []ledger.State) iter.Seq2[ledger.Payout, error] {
	question := recordsOfMembers
	if len(states) > 0 && !slices.ContainsFunc(states, ledger.State.Final) {
		question = recordsOpen
	}
	return ledger.Unplaced(s.asked(ctx, db, id, first, question, states))
}

// asked yields the payouts of a batch that a question for pages asks for.
func (s *Store) asked(
	ctx context.Context, db querier, id ledger.BatchID, first int, question string, states []ledger.State,
) iter.Seq2[ledger.Placed, error] {
	var wanted []int16
	for _, state := range states {
		wanted = append(wanted, int16(state))
	}
	return func(yield func(ledger.Placed, error) bool) {
		b, err := s.batch(ctx, db, id)
		if err != nil {
			yield(ledger.Placed{}, err)
			return
		}
		size := firstPage
		read := func(ctx context.Context, from int) ([]record, int, bool, error) {
			page, last, err := s.page(ctx, db, question, b.number, from, wanted, size)
			more := len(page) == size
			size = min(2*size, lastPage)
			return page, last + 1, more, err
		}
		var records iter.Seq2[record, error]
		if db == s.reader() {
			records = pagesAhead(ctx, first, read)
		} else { // a transaction answers one question at a time
			records = ledger.InPages(first, func(from int) ([]record, int, bool, error) { return read(ctx, from) })
		}
		for r, err := range records {
			if !yield(ledger.Placed{Position: uint32(r.at), Payout: r.Payout}, err) { //nolint:gosec // counts rows of a file
				return
			}
		}
	}
}

// PayoutsFrom implements ledger.Reader.
func (s *Store) PayoutsFrom(ctx context.Context, id ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	question, states := recordsOfMembers, []ledger.State(nil)
	switch of {
	case ledger.SelectAll:
	case ledger.SelectOpen:
		question, states = recordsOpen, ledger.OpenStates()
	case ledger.SelectQueued:
		question, states = recordsOpen, []ledger.State{ledger.Queued}
	case ledger.SelectNoted:
		question, states = recordsNoted, []ledger.State{ledger.Successful, ledger.Failed, ledger.Cancelled}
	case ledger.SelectNotable:
		question, states = recordsNotable, append(ledger.OpenStates(), ledger.Successful, ledger.Failed, ledger.Cancelled)
	}
	found := s.asked(ctx, s.reader(), id, int(from), question, states)
	return func(yield func(ledger.Placed, error) bool) {
		for p, err := range found {
			if (err != nil || of.Has(p.Payout)) && !yield(p, err) {
				return
			}
		}
	}
}

// Notable implements ledger.Reader.
func (s *Store) Notable(ctx context.Context, id ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	return ledger.Unplaced(s.PayoutsFrom(ctx, id, 0, ledger.SelectNotable))
}

// The sizes of the pages in which the payouts of a batch are read: each is twice the one before,
// so that whoever takes a few pays for a few, and whoever takes all asks seldom.
const (
	firstPage = 256
	lastPage  = 2048
)

// page reads a page of a batch's payouts of at most a size, each with its row there, and the
// position of the last.
func (s *Store) page(
	ctx context.Context, db querier, question string, batch, from int, states []int16, size int,
) (page []record, last int, err error) {
	err = s.ask(ctx, db, question, func(rows pgx.Rows) error {
		page, err = collectMembers(rows, slices.Grow(page[:0], size))
		return err
	}, batch, from, states, size)
	if err == nil {
		err = s.withAttempts(ctx, db, page)
	}
	if err != nil {
		return nil, 0, err
	}
	if len(page) > 0 {
		last = page[len(page)-1].at
	}
	if question == recordsOpen && db == s.reader() {
		for _, r := range page {
			if r.batch == batch { // the row of an adopted one is another
				s.recent.keep(r)
			}
		}
	}
	return page, last, nil
}

// withAttempts adds the earlier attempts to records.
func (s *Store) withAttempts(ctx context.Context, db querier, records []record) error {
	at := map[string]*record{}
	var retried []string
	for i := range records {
		if r := &records[i]; r.Attempt > 1 {
			id := toText(r.ID)
			at[id] = r
			retried = append(retried, id)
		}
	}
	if len(retried) == 0 {
		return nil
	}
	return s.ask(ctx, db, "select payout, body from attempts where payout = any($1) order by payout, number", func(rows pgx.Rows) error {
		for _, r := range at {
			r.Earlier = nil
		}
		var id, body string
		_, err := pgx.ForEachRow(rows, []any{&id, &body}, func() error {
			var a ledger.Attempt
			err := fromJSON(body, &a)
			at[id].Earlier = append(at[id].Earlier, a)
			return err
		})
		return err
	}, retried)
}

// records reads payouts by their ids, in any order. What the query says behind the columns
// begins with the join of members.
func (s *Store) records(ctx context.Context, db querier, where string, arguments ...any) (found []record, err error) {
	err = s.ask(ctx, db, recordsWhere+where, func(rows pgx.Rows) error {
		found, err = collectRecords(rows)
		return err
	}, arguments...)
	if err != nil {
		return nil, err
	}
	return found, s.withAttempts(ctx, db, found)
}

// recordsWhere reads payouts with the row in which the file of their own batch has them.
const recordsWhere = `select ` + recordColumns + `, m.row from payouts p join batches b on b.number = p.batch
	join members m on m.batch = p.batch and m.position = p.position where `

func collectRecords(rows pgx.Rows) (found []record, err error) {
	for rows.Next() {
		var r record
		if err := r.scan(rows, &r.Row); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// collectMembers appends payouts with their places and rows in a batch to what was found before.
func collectMembers(rows pgx.Rows, found []record) ([]record, error) {
	for rows.Next() {
		var r record
		if err := r.scan(rows, &r.at, &r.Row); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// payout reads one payout, or returns a *ledger.NotFoundError.
func (s *Store) payout(ctx context.Context, db querier, id ledger.TransactionID) (ledger.Payout, error) {
	found, err := s.records(ctx, db, "p.id = $1", toText(id))
	if err == nil && len(found) == 0 {
		err = &ledger.NotFoundError{ID: id}
	}
	if err != nil {
		return ledger.Payout{}, err
	}
	return found[0].Payout, nil
}

// Payout implements ledger.View.
func (s *Store) Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	return s.payout(ctx, s.reader(), id)
}

// ByReference implements ledger.Reader.
func (s *Store) ByReference(ctx context.Context, reference ledger.Reference) (ledger.Payout, error) {
	found, err := s.records(ctx, s.reader(), "p.id = coalesce((select payout from names where reference = $1), $1)", toText(reference))
	if err == nil && len(found) == 0 {
		err = &ledger.NotFoundError{ID: ledger.TransactionID(reference)}
	}
	if err != nil {
		return ledger.Payout{}, err
	}
	return found[0].Payout, nil
}

// RejectedRows implements ledger.Reader. Enrolling numbers the rows from 1, without a gap.
func (s *Store) RejectedRows(ctx context.Context, id ledger.BatchID, after int) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		b, err := s.batch(ctx, s.reader(), id)
		if err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		ledger.InPages(min(max(after, 0), math.MaxInt32-1)+1, func(from int) ([]ledger.Entry, int, bool, error) {
			page, behind, err := s.rejectedPage(ctx, b.number, from)
			return page, behind, len(page) == pageSize, err
		})(yield)
	}
}

// rejectedPage reads a page of rows that were turned away, and the position behind them.
func (s *Store) rejectedPage(ctx context.Context, batch, from int) (page []ledger.Entry, behind int, err error) {
	err = s.ask(ctx, s.reader(), "select position, entry from rejected where batch = $1 and position >= $2 order by position limit $3", func(rows pgx.Rows) error {
		page = page[:0]
		var position int
		var text string
		_, err := pgx.ForEachRow(rows, []any{&position, &text}, func() error {
			var entry ledger.Entry
			err := fromJSON(text, &entry)
			page, behind = append(page, entry), position+1
			return err
		})
		return err
	}, batch, from, pageSize)
	return page, behind, err
}
