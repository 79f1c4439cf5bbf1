package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// TestASecondLedgerSendsNothing: another ledger of the same account paid, or tried to
// pay, some of the rows.
func TestASecondLedgerSendsNothing(t *testing.T) {
	for name, change := range map[string]func(b *bank, paid *small, t *testing.T){
		"it paid everything": func(b *bank, paid *small, t *testing.T) {
			if _, err := paid.pay(t, b, nil); err != nil {
				t.Fatal(err)
			}
		},
		"it paid the last row only": func(b *bank, paid *small, _ *testing.T) { b.take(paid, "T-200", "T-200") },
		"it paid one under a further reference": func(b *bank, paid *small, _ *testing.T) {
			b.take(paid, "T-002", "T-002-2")
		},
		"one in the middle, that its list shows": func(b *bank, paid *small, _ *testing.T) {
			b.lists = true
			b.take(paid, "T-100", "T-100")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bank{}
				change(b, newSmall(t, 200), t)
				before := len(b.sends)
				tally, err := newSmall(t, 200).pay(t, b, unvouched)
				hit, ok := errors.AsType[*engine.HitError](err)
				if !ok || !errors.Is(err, engine.ErrNotNewest) || hit.Reference == "" {
					t.Errorf("error %v, want the payout that the provider has", err)
				}
				if len(b.sends) > before || tally.In(ledger.Queued).Count != 200 {
					t.Errorf("%d transfers, tally %+v, want nothing sent", len(b.sends)-before, tally)
				}
			})
		})
	}
}

// take has the bank hold a transfer of a payout under a reference.
func (b *bank) take(of *small, id, reference string) {
	p, err := of.store.Payout(context.Background(), ledger.TransactionID(id))
	if err != nil {
		panic(err)
	}
	r := request(p)
	r.Reference = reference
	b.mu.Lock()
	defer b.mu.Unlock()
	b.books = append(b.books, entry{request: r, ref: "elsewhere", at: time.Now()})
}

// TestAnAdoptedLedgerTakesOverWhatTheProviderHas: every payout is looked up before its
// first send. What is there under other terms is left to a person.
func TestAnAdoptedLedgerTakesOverWhatTheProviderHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{}
		other := newSmall(t, 10)
		for _, id := range []string{"T-001", "T-004", "T-010"} {
			b.take(other, id, id)
		}
		b.books[1].request.Amount.Minor++
		batch := newSmall(t, 10)
		adopted := time.Now()
		batch.adopt(t)
		tally, err := batch.pay(t, b, unvouched)
		if err != nil || tally.In(ledger.Successful).Count != 9 || tally.In(ledger.Queued).Count != 1 {
			t.Errorf("tally %+v, error %v, want 9 paid and one left", tally, err)
		}
		if len(b.sends) != 7 || slices.Contains(b.sends, "T-004") || len(b.twice()) > 0 {
			t.Errorf("sent %v, want the seven that were not there", b.sends)
		}
		if waited := time.Since(adopted); waited < time.Minute {
			t.Errorf("all was sent %s after the adopting, want the grace first", waited)
		}
		if found := batch.differences(t); found["mismatch"] != 1 {
			t.Errorf("differences %v, want the one with another amount", found)
		}
	})
}

// TestAnAdoptedLedgerPaysNobodyWhomTheOtherRetried: the other ledger gave a payout another attempt,
// or two, under names that this one never heard of.
func TestAnAdoptedLedgerPaysNobodyWhomTheOtherRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{}, newSmall(t, 6)
		b.take(batch, "T-002", "T-002-2")
		b.take(batch, "T-004", "T-004-3")
		b.take(batch, "T-001", "T-001")
		batch.adopt(t)
		tally, err := batch.pay(t, b, unvouched)
		if err != nil || tally.In(ledger.Successful).Count != 4 || tally.In(ledger.Queued).Count != 2 {
			t.Errorf("tally %+v, error %v, want four paid and two left", tally, err)
		}
		if slices.Contains(b.sends, "T-002") || slices.Contains(b.sends, "T-004") || len(b.twice()) > 0 {
			t.Errorf("sent %v", b.sends)
		}
		if found := batch.differences(t); found["paid_there"] != 2 {
			t.Errorf("differences %v, want the two that were paid", found)
		}
	})
}

// TestAFirstPaydayExposesOnePersonAtMost: where the account has nothing to compare
// with, a person's word lets one payout out alone.
func TestAFirstPaydayExposesOnePersonAtMost(t *testing.T) {
	for name, test := range map[string]struct {
		bank  *bank
		trust engine.Trust
		says  error
		paid  int
		// alone is set where the second transfer waits for the first to be found.
		alone bool
	}{
		"nobody said that it is new": {&bank{}, engine.Trust{}, engine.ErrFirstPayday, 0, false},
		"a person said so":           {&bank{lag: 5 * time.Second}, engine.Trust{New: true}, nil, 20, true},
		"a rehearsal":                {&bank{lag: 5 * time.Second}, engine.Trust{Rehearsal: true}, nil, 20, true},
		"an empty list decides":      {&bank{lists: true}, engine.Trust{}, nil, 20, false},
		"look-ups find nothing":      {&bank{blind: true}, engine.Trust{New: true}, nil, 20, true},
		"the first answer is lost":   {&bank{blind: true, loses: references(1)}, engine.Trust{New: true}, engine.ErrNoControl, 0, true},
		"the first is said to exist": {&bank{blind: true, refuses: exists}, engine.Trust{New: true}, engine.ErrNoControl, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tally, err := newSmall(t, 20).pay(t, test.bank, func(c *engine.Config) { c.Trust = test.trust })
				if !errors.Is(err, test.says) || tally.In(ledger.Successful).Count != test.paid {
					t.Errorf("tally %+v, error %v, want %d paid and %v", tally, err, test.paid, test.says)
				}
				sends := test.bank.sends
				if test.paid == 0 && len(sends) > 1 {
					t.Errorf("sent %v, want one at most", sends)
				}
				if books := test.bank.books; test.alone && len(books) > 1 && !books[1].at.After(books[0].at) {
					t.Error("the second left with the first")
				}
			})
		})
	}
}

func exists(string, int) *provider.Outcome {
	return &provider.Outcome{Class: provider.Exists, Code: "TRANSACTION_ALREADY_EXISTS"}
}

// TestTheProbeWaitsForWhoMayStillBeAtWork: what another payrun sent a moment ago may
// not be visible yet.
func TestTheProbeWaitsForWhoMayStillBeAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{lists: true, lag: 40 * time.Second}
		b.take(newSmall(t, 3), "T-001", "T-001")
		_, err := newSmall(t, 3).pay(t, b, func(c *engine.Config) {
			c.Trust = engine.Trust{AtWork: time.Now()}
			c.Lister = nil
		})
		if !errors.Is(err, engine.ErrNotNewest) || len(b.sends) > 0 {
			t.Errorf("error %v, sent %v", err, b.sends)
		}
	})
}

// TestAProbeWithoutUsableAnswersSendsNothing walks the answers that are none.
func TestAProbeWithoutUsableAnswersSendsNothing(t *testing.T) {
	for class, want := range map[provider.Class]error{
		provider.Unknown:      engine.ErrOutage,
		provider.NotSent:      engine.ErrOutage,
		provider.Throttled:    engine.ErrOutage,
		provider.Unauthorized: engine.ErrCredentials,
		provider.Failed:       engine.ErrNotNewest,
		provider.Pending:      engine.ErrNotNewest,
		provider.Successful:   engine.ErrNotNewest,
	} {
		t.Run(class.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &scripted{send: always(provider.Successful), lookUp: always(class)}
				_, err := newSmall(t, 3).run(t, p, unvouched)
				if !errors.Is(err, want) || len(p.sends) > 0 {
					t.Errorf("error %v, sent %v, want %v and nothing", err, p.sends, want)
				}
			})
		})
	}
}

// TestAnAdoptedLedgerExposesOneAtMost: the page lags by more than the grace, so that
// nothing shows what the other ledger paid last. One payout goes out alone to be the
// control of the others, which are taken over once the page has caught up; that one was
// paid twice is found in the last sweep.
func TestAnAdoptedLedgerExposesOneAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{lag: 5 * time.Minute}
		old := newSmall(t, 1)
		b.take(old, "T-001", "OLD-1")
		batch := newSmall(t, 40)
		control := ledger.Entry{Row: 100, Terms: ledger.Terms{ID: "OLD-1", Number: "+2250701020304", Name: "Awa", Amount: money.XOF.Of(100), Country: "CI", Operator: "ORANGE"}}
		other := ledger.Batch{ID: "before", Account: batch.batch.Account, Currency: money.XOF, CreatedAt: time.Now().UTC()}
		if _, err := batch.store.Enrol(t.Context(), other, each([]ledger.Entry{control})); err != nil {
			t.Fatal(err)
		}
		paid := func(from, to ledger.State) ledger.Change {
			return ledger.Change{ID: "OLD-1", From: from, To: to, At: time.Now().UTC(), Actor: "engine"}
		}
		_, err := batch.store.Apply(t.Context(), []ledger.Change{paid(ledger.Queued, ledger.Submitting), paid(ledger.Submitting, ledger.Successful)})
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		for _, id := range []string{"T-001", "T-002", "T-003"} {
			b.take(batch, id, id)
		}
		batch.adopt(t)
		tally, err := batch.pay(t, b, unvouched)
		if err != nil || tally.In(ledger.Successful).Count != 40 {
			t.Errorf("tally %+v, error %v, want all paid", tally, err)
		}
		twice := b.twice()
		if len(twice) > 1 {
			t.Errorf("paid twice: %v, want the one at most that went out alone", twice)
		}
		if found := batch.differences(t); found["paid_twice"] != len(twice) {
			t.Errorf("differences %v, want each told that was paid twice", found)
		}
	})
}

// TestWaitingForAControlKeepsNoRunFromEnding: every queued payout waits, more of them
// than are looked up at once.
func TestWaitingForAControlKeepsNoRunFromEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch, began := &bank{blind: true}, newSmall(t, 100), time.Now()
		batch.adopt(t)
		_, err := batch.pay(t, b, func(c *engine.Config) { c.Trust = engine.Trust{Used: true} })
		if !errors.Is(err, engine.ErrNoControl) || len(b.sends) > 0 {
			t.Errorf("error %v, sent %v; want nothing sent and ErrNoControl", err, b.sends)
		}
		if took := time.Since(began); took > 2*time.Hour {
			t.Errorf("ended after %s", took)
		}
	})
}

// TestARunAgainDoesNotLetARefusedFirstPaydayThrough: the anchor that the first payout
// wrote vouches for nothing until look-ups were shown to work.
func TestARunAgainDoesNotLetARefusedFirstPaydayThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{blind: true}, newUnproven(t, 20)
		for _, trust := range []engine.Trust{{Rehearsal: true}, {Rehearsal: true, Vouched: true}, {Rehearsal: true, Vouched: true}} {
			if _, err := batch.pay(t, b, func(c *engine.Config) { c.Trust = trust }); !errors.Is(err, engine.ErrNoControl) {
				t.Errorf("error %v, want ErrNoControl each time", err)
			}
			if len(b.sends) > 1 {
				t.Fatalf("sent %v, want one at most", b.sends)
			}
		}
		b.blind = false
		if tally, err := batch.pay(t, b, func(c *engine.Config) { c.Trust = engine.Trust{Rehearsal: true, Vouched: true} }); err != nil || tally.In(ledger.Successful).Count != 20 {
			t.Errorf("tally %+v, error %v, want all paid once look-ups work", tally, err)
		}
	})
}

// TestAListThatShowsOnlyItselfProvesNothing: it names transfers that this ledger never
// made, and a look-up finds none of them.
func TestAListThatShowsOnlyItselfProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{blind: true, lists: true}
		other := newSmall(t, 1)
		b.take(other, "T-001", "OTHER-1")
		if _, err := newUnproven(t, 20).pay(t, b, func(c *engine.Config) { c.Trust = engine.Trust{Rehearsal: true} }); !errors.Is(err, engine.ErrNoControl) || len(b.sends) > 0 {
			t.Errorf("error %v, sent %v; want nothing sent and ErrNoControl", err, b.sends)
		}
	})
}

// settled has the ledger know that a payout was paid, whatever the bank has.
func (s *small) settled(t *testing.T, id ledger.TransactionID) {
	t.Helper()
	for _, step := range [][2]ledger.State{{ledger.Queued, ledger.Submitting}, {ledger.Submitting, ledger.Successful}} {
		change := ledger.Change{ID: id, From: step[0], To: step[1], At: time.Now().UTC(), Actor: "engine"}
		if _, err := s.store.Apply(t.Context(), []ledger.Change{change}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAListProvesOnlyBesideWhatThisLedgerPaid: look-ups are blind, and the list has what this
// ledger paid, or lacks it, which is no better.
func TestAListProvesOnlyBesideWhatThisLedgerPaid(t *testing.T) {
	for name, test := range map[string]struct {
		listed []string
		sent   int
	}{
		"it has that":                {[]string{"T-001", "X-001"}, 4},
		"it lacks that":              {[]string{"X-001"}, 0},
		"it is empty":                {nil, 0},
		"it has that, and no others": {[]string{"T-001"}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, batch := &bank{blind: true, lists: true}, newSmall(t, 5)
				batch.settled(t, "T-001")
				for _, reference := range test.listed {
					b.take(batch, "T-001", reference)
				}
				<-time.After(time.Minute)
				_, err := batch.pay(t, b, unvouched)
				if errors.Is(err, engine.ErrNoControl) != (test.sent == 0) || len(b.sends) != test.sent {
					t.Errorf("error %v, sent %v, want %d", err, b.sends, test.sent)
				}
			})
		})
	}
}

// stumbling is a bank whose look-ups of a reference bring nothing usable so many times.
type stumbling struct {
	*bank
	reference string
	left      int
}

func (s *stumbling) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	if q.Reference == s.reference && s.left > 0 {
		s.left--
		return provider.Outcome{Code: provider.CodeGarbage}
	}
	return s.bank.LookUp(ctx, q)
}

// TestTheControlOfAProbeIsAskedForAgain, some times, where a look-up page stumbles.
func TestTheControlOfAProbeIsAskedForAgain(t *testing.T) {
	for stumbles, sent := range map[int]int{0: 4, 2: 4, 9: 0} {
		synctest.Test(t, func(t *testing.T) {
			b, batch := &bank{}, newSmall(t, 5)
			batch.settled(t, "T-001")
			b.take(batch, "T-001", "T-001")
			<-time.After(time.Minute)
			_, err := batch.pay(t, b, func(c *engine.Config) {
				unvouched(c)
				c.Provider = &stumbling{bank: b, reference: "T-001", left: stumbles}
			})
			if errors.Is(err, engine.ErrNoControl) != (sent == 0) || len(b.sends) != sent {
				t.Errorf("%d stumbles: error %v, sent %v, want %d", stumbles, err, b.sends, sent)
			}
		})
	}
}

// TestWhoeverWasAtWorkLatelyHasTheGraceToShowWhatItSent: nothing is asked before, since a "not
// found" would prove nothing.
func TestWhoeverWasAtWorkLatelyHasTheGraceToShowWhatItSent(t *testing.T) {
	for before, wait := range map[time.Duration]time.Duration{20 * time.Second: 40 * time.Second, time.Hour: 0} {
		synctest.Test(t, func(t *testing.T) {
			p := &scripted{send: always(provider.Successful), lookUp: always(provider.NotFound)}
			_, err := newSmall(t, 5).run(t, p, func(c *engine.Config) {
				c.Trust = engine.Trust{Rehearsal: true, AtWork: time.Now().Add(-before)}
			})
			if len(p.looks) == 0 || p.looks[0].after != wait {
				t.Errorf("at work %s ago: asked first after %v (%v), want %s", before, p.looks, err, wait)
			}
		})
	}
}

// TestAnAnchorFromAFastClockKeepsNobodyWaiting: another host dated it tomorrow.
func TestAnAnchorFromAFastClockKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, began := &bank{}, time.Now()
		_, err := newSmall(t, 5).pay(t, b, func(c *engine.Config) {
			c.Trust = engine.Trust{Rehearsal: true, AtWork: began.Add(24 * time.Hour)}
		})
		if took := time.Since(began); err != nil || took > 10*time.Minute {
			t.Errorf("took %s (%v), want no more than the grace", took, err)
		}
	})
}

// TestWhatThisLedgerSentIsNoSignOfAnother: payouts that were taken although the provider
// turned them away are found and taken over by the next run, also where nothing vouches.
func TestWhatThisLedgerSentIsNoSignOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{}, newSmall(t, 20)
		b.refuses = func(reference string, nth int) *provider.Outcome {
			if nth > 1 || reference > "T-005" {
				return nil
			}
			b.books = append(b.books, entry{request: provider.Request{Reference: reference, Number: "+2250701020304", Amount: money.XOF.Of(100)}, ref: "R-" + reference, at: time.Now()})
			return &provider.Outcome{Class: provider.NoBalance, Code: "AMOUNT_INSUFFISANT", Documented: true}
		}
		if _, err := batch.pay(t, b, nil); !errors.Is(err, engine.ErrBalance) {
			t.Fatalf("error %v, want ErrBalance", err)
		}
		rehearsal := func(c *engine.Config) { c.Trust = engine.Trust{Rehearsal: true} }
		tally, err := batch.pay(t, b, rehearsal)
		for err != nil && errors.Is(err, engine.ErrBalance) {
			tally, err = batch.pay(t, b, rehearsal)
		}
		if err != nil || tally.In(ledger.Successful).Count != 20 || len(b.twice()) > 0 {
			t.Errorf("tally %+v, error %v, twice %v; want all paid once", tally, err, b.twice())
		}
	})
}

// TestALostFirstAnswerIsNoDeadEnd: the process died with the first payout of a new ledger
// on its way. The provider never heard of it and says that it has nothing at all.
func TestALostFirstAnswerIsNoDeadEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{lists: true}, newUnproven(t, 20)
		intent := ledger.Change{ID: "T-001", From: ledger.Queued, To: ledger.Submitting, At: time.Now().UTC(), Actor: "engine"}
		if _, err := batch.store.Apply(t.Context(), []ledger.Change{intent}); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		tally, err := batch.pay(t, b, func(c *engine.Config) { c.Trust = engine.Trust{Rehearsal: true} })
		if err != nil || tally.In(ledger.Successful).Count != 20 || len(b.twice()) > 0 {
			t.Errorf("tally %+v, error %v, twice %v; want all paid once", tally, err, b.twice())
		}
	})
}
