package pgledger

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// view answers questions within one transaction.
type view struct {
	store *Store
	db    querier
	ahead ahead
}

var (
	_ ledger.View       = (*view)(nil)
	_ ledger.Prefetcher = (*view)(nil)
)

// View implements ledger.Reader.
func (s *Store) View(ctx context.Context, read func(ledger.View) error) error {
	return s.snapshot(ctx, func(db querier) error { return read(&view{store: s, db: db}) })
}

// snapshot has read ask the database as it stands at one moment.
func (s *Store) snapshot(ctx context.Context, read func(querier) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var tx pgx.Tx
	err := s.retry(ctx, func() (err error) {
		tx, err = s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		return err
	})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // it only read
	// It holds up nobody, and whoever asks may have to think.
	if _, err := tx.Exec(ctx, "set local idle_in_transaction_session_timeout = '1h'"); err != nil {
		return err
	}
	return read(tx)
}

// Payout implements ledger.View.
func (v *view) Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	if payout, asked := v.ahead.payouts[id]; asked {
		if payout == nil {
			return ledger.Payout{}, &ledger.NotFoundError{ID: id}
		}
		return *payout, nil
	}
	return v.store.payout(ctx, v.db, id)
}

// PaidTo implements ledger.View.
func (v *view) PaidTo(ctx context.Context, number phone.E164, since time.Time) ([]ledger.Earlier, error) {
	if found, asked := v.ahead.paid[number]; asked && v.ahead.since.Equal(since) {
		return found, nil
	}
	return v.store.paidTo(ctx, v.db, number, since)
}

// Latest implements ledger.View.
func (v *view) Latest(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return v.store.latest(ctx, v.db, most)
}

// LatestNoted implements ledger.View.
func (v *view) LatestNoted(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return ledger.SelectNoted.Of(v.Latest(ctx, most))
}

// LatestNoted implements ledger.View.
func (s *Store) LatestNoted(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return ledger.SelectNoted.Of(s.Latest(ctx, most))
}

// PaidTo implements ledger.View.
func (s *Store) PaidTo(ctx context.Context, number phone.E164, since time.Time) ([]ledger.Earlier, error) {
	return s.paidTo(ctx, s.reader(), number, since)
}

func (s *Store) paidTo(ctx context.Context, db querier, number phone.E164, since time.Time) ([]ledger.Earlier, error) {
	found, err := s.paidToEach(ctx, db, []phone.E164{number}, since)
	return found[number], err
}

// paidToEach returns for each number what was accepted for it, the latest first.
func (s *Store) paidToEach(ctx context.Context, db querier, numbers []phone.E164, since time.Time) (found map[phone.E164][]ledger.Earlier, err error) {
	wanted := make([]string, 0, len(numbers))
	for _, number := range numbers {
		wanted = append(wanted, toText(number.Reveal()))
	}
	err = s.ask(ctx, db, "select number, payout, minor, currency, queued_at from paid_to where number = any($1) and queued_at >= $2", func(rows pgx.Rows) error {
		found = make(map[phone.E164][]ledger.Earlier, len(numbers))
		var number, id, currency string
		var minor, at int64
		_, err := pgx.ForEachRow(rows, []any{&number, &id, &minor, &currency, &at}, func() error {
			to := phoneOf(number)
			found[to] = append(found[to], ledger.Earlier{
				ID: ledger.TransactionID(fromText(id)), Amount: money.Currency(fromText(currency)).Of(minor), QueuedAt: fromTime(at).Truncate(time.Second),
			})
			return nil
		})
		return err
	}, wanted, time.Unix(max(0, since.Unix()), 0).UnixNano())
	for _, earlier := range found {
		slices.SortFunc(earlier, func(a, b ledger.Earlier) int {
			return cmp.Or(b.QueuedAt.Compare(a.QueuedAt), cmp.Compare(a.ID, b.ID))
		})
	}
	return found, err
}

// Latest implements ledger.View.
func (s *Store) Latest(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return s.latest(ctx, s.reader(), most)
}

func (s *Store) latest(ctx context.Context, db querier, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		all, err := s.batches(ctx, db)
		if err != nil {
			yield(ledger.Payout{}, err)
			return
		}
		for _, b := range slices.Backward(all) {
			for payout, err := range s.payouts(ctx, db, b.ID) {
				if most <= 0 || !yield(payout, err) || err != nil {
					return
				}
				most--
			}
		}
	}
}
