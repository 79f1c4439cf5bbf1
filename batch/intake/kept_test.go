package intake_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// kinds checks rows as being of kinds of their own, given by their index.
type kinds struct {
	rows
	of map[int]rules.Kind
}

func (k kinds) Check(row table.Row) rules.Judgement {
	judged := k.rows.Check(row)
	judged.Kind = k.of[row.Number]
	return judged
}

// TestWhatAFileStillHasOfItsBatch: an id is kept with the number and the amount that the
// ledger knows, and by the batch that brought it in.
func TestWhatAFileStillHasOfItsBatch(t *testing.T) {
	mine := paid("b", 40, 4, money.XOF.Of(5000))
	for i := range mine {
		mine[i].Batch = "new"
	}
	file := func(change func(*ledger.Entry)) rows {
		one := rows{{Row: 2, Terms: mine[0].Terms}}
		change(&one[0])
		return one
	}
	for why, test := range map[string]struct {
		file rows
		of   map[int]rules.Kind
		want map[ledger.TransactionID]struct{}
	}{
		"as it was":                 {file(func(*ledger.Entry) {}), nil, map[ledger.TransactionID]struct{}{"b-0": {}}},
		"its name was mended":       {file(func(e *ledger.Entry) { e.Name = "Awa Koné" }), nil, map[ledger.TransactionID]struct{}{"b-0": {}}},
		"on another number":         {file(func(e *ledger.Entry) { e.Number = mine[1].Number }), nil, map[ledger.TransactionID]struct{}{}},
		"of another amount":         {file(func(e *ledger.Entry) { e.Amount = money.XOF.Of(5001) }), nil, map[ledger.TransactionID]struct{}{}},
		"that pays nobody any more": {append(file(func(*ledger.Entry) {}), ledger.Entry{Row: 3, Terms: mine[1].Terms}), map[int]rules.Kind{0: rules.KindTotal}, map[ledger.TransactionID]struct{}{"b-1": {}}},
		"and a row without an id":   {append(file(func(*ledger.Entry) {}), ledger.Entry{Row: 3}), nil, map[ledger.TransactionID]struct{}{"b-0": {}}},
		"and a row that is new":     {append(file(func(*ledger.Entry) {}), payroll(5, 6, money.XOF.Of(5000))...), nil, map[ledger.TransactionID]struct{}{"b-0": {}}},
		"none of its ids is known":  {payroll(0, 3, money.XOF.Of(5000)), nil, nil},
	} {
		kept, err := intake.KeptIDs(t.Context(), test.file, kinds{test.file, test.of}, strictBooks{t, mine}, "new")
		if err != nil || (kept == nil) != (test.want == nil) || !maps.Equal(kept, test.want) {
			t.Errorf("%s: keeps %v, %v, want %v", why, kept, err, test.want)
		}
	}
	if kept, err := intake.KeptIDs(t.Context(), file(func(*ledger.Entry) {}), kinds{rows: file(func(*ledger.Entry) {})}, mine, "june"); err != nil || kept == nil || len(kept) > 0 {
		t.Errorf("another batch keeps %v, %v, want nothing of a file that is known", kept, err)
	}
}

// strictBooks are not to be asked for a payout without a name.
type strictBooks struct {
	t *testing.T
	books
}

func (b strictBooks) Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	if id == "" {
		b.t.Error("asked for a payout without an id")
	}
	return b.books.Payout(ctx, id)
}

// brokenFile is a file that cannot be read to its end.
type brokenFile struct{ rows }

func (f brokenFile) Rows(ctx context.Context) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		for row := range f.rows.Rows(ctx) {
			if !yield(row, nil) {
				return
			}
		}
		yield(table.Row{}, errors.New("torn"))
	}
}

// unreadable are books that answer nothing.
type unreadable struct{ books }

func (unreadable) Payout(context.Context, ledger.TransactionID) (ledger.Payout, error) {
	return ledger.Payout{}, ledger.ErrCorrupt
}

func TestWhatIsKeptIsNotSaidOfAFileOrLedgerThatCannotBeRead(t *testing.T) {
	file := payroll(0, 2, money.XOF.Of(5000))
	if kept, err := intake.KeptIDs(t.Context(), brokenFile{file}, file, books(nil), "new"); err == nil || kept != nil {
		t.Errorf("a torn file keeps %v, %v", kept, err)
	}
	if kept, err := intake.KeptIDs(t.Context(), file, file, unreadable{}, "new"); !errors.Is(err, ledger.ErrCorrupt) || kept != nil {
		t.Errorf("by a damaged ledger are kept %v, %v", kept, err)
	}
	lost := &far{err: errors.New("gone")}
	if kept, err := intake.KeptIDs(t.Context(), file, file, lost, "new"); !errors.Is(err, lost.err) || kept != nil {
		t.Errorf("by a ledger that is gone are kept %v, %v", kept, err)
	}
}

// far are books that are far away, and remember what they were asked in one go.
type far struct {
	books
	err   error
	asked []string
}

func (f *far) Prefetch(_ context.Context, ids []ledger.TransactionID, numbers []phone.E164, since time.Time) error {
	var named []string
	for i, id := range ids {
		name := string(id)
		if i < len(numbers) {
			name += " " + numbers[i].Reveal()
		}
		named = append(named, name)
	}
	if !since.IsZero() {
		named = append(named, since.Format(time.DateOnly))
	}
	f.asked = append(f.asked, strings.Join(named, ", "))
	return f.err
}

// TestALedgerThatIsFarAwayIsAskedInOneGo about the rows that are held against it.
func TestALedgerThatIsFarAwayIsAskedInOneGo(t *testing.T) {
	file := payroll(0, 4, money.XOF.Of(5000))
	file[1].Rejections = []ledger.Rejection{{Code: rules.CodeNumberLength}}
	away := &far{}
	if _, told := judged(t, file, nil, func(in *intake.InspectOptions) {
		in.History.Ledger, in.Checker = away, kinds{file, map[int]rules.Kind{2: rules.KindTotal}}
	}); told != "error number.length 1" {
		t.Errorf("told %q", told)
	}
	if want := []string{"NEW-0 +2250701020300, NEW-3 +2250701020303, 2025-10-26"}; !slices.Equal(away.asked, want) {
		t.Errorf("asked %q, want %q", away.asked, want)
	}
	away.asked = nil
	if _, err := intake.KeptIDs(t.Context(), file, kinds{file, map[int]rules.Kind{2: rules.KindTotal}}, away, "new"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"NEW-0, NEW-1, NEW-3"}; !slices.Equal(away.asked, want) {
		t.Errorf("asked for what is kept: %q, want %q", away.asked, want)
	}
	nobody := kinds{file, map[int]rules.Kind{0: rules.KindTotal, 1: rules.KindTotal, 2: rules.KindTotal, 3: rules.KindTotal}}
	away.asked = nil
	if _, err := intake.KeptIDs(t.Context(), file, nobody, away, "new"); err != nil || away.asked != nil {
		t.Errorf("asked %q about rows that pay nobody, %v", away.asked, err)
	}

	lost := &far{err: errors.New("gone")}
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	_, err = intake.Inspect(t.Context(), intake.InspectOptions{
		File: file, Checker: file, Fees: tenPerMille, Problem: func(rules.Problem) {},
		History: &intake.History{Ledger: lost, Rules: set, Batch: "new", Now: payday()},
	})
	if !errors.Is(err, lost.err) || !strings.Contains(err.Error(), "rows 0 to 3") {
		t.Errorf("%v, want it to say which rows could not be compared", err)
	}
}

// TestTheIDOfARejectedRowIsItsPersons, until it comes again: nobody else is paid under it.
// A row that was rejected for its id has no claim to it.
func TestTheIDOfARejectedRowIsItsPersons(t *testing.T) {
	rejected := func(id, name, code string) ledger.Entry {
		return ledger.Entry{Row: 2, Terms: ledger.Terms{ID: ledger.TransactionID(id), Name: name}, Rejections: []ledger.Rejection{{Code: code}}}
	}
	first, second := ledgertest.Batch("first"), ledgertest.Batch("second")
	second.CreatedAt = first.CreatedAt.Add(time.Hour)
	handedOn := rejected("P-6", "Yao Kra", rules.CodeIDReserved)
	handedOn.Reserved = &ledger.Terms{ID: "P-6", Name: "Awa Koné"}
	askedFor := rejected("P-7", "Yao Kra", rules.CodeIDConflict)
	askedFor.Reserved = &ledger.Terms{ID: "P-7", Name: "Awa Koné"}
	both := rejected("P-8", "Awa Koné", rules.CodeNumberLength)
	both.Rejections = append(both.Rejections, ledger.Rejection{Code: rules.CodeIDDuplicate})

	store := memledger.New()
	for batch, entries := range map[*ledger.Batch][]ledger.Entry{
		&first: {
			rejected("P-1", "Awa Koné", rules.CodeNumberLength), rejected("P-2", "Awa Koné", rules.CodeNumberLength),
			rejected("", "Nobody", rules.CodeIDMissing),
			rejected("P-3", "Awa Koné", rules.CodeIDDuplicate), rejected("P-4", "Awa Koné", rules.CodeIDSimilar),
			rejected("P-5", "Awa Koné", rules.CodeIDReferenceTaken), handedOn, askedFor, both,
		},
		&second: {rejected("P-2", "Ali Diop", rules.CodeAmountMax)},
	} {
		if _, err := store.Enrol(t.Context(), *batch, ledgertest.Each(entries)); err != nil {
			t.Fatal(err)
		}
	}
	// The third was never entered to its end.
	third := ledgertest.Batch("third")
	third.CreatedAt = second.CreatedAt.Add(time.Hour)
	torn := func(yield func(ledger.Entry, error) bool) {
		if yield(rejected("P-9", "Awa Koné", rules.CodeAmountMax), nil) {
			yield(ledger.Entry{}, errors.New("torn"))
		}
	}
	if _, err := store.Enrol(t.Context(), third, torn); err == nil {
		t.Fatal("a torn file was enrolled")
	}

	reserved, err := intake.ReservedIDs(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	owners := map[ledger.TransactionID]string{}
	for id, owner := range reserved {
		owners[id] = owner.Name
	}
	want := map[ledger.TransactionID]string{
		"P-1": "Awa Koné", "P-2": "Ali Diop", "P-6": "Awa Koné", "P-7": "Awa Koné", "P-9": "Awa Koné",
	}
	if diff := cmp.Diff(want, owners); diff != "" {
		t.Errorf("whose the ids are (-want +got):\n%s", diff)
	}
}

// unlisted is a store that cannot say what it holds, or what was rejected.
type unlisted struct {
	*memledger.Store
	batches, rows error
}

func (u unlisted) Batches(ctx context.Context) ([]ledger.Batch, error) {
	if u.batches != nil {
		return nil, u.batches
	}
	return u.Store.Batches(ctx)
}

func (u unlisted) RejectedRows(context.Context, ledger.BatchID, int) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) { yield(ledger.Entry{}, u.rows) }
}

func TestNobodysIDIsFreeWhileTheLedgerCannotBeRead(t *testing.T) {
	entries := ledgertest.Entries("A", 1)
	entries[0].Rejections = []ledger.Rejection{{Code: rules.CodeNumberLength}}
	gone := errors.New("gone")
	for _, store := range []unlisted{{enrolled(t, entries), gone, nil}, {enrolled(t, entries), nil, gone}} {
		if reserved, err := intake.ReservedIDs(t.Context(), store); !errors.Is(err, gone) || reserved != nil {
			t.Errorf("reserved %v, %v, want the error", reserved, err)
		}
	}
}
