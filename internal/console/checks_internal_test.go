package console

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/inbox"
	"payrun/batch/service"
)

// slow reads files that take a minute each, unless they are called otherwise, and counts them.
type slow struct{ begun, ended, now, most atomic.Int32 }

func (s *slow) read(ctx context.Context, up inbox.Upload, _ *service.Progress) (service.Understood, error) {
	s.begun.Add(1)
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer func() { s.now.Add(-1); s.ended.Add(1) }()
	switch up.Name {
	case "wrong":
		return service.Understood{}, errors.New("the ledger cannot be read")
	case "hostile":
		panic("index out of range")
	}
	select {
	case <-time.After(time.Minute):
		return service.Understood{Sheets: []string{up.Sheet}}, nil
	case <-ctx.Done():
		return service.Understood{}, ctx.Err()
	}
}

// checked has a test run with checks in a time of its own.
func checked(t *testing.T, test func(t *testing.T, c *checks, s *slow)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := new(slow)
		c := newChecks(time.Now, s.read)
		defer c.close()
		test(t, c, s)
	})
}

func upload(id string) inbox.Upload { return inbox.Upload{ID: id, Name: id} }

// TestAFileIsReadOnceForAllWhoAsk, also when they go away meanwhile, and again when it is stale.
func TestAFileIsReadOnceForAllWhoAsk(t *testing.T) {
	checked(t, func(t *testing.T, c *checks, s *slow) {
		t.Helper()
		impatient, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if _, err := c.wait(impatient, c.of(upload("a")), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who goes away is told %v", err)
		}
		if _, err := c.wait(t.Context(), c.of(upload("a")), time.After(time.Second)); !errors.Is(err, errNotYet) {
			t.Errorf("who waits a second is told %v", err)
		}
		for range 3 {
			if _, err := c.wait(t.Context(), c.of(upload("a")), nil); err != nil {
				t.Error(err)
			}
		}
		if s.begun.Load() != 1 {
			t.Errorf("it was read %d times", s.begun.Load())
		}
		<-time.After(understoodFor)
		if c.of(upload("a")).ended() {
			t.Error("what was found long ago is believed")
		}
	})
}

// TestOtherChoicesEndAReading, and so does removing the file: what is found is about the choices that
// were asked for.
func TestOtherChoicesEndAReading(t *testing.T) {
	checked(t, func(t *testing.T, c *checks, s *slow) {
		t.Helper()
		before := c.of(upload("a"))
		synctest.Wait()
		other := upload("a")
		other.Sheet = "Feuil2"
		found, err := c.wait(t.Context(), c.of(other), nil)
		if err != nil || len(found.Sheets) != 1 || found.Sheets[0] != "Feuil2" {
			t.Errorf("%v, %v", found.Sheets, err)
		}
		if !before.ended() || !errors.Is(before.err, errStopping) {
			t.Errorf("the one before goes on: %v", before.err)
		}
		removed := c.of(upload("b"))
		synctest.Wait()
		c.forget("b")
		synctest.Wait()
		if !removed.ended() || s.now.Load() != 0 {
			t.Error("a file that was removed is read on")
		}
	})
}

// TestFilesWaitForTheirTurn: however many are asked for, two are read.
func TestFilesWaitForTheirTurn(t *testing.T) {
	checked(t, func(t *testing.T, c *checks, s *slow) {
		t.Helper()
		var all []*checking
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			all = append(all, c.of(upload(id)))
		}
		synctest.Wait()
		waiting := 0
		for _, one := range all {
			if !one.began.Load() {
				waiting++
			}
		}
		for _, one := range all {
			if _, err := c.wait(t.Context(), one, nil); err != nil {
				t.Error(err)
			}
		}
		if waiting != 3 || s.most.Load() != checksAtOnce {
			t.Errorf("%d waited and %d were read at once", waiting, s.most.Load())
		}
	})
}

// TestAnErrorIsToldOnce, and then the file is read again; a file on which payrun panics is such an error,
// and ends nothing else.
func TestAnErrorIsToldOnce(t *testing.T) {
	checked(t, func(t *testing.T, c *checks, s *slow) {
		t.Helper()
		for id, want := range map[string]string{"wrong": "the ledger cannot be read", "hostile": "index out of range"} {
			for range 2 {
				if _, err := c.wait(t.Context(), c.of(upload(id)), nil); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v", id, err)
				}
			}
		}
		if s.begun.Load() != 4 {
			t.Errorf("read %d times, want each twice", s.begun.Load())
		}
	})
}

// TestTheServersEndEndsEveryReading, and waits for it; what is asked for afterwards is refused.
func TestTheServersEndEndsEveryReading(t *testing.T) {
	checked(t, func(t *testing.T, c *checks, s *slow) {
		t.Helper()
		all := []*checking{c.of(upload("a")), c.of(upload("b")), c.of(upload("c"))}
		synctest.Wait()
		c.close()
		if s.begun.Load() != 2 || s.ended.Load() != 2 {
			t.Errorf("%d were begun and %d ended", s.begun.Load(), s.ended.Load())
		}
		for _, one := range append(all, c.of(upload("d"))) {
			if _, err := c.wait(t.Context(), one, nil); !errors.Is(err, errStopping) {
				t.Errorf("told %v", err)
			}
		}
	})
}

// TestNoMoreFilesAreRememberedThanMany: those that were read first are forgotten.
func TestNoMoreFilesAreRememberedThanMany(t *testing.T) {
	checked(t, func(t *testing.T, c *checks, _ *slow) {
		t.Helper()
		for i := range checksMax + 10 {
			one := c.of(upload("file " + strings.Repeat("x", i)))
			if _, err := c.wait(t.Context(), one, nil); err != nil {
				t.Fatal(err)
			}
		}
		if len(c.all) > checksMax {
			t.Errorf("%d are remembered", len(c.all))
		}
	})
}
