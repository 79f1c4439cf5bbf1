package engine_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/providertest"
)

// scripted answers each request as a test says. nth counts the requests of that
// kind for that reference from 1.
type scripted struct {
	send   func(nth int) provider.Outcome
	lookUp func(nth int) provider.Outcome
	// only T-001 is answered so; the others are taken, and found.
	only bool

	mu    sync.Mutex
	began time.Time
	sends []sent
	looks []sent
}

// sent is a request and when it came, counted from the beginning of the test.
type sent struct {
	reference string
	after     time.Duration
}

func (s *scripted) Send(_ context.Context, request provider.Request) provider.Outcome {
	return s.answer(&s.sends, request.Reference, s.send)
}

func (s *scripted) LookUp(_ context.Context, query provider.Query) provider.Outcome {
	return s.answer(&s.looks, query.Reference, s.lookUp)
}

func (s *scripted) Capabilities() provider.Capabilities { return providertest.Capabilities() }

func (s *scripted) Balance(context.Context) (money.Amount, error) { return money.Amount{}, nil }

func (s *scripted) answer(log *[]sent, reference string, script func(int) provider.Outcome) provider.Outcome {
	s.mu.Lock()
	*log = append(*log, sent{reference, time.Since(s.began)})
	nth := 0
	for _, request := range *log {
		if request.reference == reference {
			nth++
		}
	}
	s.mu.Unlock()
	if s.only && reference != "T-001" {
		return always(provider.Successful)(nth)
	}
	if script == nil {
		return provider.Outcome{Class: provider.NotFound}
	}
	return script(nth)
}

// begin has the times of requests counted from now.
func (s *scripted) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = time.Now()
}

// of returns the requests about one reference.
func (s *scripted) of(log []sent, reference string) []sent {
	return slices.DeleteFunc(slices.Clone(log), func(one sent) bool { return one.reference != reference })
}

// always answers every request alike.
func always(class provider.Class) func(int) provider.Outcome {
	return func(int) provider.Outcome { return provider.Outcome{Class: class, Code: class.String()} }
}

// inOrder gives one answer after the other and stays with the last.
func inOrder(classes ...provider.Class) func(int) provider.Outcome {
	return func(nth int) provider.Outcome { return always(classes[min(nth, len(classes))-1])(nth) }
}

// small is a batch of a few payouts in a ledger of its own.
type small struct {
	store *boltledger.Store
	batch ledger.Batch
}

// newSmall makes a ledger with a batch, for an account whose look-ups are known to work.
func newSmall(t *testing.T, rows int) *small {
	t.Helper()
	s := newUnproven(t, rows)
	if err := proven(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	return s
}

func newUnproven(t *testing.T, rows int) *small {
	t.Helper()
	store, err := boltledger.Open(filepath.Join(t.TempDir(), "ledger.db"), boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := store.Verify(context.Background()); err != nil { //nolint:usetesting // its own is over by now
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	entries := make([]ledger.Entry, rows)
	for i := range entries {
		entries[i] = ledger.Entry{Row: i + 2, Terms: ledger.Terms{
			ID: ledger.TransactionID(fmt.Sprintf("T-%03d", i+1)), Number: "+2250701020304", Name: "Awa", Amount: money.XOF.Of(100), Country: "CI", Operator: "ORANGE",
		}}
	}
	batch := ledger.Batch{ID: simBatch, Account: ledger.Account{Place: "sandbox"}, Currency: money.XOF, CreatedAt: time.Now().UTC()}
	if _, err := store.Enrol(t.Context(), batch, each(entries)); err != nil {
		t.Fatal(err)
	}
	if err := ledgertest.Release(t.Context(), store, batch.ID); err != nil {
		t.Fatal(err)
	}
	return &small{store, batch}
}

// adopt records that a person said, now, that the ledger may not know everything.
func (s *small) adopt(t *testing.T) {
	t.Helper()
	if err := s.store.Record(t.Context(), ledger.Act{Code: ledger.ActAdopted, At: time.Now().UTC()}); err != nil {
		t.Fatal(err)
	}
}

func (s *small) run(t *testing.T, p *scripted, change func(*engine.Config)) (ledger.ByState, error) {
	t.Helper()
	p.begin()
	config := engine.Config{
		Store: s.store, Provider: p, Request: request, Workers: 4,
		LookupGrace: time.Minute, Wait: time.Hour, OutageMax: time.Hour, Log: zerolog.Nop(),
		Trust: engine.Trust{Vouched: true},
	}
	if change != nil {
		change(&config)
	}
	return run(t.Context(), config, s.batch, nil)
}

func TestAnAnswerMovesThePayoutAsItsClassSays(t *testing.T) {
	for _, test := range []struct {
		class provider.Class
		state ledger.State
		stops error
	}{
		{provider.Successful, ledger.Successful, nil},
		{provider.Failed, ledger.Failed, nil},
		{provider.Refused, ledger.Failed, nil},
		{provider.Pending, ledger.Pending, nil},
		{provider.Unknown, ledger.Unknown, nil},
		{provider.Exists, ledger.Unknown, nil},
		{provider.NotFound, ledger.Unknown, nil}, // never an answer to a transfer
		{provider.NoBalance, ledger.Queued, engine.ErrBalance},
		{provider.Unauthorized, ledger.Queued, engine.ErrCredentials},
	} {
		t.Run(test.class.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &scripted{send: always(test.class), lookUp: always(provider.Pending)}
				tally, err := newSmall(t, 1).run(t, p, func(c *engine.Config) { c.Wait = 0 })
				if !errors.Is(err, test.stops) || tally.In(test.state).Count != 1 {
					t.Errorf("tally %+v, error %v, want one %s and %v", tally, err, test.state, test.stops)
				}
				if len(p.sends) != 1 {
					t.Errorf("%d requests, want 1", len(p.sends))
				}
			})
		})
	}
}

func TestWhatWasProvablyNotProcessedIsSentAgainUnderTheSameName(t *testing.T) {
	// What was posted and turned away is looked up before it is posted again.
	for class, looks := range map[provider.Class]int{provider.NotSent: 0, provider.Throttled: 2} {
		t.Run(class.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &scripted{send: inOrder(class, class, provider.Successful)}
				tally, err := newSmall(t, 1).run(t, p, nil)
				if err != nil || tally.In(ledger.Successful).Count != 1 {
					t.Fatalf("tally %+v, error %v", tally, err)
				}
				if len(p.sends) != 3 || len(p.looks) != looks || p.sends[2].reference != "T-001" {
					t.Errorf("requests %v, look-ups %v", p.sends, p.looks)
				}
			})
		})
	}
}

func TestAPayoutInDoubtIsSentAgainOnlyAfterTwoSpacedNotFounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{send: inOrder(provider.Unknown, provider.Successful), lookUp: always(provider.NotFound), only: true}
		tally, err := newSmall(t, 2).run(t, p, nil)
		if err != nil || tally.In(ledger.Successful).Count != 2 {
			t.Fatalf("tally %+v, error %v", tally, err)
		}
		looks, sends := p.of(p.looks, "T-001"), p.of(p.sends, "T-001")
		if len(looks) != 3 || looks[0].after > 2*time.Second || looks[1].after < time.Minute {
			t.Errorf("looked up at %v, want once soon, once after the grace of a minute, and in the last sweep", looks)
		}
		if len(sends) != 2 || sends[1].after < time.Minute {
			t.Errorf("sent at %v, want again only after a minute", sends)
		}
		if controls := p.of(p.looks, "T-002"); len(controls) != 1 || controls[0].after > looks[1].after {
			t.Errorf("the control was looked up at %v, want once, before that", controls)
		}
	})
}

func TestAPayoutThatTheProviderFindsIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{send: always(provider.Unknown), lookUp: inOrder(provider.NotFound, provider.Unknown, provider.Successful)}
		tally, err := newSmall(t, 1).run(t, p, nil)
		if err != nil || tally.In(ledger.Successful).Count != 1 || len(p.sends) != 1 {
			t.Errorf("tally %+v, error %v, sent %v, want paid and sent once", tally, err, p.sends)
		}
	})
}

func TestWhatTheProviderSaysItHasIsNeverSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{send: always(provider.Exists), lookUp: always(provider.NotFound)}
		tally, err := newSmall(t, 1).run(t, p, nil)
		if err != nil || tally.In(ledger.Unknown).Count != 1 || len(p.sends) != 1 {
			t.Errorf("tally %+v, error %v, sent %v, want it unknown and sent once", tally, err, p.sends)
		}
	})
}

// TestARefusalOfARepeatIsNeverTheEndByItself: in whatever words, it may say no more
// than that the first request was taken.
func TestARefusalOfARepeatIsNeverTheEndByItself(t *testing.T) {
	for name, test := range map[string]struct {
		after provider.Class
		want  ledger.State
	}{
		"the first request was taken": {provider.Successful, ledger.Successful},
		"nothing shows what it means": {provider.NotFound, ledger.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &scripted{
					send: inOrder(provider.Unknown, provider.Refused), only: true,
					lookUp: inOrder(provider.NotFound, provider.NotFound, test.after),
				}
				tally, err := newSmall(t, 2).run(t, p, nil)
				// No control is as young as the repeat.
				shown := err == nil || errors.Is(err, engine.ErrNoControl)
				if !shown || tally.In(test.want).Count < 1 || tally.In(ledger.Failed).Count > 0 {
					t.Errorf("tally %+v, error %v, want it %s", tally, err, test.want)
				}
			})
		})
	}
}

func TestOpenPayoutsAreWaitedForAndThenNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{send: always(provider.Pending), lookUp: always(provider.Pending)}
		batch := newSmall(t, 3)
		tally, err := batch.run(t, p, func(c *engine.Config) { c.Wait = 10 * time.Minute })
		if waited := time.Since(p.began); err != nil || tally.In(ledger.Pending).Count != 3 || waited < 10*time.Minute || waited > 11*time.Minute {
			t.Errorf("tally %+v, error %v after %s, want three pending after ten minutes", tally, err, waited)
		}
		p = &scripted{lookUp: always(provider.Successful)}
		if tally, err = batch.run(t, p, nil); err != nil || tally.In(ledger.Successful).Count != 3 || len(p.sends) > 0 {
			t.Errorf("the next run: tally %+v, error %v, sent %v", tally, err, p.sends)
		}
	})
}

func TestARepeatedRunSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 5)
		if _, err := batch.run(t, &scripted{send: always(provider.Successful)}, nil); err != nil {
			t.Fatal(err)
		}
		p := &scripted{send: always(provider.Successful)}
		if tally, err := batch.run(t, p, nil); err != nil || tally.In(ledger.Successful).Count != 5 || len(p.sends)+len(p.looks) > 0 {
			t.Errorf("tally %+v, error %v, requests %v %v", tally, err, p.sends, p.looks)
		}
	})
}

func TestAnEmptyAccountStopsTransfersButNotLookUps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{send: func(nth int) provider.Outcome {
			return provider.Outcome{Class: provider.NoBalance, Code: "AMOUNT_INSUFFISANT"}
		}}
		tally, err := newSmall(t, 100).run(t, p, nil)
		if !errors.Is(err, engine.ErrBalance) || tally.In(ledger.Queued).Count != 100 {
			t.Errorf("tally %+v, error %v, want all queued and ErrBalance", tally, err)
		}
		if len(p.sends) > 4 {
			t.Errorf("%d requests, want no more than were under way", len(p.sends))
		}
	})
}

func TestASilentProviderIsProbedAndThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{send: always(provider.NotSent)}
		tally, err := newSmall(t, 100).run(t, p, func(c *engine.Config) { c.OutageMax = 5 * time.Minute })
		if !errors.Is(err, engine.ErrOutage) || tally.In(ledger.Queued).Count != 100 {
			t.Errorf("tally %+v, error %v, want all queued and ErrOutage", tally, err)
		}
		if took := time.Since(p.began); took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("gave up after %s, want five minutes", took)
		}
		if len(p.sends) > 80 {
			t.Errorf("%d requests in five minutes, want about one probe every five seconds", len(p.sends))
		}
	})
}

func TestAProviderThatReturnsIsUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{}
		p.send = func(int) provider.Outcome {
			if time.Since(p.began) < 2*time.Minute {
				return provider.Outcome{Class: provider.NotSent}
			}
			return provider.Outcome{Class: provider.Successful}
		}
		tally, err := newSmall(t, 50).run(t, p, nil)
		if err != nil || tally.In(ledger.Successful).Count != 50 {
			t.Errorf("tally %+v, error %v, want all paid", tally, err)
		}
	})
}

func TestTheRateIsKeptFromTheFirstSecond(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 7, 40, 250, 1000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &scripted{send: always(provider.Successful)}
				rows := int(rate*10) + 1
				if _, err := newSmall(t, rows).run(t, p, func(c *engine.Config) { c.Rate = rate }); err != nil {
					t.Fatal(err)
				}
				checkRate(t, p.sends, rate)
			})
		})
	}
}

// checkRate allows two percent more or less than the rate in any window of five
// seconds, and one request, which a window's edges may cut off.
func checkRate(t *testing.T, sends []sent, rate float64) {
	t.Helper()
	checkCeiling(t, sends, rate)
	last := sends[len(sends)-1].after
	for i, first := range sends {
		if first.after+rateWindow > last {
			break
		}
		if count, least := within(sends[i:]), rate*rateWindow.Seconds()*0.98-1; float64(count) < least {
			t.Fatalf("%d requests in the five seconds from %s, want %.0f at least", count, first.after, least)
		}
	}
	if took, least := sends[len(sends)-1].after.Seconds(), float64(len(sends)-1)/rate; took > least*1.02+0.05 {
		t.Errorf("%d requests took %.2f s, want about %.2f", len(sends), took, least)
	}
}

// TestBeingToldToSlowDownSlowsAll: a provider that turns all away for a moment is left
// alone for as long as it asks, and then met with a lower rate that grows again. The
// observer hears of both.
func TestBeingToldToSlowDownSlowsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &scripted{}
		var seen witness
		told := 0
		p.send = func(int) provider.Outcome {
			if told < 4 && time.Since(p.began) > 5*time.Second {
				told++
				return provider.Outcome{Class: provider.Throttled, RetryAfter: 10 * time.Second}
			}
			return provider.Outcome{Class: provider.Successful}
		}
		tally, err := newSmall(t, 1000).run(t, p, func(c *engine.Config) { c.Rate, c.Workers, c.Observer = 20, 1, &seen })
		if err != nil || tally.In(ledger.Successful).Count != 1000 {
			t.Fatalf("tally %+v, error %v", tally, err)
		}
		if len(seen.rates) < 3 || seen.rates[0] != 20 || slices.Min(seen.rates) > 18 || seen.rates[len(seen.rates)-1] != 20 {
			t.Errorf("the observer heard of the rates %v, want 20, less, and 20 again", seen.rates)
		}
		perSecond := map[int]int{}
		for _, request := range p.sends {
			perSecond[int(request.after.Seconds())]++
		}
		for second := 6; second < 15; second++ {
			if perSecond[second] > 0 {
				t.Errorf("%d requests in second %d, want silence as asked", perSecond[second], second)
			}
		}
		if after, later := perSecond[16], perSecond[25]; after > 18 || later < 18 {
			t.Errorf("%d requests in the first second after, %d ten seconds later, want fewer than before, and about 20", after, later)
		}
	})
}

func TestAStoreThatCannotRecordStopsAllSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 100)
		p := &scripted{send: always(provider.Successful)}
		plan := &crash{at: 2}
		tally, err := batch.run(t, p, func(c *engine.Config) {
			c.Store = &dyingStore{Store: batch.store, plan: plan, kill: func() {}}
		})
		if !errors.Is(err, ledger.ErrStopped) {
			t.Fatalf("tally %+v, error %v, want ErrStopped", tally, err)
		}
		if len(p.sends) > 8 {
			t.Errorf("%d requests, want those of the one recorded window of 8 at most", len(p.sends))
		}
	})
}

func TestAGentleStopTakesUnusedIntentsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 100)
		p := &scripted{send: always(provider.Successful)}
		drain := make(chan struct{})
		time.AfterFunc(10*time.Second, func() { close(drain) })
		p.began = time.Now()
		tally, err := run(t.Context(), engine.Config{
			Store: batch.store, Provider: p, Request: request, Rate: 5, Log: zerolog.Nop(), Trust: engine.Trust{Vouched: true},
		}, batch.batch, drain)
		if !errors.Is(err, engine.ErrInterrupted) {
			t.Fatalf("error %v, want ErrInterrupted", err)
		}
		paid := tally.In(ledger.Successful).Count
		if paid != len(p.sends) || paid+tally.In(ledger.Queued).Count != 100 {
			t.Errorf("tally %+v after %d requests, want the rest queued", tally, len(p.sends))
		}
	})
}

func TestACrashLeavesNoMoreThanTwoSecondsWorkInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 200)
		p := &scripted{send: always(provider.Successful)}
		most := 0
		_, err := batch.run(t, p, func(c *engine.Config) {
			c.Rate, c.Workers = 5, 32
			c.Progress = func(now engine.Progress) { most = max(most, now.Tally.In(ledger.Submitting).Count) }
		})
		if err != nil || most > 10 {
			t.Errorf("error %v, up to %d intents at once, want 10 at most", err, most)
		}
	})
}

func TestAnUnsealedBatchIsNotPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 1)
		cut := errors.New("the file ended")
		_, err := batch.store.Enrol(t.Context(), batch.batch, func(yield func(ledger.Entry, error) bool) { yield(ledger.Entry{}, cut) })
		if !errors.Is(err, cut) {
			t.Fatal(err)
		}
		p := &scripted{send: always(provider.Successful)}
		if _, err := batch.run(t, p, nil); !errors.Is(err, ledger.ErrUnsealed) || len(p.sends) > 0 {
			t.Errorf("error %v, sent %v, want ErrUnsealed and nothing", err, p.sends)
		}
	})
}

// TestOnlyAReleasedBatchIsPaid: neither what was entered and not released, nor what rows
// were added to since.
func TestOnlyAReleasedBatchIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 2)
		more := ledger.Entry{Row: 9, Terms: ledgertest.Entries("B", 1)[0].Terms}
		if _, err := batch.store.Enrol(t.Context(), batch.batch, each([]ledger.Entry{more})); err != nil {
			t.Fatal(err)
		}
		p := &scripted{send: always(provider.Successful)}
		if _, err := batch.run(t, p, nil); !errors.Is(err, ledger.ErrUnreleased) || len(p.sends) > 0 {
			t.Errorf("error %v, sent %v, want ErrUnreleased and nothing", err, p.sends)
		}
		if err := ledgertest.Release(t.Context(), batch.store, simBatch); err != nil {
			t.Fatal(err)
		}
		if tally, err := batch.run(t, p, nil); err != nil || tally.In(ledger.Successful).Count != 3 {
			t.Errorf("tally %+v, error %v, want all three paid", tally, err)
		}
	})
}

// TestWhatEntersWhileABatchIsPaidWaitsForItsOwnRelease: another machine, or the server's page,
// enters rows into a batch that is being paid. Nothing of it is sent any more, what was sent is
// recorded, and once somebody released it everybody is paid once.
func TestWhatEntersWhileABatchIsPaidWaitsForItsOwnRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 40)
		var entering sync.Once
		p := &scripted{lookUp: always(provider.Successful), send: func(int) provider.Outcome {
			entering.Do(func() {
				more := ledger.Entry{Row: 99, Terms: ledgertest.Entries("B", 1)[0].Terms}
				if _, err := batch.store.Enrol(t.Context(), batch.batch, each([]ledger.Entry{more})); err != nil {
					t.Error(err)
				}
			})
			<-time.After(time.Second)
			return always(provider.Pending)(1)
		}}
		tally, err := batch.run(t, p, nil)
		if paid := tally.In(ledger.Successful).Count; !errors.Is(err, ledger.ErrUnreleased) || paid != len(p.sends) || tally.In(ledger.Queued).Count != 41-paid || paid > 20 {
			t.Errorf("tally %+v, %v, %d sent, want ErrUnreleased and what was sent before paid", tally, err, len(p.sends))
		}
		if sent := p.of(p.sends, "B-00000"); len(sent) > 0 {
			t.Error("what entered was sent, and nobody had released it")
		}
		if err := ledgertest.Release(t.Context(), batch.store, simBatch); err != nil {
			t.Fatal(err)
		}
		if tally, err := batch.run(t, p, nil); err != nil || tally.In(ledger.Successful).Count != 41 || len(p.sends) != 41 {
			t.Errorf("tally %+v, %v, %d sent, want everybody paid once", tally, err, len(p.sends))
		}
	})
}

const rateWindow = 5 * time.Second

// checkCeiling allows two percent and one request more than the rate in any
// window of five seconds.
func checkCeiling(t *testing.T, requests []sent, rate float64) {
	t.Helper()
	for i, first := range requests {
		if count, most := within(requests[i:]), rate*rateWindow.Seconds()*1.02+1; float64(count) > most {
			t.Fatalf("%d requests in the five seconds from %s, want %.0f at most", count, first.after, most)
		}
	}
}

// within counts the requests of the window that begins with the first. They are
// in order.
func within(requests []sent) int {
	end := requests[0].after + rateWindow
	return sort.Search(len(requests), func(i int) bool { return requests[i].after >= end })
}

// TestATokenThatIsNeverGoodStopsTheRun: once it expired it is taken anew, and the second time in a row that is
// no help.
func TestATokenThatIsNeverGoodStopsTheRun(t *testing.T) {
	for name, test := range map[string]struct {
		send  func(nth int) provider.Outcome
		stops bool
	}{
		"it expired once": {func(nth int) provider.Outcome {
			if nth == 1 {
				return always(provider.Expired)(nth)
			}
			return always(provider.Successful)(nth)
		}, false},
		"it always has": {always(provider.Expired), true},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &scripted{send: test.send, lookUp: always(provider.NotFound)}
			tally, err := newSmall(t, 1).run(t, p, nil)
			if errors.Is(err, engine.ErrCredentials) != test.stops || (tally.In(ledger.Successful).Count == 1) == test.stops {
				t.Errorf("%s: error %v, tally %+v", name, err, tally)
			}
		})
	}
}
