package console

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/inbox"
	"payrun/batch/service"
)

// entering enters files that take a minute each, unless they are called otherwise, and counts them.
type entering struct{ begun, ended atomic.Int32 }

func (e *entering) enter(ctx context.Context, one *submitting) error {
	e.begun.Add(1)
	defer e.ended.Add(1)
	switch one.of.Name {
	case "wrong":
		return errors.New("the disk is full")
	case "hostile":
		panic("index out of range")
	}
	select {
	case <-time.After(time.Minute):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// submitted has a test run with submissions in a time of its own.
func submitted(t *testing.T, test func(t *testing.T, c *submits, e *entering)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := new(entering)
		c := newSubmits(zerolog.Nop(), e.enter)
		defer c.close()
		test(t, c, e)
	})
}

// submitFor has somebody submit a file of theirs.
func submitFor(c *submits, id, person string) *submitting {
	return c.begin(inbox.Upload{ID: id, Name: id, By: person}, service.Actor{Person: person}, seen{}, 0)
}

// TestAFileIsEnteredOnceHoweverOftenItIsSubmitted: again, by others who joined, and afterwards; nobody
// who goes away ends it, and nothing else is done with it meanwhile.
func TestAFileIsEnteredOnceHoweverOftenItIsSubmitted(t *testing.T) {
	submitted(t, func(t *testing.T, c *submits, e *entering) {
		t.Helper()
		impatient, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if err := submitFor(c, "a", "awa").wait(impatient, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who goes away is told %v", err)
		}
		if err := submitFor(c, "a", "awa").wait(t.Context(), time.After(time.Second)); !errors.Is(err, errNotYet) {
			t.Errorf("who waits a second is told %v", err)
		}
		if err := c.apart("a", func() error { t.Error("it was removed on its way"); return nil }); !errors.Is(err, errSubmitting) {
			t.Errorf("who would remove it is told %v", err)
		}
		for range 3 { // the first of them waits for its end
			if err := submitFor(c, "a", "awa").wait(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
		if e.begun.Load() != 1 {
			t.Errorf("it was entered %d times", e.begun.Load())
		}
		if c.of("a", "awa") == nil || c.of("a", "mariam") != nil {
			t.Error("its maker is not led to the batch, or somebody else is")
		}
	})
}

// TestAFailureIsKeptForWhoeverLooks, and submitting again begins anew; a file on which payrun panics is a
// failure, and ends nothing else.
func TestAFailureIsKeptForWhoeverLooks(t *testing.T) {
	submitted(t, func(t *testing.T, c *submits, e *entering) {
		t.Helper()
		for id, want := range map[string]string{"wrong": "the disk is full", "hostile": "index out of range"} {
			submitFor(c, id, "awa")
			synctest.Wait()
			for range 2 {
				if one := c.of(id, "awa"); one == nil || !one.failed() || !strings.Contains(one.err.Error(), want) {
					t.Fatalf("%s: %+v", id, one)
				}
			}
			if err := submitFor(c, id, "awa").wait(t.Context(), nil); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s again: %v", id, err)
			}
			if err := c.apart(id, func() error { return nil }); err != nil {
				t.Errorf("%s cannot be removed: %v", id, err)
			}
		}
		if e.begun.Load() != 4 {
			t.Errorf("entered %d times, want each twice", e.begun.Load())
		}
	})
}

// TestTheServersEndEndsEverySubmission, and waits for it; what is submitted afterwards is refused.
func TestTheServersEndEndsEverySubmission(t *testing.T) {
	submitted(t, func(t *testing.T, c *submits, e *entering) {
		t.Helper()
		all := []*submitting{submitFor(c, "a", "awa"), submitFor(c, "b", "awa"), submitFor(c, "c", "awa")}
		synctest.Wait()
		c.close()
		if e.begun.Load() != submitsAtOnce || e.ended.Load() != submitsAtOnce {
			t.Errorf("%d were begun and %d ended", e.begun.Load(), e.ended.Load())
		}
		for _, one := range append(all, submitFor(c, "d", "awa")) {
			if err := one.wait(t.Context(), nil); !errors.Is(err, errCutShort) {
				t.Errorf("told %v", err)
			}
		}
	})
}

// TestNoMoreSubmissionsAreRememberedThanMany: those that began first are forgotten, and none on its way.
func TestNoMoreSubmissionsAreRememberedThanMany(t *testing.T) {
	submitted(t, func(t *testing.T, c *submits, e *entering) {
		t.Helper()
		release := c.hold()
		held := submitFor(c, "held", "awa")
		for i := range submitsMax + 10 {
			one := &submitting{of: inbox.Upload{ID: strings.Repeat("x", i+1)}, number: i, done: make(chan struct{})}
			close(one.done)
			c.makeRoom()
			c.all[one.of.ID] = one
		}
		if len(c.all) != submitsMax || c.all["held"] != held || c.all["x"] != nil {
			t.Errorf("%d are remembered, the one on its way: %t", len(c.all), c.all["held"] == held)
		}
		release()
		if err := held.wait(t.Context(), nil); err != nil || e.begun.Load() != 1 {
			t.Errorf("%v, %d begun", err, e.begun.Load())
		}
	})
}
