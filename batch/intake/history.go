package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
)

// History is the ledger's knowledge of the people in a file, and the ids and payments
// that they had before. It is for one pass of Inspect.
type History struct {
	Ledger ledger.View
	Rules  *rules.Set
	// Batch is the batch that the file becomes.
	Batch ledger.BatchID
	// Strict treats warnings as errors.
	Strict bool
	// Now is the moment from which earlier payments are counted back.
	Now time.Time
	// Answered is set once a person has said which repeats shall be paid: they are
	// warnings then, also with Strict.
	Answered bool
	// Kept are the payouts of the batch that the file still has under their ids; nil
	// means that it has all of them, as a file that was not changed does.
	Kept map[ledger.TransactionID]struct{}
	// Reserved are whose the ids of rejected rows are.
	Reserved map[ledger.TransactionID]ledger.Terms
	// Headers are the columns' titles in the file, for problems to name.
	Headers map[table.Field]string

	repeats  repeats
	failures failures
	// noted are failures of the batch itself, as its rows came by.
	noted failures
}

// The distances in time by which a repeated payment is judged.
const (
	// nearAlways is within which the same amount to the same number is never normal.
	nearAlways = 5 * 24 * time.Hour
	// historyMax bounds how far back payments are looked at: a year, and some for one that
	// comes once in it.
	historyMax = 400 * 24 * time.Hour
	// sameOccasion is within which two payments are one occasion and say nothing of
	// how far such payments usually lie apart.
	sameOccasion = 12 * time.Hour
	// lookedAt bounds how many earlier payments of one amount, or of one number, are
	// read in full.
	lookedAt = 12
)

// verdict is the judgement of one row with the ledger's word added.
type verdict struct {
	judged rules.Judgement
	known  *ledger.Payout
	// conflict is set where the id stands for other terms, and correction where these
	// may take their place.
	conflict   *ledger.ConflictError
	correction *ledger.Correction
	// overruled is set if the row's rejections are no longer the rules' alone.
	overruled bool
}

// judge holds one row against the ledger.
func (h *History) judge(ctx context.Context, row table.Row, judged rules.Judgement) (verdict, error) {
	v := verdict{judged: judged}
	if !compares(judged) {
		return v, nil
	}
	known, err := h.Ledger.Payout(ctx, judged.Entry.ID)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return v, h.newRow(ctx, row, &v)
	case err != nil:
		return v, fmt.Errorf("compare row %d with the ledger: %w", row.Number, err)
	}
	v.known = &known
	h.note(known)
	if v.conflict = known.Conflict(judged.Entry); v.conflict != nil {
		h.differs(row, &v)
		if v.correction != nil {
			return v, h.paidBefore(ctx, row, &v)
		}
		return v, nil
	}
	v.lift(rules.CodeRepeated)
	if known.State == ledger.Successful {
		v.lift(rules.CodeNumberPrefix)
	}
	if known.Batch != h.Batch {
		h.add(&v, row, table.FieldTransactionID, rules.CodeIDKnown, map[string]string{
			"batch": string(known.Batch), "date": day(known.QueuedAt), "state": known.State.String(),
		})
	}
	return v, nil
}

// differs judges a row whose id stands for other terms.
func (h *History) differs(row table.Row, v *verdict) {
	correction, code := against(*v.known, v.judged.Entry, h.Batch)
	if correction != nil {
		v.correction = correction
		return
	}
	problem := conflictProblem(row, code, v.conflict, *v.known, h.Batch)
	v.judged.Problems = append(v.judged.Problems, problem)
	v.judged.Entry.Rejections = append(v.judged.Entry.Rejections, problem.Rejection())
}

// readable reports whether a row is one that the ledger can say something about: one
// that may be paid, but for problems that the ledger may settle.
func readable(judged rules.Judgement) bool {
	return !slices.ContainsFunc(judged.Entry.Rejections, func(r ledger.Rejection) bool {
		return r.Code != rules.CodeRepeated && r.Code != rules.CodeNumberPrefix
	})
}

// compares reports whether a row is a payment that is held against the ledger.
func compares(judged rules.Judgement) bool { return judged.Kind.Pays() && readable(judged) }

// lift takes back a problem that the ledger has an answer to.
func (v *verdict) lift(code string) {
	before := len(v.judged.Problems)
	v.judged.Problems = slices.DeleteFunc(v.judged.Problems, func(p rules.Problem) bool { return p.Code == code })
	if len(v.judged.Problems) == before {
		return
	}
	rejections := len(v.judged.Entry.Rejections)
	v.judged.Entry.Rejections = slices.DeleteFunc(v.judged.Entry.Rejections, func(r ledger.Rejection) bool { return r.Code == code })
	v.overruled = v.overruled || len(v.judged.Entry.Rejections) != rejections
}

// add tells a problem of a row.
func (h *History) add(v *verdict, row table.Row, field table.Field, code string, details map[string]string) {
	problem := rules.Problem{
		Row: row.Number, Column: field, Header: h.Headers[field], Value: row.Cell(field).Text, Code: code,
		Severity: rules.SeverityOf(code, h.Strict && !(h.Answered && (code == rules.CodeRepeatedRecently || code == rules.CodeFailedBefore))), Details: details,
	}
	v.judged.Problems = append(v.judged.Problems, problem)
	if problem.Severity == rules.Error {
		v.overruled = true
		v.judged.Entry.Rejections = append(v.judged.Entry.Rejections, problem.Rejection())
	}
}

// newRow judges a row whose id the ledger does not know.
func (h *History) newRow(ctx context.Context, row table.Row, v *verdict) error {
	entry := v.judged.Entry
	if owner, taken := h.Reserved[entry.ID]; taken && !samePerson(owner, entry.Terms) {
		h.add(v, row, table.FieldTransactionID, rules.CodeIDReserved, map[string]string{"name": owner.Name})
		v.judged.Entry.Reserved = &owner
	}
	return h.paidBefore(ctx, row, v)
}

// paidBefore judges a row that is to be sent by what its person was paid before, under
// other ids.
func (h *History) paidBefore(ctx context.Context, row table.Row, v *verdict) error {
	entry := v.judged.Entry
	before, err := h.Ledger.PaidTo(ctx, entry.Number, h.since())
	if err != nil {
		if errors.Is(err, ledger.ErrCorrupt) {
			return fmt.Errorf("compare row %d with the ledger: %w", row.Number, err)
		}
		h.add(v, row, "", rules.CodeLedgerUnreadable, map[string]string{"reason": err.Error()})
		return nil
	}
	if err := h.namesake(ctx, row, v); err != nil || len(before) == 0 {
		return err
	}
	past := &past{history: h, ctx: ctx, before: before}
	h.person(v, row, past)
	h.repeated(v, row, past)
	if past.err != nil {
		return fmt.Errorf("compare row %d with the ledger: %w", row.Number, past.err)
	}
	return nil
}

// since is the time from which earlier payments count.
func (h *History) since() time.Time { return h.Now.Add(-historyMax) }

// past are the earlier payments to a row's number, read as far as they are needed.
type past struct {
	history *History
	ctx     context.Context //nolint:containedctx // for one row
	before  []ledger.Earlier
	err     error
}

// payouts yields the earlier payouts, the latest first, at most lookedAt of them. They
// end with an error, which is kept.
func (p *past) payouts(wanted func(ledger.Earlier) bool) iter.Seq[ledger.Payout] {
	return func(yield func(ledger.Payout) bool) {
		left := lookedAt
		for _, earlier := range p.before {
			if left == 0 || p.err != nil {
				return
			}
			if !wanted(earlier) {
				continue
			}
			left--
			payout, err := p.history.Ledger.Payout(p.ctx, earlier.ID)
			if err != nil {
				p.err = err
				return
			}
			if !yield(payout) {
				return
			}
		}
	}
}

func everything(ledger.Earlier) bool { return true }

// person compares whose the number was, and through which operator it was paid.
func (h *History) person(v *verdict, row table.Row, past *past) {
	entry := v.judged.Entry
	compared := false
	for payout := range past.payouts(everything) {
		if payout.Operator == entry.Operator && payout.State == ledger.Successful {
			v.lift(rules.CodeNumberPrefix)
		}
		if !compared && payout.MayHavePaid() {
			compared = true
			h.otherName(v, row, payout)
		}
		if compared && !v.has(rules.CodeNumberPrefix) {
			return // the others have nothing to say
		}
	}
}

// otherName compares the names that a number was paid under.
func (h *History) otherName(v *verdict, row table.Row, payout ledger.Payout) {
	if !rules.SameName(payout.Name, v.judged.Entry.Name) {
		h.add(v, row, table.FieldNumber, rules.CodeNumberOtherName, map[string]string{
			"name": payout.Name, "batch": string(payout.Batch), "date": day(payout.QueuedAt),
		})
	}
}

// repeated judges a row that pays the same amount to the same number as before.
func (h *History) repeated(v *verdict, row table.Row, past *past) {
	entry := v.judged.Entry
	var times []time.Time
	var last *ledger.Payout
	for payout := range past.payouts(func(e ledger.Earlier) bool { return e.Amount == entry.Amount }) {
		if payout.Retriable() {
			h.failedBefore(v, row, payout)
		}
		if payout.Batch == h.Batch {
			h.sameBatch(v, row, payout)
			continue
		}
		if !payout.MayHavePaid() {
			continue
		}
		times = append(times, payout.QueuedAt)
		if last == nil {
			last = &payout
		}
	}
	if last == nil {
		return
	}
	usual := usualDistance(times)
	ago := h.Now.Sub(last.QueuedAt)
	near := ago <= max(nearAlways, usual/2)
	if !near && (usual > 0 || ago >= h.Rules.RepeatedWithin()) {
		return // as it usually comes
	}
	counted := v.has(rules.CodeRepeated) || v.has(rules.CodeFailedBefore)
	repeatsIt := near && !counted // which is told of, and counted, already
	h.add(v, row, table.FieldNumber, rules.CodeRepeatedRecently, map[string]string{
		"date": day(last.QueuedAt), "batch": string(last.Batch), "id": string(last.ID),
	})
	if repeatsIt && len(v.judged.Entry.Rejections) == 0 {
		h.repeats.add(*last)
		h.repeats.plain = h.repeats.plain || plainlyAgain(*last, entry.Terms, ago)
	}
}

// The distances within which a repetition of one row is a stop by itself: under an id that
// is the same but for capitals and zeros, and under any other for the same name.
const (
	plainByID   = 24 * time.Hour
	plainByName = time.Hour
)

// plainlyAgain reports whether a row is so plainly a payment of just before that it stops
// its batch, however few they are.
func plainlyAgain(before ledger.Payout, now ledger.Terms, ago time.Duration) bool {
	return ago <= plainByID && rules.SameID(string(before.ID), string(now.ID)) ||
		ago <= plainByName && rules.SameName(before.Name, now.Name)
}

// sameBatch tells of a payout of the same batch that left its file, or whose id now
// stands for something else, while its payment came again under another id.
func (h *History) sameBatch(v *verdict, row table.Row, payout ledger.Payout) {
	_, kept := h.Kept[payout.ID]
	withdrawn := payout.State == ledger.Cancelled && !payout.MayHavePaid()
	if h.Kept == nil || kept || withdrawn || v.has(rules.CodeIDRenamed) {
		return
	}
	h.add(v, row, table.FieldTransactionID, rules.CodeIDRenamed, map[string]string{
		"id": string(payout.ID), "state": payout.State.String(),
	})
}

// How many of the latest payouts a file is held against for its names and ids: as many as
// it has rows, so often, and never fewer than some. What a look costs goes with the file
// and not with the ledger.
const (
	latestRows  = 2
	latestLeast = 2_000
)

// earlier holds the rows that were checked against the latest payouts.
func (h *History) earlier(ctx context.Context, rows int, checker Checker) error {
	for payout, err := range h.Ledger.Latest(ctx, max(latestLeast, rows*latestRows)) {
		if err != nil {
			return fmt.Errorf("compare the file with the ledger: %w", err)
		}
		checker.Earlier(payout, payout.Batch != h.Batch && payout.MayHavePaid())
	}
	return nil
}

func (v *verdict) has(code string) bool {
	return slices.ContainsFunc(v.judged.Problems, func(p rules.Problem) bool { return p.Code == code })
}

// usualDistance is the one in the middle of those between payments, given the latest
// first; 0 for fewer than two occasions.
func usualDistance(times []time.Time) time.Duration {
	var distances []time.Duration
	for i := 1; i < len(times); i++ {
		if distance := times[i-1].Sub(times[i]); distance > sameOccasion {
			distances = append(distances, distance)
		}
	}
	if len(distances) == 0 {
		return 0
	}
	slices.Sort(distances)
	return distances[len(distances)/2]
}

// repeats are the rows that repeat payments of other batches too early.
type repeats struct {
	count int
	// plain is set once one is so plainly the payment of before that it stops the batch
	// by itself.
	plain   bool
	batches map[ledger.BatchID]earlierBatch
}

// earlierBatch is a batch that rows repeat, how many do, and when its last was accepted.
type earlierBatch struct {
	rows int
	at   time.Time
}

func (r *repeats) add(payout ledger.Payout) {
	r.count++
	if r.batches == nil {
		r.batches = make(map[ledger.BatchID]earlierBatch)
	}
	batch := r.batches[payout.Batch]
	batch.rows++
	if payout.QueuedAt.After(batch.at) {
		batch.at = payout.QueuedAt
	}
	r.batches[payout.Batch] = batch
}

// most returns the batch that most rows repeat, the latest of several.
func (r *repeats) most() (ledger.BatchID, earlierBatch) {
	var id ledger.BatchID
	var most earlierBatch
	for batch, found := range r.batches {
		if found.rows > most.rows || found.rows == most.rows && (found.at.After(most.at) || found.at.Equal(most.at) && batch < id) {
			id, most = batch, found
		}
	}
	return id, most
}

// The shares of a batch above which its repetition is one stop.
const (
	stopRows  = 5
	stopShare = 10 // a tenth
)

// stops reports whether so many rows repeat that the batch is not paid before a person
// has said that it shall be.
func (r *repeats) stops(rows int) bool {
	return r.plain || r.count >= stopRows || r.count > 0 && r.count*stopShare >= rows
}

// stop is the problem of a batch that repeats others.
func (h *History) stop(rows int) rules.Problem {
	id, most := h.repeats.most()
	return rules.Problem{Code: rules.CodeBatchRepeated, Severity: rules.Error, Details: map[string]string{
		"count": strconv.Itoa(h.repeats.count), "rows": strconv.Itoa(rows), "batch": string(id), "ago": ago(h.Now.Sub(most.at)),
	}}
}

// ago is a distance in time as messages words it: a unit and how many.
func ago(distance time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case distance < 2*time.Minute:
		return "seconds " + strconv.Itoa(max(0, int(distance/time.Second)))
	case distance < 2*time.Hour:
		return "minutes " + strconv.Itoa(int(distance/time.Minute))
	case distance < 2*day:
		return "hours " + strconv.Itoa(int(distance/time.Hour))
	default:
		return "days " + strconv.Itoa(int(distance/day))
	}
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// KeptIDs reads a file for the payouts of a batch that it still has: with the id, the number
// and the amount that the ledger knows. It is for a file that was changed since it was
// enrolled; the checker is for this pass alone. A file none of whose ids the ledger knows
// is another one, and has nil.
func KeptIDs(ctx context.Context, file File, checker Checker, view ledger.View, id ledger.BatchID) (map[ledger.TransactionID]struct{}, error) {
	kept, known := make(map[ledger.TransactionID]struct{}), false
	for rows, err := range checked(ctx, file, checker) {
		if err != nil {
			return nil, err
		}
		ids, _ := asked(rows, hasID)
		if err := askAhead(ctx, view, rows, ids, nil, time.Time{}); err != nil {
			return nil, err
		}
		for _, at := range rows {
			if !hasID(at.judged) {
				continue
			}
			payout, err := view.Payout(ctx, at.judged.Entry.ID)
			switch entry := at.judged.Entry; {
			case errors.Is(err, ledger.ErrNotFound):
			case err != nil:
				return nil, fmt.Errorf("compare row %d with the ledger: %w", at.row.Number, err)
			case payout.Batch == id && payout.Number == entry.Number && payout.Amount == entry.Amount:
				kept[payout.ID] = struct{}{}
			}
			known = known || err == nil
		}
	}
	if !known {
		return nil, nil
	}
	return kept, nil
}

// hasID reports whether a row is a payment that the ledger may know.
func hasID(judged rules.Judgement) bool { return judged.Kind.Pays() && judged.Entry.ID != "" }

// reservedMax bounds how many ids of rejected rows are remembered, those of the latest
// batches.
const reservedMax = 100_000

// ReservedIDs returns whose the ids of rejected rows are. Such a row may come again, mended;
// under its id nobody else is paid.
func ReservedIDs(ctx context.Context, store ledger.Store) (map[ledger.TransactionID]ledger.Terms, error) {
	batches, err := store.Batches(ctx)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	reserved := make(map[ledger.TransactionID]ledger.Terms)
	for _, batch := range slices.Backward(batches) {
		if batch.Sealed && batch.Rejected.Count == 0 {
			continue
		}
		for entry, err := range store.RejectedRows(ctx, batch.ID, 0) {
			if err != nil {
				return nil, fmt.Errorf("read the rejected rows of batch %q: %w", batch.ID, err)
			}
			owner := entry.Terms
			if entry.Reserved != nil {
				owner = *entry.Reserved
			}
			if _, taken := reserved[entry.ID]; !taken && entry.ID != "" && !refusedForItsID(entry) {
				reserved[entry.ID] = owner
			}
		}
		if len(reserved) >= reservedMax {
			break
		}
	}
	return reserved, nil
}

// refusedForItsID reports whether a row was rejected because its id is another's: it has
// no claim to it.
func refusedForItsID(entry ledger.Entry) bool {
	return entry.Reserved == nil && slices.ContainsFunc(entry.Rejections, func(r ledger.Rejection) bool {
		switch r.Code {
		case rules.CodeIDDuplicate, rules.CodeIDSimilar, rules.CodeIDConflict, rules.CodeIDReferenceTaken:
			return true
		default:
			return false
		}
	})
}
