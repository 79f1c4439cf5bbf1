package pgledger

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// Payouts are written beside the table first: the number of the event that wrote each last is
// found once for all of them.

// beginTables makes the tables that the copying needs.
func (c *copier) beginTables(ctx context.Context) error {
	for _, made := range []string{
		"create temporary table copied (like payouts including generated) on commit drop",
		"create temporary table corrected (payout text collate \"C\", number text, minor bigint, currency text) on commit drop",
	} {
		if _, err := c.tx.Exec(ctx, made); err != nil {
			return err
		}
	}
	return nil
}

// endPayouts moves the payouts to their table, and enters corrected terms into the finder.
func (c *copier) endPayouts(ctx context.Context) error {
	columns := strings.Join(payoutColumns(), ", ")
	for _, made := range []string{
		"create temporary table latest on commit drop as select payout, max(sequence) as sequence from events where payout <> '' group by payout",
		"update copied c set event = l.sequence from latest l where l.payout = c.id",
		"insert into payouts (" + columns + ") select " + columns + " from copied",
		`insert into paid_to (number, payout, minor, currency, queued_at)
			select t.number, t.payout, t.minor, t.currency, c.queued_at from corrected t join copied c on c.id = t.payout on conflict do nothing`,
		"analyze payouts, members, paid_to, events", //nolint:misspell // PostgreSQL's word
	} {
		if _, err := c.tx.Exec(ctx, made); err != nil {
			return err
		}
	}
	return nil
}

// member is a payout in its place in a batch.
type member struct {
	record
	adopted bool
}

// payouts copies those of a batch in file order.
func (c *copier) payouts(ctx context.Context, id ledger.BatchID) error {
	var page []member
	position := 0
	flush := func() error {
		err := c.writePayouts(ctx, page)
		page = page[:0]
		return err
	}
	enrolments := c.entered[id]
	for p, err := range c.from.Payouts(ctx, id) {
		if err != nil {
			return err
		}
		position++
		m := member{record: record{Payout: p, batch: c.numbers[id], position: position}, adopted: p.Batch != id}
		for len(enrolments) > 1 && enrolments[1].first <= position {
			enrolments = enrolments[1:]
		}
		if len(enrolments) > 0 {
			m.event = enrolments[0].event
		}
		if page = append(page, m); len(page) == enrolGroup {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	_, err := c.tx.Exec(ctx, "update batches set members = $2 where number = $1", c.numbers[id], position)
	return err
}

func (c *copier) writePayouts(ctx context.Context, page []member) error {
	var members, payouts, paid, attempts [][]any
	for i := range page {
		m := &page[i]
		members = append(members, []any{m.batch, m.position, m.Row, toText(m.ID), m.adopted})
		if m.adopted {
			continue
		}
		row, err := payoutRow(&m.record)
		if err != nil {
			return err
		}
		payouts = append(payouts, row)
		accepted := m.Accepted()
		paid = append(paid, []any{toText(accepted.Number.Reveal()), toText(m.ID), accepted.Amount.Minor, toText(accepted.Amount.Currency), toTime(m.QueuedAt)})
		for _, a := range m.Earlier {
			body, err := toJSON(a)
			if err != nil {
				return err
			}
			attempts = append(attempts, []any{toText(m.ID), a.Number, toText(a.Reference), body})
		}
	}
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"members", []string{"batch", "position", "row", "payout", "adopted"}, members},
		{"copied", payoutColumns(), payouts},
		{"paid_to", []string{"number", "payout", "minor", "currency", "queued_at"}, paid},
		{"attempts", []string{"payout", "number", "reference", "body"}, attempts},
	} {
		if len(table.rows) == 0 {
			continue
		}
		if _, err := c.tx.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromRows(table.rows)); err != nil {
			return err
		}
	}
	return nil
}

// payoutColumns are those of the table but for those that the server makes of others.
func payoutColumns() []string {
	return []string{
		"id", "batch", "position", "number", "name", "minor", "currency", "country", "operator", "note", "queued_at",
		"state", "attempt", "reference", "intents", "first_intent", "submitted_at", "settled_at", "doubted", "said", "answered",
		"provider_ref", "code", "message", "fees", "fees_currency", "fees_known", "differences", "resolution", "epoch", "event",
	}
}

// payoutRow is a payout that nobody holds, in the order of payoutColumns.
func payoutRow(r *record) ([]any, error) {
	p := &r.Payout
	differences, err := toOptionalJSON(len(p.Differences) > 0, p.Differences)
	if err != nil {
		return nil, err
	}
	resolution, err := toOptionalJSON(p.Resolution != nil, p.Resolution)
	if err != nil {
		return nil, err
	}
	return []any{
		toText(p.ID), r.batch, r.position, toText(p.Number.Reveal()), toText(p.Name), p.Amount.Minor, toText(p.Amount.Currency),
		toText(p.Country), toText(p.Operator), toText(p.Note), toTime(p.QueuedAt),
		int16(p.State), p.Attempt, toText(p.Reference), p.Intents, toTime(p.FirstIntent), toTime(p.SubmittedAt), toTime(p.SettledAt), p.Doubted,
		int16(p.Said), int16(p.Answered), toText(p.Answer.ProviderRef), toText(p.Answer.Code), toText(p.Answer.Message),
		p.Answer.Fees.Hundredths, toText(p.Answer.Fees.Currency), p.Answer.FeesKnown, differences, resolution, int64(0), int64(r.event), //nolint:gosec // below 2^63
	}, nil
}

// rejected copies the rows of a batch's file that were turned away.
func (c *copier) rejected(ctx context.Context, id ledger.BatchID) error {
	var page [][]any
	count := 0
	flush := func() error {
		_, err := c.tx.CopyFrom(ctx, pgx.Identifier{"rejected"}, []string{"batch", "position", "entry"}, pgx.CopyFromRows(page))
		page = page[:0]
		return err
	}
	for entry, err := range c.from.RejectedRows(ctx, id, 0) {
		if err != nil {
			return err
		}
		text, err := toJSON(entry)
		if err != nil {
			return err
		}
		count++
		if page = append(page, []any{c.numbers[id], count, text}); len(page) == enrolGroup {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	_, err := c.tx.Exec(ctx, "update batches set rejected_rows = $2 where number = $1", c.numbers[id], count)
	return err
}
