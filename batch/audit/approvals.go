package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
)

// The folders of what people signed. A file in them is named by the line of the log that it
// is taken from: approval/5.decision.txt is the text of line 5 of log/batch.jsonl, and what
// is in people is of log/ledger.jsonl.
const (
	dirApproval = "approval/"
	dirPeople   = "people/"

	endContent  = ".content.txt"
	endList     = ".list.jsonl"
	endPolicy   = ".policy.yaml"
	endDecision = ".decision"
	endAct      = ".act"
	// A signed text has three files.
	endText      = ".txt"
	endSignature = ".sig"
	endSigners   = ".signers"
)

// approvals are the acts of a log about policies, people and signatures, as far as it was
// replayed.
type approvals struct {
	// acts are the events that move no payout, of the batch and of the ledger's own, and
	// moves those that do since there was a policy.
	acts  map[ledger.BatchID][]ledger.Event
	moves []ledger.Event
	// submitted are the submissions of the batch.
	submitted []submission
	// cleared is set while nothing happened since the last send that could forbid the next
	// one, and until is when that ends, zero for never.
	cleared bool
	until   time.Time
	// governed is set once something was sent that a policy asked signatures for, and
	// unshown counts the times at which it could not be judged.
	governed bool
	unshown  int
}

// submission is a content that was to be approved, with the list of its payouts.
type submission struct {
	event ledger.Event
	list  []byte
}

// note takes in an event before it is replayed.
func (r *replay) note(event ledger.Event) {
	switch {
	case event.Payout == "":
		r.cleared = false
		r.acts[event.Batch] = append(r.acts[event.Batch], event)
	case r.Identity.Policies > 0:
		r.cleared = r.cleared && event.Reference == ""
		r.moves = append(r.moves, event)
	}
	if event.Act == ledger.ActSubmitted {
		r.submitted = append(r.submitted, submission{event, r.sendable()})
	}
}

// sendable is the list of what could be sent now.
func (r *replay) sendable() []byte {
	var list []byte
	for _, id := range r.order {
		if p := r.Payouts[id]; maySend(p.State) {
			list = p.AppendLine(list)
		}
	}
	return list
}

func maySend(state ledger.State) bool {
	return state == ledger.Queued || state == ledger.Submitting || state == ledger.Unknown
}

// clear returns an error for a send that was not approved. It asks what the engine asked
// before it sent, package clearance, of the log up to that event.
func (r *replay) clear(ctx context.Context, event ledger.Event) error {
	if r.Identity.Policies == 0 || r.cleared && (r.until.IsZero() || !event.At.After(r.until)) {
		return nil
	}
	r.cleared, r.until = true, time.Time{}
	if len(r.index.Elsewhere) > 0 {
		r.unshown++ // the payouts of other batches are part of what was signed
		return nil
	}
	standing, err := clearance.Of(ctx, moment{replay: r}, event.Batch, event.At)
	if err == nil {
		err = standing.Check(event.At)
	}
	r.until, r.governed = standing.Verdict.Until, r.governed || standing.Governed
	return err
}

// moment is the ledger as the log leaves it at one event, as far as package clearance asks
// for it.
type moment struct {
	ledger.Reader // which is nil: nothing else is asked

	replay *replay
}

// Identity implements ledger.Reader.
func (m moment) Identity(context.Context) (ledger.Identity, error) { return m.replay.Identity, nil }

// Batch implements ledger.Reader.
func (m moment) Batch(_ context.Context, id ledger.BatchID) (ledger.Batch, error) {
	return m.replay.Batches[id], nil
}

// Batches implements ledger.Reader.
func (m moment) Batches(context.Context) ([]ledger.Batch, error) {
	return []ledger.Batch{m.replay.Batches[m.replay.index.Batch]}, nil
}

// Acts implements ledger.Reader.
func (m moment) Acts(_ context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return yieldAll(m.replay.acts[batch])
}

// Events implements ledger.Reader: the moves of payouts, and what is not one, since an event.
func (m moment) Events(_ context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	later := func(events []ledger.Event) []ledger.Event {
		at, _ := slices.BinarySearchFunc(events, from, func(e ledger.Event, n uint64) int { return int(e.Sequence) - int(n) }) //nolint:gosec // numbers of a log
		return events[at:]
	}
	all := slices.Concat(later(m.replay.acts[m.replay.index.Batch]), later(m.replay.moves))
	slices.SortFunc(all, func(a, b ledger.Event) int { return int(a.Sequence) - int(b.Sequence) }) //nolint:gosec // numbers of a log
	return yieldAll(all)
}

// Payouts implements ledger.Reader.
func (m moment) Payouts(_ context.Context, _ ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		for _, id := range m.replay.order {
			p := m.replay.Payouts[id]
			if (len(states) == 0 || slices.Contains(states, p.State)) && !yield(p, nil) {
				return
			}
		}
	}
}

func yieldAll[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// files are the files of what people signed, by their names: none where nothing of the
// batch was ever submitted for approval.
func (r *replay) files(ctx context.Context) (map[string][]byte, error) {
	files := map[string][]byte{}
	if len(r.submitted) == 0 {
		return files, nil
	}
	records, err := clearance.Read(ctx, moment{replay: r})
	if err != nil {
		return nil, err
	}
	for _, s := range r.submitted {
		name := fmt.Sprint(dirApproval, s.event.Place)
		files[name+endContent] = []byte(s.event.Text)
		files[name+endList] = s.list
		for _, change := range records.Changes {
			if change.Event < s.event.Sequence {
				files[name+endPolicy] = change.Text
			}
		}
	}
	for dir, events := range map[string][]ledger.Event{dirApproval: r.acts[r.index.Batch], dirPeople: r.acts[""]} {
		for _, event := range events {
			if err := signedFiles(files, dir, event, records.Acts); err != nil {
				return nil, fmt.Errorf("event %d: %w", event.Sequence, err)
			}
		}
	}
	return files, nil
}

// signedFiles adds the files of one event, if there are any.
func signedFiles(files map[string][]byte, dir string, event ledger.Event, acts []approval.SignedAct) error {
	name := fmt.Sprint(dir, event.Place)
	switch event.Act { //nolint:exhaustive // the others have no text that somebody signed
	case ledger.ActPolicySet:
		files[name+endPolicy] = []byte(event.Text)
		return nil
	case ledger.ActDecided, ledger.ActPolicyDecided:
		name += endDecision
	case ledger.ActPeople:
		name += endAct
	default:
		return nil
	}
	before := acts[:slices.IndexFunc(append(slices.Clip(acts), approval.SignedAct{Event: event.Sequence}), func(a approval.SignedAct) bool {
		return a.Event >= event.Sequence
	})]
	if len(before) == 0 {
		before = acts[:1] // the first admin signs for themselves
	}
	people, err := approval.Replay(before)
	if err != nil {
		return err
	}
	signers, err := people.AllowedSigners()
	if err != nil {
		return err
	}
	files[name+endText], files[name+endSignature], files[name+endSigners] = []byte(event.Text), []byte(event.Signature), signers
	return nil
}

// writeApprovals writes what people signed, out of the log that was just written.
func (e *exporter) writeApprovals(ctx context.Context) error {
	v := &verifier{folder: e.folder, result: Result{Index: e.index}}
	if err := v.log(ctx, new(Check)); err != nil {
		return err
	}
	files, err := v.read.files(ctx)
	if err != nil {
		return err
	}
	e.index.Submissions = len(v.read.submitted)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := e.draft.write(name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// approved holds the files of what people signed against the log. Whether what they signed
// lets each payout be sent was judged while the log was read.
func (v *verifier) approved(ctx context.Context, check *Check) error {
	want, err := v.read.files(ctx)
	if err != nil {
		return wrong(CheckApprovals, fileLedgerLog, err)
	}
	if index := v.index(); index.Submissions != len(v.read.submitted) {
		return wrong(CheckApprovals, fileIndex, fmt.Errorf("it says %d submissions, and the log has %d", index.Submissions, len(v.read.submitted)))
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		found, err := os.ReadFile(at(v.folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("it is missing")
		}
		if err == nil && !bytes.Equal(found, want[name]) {
			err = errors.New("it is not what the log has")
		}
		if err != nil {
			return wrong(CheckApprovals, name, err)
		}
		if strings.HasSuffix(name, endSignature) {
			check.Count++
		}
	}
	return v.unexpected(want, check)
}

// unexpected returns an error for a file about approvals that the log does not know, and
// says what could not be judged.
func (v *verifier) unexpected(want map[string][]byte, check *Check) error {
	names, err := files(v.folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		signed := strings.HasPrefix(name, dirApproval) || strings.HasPrefix(name, dirPeople)
		if _, known := want[name]; signed && !known {
			return wrong(CheckApprovals, name, errors.New("the log has nothing of it"))
		}
	}
	check.Missing = v.read.unshown
	if check.Missing > 0 || !v.read.governed && len(v.read.submitted) == 0 {
		check.Outcome = Absent
	}
	return nil
}
