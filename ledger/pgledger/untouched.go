package pgledger

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/money"
)

var _ ledger.Summariser = (*Store)(nil)

// untouched sums up the payouts of a batch that nothing happened to since they entered, by
// currency and country, each beside how many payouts the batch has.
const untouched = `select b.members, p.currency, p.country, count(p.id), sum(p.minor)::bigint, min(p.queued_at), max(p.queued_at)
	from batches b left join payouts p on p.batch = b.number and p.open and p.state = $2 and p.attempt = 1 and p.intents = 0
		and p.said = 0 and p.answered = 0 and not p.doubted and p.differences is null and p.resolution is null
	where b.id = $1 group by b.members, p.currency, p.country`

// Untouched implements ledger.Summariser.
func (s *Store) Untouched(ctx context.Context, id ledger.BatchID) (sum ledger.Untouched, is bool, err error) {
	known := false
	err = s.ask(ctx, s.reader(), untouched, func(rows pgx.Rows) error {
		var members, count int
		var currency, country *string
		var minor, oldest, newest *int64
		sum, is = ledger.Untouched{}, false
		_, err := pgx.ForEachRow(rows, []any{&members, &currency, &country, &count, &minor, &oldest, &newest}, func() error {
			known = true
			if count == 0 {
				return nil
			}
			amount := money.Currency(fromText(*currency)).Of(*minor)
			sum.Total = sum.Total.Plus(ledger.Total{Count: count, Amount: amount})
			if first := fromTime(*oldest); sum.Oldest.IsZero() || first.Before(sum.Oldest) {
				sum.Oldest = first
			}
			if last := fromTime(*newest); last.After(sum.Newest) {
				sum.Newest = last
			}
			if of := fromText(*country); !slices.Contains(sum.Countries, of) {
				sum.Countries = append(sum.Countries, of)
			}
			is = sum.Total.Count == members
			return nil
		})
		return err
	}, toText(id), int16(ledger.Queued))
	slices.Sort(sum.Countries)
	if err == nil && !known {
		err = notFound(id)
	}
	return sum, is, err
}

// The questions of Over: whether anything of a batch is open, which an index tells of all but what
// another batch brought in; and the sum by state and currency, with the most that one of its payouts
// was sent.
const (
	anyOpen = "select b.number, exists (select from payouts p where p.batch = b.number and p.open) from batches b where b.id = $1"
	over    = `select p.state, p.currency, count(*), sum(p.minor)::bigint, max(p.intents)
		from members m join payouts p on p.id = m.payout where m.batch = $1 group by p.state, p.currency`
)

// Over implements ledger.Summariser.
func (s *Store) Over(ctx context.Context, id ledger.BatchID) (sum ledger.ByState, is bool, err error) {
	var number int
	var open bool
	err = s.ask(ctx, s.reader(), anyOpen, one(&number, &open), toText(id))
	if errors.Is(err, pgx.ErrNoRows) {
		return sum, false, notFound(id)
	}
	if err != nil || open {
		return sum, false, err
	}
	err = s.ask(ctx, s.reader(), over, func(rows pgx.Rows) error {
		var state int16
		var currency string
		var count, intents int
		var minor int64
		sum, is = ledger.ByState{}, true
		_, err := pgx.ForEachRow(rows, []any{&state, &currency, &count, &minor, &intents}, func() error {
			in := ledger.State(state) //nolint:gosec // written from a state
			sum.AddTotal(in, ledger.Total{Count: count, Amount: money.Currency(fromText(currency)).Of(minor)})
			is = is && in.Final() && intents <= 1
			return nil
		})
		return err
	}, number)
	return sum, is && err == nil, err
}
