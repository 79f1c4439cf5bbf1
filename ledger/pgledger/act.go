package pgledger

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// Record implements ledger.Writer.
func (s *Store) Record(ctx context.Context, act ledger.Act) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.update(ctx, func(ctx context.Context, x *txn) error {
		if act.Batch == "" {
			return recordUpon(ctx, x, act)
		}
		b, err := s.lockBatch(ctx, x, act.Batch)
		if err != nil {
			return err
		}
		if err := s.covers(ctx, x, b, act); err != nil {
			return err
		}
		return x.act(b, act)
	})
}

// sendable sums up what may be sent of a batch, by an index of what is open, and apart what another
// batch brought in.
const sendable = `select count(*), coalesce(sum(minor), 0)::bigint from (
		select state, minor from payouts where batch = $1 and open
		union all
		select p.state, p.minor from members m join payouts p on p.id = m.payout where m.batch = $1 and m.adopted and p.open
	) o where state <> $2`

// covers returns an error if an act releases less than what may be sent of its batch. Nobody enters
// anything, or gives it back, while the log is locked.
func (s *Store) covers(ctx context.Context, x *txn, b batch, act ledger.Act) error {
	if !act.Releases() {
		return nil
	}
	var found ledger.Total
	if err := s.ask(ctx, x.conn, sendable, one(&found.Count, &found.Amount.Minor), b.number, int16(ledger.Pending)); err != nil {
		return err
	}
	var states ledger.ByState
	found.Amount.Currency = b.Currency
	states.AddTotal(ledger.Queued, found)
	return act.Covers(states)
}

// recordUpon changes the ledger's identity by an act.
func recordUpon(ctx context.Context, x *txn, act ledger.Act) error {
	var questions pgx.Batch
	var identity ledger.Identity
	x.log.lock(&questions)
	askIdentity(&questions, &identity)
	if err := x.read(ctx, &questions); err != nil {
		return err
	}
	return x.actUpon(identity, act)
}

// actUpon records an act upon the ledger, whose log is locked.
func (x *txn) actUpon(identity ledger.Identity, act ledger.Act) error {
	identity, err := identity.With(act)
	if err != nil {
		return err
	}
	text, err := toJSON(identity)
	if err != nil {
		return err
	}
	x.exec("update ledger set identity = $1::json", text)
	return errors.Join(x.log.append(ledger.EventOfAct(act), 0), x.log.finish(x))
}

// lockBatch locks the log and reads a batch, which nobody else then changes.
func (s *Store) lockBatch(ctx context.Context, x *txn, id ledger.BatchID) (b batch, err error) {
	var questions pgx.Batch
	x.log.lock(&questions)
	questions.Queue("select "+batchColumns+" from batches where id = $1", toText(id)).Query(func(rows pgx.Rows) error {
		b, err = pgx.CollectExactlyOneRow(rows, scanBatch)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // told below; an error here would end the connection's answers
		}
		return err
	})
	x.log.extend(&questions, "select number from batches where id = $1", toText(id))
	if err := x.read(ctx, &questions); err != nil {
		return b, err
	}
	if b.number == 0 {
		return b, notFound(id)
	}
	return b, nil
}

// act records an act upon a batch that is locked.
func (x *txn) act(b batch, act ledger.Act) error {
	after, err := b.With(act)
	if err != nil {
		return err
	}
	b.Batch = after
	if err := x.putBatch(b); err != nil {
		return err
	}
	return errors.Join(x.log.append(ledger.EventOfAct(act), b.number), x.log.finish(x))
}

// putBatch writes what may change of a batch.
func (x *txn) putBatch(b batch) error {
	body, err := toJSON(b.Batch)
	if err != nil {
		return err
	}
	x.exec("update batches set state = $2, body = $3::json, members = $4, rejected_rows = $5 where number = $1",
		b.number, int16(b.State), body, b.members, b.rejected)
	return nil
}

func askIdentity(questions *pgx.Batch, identity *ledger.Identity) {
	questions.Queue("select identity from ledger").QueryRow(func(row pgx.Row) error {
		var text string
		if err := row.Scan(&text); err != nil {
			return err
		}
		return fromJSON(text, identity)
	})
}

// Identity implements ledger.Reader.
func (s *Store) Identity(ctx context.Context) (identity ledger.Identity, err error) {
	err = s.ask(ctx, s.reader(), "select identity from ledger", func(rows pgx.Rows) error {
		var text string
		if err := one(&text)(rows); err != nil {
			return err
		}
		identity = ledger.Identity{}
		return fromJSON(text, &identity)
	})
	return identity, err
}
