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

// What is summed up of payouts p: those that are queued as they entered, of which the state is a
// parameter, and those that were sent once and paid.
const (
	asEntered = `p.state = $2 and p.attempt = 1 and p.intents = 0
		and p.said = 0 and p.answered = 0 and not p.doubted and p.differences is null and p.resolution is null`
	paidAtOnce = `p.state = $3 and p.attempt = 1 and p.intents = 1
		and not p.doubted and p.differences is null and p.resolution is null`
)

// The questions of the sums: by currency and country, each beside how many payouts the batch has.
// Of a batch that was begun also by state, and with the times at which the last of the paid ones were
// begun: the payouts that are read are those since the earliest of these, and all that are not summed up.
const (
	untouched = `select b.members, p.currency, p.country, count(p.id), sum(p.minor)::bigint, min(p.queued_at), max(p.queued_at)
		from batches b left join payouts p on p.batch = b.number and p.open and ` + asEntered + `
		where b.id = $1 group by b.members, p.currency, p.country`
	begun = `select p.currency, p.country, count(*), sum(p.minor)::bigint, min(p.queued_at), max(p.queued_at), p.state,
			coalesce((array_agg(p.first_intent order by p.first_intent desc) filter (where p.state = $3))[1:$4], '{}')
		from members m join payouts p on p.id = m.payout
		where m.batch = $1 and (` + asEntered + ` or ` + paidAtOnce + `) group by p.state, p.currency, p.country`
	begunOthers = `select ` + recordColumns + `, m.position, m.row from members m join payouts p on p.id = m.payout join batches b on b.number = p.batch
		where m.batch = $1 and not (` + asEntered + `) and (p.first_intent >= $4 or not (` + paidAtOnce + `))
		order by m.position limit $5`
)

// summand is a line of a sum.
type summand struct {
	currency, country     *string
	minor, oldest, newest *int64
	count                 int
}

func (l *summand) columns() []any {
	return []any{&l.currency, &l.country, &l.count, &l.minor, &l.oldest, &l.newest}
}

func (l *summand) total() ledger.Total {
	return ledger.Total{Count: l.count, Amount: money.Currency(fromText(*l.currency)).Of(*l.minor)}
}

// addTo adds a line to what is queued.
func (l *summand) addTo(sum *ledger.Untouched) {
	if l.count == 0 {
		return
	}
	sum.Total = sum.Total.Plus(l.total())
	if first := fromTime(*l.oldest); sum.Oldest.IsZero() || first.Before(sum.Oldest) {
		sum.Oldest = first
	}
	if last := fromTime(*l.newest); last.After(sum.Newest) {
		sum.Newest = last
	}
	if of := fromText(*l.country); !slices.Contains(sum.Countries, of) {
		sum.Countries = append(sum.Countries, of)
	}
}

// Untouched implements ledger.Summariser.
func (s *Store) Untouched(ctx context.Context, id ledger.BatchID) (sum ledger.Untouched, is bool, err error) {
	known := false
	err = s.ask(ctx, s.reader(), untouched, func(rows pgx.Rows) error {
		var members int
		var line summand
		sum, is = ledger.Untouched{}, false
		_, err := pgx.ForEachRow(rows, append([]any{&members}, line.columns()...), func() error {
			known = true
			line.addTo(&sum)
			is = sum.Total.Count > 0 && sum.Total.Count == members
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

// Begun implements ledger.Summariser. Sum and others are of one moment.
func (s *Store) Begun(ctx context.Context, id ledger.BatchID, most int) (sum ledger.Begun, is bool, err error) {
	err = s.retry(ctx, func() error {
		return s.snapshot(ctx, func(db querier) error {
			sum, is, err = s.begun(ctx, db, id, most)
			return err
		})
	})
	return sum, is, err
}

func (s *Store) begun(ctx context.Context, db querier, id ledger.BatchID, most int) (sum ledger.Begun, is bool, err error) {
	b, err := s.batch(ctx, db, id)
	if err != nil {
		return sum, false, err
	}
	of := []any{b.number, int16(ledger.Queued), int16(ledger.Successful)}
	var latest []int64
	err = s.ask(ctx, db, begun, func(rows pgx.Rows) error {
		var state int16
		var line summand
		var last []int64
		sum, latest = ledger.Begun{}, []int64{0}
		_, err := pgx.ForEachRow(rows, append(line.columns(), &state, &last), func() error {
			if ledger.State(state) == ledger.Queued { //nolint:gosec // written from a state
				line.addTo(&sum.Untouched)
				return nil
			}
			sum.Paid, latest = sum.Paid.Plus(line.total()), append(latest, last...)
			return nil
		})
		return err
	}, append(of, ledger.BegunLast)...)
	slices.Sort(latest)
	slices.Sort(sum.Untouched.Countries)
	if err != nil || b.members-sum.Untouched.Total.Count-sum.Paid.Count > most {
		return sum, false, err
	}
	var others []record
	err = s.ask(ctx, db, begunOthers, func(rows pgx.Rows) error {
		others, err = collectMembers(rows, nil)
		return err
	}, append(of, latest[max(0, len(latest)-ledger.BegunLast)], most+1)...)
	if err == nil {
		err = s.withAttempts(ctx, db, others)
	}
	if err != nil || len(others) > most {
		return sum, false, err
	}
	for _, r := range others {
		if sum.Others = append(sum.Others, r.Payout); r.paidAtOnce() {
			sum.Paid = ledger.Total{Count: sum.Paid.Count - 1, Amount: sum.Paid.Amount.Minus(r.Amount)}
		}
	}
	return sum, true, nil
}

// paidAtOnce reports of a payout what the server selects by the constant of this name.
func (r *record) paidAtOnce() bool {
	return r.State == ledger.Successful && r.Attempt == 1 && r.Intents == 1 && !r.Doubted && len(r.Differences) == 0 && r.Resolution == nil
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
