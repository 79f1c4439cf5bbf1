package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/pgledger"
	"payrun/ledger/phone"
)

const (
	// windowRows are claimed and ended at once, as a run does where the provider answers at
	// once, and windowsEach is how many windows are measured.
	windowRows, windowsEach = 512, 20
)

// compareGrown measures what the ledger's part of a payout costs in a new ledger, in one that
// holds a tenth of the finished payouts, and in one that holds all.
func (s *shared) compareGrown(ctx context.Context, most int) (err error) {
	address, drop := s.schema()
	defer func() { err = errors.Join(err, drop(ctx)) }()
	if _, err := pgledger.Init(ctx, address); err != nil {
		return err
	}
	store, err := pgledger.Open(ctx, address, pgledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	fmt.Printf("\n| finished payouts | a payout claimed and ended | to a new ledger | enrolled |\n|---|---|---|---|\n")
	var first time.Duration
	before := 0
	for held, finished := range []int{0, most / 10, most} {
		if finished > before {
			if err := fill(ctx, address, before+1, finished); err != nil {
				return err
			}
			before = finished
		}
		enrolled, paid, err := window(ctx, store, held)
		if err != nil {
			return err
		}
		if held == 0 {
			first = paid
		}
		const each = windowRows * windowsEach
		fmt.Printf("| %d | %.1f µs | %.2f | %.1f µs |\n", finished, paid.Seconds()*1e6/each, paid.Seconds()/first.Seconds(), enrolled.Seconds()*1e6/each)
	}
	return nil
}

// fill adds finished payouts, from one number to another, each with its two events. Their ids
// and telephone numbers are in no order. They are beside the chains, which nobody verifies here.
func fill(ctx context.Context, address string, from, to int) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	for _, sql := range []string{
		`insert into payouts (id, batch, position, number, name, minor, currency, country, operator, note, queued_at, state, reference,
				intents, first_intent, submitted_at, settled_at, said, provider_ref, code, event)
			select md5(g::text), 1, 1000000 + g, '+22507' || lpad((g * 7919 % 100000000)::text, 8, '0'), 'Awa Koné', 5000, 'XOF', 'CI', 'ORANGE',
				'Salaire', t, $3::smallint, md5(g::text), 1, t, t, t, $4::smallint, 'REF-' || md5(g::text), 'SUCCESSFUL', g
			from generate_series($1::bigint, $2::bigint) g, (select 1764000000000000000) as at (t)`,
		`insert into events (sequence, batch, place, at, actor, payout, from_state, to_state, attempt, act, worker, epoch, hash)
			select -2 * g + s, 1, g, 1764000000000000000, 'engine', md5(g::text), $3::smallint, $4::smallint, 1, '', 'bench', 1, sha256(g::text::bytea)
			from generate_series($1::bigint, $2::bigint) g, generate_series(0, 1) s`,
		`insert into paid_to (number, payout, minor, currency, queued_at)
			select '+22507' || lpad((g * 7919 % 100000000)::text, 8, '0'), md5(g::text), 5000, 'XOF', 1764000000000000000
			from generate_series($1::bigint, $2::bigint) g where $3::smallint <> 0 and $4::smallint <> 0`,
	} {
		if _, err := conn.Exec(ctx, sql, from, to, int16(ledger.Successful), int16(ledger.SaidSuccessful)); err != nil {
			return errors.Join(err, conn.Close(ctx))
		}
	}
	for _, sql := range []string{"vacuum analyze", "checkpoint"} { //nolint:misspell // PostgreSQL's word
		if _, err := conn.Exec(ctx, sql); err != nil {
			return errors.Join(err, conn.Close(ctx))
		}
	}
	return conn.Close(ctx)
}

// window enrols a batch of ids in no order, claims it and ends it, window by window, and
// returns how long both took.
func window(ctx context.Context, store *pgledger.Store, month int) (enrolled, paid time.Duration, err error) {
	p := payroll{rows: windowRows * windowsEach, month: month, shuffled: true}
	batch := ledger.Batch{
		ID: ledger.BatchID(fmt.Sprint("month-", month)), File: "cluster.csv", SHA256: "00", Account: ledger.Account{Place: "bench"},
		Currency: money.XOF, CreatedAt: time.Now().UTC(),
	}
	started := time.Now()
	if _, err := store.Enrol(ctx, batch, entries(p)); err != nil {
		return 0, 0, err
	}
	enrolled = time.Since(started)
	claim, err := store.Join(ctx, "bench")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, store.Leave(ctx, claim)) }()
	var ids []ledger.TransactionID
	for payout, err := range store.Payouts(ctx, batch.ID) {
		if err != nil {
			return 0, 0, err
		}
		ids = append(ids, payout.ID)
	}
	started = time.Now()
	var ended []ledger.Change
	for from := 0; from < len(ids); from += windowRows {
		claimed, err := store.Claim(ctx, ledger.ClaimRequest{
			Claim: claim, Payouts: ids[from : from+windowRows], Changes: ended, At: time.Now().UTC(), Actor: "engine",
		})
		if err != nil {
			return 0, 0, err
		}
		ended = ended[:0]
		for _, payout := range claimed.Payouts {
			ended = append(ended, ledger.Change{
				ID: payout.ID, From: ledger.Submitting, To: ledger.Successful, At: time.Now().UTC(), Actor: "engine", Claim: claim, Attempt: 1,
				Answer: ledger.Answer{ProviderRef: "REF-" + string(payout.ID), Code: "SUCCESSFUL"},
			})
		}
	}
	_, err = store.Apply(ctx, ended)
	return enrolled, time.Since(started), err
}

// entries are the rows of a payroll.
func entries(p payroll) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		random := rand.New(rand.NewPCG(uint64(p.month), 1)) //nolint:gosec // the same each time
		for n := range p.rows {
			who := p.person(n)
			entry := ledger.Entry{Row: n + 2, Terms: ledger.Terms{
				ID: ledger.TransactionID(p.id(n, random)), Number: phone.E164("+225" + who.number), Name: who.name,
				Amount: money.XOF.Of(who.amount), Country: "CI", Operator: ledger.Operator(who.operator),
			}}
			if !yield(entry, nil) {
				return
			}
		}
	}
}
