package service_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider"
)

// TestAnotherKeyGoesOnOnlyWithABatchThatItKnows: with a key of another account what is in doubt
// would not be found, and be paid again.
func TestAnotherKeyGoesOnOnlyWithABatchThatItKnows(t *testing.T) {
	account := func(host, key string) provider.Account {
		return provider.Account{Scheme: "https", Host: host, Port: "443", Key: key}
	}
	for name, test := range map[string]struct {
		begun, now provider.Account
		// sent is set if something of the batch left, found if the provider knows it.
		sent, found bool
		accepted    bool
		key         string
	}{
		"the same":                      {begun: account("a", "k1"), now: account("a", "k1"), sent: true, accepted: true, key: "k1"},
		"another that finds it":         {begun: account("a", "k1"), now: account("a", "k2"), sent: true, found: true, accepted: true, key: "k2"},
		"another that does not":         {begun: account("a", "k1"), now: account("a", "k2"), sent: true, key: "k1"},
		"another, before anything left": {begun: account("a", "k1"), now: account("a", "k2"), accepted: true, key: "k2"},
		"the first that is recorded":    {begun: account("a", ""), now: account("a", "k2"), sent: true, accepted: true, key: "k2"},
		"of another place":              {begun: account("a", "k1"), now: account("b", "k1"), sent: true, found: true, key: "k1"},
		"the simulator's, which is one whoever asks": {
			begun: provider.Account{Simulated: true, Key: "k1"}, now: provider.Account{Simulated: true, Key: "k2"}, sent: true, accepted: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, "")
				o.Service = o.with(o.store, test.begun)
				if _, err := o.submit("may", "awa", payroll("A", 2, 1000)...); err != nil {
					t.Fatal(err)
				}
				if test.sent {
					if err := o.BeginAccount(t.Context(), at("awa")); err != nil && !test.begun.Simulated {
						t.Fatal(err)
					}
					if paid, err := o.pay("may", "awa"); err != nil || len(o.purse.sent) == 0 {
						t.Fatalf("nothing was sent: %+v, %v", paid, err)
					}
				}
				if !test.found {
					clear(o.purse.books)
				}
				before, _, err := o.store.Head(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				b, err := o.with(o.store, test.now).Open(t.Context(), at("awa"), "may")
				if _, refused := errors.AsType[*ledger.AccountError](err); refused == test.accepted || !refused && err != nil {
					t.Errorf("%v, want it accepted: %t", err, test.accepted)
				}
				if kept := o.batch("may"); kept.Account.Key != test.key || test.accepted && b.Account != kept.Account {
					t.Errorf("it goes on with %+v, and %+v is kept; want %q", b.Account, kept.Account, test.key)
				}
				after, _, err := o.store.Head(t.Context())
				if changed := o.batch("may").Account.Key != test.begun.Key && !test.begun.Simulated; err != nil || (after > before) != changed {
					t.Errorf("%d events, and %d before: a new key is an act, and nothing else is", after, before)
				}
			})
		})
	}
}

// TestABatchThatIsNotKnownNeedsNoLeave to be begun with a key, and cannot be opened.
func TestABatchThatIsNotKnownNeedsNoLeave(t *testing.T) {
	s := over(memledger.New())
	if err := s.AcceptKey(t.Context(), awa, "may"); err != nil {
		t.Error(err)
	}
	if _, err := s.Open(t.Context(), awa, "may"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("%v, want it not found", err)
	}
}
