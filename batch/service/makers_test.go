package service_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/clearance"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// making is a ledger in which one person after another has a part in a batch.
type making struct {
	tb    testing.TB
	store *memledger.Store
}

// enters brings rows into a batch.
func (m making) enters(id ledger.BatchID, by string, entries ...ledger.Entry) {
	m.tb.Helper()
	b := ledgertest.Batch(id)
	b.By.Name = by
	if _, err := m.store.Enrol(m.tb.Context(), b, ledgertest.Each(entries)); err != nil {
		m.tb.Fatal(err)
	}
}

// acts does something to the batch "may".
func (m making) acts(code ledger.ActCode, by string) {
	m.tb.Helper()
	act := ledger.Act{Code: code, Batch: "may", At: time.Now().UTC(), By: ledger.Person{Name: by}}
	if err := m.store.Record(m.tb.Context(), act); err != nil {
		m.tb.Fatal(err)
	}
}

// fails pays a row, which the provider refuses.
func (m making) fails(id ledger.TransactionID) {
	m.tb.Helper()
	ledgertest.Apply(m.tb, m.store, ledgertest.Move(id, ledger.Queued, ledger.Submitting), ledgertest.Move(id, ledger.Submitting, ledger.Failed))
}

// retries gives a row that failed another attempt.
func (m making) retries(id ledger.TransactionID, reference ledger.Reference, by string) {
	m.tb.Helper()
	again := ledgertest.Move(id, ledger.Failed, ledger.Queued)
	again.Reference, again.By = reference, ledger.Person{Name: by}
	ledgertest.Apply(m.tb, m.store, again)
}

// TestAMakerIsWhoeverMadeWhatWouldBeSentNow and nobody else: what was released before was
// made for that, and who signs, holds or releases a batch makes nothing of it.
func TestAMakerIsWhoeverMadeWhatWouldBeSentNow(t *testing.T) {
	rows := ledgertest.Entries("A", 4)
	released := func(m making) {
		m.enters("may", "awa", rows[:2]...)
		m.acts(ledger.ActReleased, "chantal")
		m.fails(rows[0].ID)
	}
	for name, test := range map[string]struct {
		happened func(making)
		want     []string
	}{
		"who brought rows in":          {func(m making) { m.enters("may", "awa", rows[:2]...) }, []string{"awa"}},
		"who brought in more, as well": {func(m making) { m.enters("may", "awa", rows[:2]...); m.enters("may", "ibou", rows...) }, []string{"awa", "ibou"}},
		"who submitted, as well":       {func(m making) { m.enters("may", "awa", rows...); m.acts(ledger.ActSubmitted, "ibou") }, []string{"awa", "ibou"}},
		"nobody of another batch": {func(m making) {
			m.enters("june", "fanta", ledgertest.Entries("B", 1)...)
			m.enters("may", "awa", rows...)
		}, []string{"awa"}},
		"nobody who decided": {func(m making) {
			m.enters("may", "awa", rows...)
			m.acts(ledger.ActSubmitted, "awa")
			m.acts(ledger.ActDecided, "koffi")
		}, []string{"awa"}},
		"nobody without a name":      {func(m making) { m.enters("may", "", rows...) }, nil},
		"nobody once it is released": {released, nil},
		"who retried since": {func(m making) {
			released(m)
			m.retries(rows[0].ID, "R-1", "fanta")
		}, []string{"fanta"}},
		"who retried since, and then brought in more": {func(m making) {
			released(m)
			m.retries(rows[0].ID, "R-1", "fanta")
			m.enters("may", "ibou", rows...)
		}, []string{"fanta", "ibou"}},
		"nobody who retried before it was released": {func(m making) {
			released(m)
			m.acts(ledger.ActPaused, "chantal")
			m.retries(rows[0].ID, "R-1", "fanta")
			m.acts(ledger.ActReleased, "chantal")
		}, nil},
		"nobody who retried in another batch": {func(m making) {
			released(m)
			other := ledgertest.Entries("B", 1)
			m.enters("june", "awa", other...)
			m.fails(other[0].ID)
			m.retries(other[0].ID, "R-1", "fanta")
		}, nil},
		"nobody who cancelled a row": {func(m making) {
			released(m)
			gone := ledgertest.Move(rows[1].ID, ledger.Queued, ledger.Cancelled)
			gone.By = ledger.Person{Name: "fanta"}
			ledgertest.Apply(m.tb, m.store, gone)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := making{t, memledger.New()}
			test.happened(m)
			got, err := clearance.Makers(t.Context(), m.store, "may")
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// TestTheDoorAsksAgainUnderAPolicyThatCameMeanwhile: a payout that is tried again under the first
// policy is not paid through a door that was opened before there was one.
func TestTheDoorAsksAgainUnderAPolicyThatCameMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		o.add("root", "admin")
		o.add("awa", "maker")
		o.add("koffi", "checker")
		ledgertest.Reach(t, o.store, ledger.Failed, ledger.Successful)
		door := clearance.NewDoor(o.store, "may", time.Now)
		if err := door.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		o.decidePolicy(twoPeople, "root")
		again := ledgertest.Move(ledgertest.Entries("A", 1)[0].ID, ledger.Failed, ledger.Queued)
		again.Reference = "R-1"
		ledgertest.Apply(t, o.store, again)
		if err := door.Check(t.Context()); !errors.Is(err, clearance.ErrUnapproved) {
			t.Errorf("%v, want it unapproved", err)
		}
	})
}

// TestWhatEnteredBeforeThereWasAPolicyGoesOnWithout whatever is done to the batch since, but for
// rows that enter it.
func TestWhatEnteredBeforeThereWasAPolicyGoesOnWithout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		o.add("root", "admin")
		rows := payroll("A", 4, 1000)
		if _, err := o.submit("may", "root", rows[:3]...); err != nil {
			t.Fatal(err)
		}
		o.add("koffi", "checker")
		o.decidePolicy(twoPeople, "root")
		check := func(what string, passes bool) {
			t.Helper()
			err := clearance.NewDoor(o.store, "may", time.Now).Check(t.Context())
			if passes && err != nil || !passes && !errors.Is(err, clearance.ErrUnapproved) {
				t.Errorf("%s: %v", what, err)
			}
			if !passes && !strings.Contains(err.Error(), "it was not submitted for approval") {
				t.Errorf("%s: it says %v", what, err)
			}
		}
		check("entered before", true)
		for _, code := range []ledger.ActCode{ledger.ActPaused, ledger.ActReleased} {
			if err := o.store.Record(t.Context(), ledger.Act{Code: code, Batch: "may", At: time.Now().UTC(), By: ledger.Person{Name: "root"}}); err != nil {
				t.Fatal(err)
			}
			check(string(code), true)
		}
		if _, err := o.store.Enrol(t.Context(), o.batch("may"), ledgertest.Each(rows)); err != nil {
			t.Fatal(err)
		}
		check("a row entered", false)
	})
}

// TestTheDoorAsksAgainOnceAnApprovalIsOver though nothing was written meanwhile.
func TestTheDoorAsksAgainOnceAnApprovalIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		if _, err := o.submit("may", "awa", payroll("A", 3, 1000)...); err != nil {
			t.Fatal(err)
		}
		standing, err := o.sign("may", "approve", "koffi")
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		door := clearance.NewDoor(o.store, "may", func() time.Time { return now })
		if err := door.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if now = standing.Verdict.Until.Add(time.Second); standing.Verdict.Until.IsZero() {
			t.Fatal("the approval has no end")
		}
		if err := door.Check(t.Context()); !errors.Is(err, clearance.ErrUnapproved) {
			t.Errorf("%v, want it unapproved", err)
		}
	})
}

// meanwhile is a ledger to which somebody writes while its acts are read, or which lacks some.
type meanwhile struct {
	ledger.Store
	// write is called once, when reading begins.
	write func()
	lacks func(ledger.Event) bool
	// fails is the error of the identity, once something was written.
	fails error
}

func (m *meanwhile) Acts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return m.ActsFrom(ctx, batch, 0)
}

func (m *meanwhile) ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	if write := m.write; write != nil {
		m.write = nil
		write()
	}
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range m.Store.ActsFrom(ctx, batch, from) {
			if (m.lacks == nil || !m.lacks(event)) && !yield(event, err) {
				return
			}
		}
	}
}

func (m *meanwhile) Identity(ctx context.Context) (ledger.Identity, error) {
	if m.write == nil && m.fails != nil {
		return ledger.Identity{}, m.fails
	}
	return m.Store.Identity(ctx)
}

// TestRecordsThatAreWrittenMeanwhileAreReadAnew and are no damage, be it people or a policy.
func TestRecordsThatAreWrittenMeanwhileAreReadAnew(t *testing.T) {
	for name, write := range map[string]func(*office){
		"a person leaves":      func(o *office) { o.remove("fanta") },
		"a policy is set":      func(o *office) { o.decidePolicy(bothAlways, "koffi", "fanta") },
		"nobody does anything": func(*office) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				got, err := clearance.Read(t.Context(), &meanwhile{Store: o.store, write: func() { write(o) }})
				if err != nil {
					t.Fatal(err)
				}
				want, err := clearance.Read(t.Context(), o.store)
				if err != nil || len(got.Acts) != len(want.Acts) || len(got.Changes) != len(want.Changes) {
					t.Errorf("%d changes of people and %d policies, %v; want %d and %d", len(got.Acts), len(got.Changes), err, len(want.Acts), len(want.Changes))
				}
			})
		})
	}
}

// TestALedgerThatLacksARecordApprovesNothing, nor does one that cannot be read.
func TestALedgerThatLacksARecordApprovesNothing(t *testing.T) {
	var left uint64 // the event by which somebody came last
	people := func(event ledger.Event) bool { return event.Sequence == left }
	policies := func(event ledger.Event) bool { return event.Act == ledger.ActPolicySet }
	for name, test := range map[string]struct {
		meanwhile
		want error
	}{
		"of its people":                      {meanwhile{lacks: people}, clearance.ErrRecords},
		"of its policies":                    {meanwhile{lacks: policies}, clearance.ErrRecords},
		"and cannot be asked for more of it": {meanwhile{lacks: people, write: func() {}, fails: errUnreadable}, errUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				o.add("moussa", "checker")
				left, _, _ = o.store.Head(t.Context())
				test.Store = o.store
				again := test.meanwhile
				if _, err := clearance.Read(t.Context(), &test.meanwhile); !errors.Is(err, test.want) {
					t.Errorf("%v, want %v", err, test.want)
				}
				if _, err := clearance.NewRegistry(&again).Governance(t.Context()); !errors.Is(err, test.want) {
					t.Errorf("the registry: %v, want %v", err, test.want)
				}
			})
		})
	}
}
