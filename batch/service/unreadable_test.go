package service_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
)

var errUnreadable = errors.New("unreadable")

// unreadable is a ledger of which one read fails: that with number zero, counted down.
// What yields several things fails once it has yielded so many.
type unreadable struct {
	ledger.Store
	left  *int
	after int
}

func (u unreadable) fails() bool {
	*u.left--
	return *u.left == -1
}

func failing[T any](u unreadable, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		fails, yielded := u.fails(), 0
		for one, err := range all {
			if fails && yielded == u.after {
				break
			}
			if yielded++; !yield(one, err) {
				return
			}
		}
		if fails {
			yield(*new(T), errUnreadable)
		}
	}
}

func (u unreadable) Acts(ctx context.Context, b ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return failing(u, u.Store.Acts(ctx, b))
}

func (u unreadable) ActsFrom(ctx context.Context, b ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	return failing(u, u.Store.ActsFrom(ctx, b, from))
}

func (u unreadable) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return failing(u, u.Store.Events(ctx, from))
}

func (u unreadable) Payouts(ctx context.Context, b ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return failing(u, u.Store.Payouts(ctx, b, states...))
}

func (u unreadable) Identity(ctx context.Context) (ledger.Identity, error) {
	if u.fails() {
		return ledger.Identity{}, errUnreadable
	}
	return u.Store.Identity(ctx)
}

func (u unreadable) Batch(ctx context.Context, id ledger.BatchID) (ledger.Batch, error) {
	if u.fails() {
		return ledger.Batch{}, errUnreadable
	}
	return u.Store.Batch(ctx, id)
}

func (u unreadable) Batches(ctx context.Context) ([]ledger.Batch, error) {
	if u.fails() {
		return nil, errUnreadable
	}
	return u.Store.Batches(ctx)
}

func (u unreadable) Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	if u.fails() {
		return ledger.Payout{}, errUnreadable
	}
	return u.Store.Payout(ctx, id)
}

func (u unreadable) View(ctx context.Context, read func(ledger.View) error) error {
	if u.fails() {
		return errUnreadable
	}
	return u.Store.View(ctx, read)
}

func (u unreadable) Head(ctx context.Context) (count uint64, hash string, err error) {
	if u.fails() {
		return 0, "", errUnreadable
	}
	return u.Store.Head(ctx)
}

func (u unreadable) HashAt(ctx context.Context, event uint64) (string, error) {
	if u.fails() {
		return "", errUnreadable
	}
	return u.Store.HashAt(ctx, event)
}

// TestWhatCannotBeReadIsNoApproval fails each read of a ledger in turn, at its beginning and in
// the middle, for each question about an approval. What is not told is an error: a policy, a
// person or a payout that was passed over might be the one that forbids it.
func TestWhatCannotBeReadIsNoApproval(t *testing.T) {
	for name, ask := range map[string]func(context.Context, ledger.Store) error{
		"whether it may be paid": func(ctx context.Context, store ledger.Store) error {
			return clearance.NewDoor(store, "may", time.Now).Check(ctx)
		},
		"where an approval stands": func(ctx context.Context, store ledger.Store) error {
			_, err := clearance.NewRegistry(store).Of(ctx, "may", time.Now())
			return err
		},
		"the list of its content": func(ctx context.Context, store ledger.Store) error {
			_, err := clearance.NewRegistry(store).List(ctx, "may", time.Now(), io.Discard)
			return err
		},
		"where a batch stands that was never submitted": func(ctx context.Context, store ledger.Store) error {
			_, err := clearance.Of(ctx, store, "april", time.Now())
			return err
		},
		"who made it": func(ctx context.Context, store ledger.Store) error {
			_, err := clearance.Makers(ctx, store, "may")
			return err
		},
		"what changed since": func(ctx context.Context, store ledger.Store) error {
			registry := clearance.NewRegistry(store)
			if _, err := registry.Governance(ctx); err != nil {
				return err
			}
			if err := store.Record(ctx, ledger.Act{Code: ledger.ActSessionUsed, At: time.Now(), Text: "x"}); err != nil {
				return err
			}
			_, err := registry.Governance(ctx)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, after := range []int{0, 1} {
				synctest.Test(t, func(t *testing.T) {
					o := approvedTwice(t)
					nth := 0
					for ; !t.Failed(); nth++ {
						left := nth
						err := ask(t.Context(), unreadable{o.store, &left, after})
						if left >= 0 {
							if err != nil {
								t.Errorf("all is readable, and %v", err)
							}
							break
						}
						if !errors.Is(err, errUnreadable) {
							t.Errorf("read %d fails after %d: %v", nth, after, err)
						}
					}
					if nth < 2 {
						t.Errorf("%d reads: nothing was shown", nth)
					}
				})
			}
		})
	}
}

// approvedTwice is an office with a batch that was approved and paid, but for a row that failed,
// was tried again and approved again, and one from before there was a policy.
func approvedTwice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, "")
	o.add("root", "admin")
	if _, err := o.submit("april", "root", payroll("P", 2, 1000)...); err != nil {
		t.Fatal(err)
	}
	o.add("awa", "maker")
	o.add("koffi", "checker")
	o.decidePolicy(twoPeople, "root")
	rows := payroll("A", 3, 1000)
	o.purse.fails[rows[0].Number] = true
	if _, err := o.submit("may", "awa", rows...); err != nil {
		t.Fatal(err)
	}
	if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.resume("may", "awa"); err != nil {
		t.Fatal(err)
	}
	o.retry("may", "awa")
	if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestALedgerThatComesBackOtherwiseIsReadAnew though it has as many events as the one before.
func TestALedgerThatComesBackOtherwiseIsReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other := newOffice(t, twoPeople), newOffice(t, twoPeople)
		store := &counting{Store: one.store, acts: &atomic.Int64{}}
		registry := clearance.NewRegistry(store)
		for _, o := range []*office{one, other, one} {
			store.Store = o.store
			got, err := registry.Governance(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want, err := o.Governance(t.Context())
			if err != nil || got.People.Head() != want.People.Head() {
				t.Errorf("the people of %s, %v, want %s", got.People.Head(), err, want.People.Head())
			}
		}
	})
}

// TestAnActThatCannotReadTheLedgerIsRefused fails each read in turn of what people do with a
// batch: whoever asked is told, and nothing is sent.
func TestAnActThatCannotReadTheLedgerIsRefused(t *testing.T) {
	rows := payroll("A", 4, 1000)
	for name, act := range map[string]struct {
		policy string
		do     func(o *office, failed ledger.Payout) error
	}{
		"submit without a policy": {"", func(o *office, _ ledger.Payout) error {
			_, err := o.submit("may", "awa", rows...)
			return err
		}},
		"submit": {twoPeople, func(o *office, _ ledger.Payout) error {
			_, err := o.submit("may", "awa", rows...)
			return err
		}},
		"retry without a policy": {"", retryAll},
		"retry":                  {twoPeople, retryAll},
		"approve": {twoPeople, func(o *office, _ ledger.Payout) error {
			_, err := o.sign("may", approval.Approve, "koffi")
			return err
		}},
		"correct without a policy": {"", correctNumber},
		"correct":                  {twoPeople, correctNumber},
		"release": {"", func(o *office, _ ledger.Payout) error {
			found, err := o.Prepare(o.tb.Context(), "may")
			if err != nil {
				return err
			}
			return o.Release(o.tb.Context(), at("awa"), "may", found.Total())
		}},
		"confirm": {"", func(o *office, _ ledger.Payout) error {
			return o.Confirm(o.tb.Context(), at("awa"), "may", service.Confirmed{}, func(do func() error) error { return do() })
		}},
		"open a batch": {"", func(o *office, _ ledger.Payout) error {
			_, err := o.Open(o.tb.Context(), at("awa"), "may")
			return err
		}},
		"withdraw": {"", func(o *office, _ ledger.Payout) error {
			if _, err := o.PrepareCancel(o.tb.Context(), "may"); err != nil {
				return err
			}
			_, err := o.Cancel(o.tb.Context(), at("awa"), "may")
			return err
		}},
		"resolve": {"", func(o *office, failed ledger.Payout) error {
			payout, err := o.PrepareResolve(o.tb.Context(), "may", failed.ID)
			if err != nil {
				return err
			}
			_, err = o.Resolve(o.tb.Context(), at("awa"), payout, service.Seen{Because: "they say so"})
			return err
		}},
		"propose a policy": {twoPeople, func(o *office, _ ledger.Payout) error {
			_, err := o.ProposePolicy(o.tb.Context(), at("root"), []byte(bothAlways))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for nth := 0; !t.Failed(); nth++ {
				readable := false
				synctest.Test(t, func(t *testing.T) {
					o, failed := oneFailed(t, act.policy)
					<-time.After(time.Hour) // in which the provider shows what it has
					sent, left := len(o.purse.sent), nth
					o.Service = o.over(unreadable{o.store, &left, 0})
					err := act.do(o, failed)
					if readable = left >= 0; readable && errors.Is(err, errUnreadable) || !readable && !errors.Is(err, errUnreadable) {
						t.Errorf("read %d fails: %v", nth, err)
					}
					if len(o.purse.sent) != sent {
						t.Error("something was sent")
					}
				})
				if readable {
					return
				}
			}
		})
	}
}

func retryAll(o *office, _ ledger.Payout) error {
	prepared, err := o.PrepareRetry(o.tb.Context(), o.batch("may"), retry.Choice{})
	if err != nil {
		return err
	}
	_, err = o.Retry(o.tb.Context(), at("awa"), prepared)
	return err
}

func correctNumber(o *office, failed ledger.Payout) error {
	a, err := o.PrepareAmend(o.tb.Context(), "may", failed.ID, mend(failed, "0709999999"))
	if err != nil {
		return err
	}
	_, err = o.Amend(o.tb.Context(), at("awa"), a)
	return err
}
