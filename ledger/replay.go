package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
)

// ErrReplay matches every error about a log that does not lead to anything: an event that
// is missing or another than was chained, a move of a payout that never entered, or one
// that the table forbids.
var ErrReplay = errors.New("the audit log cannot be replayed")

// Entered is a payout as it entered the ledger.
type Entered struct {
	Terms Terms
	// Row is where the file of its batch has it now, which no event says.
	Row int
}

// Replayed is a ledger as its log makes it.
type Replayed struct {
	// Payouts are all that entered, as the moves left them.
	Payouts map[TransactionID]Payout
	// Batches have the state and the last submission and release of each batch, of which
	// no event says more.
	Batches map[BatchID]Batch
	// Identity has what was done to the ledger as a whole.
	Identity Identity
}

// NewReplayed is an empty ledger, before the first event.
func NewReplayed() *Replayed {
	return &Replayed{Payouts: map[TransactionID]Payout{}, Batches: map[BatchID]Batch{}}
}

// Replay derives from a log what it makes of a ledger: of one in a store, or of one that
// was exported. An event of an enrolment counts its payouts; entered yields them, as they
// were accepted, in file order. See Event.Entered.
func Replay(events iter.Seq2[Event, error], entered func(Event) iter.Seq2[Entered, error]) (*Replayed, error) {
	r, links := NewReplayed(), links{batches: map[BatchID]*Chain{}}
	for event, err := range events {
		if err == nil {
			err = links.follow(event)
		}
		if err == nil {
			err = r.next(event, entered)
		}
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// links are the chains of a log that is read again.
type links struct {
	linker  Linker
	batches map[BatchID]*Chain
}

// follow returns an error unless an event is the next of its chains.
func (l *links) follow(event Event) error {
	chain := l.batches[event.Batch]
	if chain == nil {
		chain = &Chain{}
		l.batches[event.Batch] = chain
	}
	linked := event
	l.linker.Link(&linked, chain)
	if hash := hex.EncodeToString(l.linker.Heads.Hash[:]); linked.Sequence != event.Sequence || linked.Place != event.Place || hash != event.Hash {
		return fmt.Errorf("%w: event %d has place %d and hash %s, and place %d and hash %s by its chains",
			ErrReplay, event.Sequence, event.Place, event.Hash, linked.Place, hash)
	}
	return nil
}

func (r *Replayed) next(event Event, entered func(Event) iter.Seq2[Entered, error]) error {
	switch {
	case event.Enrolled > 0:
		return r.Enrol(event, entered(event))
	case event.Act != "":
		return r.Act(event)
	default:
		_, _, err := r.Move(event)
		return err
	}
}

// Enrol takes in the event of an enrolment, with the payouts that it counts.
func (r *Replayed) Enrol(event Event, entered iter.Seq2[Entered, error]) error {
	r.EnrolBatch(event)
	count, digest := 0, NewListDigest()
	for one, err := range entered {
		if err != nil {
			return err
		}
		if _, again := r.Payouts[one.Terms.ID]; again {
			return fmt.Errorf("%w: event %d: payout %q enters twice", ErrReplay, event.Sequence, one.Terms.ID)
		}
		r.Payouts[one.Terms.ID] = NewPayout(one.Terms, event.Batch, one.Row, event.At)
		digest.Add(&one.Terms)
		count++
	}
	if count != event.Enrolled {
		return fmt.Errorf("%w: event %d: %d payouts entered, and %d are there", ErrReplay, event.Sequence, event.Enrolled, count)
	}
	if found := digest.Hex(); found != event.Digest {
		return fmt.Errorf("%w: event %d: the list that entered has the digest %s, and %s is recorded", ErrReplay, event.Sequence, found, event.Digest)
	}
	return nil
}

// EnrolBatch takes in what the event of an enrolment makes of its batch, for who follows
// the payouts one by one.
func (r *Replayed) EnrolBatch(event Event) {
	r.Batches[event.Batch] = r.batch(event.Batch).Entered()
}

// Act takes in the event of an act.
func (r *Replayed) Act(event Event) (err error) {
	act := event.AsAct()
	if act.Batch == "" {
		r.Identity, err = r.Identity.With(act)
	} else {
		r.Batches[act.Batch], err = r.batch(act.Batch).With(act)
	}
	if err != nil {
		return fmt.Errorf("%w: event %d: %w", ErrReplay, event.Sequence, err)
	}
	return nil
}

// batch returns a batch as it stands: a draft before its first event.
func (r *Replayed) batch(id BatchID) Batch {
	if batch, known := r.Batches[id]; known {
		return batch
	}
	return Batch{ID: id, State: BatchDraft}
}

// Move takes in the event of a move, and returns the payout before and after it.
func (r *Replayed) Move(event Event) (before, after Payout, err error) {
	before, known := r.Payouts[event.Payout]
	if !known {
		return before, after, fmt.Errorf("%w: event %d: payout %q never entered", ErrReplay, event.Sequence, event.Payout)
	}
	change := event.Change()
	if after, err = before.Applied(change); err != nil {
		return before, after, fmt.Errorf("%w: event %d: %w", ErrReplay, event.Sequence, err)
	}
	r.Payouts[event.Payout] = after
	return before, after, nil
}

// Entered yields, of the payouts of a batch in file order, those that entered with the
// event of an enrolment.
func (e Event) Entered(members iter.Seq2[Payout, error]) iter.Seq2[Entered, error] {
	return func(yield func(Entered, error) bool) {
		position, left := 0, e.Enrolled
		for p, err := range members {
			if err != nil {
				yield(Entered{}, err)
				return
			}
			if position++; position < e.First || p.Batch != e.Batch {
				continue
			}
			if left--; !yield(Entered{Terms: p.Accepted(), Row: p.Row}, nil) || left == 0 {
				return
			}
		}
	}
}
