package moving_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/ledger/moving"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

var large = flag.Int("rows", 3000, "so many rows in the ledger that is moved")

func TestMain(m *testing.M) {
	os.Exit(pgtest.Main(m)) //nolint:forbidigo // how TestMain ends
}

func options() pgledger.Options { return pgledger.Options{NoSync: true, OutageMax: 10 * time.Second} }

// lived returns a ledger in a file in which all has happened that can, in two batches.
func lived(t *testing.T) *boltledger.Store {
	t.Helper()
	store, err := boltledger.Open(filepath.Join(t.TempDir(), "l.db"), boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	may := ledgertest.Entries("A", 40)
	enrol(t, store, "may", may)
	again := append(may[3:9:9], ledgertest.Entries("B", *large)...)
	again = append(again, ledger.Entry{Row: 9000, Terms: ledger.Terms{ID: "A-00003", Amount: money.XOF.Of(1)}, Rejections: []ledger.Rejection{{Code: "amount.low", Value: "1"}}})
	enrol(t, store, "june", again)
	enrol(t, store, "may", append(may[10:], ledgertest.Entries("C", 5)...)) // rows that went, and more
	for _, id := range []ledger.BatchID{"may", "june"} {
		if err := ledgertest.Release(t.Context(), store, id); err != nil {
			t.Fatal(err)
		}
	}
	by, err := store.Join(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Claim(t.Context(), ledger.ClaimRequest{Claim: by, At: time.Now().UTC(), Payouts: []ledger.TransactionID{"A-00010", "A-00011", "A-00012", "A-00013", "B-00000"}})
	if err != nil {
		t.Fatal(err)
	}
	failed, paid := ledgertest.Move("A-00010", ledger.Submitting, ledger.Failed), ledgertest.Move("A-00011", ledger.Submitting, ledger.Successful)
	again1 := ledgertest.Move("A-00010", ledger.Failed, ledger.Queued)
	again1.Reference = "R-1"
	terms := may[10].Terms
	terms.Amount = money.XOF.Of(777)
	again1.Terms = &terms
	unknown := ledgertest.Move("A-00012", ledger.Submitting, ledger.Unknown)
	unknown.Difference = &ledger.Difference{Code: ledger.DifferencePaidThere, At: time.Now().UTC()}
	for _, c := range []*ledger.Change{&failed, &paid, &unknown} {
		c.Claim, c.Attempt = by, 1
	}
	ledgertest.Apply(t, store, failed, again1, paid, unknown)
	for _, act := range []ledger.Act{{Code: ledger.ActProven}, {Code: ledger.ActAdopted}, {Code: ledger.ActNewAccount}} {
		act.At = time.Now().UTC()
		if err := store.Record(t.Context(), act); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func enrol(t *testing.T, store ledger.Store, id ledger.BatchID, entries []ledger.Entry) {
	t.Helper()
	if _, err := store.Enrol(t.Context(), ledgertest.Batch(id), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
}

// empty begins a ledger in a database and returns its address.
func empty(t *testing.T) string {
	t.Helper()
	address := pgtest.Address(t)
	if _, err := pgledger.Init(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	return address
}

// move moves a ledger as the command does. Change wraps what it reads from and writes to.
func move(t *testing.T, from ledger.Store, address string, change func(ledger.Store, moving.Incoming) (ledger.Store, moving.Incoming)) (bool, error) {
	t.Helper()
	identity, err := from.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	incoming, err := pgledger.Receive(t.Context(), address, identity, options())
	if err != nil {
		return false, err
	}
	defer incoming.Close()
	store, to := from, moving.Incoming(incoming)
	if change != nil {
		store, to = change(store, to)
	}
	_, moved, err := moving.Move(t.Context(), store, to, ledger.Person{Name: "awa", Host: "pay-1"}, time.Now().UTC())
	return moved, err
}

func open(t *testing.T, address string) *pgledger.Store {
	t.Helper()
	store, err := pgledger.Open(t.Context(), address, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// TestAMovedLedgerIsTheSameAndGoesOn moves one, holds both against each other, and goes on
// with the copy alone.
func TestAMovedLedgerIsTheSameAndGoesOn(t *testing.T) {
	from, address := lived(t), empty(t)
	if moved, err := move(t, from, address, nil); err != nil || !moved {
		t.Fatalf("moved %v, %v", moved, err)
	}
	to := open(t, address)
	if err := moving.Compare(t.Context(), from, to); err != nil {
		t.Error(err)
	}
	was, err := from.Verify(t.Context())
	if err != nil {
		t.Error(err)
	}
	is, err := to.Verify(t.Context())
	if err != nil || is.Head != was.Head || is.Events != was.Events || is.Payouts != was.Payouts {
		t.Errorf("%+v there, %v; %+v here", is, err, was)
	}
	if err := to.Check(t.Context()); err != nil {
		t.Error(err)
	}
	refuses(t, from)
	// The epochs go on above those of the file, the names of attempts stay taken, and the
	// finder knows old and new terms.
	by, err := to.Join(t.Context(), "two")
	if err != nil || by.Epoch <= 1 {
		t.Errorf("epoch %d, %v", by.Epoch, err)
	}
	taken, err := to.TakeOver(t.Context(), by, []ledger.TransactionID{"A-00012", "A-00013", "B-00000"})
	if err != nil || len(taken) != 3 {
		t.Errorf("taken over: %d, %v", len(taken), err)
	}
	if p, err := to.ByReference(t.Context(), "R-1"); err != nil || p.ID != "A-00010" {
		t.Errorf("R-1 is %q, %v", p.ID, err)
	}
	p, err := to.Payout(t.Context(), "A-00010")
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []ledger.Payout{p} {
		there, err := to.PaidTo(t.Context(), number.Number, time.Time{})
		here, errHere := from.PaidTo(t.Context(), number.Number, time.Time{})
		if errors.Join(err, errHere) != nil || len(there) != len(here) {
			t.Errorf("the finder has %v there and %v here, %v", there, here, errors.Join(err, errHere))
		}
	}
	enrol(t, to, "july", ledgertest.Entries("D", 3))
	if _, err := to.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	// Once more does nothing.
	if moved, err := move(t, from, address, nil); err != nil || moved {
		t.Errorf("moved again: %v, %v", moved, err)
	}
	if _, err := move(t, from, empty(t), nil); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("moved elsewhere: %v", err)
	}
}

// refuses has a ledger that was moved asked to do what paying needs.
func refuses(t *testing.T, from ledger.Store) {
	t.Helper()
	_, joined := from.Join(t.Context(), "one")
	_, applied := from.Apply(t.Context(), []ledger.Change{ledgertest.Move("A-00020", ledger.Queued, ledger.Cancelled)})
	_, enrolled := from.Enrol(t.Context(), ledgertest.Batch("x"), ledgertest.Each(ledgertest.Entries("X", 1)))
	for what, err := range map[string]error{
		"check": from.Check(t.Context()), "join": joined, "apply": applied, "enrol": enrolled,
		"record": from.Record(t.Context(), ledger.Act{Code: ledger.ActProven, At: time.Now().UTC()}),
	} {
		if !errors.Is(err, ledger.ErrMoved) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

var errCut = errors.New("cut short")

// cutStore and cutIncoming end a move at one of its steps.
type cutStore struct {
	ledger.Store
	events, record bool
}

func (s cutStore) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for e, err := range s.Store.Events(ctx, from) {
			if s.events && e.Sequence == 5 {
				err = errCut
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (s cutStore) Record(ctx context.Context, act ledger.Act) error {
	if s.record {
		return errCut
	}
	return s.Store.Record(ctx, act)
}

type cutIncoming struct{ moving.Incoming }

func (cutIncoming) Activate(context.Context, ledger.Reader) error { return errCut }

// TestAMoveThatIsCutShortIsEndedByTheSameCommand cuts it short at each step: until the mark
// the file pays and the database does not, from the mark on neither does, and the same
// command ends it.
func TestAMoveThatIsCutShortIsEndedByTheSameCommand(t *testing.T) {
	for step, cut := range map[string]func(ledger.Store, moving.Incoming) (ledger.Store, moving.Incoming){
		"while copying": func(s ledger.Store, to moving.Incoming) (ledger.Store, moving.Incoming) {
			return cutStore{s, true, false}, to
		},
		"before the mark": func(s ledger.Store, to moving.Incoming) (ledger.Store, moving.Incoming) {
			return cutStore{s, false, true}, to
		},
		"after the mark": func(s ledger.Store, to moving.Incoming) (ledger.Store, moving.Incoming) { return s, cutIncoming{to} },
	} {
		t.Run(step, func(t *testing.T) {
			from, address := lived(t), empty(t)
			if _, err := move(t, from, address, cut); !errors.Is(err, errCut) {
				t.Fatal(err)
			}
			if step == "after the mark" {
				refuses(t, from)
			} else if _, err := from.Join(t.Context(), "one"); err != nil {
				t.Errorf("the file refuses before the mark: %v", err)
			}
			if store, err := pgledger.Open(t.Context(), address, options()); err == nil {
				if all, err := store.Batches(t.Context()); err != nil || len(all) > 0 {
					t.Errorf("half a ledger can be used: %d batches, %v", len(all), err)
				}
				store.Close()
			} else if !errors.Is(err, pgledger.ErrIncoming) {
				t.Error(err)
			}
			if moved, err := move(t, from, address, nil); err != nil || !moved {
				t.Fatalf("the second time: moved %v, %v", moved, err)
			}
			if err := moving.Compare(t.Context(), from, open(t, address)); err != nil {
				t.Error(err)
			}
			refuses(t, from)
		})
	}
}

// TestALedgerIsMovedIntoAnEmptyOneAlone refuses what has a ledger of its own, and a store that
// was open before notices that another ledger took its place.
func TestALedgerIsMovedIntoAnEmptyOneAlone(t *testing.T) {
	from, address := lived(t), empty(t)
	early := open(t, address)
	enrol(t, early, "own", ledgertest.Entries("O", 1))
	if _, err := move(t, from, address, nil); !errors.Is(err, pgledger.ErrOccupied) {
		t.Errorf("into a ledger with a batch: %v", err)
	}
	address = empty(t)
	early = open(t, address)
	if _, err := move(t, from, address, nil); err != nil {
		t.Fatal(err)
	}
	if err := early.Record(t.Context(), ledger.Act{Code: ledger.ActProven, At: time.Now().UTC()}); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("a store that was open before writes to the ledger that came: %v", err)
	}
	other := lived(t)
	if _, err := move(t, other, address, nil); !errors.Is(err, pgledger.ErrOccupied) {
		t.Errorf("another ledger: %v", err)
	}
}

// meanwhile is a store that a ledger is copied into, where something happens before one of the
// steps.
type meanwhile struct {
	moving.Incoming
	copying, activating func()
}

func (m meanwhile) Copy(ctx context.Context, from ledger.Reader) error {
	m.copying()
	return m.Incoming.Copy(ctx, from)
}

func (m meanwhile) Activate(ctx context.Context, from ledger.Reader) error {
	m.activating()
	return m.Incoming.Activate(ctx, from)
}

// TestWhatCameMeanwhileIsNotReplaced: somebody enters a batch, or moves another ledger there,
// between the first look at the database and the copy.
func TestWhatCameMeanwhileIsNotReplaced(t *testing.T) {
	for what, come := range map[string]func(t *testing.T, address string){
		"a batch": func(t *testing.T, address string) {
			t.Helper()
			enrol(t, open(t, address), "own", ledgertest.Entries("O", 1))
		},
		"another ledger": func(t *testing.T, address string) {
			t.Helper()
			if _, err := move(t, lived(t), address, nil); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			from, address := lived(t), empty(t)
			_, err := move(t, from, address, func(s ledger.Store, to moving.Incoming) (ledger.Store, moving.Incoming) {
				return s, meanwhile{to, func() { come(t, address) }, func() {}}
			})
			if !errors.Is(err, pgledger.ErrOccupied) {
				t.Fatalf("moved over %s: %v", what, err)
			}
			if _, err := open(t, address).Verify(t.Context()); err != nil {
				t.Errorf("what came is not whole: %v", err)
			}
			if err := from.Check(t.Context()); err != nil {
				t.Errorf("the ledger that stays pays no more: %v", err)
			}
		})
	}
}

// TestACopyThatAnotherReplacedIsNotOpened: a copy of the file, which has not come as far, is
// moved to the same place at the same time.
func TestACopyThatAnotherReplacedIsNotOpened(t *testing.T) {
	from, address := lived(t), empty(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	var copied bytes.Buffer
	if err := errors.Join(from.Backup(t.Context(), &copied), os.WriteFile(path, copied.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := from.Record(t.Context(), ledger.Act{Code: ledger.ActProven, At: time.Now().UTC()}); err != nil {
		t.Fatal(err)
	}
	earlier, err := boltledger.Open(path, boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer earlier.Close()
	_, err = move(t, from, address, func(s ledger.Store, to moving.Incoming) (ledger.Store, moving.Incoming) {
		return s, meanwhile{to, func() {}, func() {
			_, err := move(t, earlier, address, func(s ledger.Store, to moving.Incoming) (ledger.Store, moving.Incoming) { return s, cutIncoming{to} })
			if !errors.Is(err, errCut) {
				t.Error(err)
			}
		}}
	})
	if err == nil {
		t.Error("a copy was opened that another one had replaced")
	}
	if _, err := move(t, from, address, nil); err != nil {
		t.Fatal(err)
	}
	if err := moving.Compare(t.Context(), from, open(t, address)); err != nil {
		t.Error(err)
	}
}
