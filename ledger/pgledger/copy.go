package pgledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// A ledger comes from another store in three steps, each durable before the next: all of it
// is copied, as a ledger that nobody can open; the other store is marked as moved, and pays
// nothing any more; the mark is copied too, and the ledger can be opened. A copy that ended
// early is begun again.

// ErrOccupied matches every *OccupiedError.
var ErrOccupied = errors.New("the database has a ledger of its own")

// OccupiedError says that a ledger cannot be copied into a database, because one with batches
// or events is there.
type OccupiedError struct{ Path string }

func (e *OccupiedError) Error() string { return fmt.Sprintf("ledger %q: %v", e.Path, ErrOccupied) }

// Is makes errors.Is(err, ErrOccupied) hold.
func (e *OccupiedError) Is(target error) bool { return target == ErrOccupied }

// ErrIncoming matches every *IncomingError.
var ErrIncoming = errors.New("the copying of a ledger into this database has not ended")

// IncomingError says that a ledger cannot be used before the command that copies it there has
// ended. It is run again.
type IncomingError struct{ Path string }

func (e *IncomingError) Error() string { return fmt.Sprintf("ledger %q: %v", e.Path, ErrIncoming) }

// Is makes errors.Is(err, ErrIncoming) hold.
func (e *IncomingError) Is(target error) bool { return target == ErrIncoming }

// checkIdentity notes which ledger was opened, and refuses one that is being copied there.
func (s *Store) checkIdentity(ctx context.Context) error {
	var incoming bool
	if err := s.pool.QueryRow(ctx, "select identity ->> 'id', incoming from ledger").Scan(&s.identity, &incoming); err != nil {
		return err
	}
	if incoming {
		return &IncomingError{Path: s.name}
	}
	return nil
}

// Incoming is a database into which a ledger is copied.
type Incoming struct {
	store    *Store
	identity ledger.Identity
	// place is that of the store, and done whether it has the ledger already.
	place string
	done  bool
	// copied is the chain of heads as Copy left it.
	copied ledger.Chain
}

// Receive prepares to copy a ledger with an identity into a database, in which payrun ledger
// init has begun one that has nothing yet. It takes the rights of whoever owns the tables. It
// returns the errors of Open, and an *OccupiedError for a ledger that has something.
func Receive(ctx context.Context, dsn string, identity ledger.Identity, options Options) (*Incoming, error) {
	in := &Incoming{identity: identity}
	store, err := open(ctx, dsn, options, func(ctx context.Context, s *Store) error {
		in.store = s
		return in.look(ctx, s.pool)
	})
	if err != nil {
		return nil, err
	}
	in.store = store
	return in, nil
}

// look finds out what the database has. Within a transaction that stays so until its end.
func (in *Incoming) look(ctx context.Context, db querier) error {
	var incoming bool
	var heads int64
	var batches int
	var text string
	err := in.store.ask(ctx, db, "select place, incoming, heads, identity, (select count(*) from batches) from ledger for update",
		one(&in.place, &incoming, &heads, &text, &batches))
	if err != nil {
		return err
	}
	var found ledger.Identity
	if err := fromJSON(text, &found); err != nil {
		return err
	}
	in.done = !incoming && found.ID == in.identity.ID
	if !in.done && !incoming && (heads > 0 || batches > 0) || incoming && found.ID != in.identity.ID {
		return &OccupiedError{Path: in.store.name}
	}
	return nil
}

// Destination names the database, as the copied ledger is marked with it.
func (in *Incoming) Destination() ledger.Destination {
	return ledger.Destination{Place: in.place, Address: in.store.name}
}

// Done reports whether the ledger was there already, and is in use.
func (in *Incoming) Done() bool { return in.done }

// Close ends the copying.
func (in *Incoming) Close() error { return in.store.Close() }

// Store is the ledger as it was copied, for whoever holds it against the other. Nothing may
// be written to it before Activate.
func (in *Incoming) Store() ledger.Reader { return in.store }

// Copy copies a ledger, which nobody may write to meanwhile. What an earlier try had copied is
// replaced, and nothing else: whatever came into the database since Receive is an
// *OccupiedError. Memory does not grow with the ledger.
func (in *Incoming) Copy(ctx context.Context, from ledger.Reader) error {
	return in.write(ctx, func(tx pgx.Tx) error {
		if err := in.look(ctx, tx); err != nil {
			return err
		}
		if in.done {
			return &OccupiedError{Path: in.store.name}
		}
		c := &copier{store: in.store, tx: tx, from: from, numbers: map[ledger.BatchID]int{}, chains: map[ledger.BatchID]*ledger.Chain{}, entered: map[ledger.BatchID][]enrolled{}}
		if err := c.begin(ctx); err != nil {
			return err
		}
		if err := c.copy(ctx); err != nil {
			return err
		}
		in.copied = c.linker.Heads
		return nil
	})
}

// write makes one transaction of what is written.
func (in *Incoming) write(ctx context.Context, write func(pgx.Tx) error) error {
	conn, err := in.store.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// A statement that takes long ends with whoever asked for it. Not every system can tell.
	if _, err := conn.Exec(ctx, "set client_connection_check_interval = '5s'"); err != nil && refused(err) == "" {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// The other side may take its time.
		if _, err := tx.Exec(ctx, "set local idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		return write(tx)
	})
}

// Activate copies what the other ledger recorded since Copy, which are acts upon the whole
// ledger alone, and has the ledger opened from then on.
func (in *Incoming) Activate(ctx context.Context, from ledger.Reader) error {
	return in.write(ctx, func(tx pgx.Tx) error {
		c := &copier{store: in.store, tx: tx, from: from, numbers: map[ledger.BatchID]int{}, chains: map[ledger.BatchID]*ledger.Chain{}}
		var heads, own int64
		var headsHash, ownHash []byte
		err := tx.QueryRow(ctx, "select heads, heads_hash, own, own_hash from ledger for update").Scan(&heads, &headsHash, &own, &ownHash)
		if err != nil {
			return err
		}
		ownChain := chainOf(own, ownHash)
		c.linker.Heads, c.chains[""] = chainOf(heads, headsHash), &ownChain
		if c.linker.Heads != in.copied {
			return errReplaced
		}
		if err := c.events(ctx); err != nil {
			return err
		}
		return c.finish(ctx, false)
	})
}

// copier writes a ledger as another store has it.
type copier struct {
	store *Store
	tx    pgx.Tx
	from  ledger.Reader

	linker ledger.Linker
	// chains are those of the batches, and of the ledger's own events.
	chains map[ledger.BatchID]*ledger.Chain
	// numbers are those that the batches have here, entered their enrolments, in order.
	numbers map[ledger.BatchID]int
	entered map[ledger.BatchID][]enrolled
	// epoch is the highest that the log names.
	epoch uint64
}

// enrolled is an enrolment: its event, and the position of the first payout that entered.
type enrolled struct {
	first int
	event uint64
}

// begin makes room, and has nobody open the ledger until it is whole.
func (c *copier) begin(ctx context.Context) error {
	if err := c.beginTables(ctx); err != nil {
		return err
	}
	_, err := c.tx.Exec(ctx, `truncate batches, payouts, attempts, names, members, rejected, paid_to, events, workers, shared restart identity`)
	if err != nil {
		return err
	}
	_, err = c.tx.Exec(ctx, `update ledger set incoming = true, lineage = '', heads = 0, heads_hash = '', own = 0, own_hash = '',
		checked = 0, checked_hash = '', checked_own = 0, checked_own_hash = ''`)
	return err
}

func (c *copier) copy(ctx context.Context) error {
	batches, err := c.from.Batches(ctx)
	if err != nil {
		return err
	}
	for _, b := range batches {
		body, err := toJSON(b)
		if err != nil {
			return err
		}
		var number int
		err = c.tx.QueryRow(ctx, "insert into batches (id, created_at, state, body) values ($1, $2, $3, $4::json) returning number",
			toText(b.ID), toTime(b.CreatedAt), int16(b.State), body).Scan(&number)
		if err != nil {
			return err
		}
		c.numbers[b.ID] = number
	}
	if err := c.events(ctx); err != nil {
		return err
	}
	for _, b := range batches {
		if err := errors.Join(c.payouts(ctx, b.ID), c.rejected(ctx, b.ID)); err != nil {
			return err
		}
	}
	if err := c.endPayouts(ctx); err != nil {
		return err
	}
	return c.finish(ctx, true)
}

// events copies the events behind those that are there, each with its hash.
func (c *copier) events(ctx context.Context) error {
	var page []ledger.Event
	flush := func() error {
		err := c.writeEvents(ctx, page)
		page = page[:0]
		return err
	}
	for event, err := range c.from.Events(ctx, c.linker.Heads.Count+1) {
		if err != nil {
			return err
		}
		if err := c.link(&event); err != nil {
			return err
		}
		if page = append(page, event); len(page) == enrolGroup {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// link holds an event against its chains, which must come to the hash that it has.
func (c *copier) link(event *ledger.Event) error {
	chain := c.chains[event.Batch]
	if chain == nil {
		chain = &ledger.Chain{}
		c.chains[event.Batch] = chain
	}
	given := *event
	c.linker.Link(event, chain)
	if found := hex.EncodeToString(c.linker.Heads.Hash[:]); found != given.Hash || event.Sequence != given.Sequence || event.Place != given.Place {
		return &ledger.CorruptError{Path: "the ledger that is copied", Where: "event " + strconv.FormatUint(given.Sequence, 10), Expected: "hash " + given.Hash, Found: "hash " + found}
	}
	if event.Enrolled > 0 {
		c.entered[event.Batch] = append(c.entered[event.Batch], enrolled{event.First, event.Sequence})
	}
	c.epoch = max(c.epoch, event.Epoch)
	return nil
}

func (c *copier) writeEvents(ctx context.Context, page []ledger.Event) error {
	rows := make([][]any, 0, len(page))
	var names pgx.Batch
	for i := range page {
		e := &page[i]
		rest, err := restOf(e)
		if err != nil {
			return err
		}
		hash, err := hex.DecodeString(e.Hash)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			int64(e.Sequence), c.numbers[e.Batch], int64(e.Place), toTime(e.At), toText(e.Actor), toText(e.Payout), int16(e.From), int16(e.To), //nolint:gosec // below 2^63
			e.Attempt, toText(e.Act), toText(e.Worker), int64(e.Epoch), rest, hash, //nolint:gosec // below 2^63
		})
		if e.Reference != "" {
			names.Queue("insert into names (reference, payout) values ($1, $2)", toText(e.Reference), toText(e.Payout))
		}
		if e.Terms != nil {
			names.Queue("insert into corrected (payout, number, minor, currency) values ($1, $2, $3, $4)",
				toText(e.Payout), toText(e.Terms.Number.Reveal()), e.Terms.Amount.Minor, toText(e.Terms.Amount.Currency))
		}
	}
	_, err := c.tx.CopyFrom(ctx, pgx.Identifier{"events"}, []string{
		"sequence", "batch", "place", "at", "actor", "payout", "from_state", "to_state", "attempt", "act", "worker", "epoch", "rest", "hash",
	}, pgx.CopyFromRows(rows))
	if err != nil || names.Len() == 0 {
		return err
	}
	return c.tx.SendBatch(ctx, &names).Close()
}

// finish writes where the chains end, what the ledger is, and the epochs that were.
func (c *copier) finish(ctx context.Context, incoming bool) error {
	identity, err := c.from.Identity(ctx)
	if err != nil {
		return err
	}
	text, err := toJSON(identity)
	if err != nil {
		return err
	}
	own := c.chains[""]
	if own == nil {
		own = &ledger.Chain{}
	}
	var last pgx.Batch
	for id, chain := range c.chains {
		if id != "" {
			last.Queue("update batches set chain = $2, chain_hash = $3 where number = $1", c.numbers[id], int64(chain.Count), hashOf(*chain)) //nolint:gosec // below 2^63
		}
	}
	heads := c.linker.Heads
	last.Queue("update ledger set identity = $1::json, heads = $2, heads_hash = $3, own = $4, own_hash = $5, incoming = $6",
		text, int64(heads.Count), hashOf(heads), int64(own.Count), hashOf(*own), incoming) //nolint:gosec // below 2^63
	last.Queue(`select setval(pg_get_serial_sequence('workers', 'epoch'), greatest($1, nextval(pg_get_serial_sequence('workers', 'epoch'))))`,
		int64(c.epoch)) //nolint:gosec // an epoch is below 2^63
	return c.tx.SendBatch(ctx, &last).Close()
}
