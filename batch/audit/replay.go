package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"payrun/ledger"
	"payrun/ledger/canonical"
)

// replay derives from the events of a batch what became of its payouts.
type replay struct {
	index *Index
	*ledger.Replayed
	approvals

	// order has the payouts as they entered.
	order []ledger.TransactionID
	// since is the event that gave a payout the terms that it has.
	since map[ledger.TransactionID]uint64
	// released is the event of the last release.
	released uint64
	// made counts the moves, shown the releases whose list was computed again, and hidden
	// those of which it could not be.
	made, shown, hidden int
}

func newReplay(index *Index) replay {
	return replay{
		index: index, Replayed: ledger.NewReplayed(), since: map[ledger.TransactionID]uint64{},
		approvals: approvals{acts: map[ledger.BatchID][]ledger.Event{}},
	}
}

// take replays the next event of the batch, or of the ledger's own. What enters is the next
// of the list.
func (r *replay) take(ctx context.Context, event ledger.Event, list *lines) error {
	r.note(event)
	switch {
	case event.Enrolled > 0:
		return r.enrol(event, list)
	case event.Act != "":
		return r.act(event)
	default:
		return r.move(ctx, event)
	}
}

func (r *replay) enrol(event ledger.Event, list *lines) error {
	if err := r.Enrol(event, r.entering(event, list)); err != nil {
		return &WrongError{Check: CheckList, File: fileList, Line: list.number, Err: err}
	}
	return nil
}

// entering yields the next payouts of the list, as many as an enrolment counts.
func (r *replay) entering(event ledger.Event, list *lines) iter.Seq2[ledger.Entered, error] {
	return func(yield func(ledger.Entered, error) bool) {
		for range event.Enrolled {
			if !list.next() {
				yield(ledger.Entered{}, errors.Join(list.err, errors.New("lines are missing behind this one")))
				return
			}
			payout, err := canonical.ParseLine(list.line)
			if err != nil {
				yield(ledger.Entered{}, err)
				return
			}
			terms := ledger.TermsOf(payout)
			r.order = append(r.order, terms.ID)
			r.since[terms.ID] = event.Sequence
			if !yield(ledger.Entered{Terms: terms}, nil) {
				return
			}
		}
	}
}

func (r *replay) act(event ledger.Event) error {
	if event.Act == ledger.ActReleased {
		if err := r.release(event); err != nil {
			return r.wrong(CheckReleases, event, err)
		}
	}
	return r.wrong(CheckMoves, event, r.Act(event))
}

func (r *replay) move(ctx context.Context, event ledger.Event) error {
	sent := event.From == ledger.Queued && event.To == ledger.Submitting
	if sent && r.released < r.since[event.Payout] {
		return r.wrong(CheckReleases, event, fmt.Errorf("payout %q is sent, and nobody released it", event.Payout))
	}
	if sent {
		if err := r.clear(ctx, event); err != nil {
			return r.wrong(CheckApprovals, event, err)
		}
	}
	if _, _, err := r.Move(event); err != nil {
		return r.wrong(CheckMoves, event, err)
	}
	if event.Terms != nil {
		r.since[event.Payout] = event.Sequence
	}
	r.made++
	return nil
}

// release holds a release against what could be sent then. Of payouts that are other
// batches', or that failed and were chosen to be tried again, the log does not say which
// it was about, and while a batch is paying others move it on: what that leaves open is
// counted, and nothing is called wrong.
func (r *replay) release(event ledger.Event) error {
	r.released = event.Sequence
	state := r.Batches[event.Batch].State
	open := len(r.index.Elsewhere) > 0 || state == ledger.BatchPaying || state == ledger.BatchPaused
	var found ledger.Total
	list := ledger.NewListDigest()
	for _, id := range r.order {
		p := r.Payouts[id]
		switch p.State {
		case ledger.Queued, ledger.Submitting, ledger.Unknown:
			found.Add(p.Amount)
			list.Add(&p.Terms)
		case ledger.Failed, ledger.Cancelled:
			open = true
		case ledger.Pending, ledger.Successful:
		}
	}
	switch {
	case found == event.Count && list.Hex() == event.Digest:
		r.shown++
	case open:
		r.hidden++
	default:
		return fmt.Errorf("it releases %d payouts of %s with the list %s; those that could be sent are %d of %s with the list %s",
			event.Count.Count, event.Count.Amount, event.Digest, found.Count, found.Amount, list.Hex())
	}
	return nil
}

// wrong is an error about the line of an event.
func (r *replay) wrong(check CheckName, event ledger.Event, err error) error {
	if err == nil {
		return nil
	}
	file := fileBatchLog
	if event.Batch == "" {
		file = fileLedgerLog
	}
	return &WrongError{Check: check, File: file, Line: int(event.Place), Err: err} //nolint:gosec // lines of a file
}

// listed, moved and released say what the log came to, which was replayed while it was
// read.
func (v *verifier) listed(_ context.Context, check *Check) error {
	check.Count = v.read.listed
	return nil
}

func (v *verifier) moved(_ context.Context, check *Check) error {
	check.Count = v.read.made
	for _, id := range v.read.order {
		p := v.read.Payouts[id]
		v.result.States.Add(p)
	}
	return nil
}

func (v *verifier) released(_ context.Context, check *Check) error {
	check.Count, check.Missing = v.read.shown, v.read.hidden
	if check.Missing > 0 {
		check.Outcome = Absent
	}
	return nil
}
