package pgledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// Apply implements ledger.Writer.
func (s *Store) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	if len(changes) == 0 {
		return nil, ctx.Err()
	}
	done, err := s.write(ctx, &ledger.ClaimRequest{Changes: changes})
	return done.Lost, err
}

// Claim implements ledger.Claimer.
func (s *Store) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	return s.write(ctx, &request)
}

// errStale says that a payout was no longer what this store had last read.
var errStale = errors.New("a payout is not what was read of it")

// write makes the changes of a request and claims its payouts: from what the store knows of
// them already if that does, and otherwise from what it reads under the lock.
func (s *Store) write(ctx context.Context, request *ledger.ClaimRequest) (ledger.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Claimed{}, err
	}
	about := slices.Clone(request.Payouts)
	for i := range request.Changes {
		about = append(about, request.Changes[i].ID)
	}
	known := map[ledger.TransactionID]*record{}
	s.recent.of(about, known)
	done, err := s.writeFrom(ctx, request, known)
	if errors.Is(err, errStale) && len(known) > 0 {
		done, err = s.writeFrom(ctx, request, nil)
	}
	if err != nil {
		s.recent.forget(about)
	}
	return done, err
}

// writeFrom makes the changes from payouts as they are known; of the others it reads what they
// are. It returns errStale if one that was known is another by now, or is not to be changed as
// it was known: nothing that was not verified is an answer.
func (s *Store) writeFrom(ctx context.Context, request *ledger.ClaimRequest, known map[ledger.TransactionID]*record) (ledger.Claimed, error) {
	var g *group
	asked := readClocks()
	err := s.update(ctx, func(ctx context.Context, x *txn) error {
		g = newGroup(s, x)
		for id, r := range known {
			one := *r
			g.records[id] = &one
		}
		if err := g.read(ctx, request); err != nil {
			return err
		}
		err := g.makeAll(ctx, request)
		if len(known) > 0 && (err != nil || !g.wrote(known)) {
			return errStale
		}
		if err != nil {
			return err
		}
		return g.finish(ctx)
	})
	if err != nil {
		return ledger.Claimed{}, err
	}
	for _, t := range g.touched {
		s.recent.keep(*t.record)
	}
	if len(request.Payouts) > 0 {
		s.leases.renewed(request.Claim, asked)
	}
	return g.done, nil
}

// makeAll makes the changes of a request, and then claims its payouts.
func (g *group) makeAll(ctx context.Context, request *ledger.ClaimRequest) error {
	for i := range request.Changes {
		if err := g.apply(ctx, &request.Changes[i]); err != nil {
			return err
		}
	}
	return g.claim(ctx, request)
}

// group collects the payouts that one transaction changes.
type group struct {
	store   *Store
	txn     *txn
	records map[ledger.TransactionID]*record
	// claims are those of the workers that are at work.
	claims ledger.Claims
	live   map[uint64]string
	// paid is the batch that is paid, of number 0 where it is not asked about or not there.
	paid batch
	// made are the moves so far, touched the payouts that they changed, in order.
	made    []ledger.Moved
	touched []touched
	// over are the attempts to write, corrected the payouts with other terms.
	over      []attemptOf
	corrected []*record
	names     map[ledger.Reference]ledger.TransactionID
	done      ledger.Claimed
}

func newGroup(s *Store, x *txn) *group {
	return &group{store: s, txn: x, records: map[ledger.TransactionID]*record{}}
}

// touched is a payout that changes, and the version of it that the change is made from.
type touched struct {
	*record
	event uint64
	epoch int64
}

// wrote reports whether all of the payouts change: only what is written is verified.
func (g *group) wrote(payouts map[ledger.TransactionID]*record) bool {
	count := 0
	for _, t := range g.touched {
		if _, among := payouts[t.ID]; among {
			count++
		}
	}
	return count == len(payouts)
}

// attemptOf is an attempt of a payout that is over.
type attemptOf struct {
	payout ledger.TransactionID
	ledger.Attempt
}

// read locks the log, and with it the payouts: whoever changes one of them locks it first.
// It reads those that are not known.
func (g *group) read(ctx context.Context, request *ledger.ClaimRequest) error {
	var unknown []string
	batches := map[int]bool{}
	about := func(id ledger.TransactionID) {
		if r := g.records[id]; r != nil {
			batches[r.batch] = true
		} else {
			unknown = append(unknown, toText(id))
		}
	}
	for i := range request.Changes {
		about(request.Changes[i].ID)
	}
	for _, id := range request.Payouts {
		about(id)
	}
	var questions pgx.Batch
	g.txn.log.lock(&questions)
	if len(unknown) > 0 {
		questions.Queue(recordsWhere+"p.id = any($1)", unknown).Query(g.take)
	}
	g.txn.log.extend(&questions, "select unnest($1::int[]) union select batch from payouts where id = any($2)",
		slices.Sorted(maps.Keys(batches)), unknown)
	g.renew(&questions, request)
	g.askLive(&questions)
	g.askPaid(&questions, request)
	if err := g.txn.read(ctx, &questions); err != nil {
		return err
	}
	return g.complete(ctx)
}

// renew has the worker's lease begin anew with a window, which nobody can end before it is
// durable.
func (g *group) renew(questions *pgx.Batch, request *ledger.ClaimRequest) {
	if len(request.Payouts) > 0 && !request.Claim.IsZero() {
		questions.Queue(renewLeases, []int64{int64(request.Claim.Epoch)}, g.store.options.Lease.Seconds()) //nolint:gosec // an epoch was an int64
	}
}

func (g *group) askLive(questions *pgx.Batch) {
	questions.Queue("select epoch, name from workers where ended is null").Query(func(rows pgx.Rows) error {
		g.live = map[uint64]string{}
		var epoch int64
		var name string
		_, err := pgx.ForEachRow(rows, []any{&epoch, &name}, func() error {
			g.live[uint64(epoch)] = fromText(name) //nolint:gosec // an epoch is positive
			return nil
		})
		g.claims.Among(g.live)
		return err
	})
}

// askPaid asks how the batch stands that is paid. The log is locked, and with it whoever else would
// enter payouts or release some.
func (g *group) askPaid(questions *pgx.Batch, request *ledger.ClaimRequest) {
	if len(request.Payouts) == 0 || request.Batch == "" {
		return
	}
	questions.Queue("select "+batchColumns+" from batches where id = $1", toText(request.Batch)).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, scanBatch)
		if len(found) == 1 {
			g.paid = found[0]
		}
		return err
	})
}

// pays returns an error, before the first of its payouts is claimed, if nothing of the batch of a
// request may be sent.
func (g *group) pays(request *ledger.ClaimRequest) error {
	switch {
	case request.Batch == "" || len(g.done.Payouts) > 0:
		return nil
	case g.paid.number == 0:
		return notFound(request.Batch)
	}
	return g.paid.Pays(request.At)
}

func (g *group) take(rows pgx.Rows) error {
	found, err := collectRecords(rows)
	for i := range found {
		g.records[found[i].ID] = &found[i]
	}
	return err
}

// complete reads what few payouts have, and tells the fence who holds what.
func (g *group) complete(ctx context.Context) error {
	all := make([]record, 0, len(g.records))
	for _, r := range g.records {
		if r.Attempt > 1 {
			all = append(all, *r)
		}
	}
	if err := g.store.withAttempts(ctx, g.txn.conn, all); err != nil {
		return err
	}
	for i := range all {
		g.records[all[i].ID].Earlier = all[i].Earlier
	}
	for id, r := range g.records {
		epoch := uint64(r.epoch) //nolint:gosec // an epoch is positive
		if name, live := g.live[epoch]; live {
			g.claims.Hold(id, ledger.Claim{Worker: name, Epoch: epoch})
		}
	}
	return nil
}

// missing returns a *ledger.NotFoundError for a payout that is not there.
func (g *group) missing(payouts []ledger.TransactionID) error {
	for _, id := range payouts {
		if g.records[id] == nil {
			return &ledger.NotFoundError{ID: id}
		}
	}
	return nil
}

// apply makes a change, as far as the fence admits it.
func (g *group) apply(ctx context.Context, change *ledger.Change) error {
	r := g.records[change.ID]
	if r == nil {
		return &ledger.NotFoundError{ID: change.ID}
	}
	made, lost, err := g.claims.Apply(r.Payout, *change)
	if err != nil {
		return err
	}
	if lost && !slices.Contains(g.done.Lost, change.ID) {
		g.done.Lost = append(g.done.Lost, change.ID)
	}
	if made.Change.ID == "" {
		return nil
	}
	return g.make(ctx, r, &made)
}

// claim records the intents of a request, as far as they may be. The worker's lease begins
// anew with them.
func (g *group) claim(ctx context.Context, request *ledger.ClaimRequest) error {
	if len(request.Payouts) == 0 {
		return nil
	}
	if err := g.missing(request.Payouts); err != nil {
		return err
	}
	if g.claims.Over(request.Claim) {
		return request.Claim.Ended()
	}
	g.done.Payouts = make([]ledger.Payout, 0, len(request.Payouts))
	for _, id := range request.Payouts {
		r := g.records[id]
		made, may := g.claims.Claim(r.Payout, request)
		if !may {
			continue
		}
		if err := g.pays(request); err != nil {
			return err
		}
		g.done.Payouts = append(g.done.Payouts, made.After)
		if err := g.make(ctx, r, &made); err != nil {
			return err
		}
	}
	return nil
}

// make takes in a change and the payout that it made.
func (g *group) make(ctx context.Context, r *record, made *ledger.Made) error {
	change, before := &made.Change, r.Payout
	if change.Reference != "" {
		if err := g.name(ctx, change.Reference, change.ID); err != nil {
			return err
		}
	}
	if before.Terms != made.After.Terms {
		g.corrected = append(g.corrected, r)
	}
	if !slices.EqualFunc(before.Earlier, made.After.Earlier, func(a, b ledger.Attempt) bool { return a == b }) {
		for _, attempt := range made.After.Earlier {
			g.over = append(g.over, attemptOf{change.ID, attempt})
		}
	}
	if err := g.txn.log.append(ledger.EventOf(*change, made.After), r.batch); err != nil {
		return err
	}
	g.made = append(g.made, ledger.Moved{ID: change.ID, Claim: change.Claim, From: change.From, To: change.To})
	if r.event <= g.firstEvent() {
		g.touched = append(g.touched, touched{r, r.event, r.epoch})
	}
	r.Payout, r.event = made.After, g.txn.log.last()
	return nil
}

// firstEvent is the number of the last event before this transaction's.
func (g *group) firstEvent() uint64 {
	return g.txn.log.last() - uint64(len(g.txn.log.events))
}

// name gives a payout a name at the provider that nobody has. The log is locked, and with it
// whoever else would give names.
func (g *group) name(ctx context.Context, reference ledger.Reference, id ledger.TransactionID) error {
	_, taken := g.names[reference]
	if !taken {
		err := g.store.ask(ctx, g.txn.conn,
			"select exists (select from names where reference = $1) or exists (select from payouts where id = $1)", one(&taken), toText(reference))
		if err != nil {
			return err
		}
	}
	if taken {
		return fmt.Errorf("reference %q: %w", reference, ledger.ErrReferenceTaken)
	}
	if g.names == nil {
		g.names = map[ledger.Reference]ledger.TransactionID{}
	}
	g.names[reference] = id
	return nil
}

// finish writes everything with the commit.
func (g *group) finish(context.Context) error {
	if len(g.made) == 0 {
		return nil
	}
	g.claims.Note(g.made)
	for _, t := range g.touched {
		t.record.epoch = int64(g.claims.Holder(t.ID).Epoch) //nolint:gosec // an epoch was an int64
	}
	for reference, id := range g.names {
		g.txn.exec("insert into names (reference, payout) values ($1, $2)", toText(reference), toText(id))
	}
	if err := g.writeAttempts(); err != nil {
		return err
	}
	for _, r := range g.corrected {
		t := r.Terms
		g.txn.exec("update payouts set number = $2, name = $3, minor = $4, currency = $5, country = $6, operator = $7, note = $8 where id = $1",
			toText(r.ID), toText(t.Number.Reveal()), toText(t.Name), t.Amount.Minor, toText(t.Amount.Currency), toText(t.Country), toText(t.Operator), toText(t.Note))
		g.txn.exec("insert into paid_to (number, payout, minor, currency, queued_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
			toText(t.Number.Reveal()), toText(r.ID), t.Amount.Minor, toText(t.Amount.Currency), toTime(r.QueuedAt))
	}
	if err := g.writeDisputes(); err != nil {
		return err
	}
	writeMoves(g.txn, g.touched)
	return g.txn.log.finish(g.txn)
}

func (g *group) writeAttempts() error {
	for _, a := range g.over {
		body, err := toJSON(a.Attempt)
		if err != nil {
			return err
		}
		g.txn.exec(`insert into attempts (payout, number, reference, body) values ($1, $2, $3, $4::json)
			on conflict (payout, number) do update set body = excluded.body`, toText(a.payout), a.Number, toText(a.Reference), body)
	}
	return nil
}

// writeDisputes writes what few payouts have: differences and a person's word.
func (g *group) writeDisputes() error {
	for _, r := range g.touched {
		if len(r.Differences) == 0 && r.Resolution == nil {
			continue
		}
		differences, err := toOptionalJSON(len(r.Differences) > 0, r.Differences)
		if err != nil {
			return err
		}
		resolution, err := toOptionalJSON(r.Resolution != nil, r.Resolution)
		if err != nil {
			return err
		}
		g.txn.exec("update payouts set differences = $2::json, resolution = $3::json where id = $1", toText(r.ID), differences, resolution)
	}
	return nil
}

// writeMoves writes what moves change of payouts, in one statement, which fails with
// divisionByZero unless each of them is of the version that its moves were made from.
func writeMoves(x *txn, written []touched) {
	x.exec(`with written as (
		update payouts p set reference = u.reference, state = u.state, attempt = u.attempt, intents = u.intents,
			first_intent = u.first, submitted_at = u.submitted, settled_at = u.settled, doubted = u.doubted, said = u.said, answered = u.answered,
			provider_ref = u.ref, code = u.code, message = u.message, fees = u.fees, fees_currency = u.currency, fees_known = u.known,
			epoch = u.epoch, event = u.event
		from unnest($1::text[], $2::text[], $3::smallint[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[],
			$10::smallint[], $11::smallint[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::text[], $17::boolean[], $18::bigint[], $19::bigint[],
			$20::bigint[], $21::bigint[])
			as u(id, reference, state, attempt, intents, first, submitted, settled, doubted, said, answered, ref, code, message, fees, currency, known, epoch, event,
			from_epoch, from_event)
		where p.id = u.id and p.event = u.from_event and p.epoch = u.from_epoch returning 1)
		select 1 / (count(*) = cardinality($1))::int from written`,
		column(written, func(t *touched) string { return toText(t.ID) }),
		column(written, func(t *touched) string { return toText(t.Reference) }),
		column(written, func(t *touched) int16 { return int16(t.State) }),
		column(written, func(t *touched) int { return t.Attempt }),
		column(written, func(t *touched) int { return t.Intents }),
		column(written, func(t *touched) int64 { return toTime(t.FirstIntent) }),
		column(written, func(t *touched) int64 { return toTime(t.SubmittedAt) }),
		column(written, func(t *touched) int64 { return toTime(t.SettledAt) }),
		column(written, func(t *touched) bool { return t.Doubted }),
		column(written, func(t *touched) int16 { return int16(t.Said) }),
		column(written, func(t *touched) int16 { return int16(t.Answered) }),
		column(written, func(t *touched) string { return toText(t.Answer.ProviderRef) }),
		column(written, func(t *touched) string { return toText(t.Answer.Code) }),
		column(written, func(t *touched) string { return toText(t.Answer.Message) }),
		column(written, func(t *touched) int64 { return t.Answer.Fees.Hundredths }),
		column(written, func(t *touched) string { return toText(t.Answer.Fees.Currency) }),
		column(written, func(t *touched) bool { return t.Answer.FeesKnown }),
		column(written, func(t *touched) int64 { return t.record.epoch }),
		column(written, func(t *touched) int64 { return int64(t.record.event) }), //nolint:gosec // below 2^63
		column(written, func(t *touched) int64 { return t.epoch }),
		column(written, func(t *touched) int64 { return int64(t.event) })) //nolint:gosec // below 2^63
}

// column returns what each of some rows has in a column.
func column[R, V any](rows []R, of func(*R) V) []V {
	values := make([]V, len(rows))
	for i := range rows {
		values[i] = of(&rows[i])
	}
	return values
}
