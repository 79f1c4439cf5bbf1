package pgledger

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Shared is a text, in JSON, that the machines that pay from an account keep together, and
// that one of them changes at a time. What it says is no part of the ledger, and a crash of the
// server may undo the changes of its last second.
type Shared struct {
	store   *Store
	account string
}

// Shared returns what is shared of an account.
func (s *Store) Shared(account string) *Shared { return &Shared{store: s, account: account} }

// Exchange has the text changed. Change gets it, nil at first, with the server's time, and
// returns what it is from then on, nil for the same. Nobody else changes it meanwhile: a
// machine that stands still in the middle holds the others up for some seconds. After an
// error nobody knows what the text is.
func (c *Shared) Exchange(ctx context.Context, change func(text []byte, now time.Time) ([]byte, error)) (err error) {
	if err := c.store.stoppedBy(); err != nil {
		return err
	}
	conn, err := c.store.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	x := &txn{conn: conn}
	text, now, err := c.read(ctx, x)
	if err != nil {
		return errors.Join(err, x.rollback(context.WithoutCancel(ctx)))
	}
	after, err := change(text, now)
	if err != nil || after == nil {
		return errors.Join(err, x.rollback(ctx))
	}
	x.exec("update shared set state = $2::json where account = $1", toText(c.account), string(after))
	return x.commit(ctx)
}

// read begins a transaction and reads the text, locked, and then the time.
func (c *Shared) read(ctx context.Context, x *txn) (text []byte, now time.Time, err error) {
	var questions pgx.Batch
	questions.Queue("set local synchronous_commit = off")
	questions.Queue("insert into shared (account, state) select $1, 'null' where not exists (select from shared where account = $1) on conflict do nothing",
		toText(c.account))
	questions.Queue("select state::text from shared where account = $1 for update", toText(c.account)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&text)
	})
	questions.Queue("select clock_timestamp()").QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
	if err := x.read(ctx, &questions); err != nil {
		return nil, now, err
	}
	if string(text) == "null" {
		text = nil
	}
	return text, now, nil
}
