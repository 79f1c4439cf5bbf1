package ledger

import (
	"context"
	"iter"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Store keeps payouts. Every method may be called from several goroutines at once.
//
// All of a Store's abilities are in its method set, so that whatever wraps one, for
// metrics or for a test, passes all of them on. All implementations pass package
// ledgertest.
type Store interface {
	Writer
	Reader
	Verifier

	// Close releases the store. A second call does nothing.
	Close() error
}

// Writer is the part of a Store that changes it. Writes are applied one after the other
// in some order.
//
// A write that returns nil is durable: it is there after a power cut. A write that
// returns ErrStopped may or may not be there, the store refuses everything from then on,
// and the caller must send nothing more. A write that returns any other error changed
// nothing.
type Writer interface {
	Claimer

	// Enrol accepts a file: each entry becomes a queued payout, is recognised
	// as one the ledger has, or is kept as rejected. Order is kept.
	//
	// It writes in groups and, with the last one, seals the batch and records its
	// Accepted and Rejected. If the
	// iterator yields an error, Enrol returns it and leaves the batch unsealed.
	// After that, or a crash in the middle, enrolling the same file again
	// completes the work. Enrolling a known batch adds the payouts it lacks and
	// replaces its rejected rows; payouts no longer in the file stay, in row 0.
	Enrol(ctx context.Context, batch Batch, entries iter.Seq2[Entry, error]) (Enrolment, error)

	// Apply makes all the changes, in order, or none. It returns a
	// *TransitionError for an illegal move, an *EvidenceError for one that what
	// was heard forbids, ErrNotFound for an unknown payout and ErrReferenceTaken
	// for a new attempt under a used name.
	//
	// A change with a Claim is fenced. If somebody else holds its payout, if nobody
	// does and it is not where the change says, or if what was heard meanwhile forbids
	// the move, the change is lost. That is an ordinary answer, which ends the worker's
	// part in that payout: the other changes are made, and of a lost one what the
	// provider said is kept as evidence. Lost names the payouts, each once.
	Apply(ctx context.Context, changes []Change) (lost []TransactionID, err error)

	// Record makes an act durable, with what it changes in its batch or in the
	// ledger's identity. It returns ErrNotFound for an unknown batch, and ErrUncovered for a
	// release that has a count and is of less than what may be sent by then.
	Record(ctx context.Context, act Act) error
}

// Claimer is the part of a Writer by which workers share a batch: a payout is sent by
// whoever claimed it, and by nobody else.
type Claimer interface {
	// Join begins an epoch of a worker, later than all before.
	Join(ctx context.Context, worker string) (Claim, error)

	// Claim records that payouts are about to be sent: it makes the changes that come
	// with the request, and moves what is still queued to submitting, in one durable
	// commit. No request may leave before it has returned, and none for a payout that
	// is not among those claimed. It returns the errors of Apply, and those of Batch.Pays for
	// the batch of the request: rows may enter while it is paid, and are for a release of their own.
	Claim(ctx context.Context, request ClaimRequest) (Claimed, error)

	// TakeOver has a claim hold those of the payouts that are under way and that nobody
	// at work holds, and returns them as they stand. What is found submitting may have
	// been sent by whoever held it before.
	TakeOver(ctx context.Context, claim Claim, payouts []TransactionID) ([]Payout, error)

	// Prove shares among the workers of a batch the proof that the ledger is the newest of its
	// account. Done says that the claim has it: so have, from then on, those who ask while
	// it is at work. Otherwise the answer says how far they have come, and with Proven the
	// claim has it too; with ProofWanted it is the claim's to make. A proof is known for as long as somebody at
	// work has it: no copy of the ledger has it, and nobody who comes after all of them.
	Prove(ctx context.Context, claim Claim, batch BatchID, done bool) (Proof, error)

	// Leave ends an epoch. Whatever is under way under its claim can be taken over.
	Leave(ctx context.Context, claim Claim) error
}

// Reader is the part of a Store that reports, reconciliation and the console need.
//
// Iterators read in pages and do not hold a snapshot: a payout that moves while
// they run may be seen before or after its move, but is seen. They yield an
// error at most once, as the last pair. The loop's body may call the store.
type Reader interface {
	View
	Log

	// View has read called with the ledger as it stands at one moment and returns
	// its error. Many questions are answered faster in one go. Read must not write
	// to the store, nor wait for somebody who does.
	View(ctx context.Context, read func(View) error) error

	// Identity returns what this ledger is, and what was done to it as a whole.
	Identity(ctx context.Context) (Identity, error)

	// ByReference returns the payout of which an attempt, the first or a later one,
	// goes by a reference at the provider, or ErrNotFound.
	ByReference(ctx context.Context, reference Reference) (Payout, error)

	// Acts yields the acts upon a batch, or those upon the ledger for no batch, and the
	// enrolments, in their order. Its cost depends on how many they are, not on the size of
	// the ledger. Of an unknown batch there are none.
	Acts(ctx context.Context, batch BatchID) iter.Seq2[Event, error]

	// ActsFrom yields those of Acts that are at an event or behind it; 0 is before all of
	// them. Its cost depends on how many these are.
	ActsFrom(ctx context.Context, batch BatchID, from uint64) iter.Seq2[Event, error]

	// Batch returns one batch, or ErrNotFound.
	Batch(ctx context.Context, id BatchID) (Batch, error)

	// Batches returns every batch, the oldest first.
	Batches(ctx context.Context) ([]Batch, error)

	// Payouts yields the payouts of a batch in file order, with the Row they
	// have in that batch's file; with states given, those that are in one of them.
	// Those that another batch brought in first are among them; their Batch tells.
	// If every state asked for is an open one, the cost depends on how many payouts
	// are open, not on the size of the batch. An unknown batch yields ErrNotFound.
	Payouts(ctx context.Context, batch BatchID, states ...State) iter.Seq2[Payout, error]

	// PayoutsFrom yields the payouts of a batch that are of a selection, in the order of
	// their positions, from a position on; 0 is before all of them. Its cost depends on how
	// many are taken from it, not on where it begins.
	PayoutsFrom(ctx context.Context, batch BatchID, from uint32, of Selection) iter.Seq2[Placed, error]

	// Counts returns the payouts of a batch, those that another batch brought in first
	// among them, by operator and state. None of them is read for it one by one. An unknown batch
	// is ErrNotFound.
	Counts(ctx context.Context, batch BatchID) (Counts, error)

	// Notable yields the payouts of a batch that are Payout.Notable, as Payouts does. Its
	// cost depends on how many these are.
	Notable(ctx context.Context, batch BatchID) iter.Seq2[Payout, error]

	// RejectedRows yields the rows of the batch's file that were turned away, in file order,
	// without the first so many of them. Its cost depends on how many are taken from it, not
	// on where it begins. An unknown batch yields ErrNotFound.
	RejectedRows(ctx context.Context, batch BatchID, after int) iter.Seq2[Entry, error]
}

// View answers the questions that a file is checked with. The one that Reader.View hands
// out stands still, and is for one goroutine.
type View interface {
	// Payout returns one payout, or a *NotFoundError.
	Payout(ctx context.Context, id TransactionID) (Payout, error)

	// PaidTo returns the payouts that were accepted for this number at or after since,
	// the latest first, whatever became of them.
	PaidTo(ctx context.Context, number phone.E164, since time.Time) ([]Earlier, error)

	// Latest yields the payouts of the latest batch in file order, then those of the one
	// before it, and so on, most of them in all. Those that a batch found there already
	// are among them.
	Latest(ctx context.Context, most int) iter.Seq2[Payout, error]

	// LatestNoted yields those of Latest that are of SelectNoted, as it does. Of a ledger that
	// is near, its cost depends on how many these are.
	LatestNoted(ctx context.Context, most int) iter.Seq2[Payout, error]
}

// Prefetcher is implemented by a View of a ledger that is far away, where each question takes
// a journey, or of one that answers many in less than it takes for each.
type Prefetcher interface {
	// Prefetch asks in one go what Payout will be asked of ids, PaidTo of numbers for the
	// same time, and Payout of the latest that PaidTo names. It is kept until the next call.
	Prefetch(ctx context.Context, ids []TransactionID, numbers []phone.E164, since time.Time) error
}

// Summariser is implemented by a Reader of a ledger that is far away, from which each payout
// takes a journey, if a small one.
type Summariser interface {
	// Untouched sums up a batch of which every payout is queued as it entered: nothing was
	// sent, said or recorded of any. Of any other batch, and of one with payouts that another
	// batch brought in, it reports false. An unknown batch is ErrNotFound.
	Untouched(ctx context.Context, batch BatchID) (sum Untouched, is bool, err error)

	// Begun sums up a batch that was begun. Of one with more than most others than it sums up, it
	// reports false. An unknown batch is ErrNotFound.
	Begun(ctx context.Context, batch BatchID, most int) (sum Begun, is bool, err error)

	// Over sums up a batch of which every payout is final and none was ever sent more than
	// once. Of any other it reports false. An unknown batch is ErrNotFound.
	Over(ctx context.Context, batch BatchID) (sum ByState, is bool, err error)
}

// Untouched is the sum of a batch that nothing happened to.
type Untouched struct {
	Total Total
	// Oldest and Newest are when the first and the last of its payouts were queued, in UTC.
	Oldest, Newest time.Time
	// Countries are those of its payouts, by their ISO 3166-1 codes, in order.
	Countries []string
}

// Begun is the sum of a batch of which something happened to some payouts. Each payout is counted
// in one of its parts.
type Begun struct {
	// Untouched are those that are queued as they entered.
	Untouched Untouched
	// Paid are those that were sent once and paid, without a word against it.
	Paid Total
	// Others are the payouts that are neither, and those of the paid ones that were begun last,
	// BegunLast of them or more, in order.
	Others []Payout
}

// BegunLast is how many of the paid payouts of a batch are told at least, where it has so many.
const BegunLast = 3

// Earlier is a payout as an index has it: Payout tells the rest.
type Earlier struct {
	ID     TransactionID
	Amount money.Amount
	// QueuedAt is the time at which the row was accepted, in UTC and whole seconds.
	QueuedAt time.Time
}

// Log is the hash-chained audit log, as it is read.
type Log interface {
	// Events yields the audit log from an event on; from 0 or 1 it yields all of it.
	Events(ctx context.Context, from uint64) iter.Seq2[Event, error]

	// Head returns the number of events and the hash of the last one, which
	// stands for all of them; hash is empty for a new ledger.
	Head(ctx context.Context) (count uint64, hash string, err error)

	// HashAt returns the hash of an event by its number, empty if the log does not
	// reach that far: whoever holds an old head can ask whether it is still in.
	HashAt(ctx context.Context, sequence uint64) (hash string, err error)
}

// Verifier is the part of a Store that proves that it holds together.
type Verifier interface {
	// Check replays what was recorded since the last checkpoint and compares it
	// with what is kept, then moves the checkpoint. It is for the beginning of
	// whatever pays: a page that the disk lost or misplaced is damage there, and
	// never a payout that seems new. It returns a *CorruptError for the first
	// thing that does not hold. Its cost depends on what happened since.
	Check(ctx context.Context) error

	// Verify walks the chain, re-derives every payout's state from its events
	// and compares it with what is recorded. It returns a *CorruptError for
	// the first thing that does not hold.
	Verify(ctx context.Context) (Verification, error)
}

// Verification counts the things that a successful Verify looked at.
type Verification struct {
	Events   uint64    `json:"events"`
	Head     string    `json:"head"`
	Payouts  int       `json:"payouts"`
	Batches  int       `json:"batches"`
	ByState  ByState   `json:"by_state"`
	Verified time.Time `json:"verified_at"`
}
