package anchor_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"payrun/ledger/anchor"
)

// at is an anchor at another time.
func at(a anchor.Anchor, when time.Time) anchor.Anchor {
	a.At = when
	return a
}

// TestWhoeverWasAtWorkFirstGoesOn: of two processes that pay from one account the one
// that comes later is stopped before it records anything, unless the first was quiet
// until then.
func TestWhoeverWasAtWorkFirstGoesOn(t *testing.T) {
	t.Parallel()
	own := stands("led", log(1, 10))
	copied := own
	copied.Path = "/media/usb/led.db"
	other := stands("led-2", log(2, 4))
	elsewhere := other
	elsewhere.Account = "https://else.example"
	for name, test := range map[string]struct {
		by       anchor.Anchor
		overtake bool
	}{
		"a copy of this ledger":       {copied, true},
		"another ledger":              {other, true},
		"a ledger of another account": {elsewhere, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := anchor.Open(t.TempDir())
			advance(t, f, own)
			late, first := f.Watch(own), f.Watch(test.by)
			if err := first.Advance(t.Context(), at(test.by, noon.Add(time.Second))); err != nil {
				t.Fatal(err)
			}
			before, _, _, _ := f.Of("led")
			for _, err := range []error{late.Check(t.Context(), own), late.Advance(t.Context(), at(own, noon.Add(2*time.Second)))} {
				if errors.Is(err, anchor.ErrOvertaken) != test.overtake || (!test.overtake && err != nil) {
					t.Errorf("the one that came later: %v", err)
				}
				if found, ok := errors.AsType[*anchor.OvertakenError](err); ok && found.By.Path != test.by.Path {
					t.Errorf("named is %+v", found.By)
				}
			}
			if after, _, _, _ := f.Of("led"); test.by.Ledger == "led" && after != before {
				t.Errorf("it wrote %+v over %+v", after, before)
			}
			if err := first.Advance(t.Context(), at(test.by, noon.Add(3*time.Second))); test.by.Ledger == "led" && err != nil {
				t.Errorf("the one that was at work first: %v", err)
			}
		})
	}
}

// TestOfTwoThatBeginTogetherOneAtMostPays: neither knows of the other, and both write.
func TestOfTwoThatBeginTogetherOneAtMostPays(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"led", "led-2"} {
		f := anchor.Open(t.TempDir())
		advance(t, f, stands("led", log(1, 10)))
		copied := stands(second, log(1, 10))
		copied.Path = "/media/usb/led.db"
		both := []anchor.Anchor{stands("led", log(1, 11)), copied}
		watches := []*anchor.Watch{f.Watch(both[0]), f.Watch(both[1])}
		var pays atomic.Int32
		var done sync.WaitGroup
		for i, w := range watches {
			done.Go(func() {
				err := w.Advance(t.Context(), at(both[i], noon.Add(time.Duration(i+1)*time.Second)))
				switch {
				case err == nil:
					pays.Add(1)
				case !errors.Is(err, anchor.ErrOvertaken):
					t.Error(err)
				}
			})
		}
		done.Wait()
		if pays.Load() > 1 {
			t.Errorf("with a second %q both go on", second)
		}
	}
}

// TestWhoeverIsOvertakenIsNotVouchedForByWhatItWrote: it wrote before it saw the other.
func TestWhoeverIsOvertakenIsNotVouchedForByWhatItWrote(t *testing.T) {
	t.Parallel()
	f := anchor.Open(t.TempDir())
	one, other := stands("led", log(1, 11)), stands("led-2", log(2, 5))
	second := f.Watch(other)
	if err := f.Watch(one).Advance(t.Context(), at(one, noon.Add(time.Second))); err != nil {
		t.Fatal(err)
	}
	if err := second.Advance(t.Context(), at(other, noon.Add(2*time.Second))); !errors.Is(err, anchor.ErrOvertaken) {
		t.Fatalf("advance: %v, want ErrOvertaken", err)
	}
	if got, err := f.Vouch(t.Context(), at(other, noon.Add(time.Minute)), log(2, 5)); err != nil || got.Standing != anchor.OtherLedger {
		t.Errorf("opened again it is %v (%v), want the other one first", got.Standing, err)
	}
}

// TestAWatchIsNotDisturbedByWhatIsNoPayrun: an anchor that vanishes or is damaged
// vouches for nothing, and is written anew.
func TestAWatchIsNotDisturbedByWhatIsNoPayrun(t *testing.T) {
	t.Parallel()
	for name, disturb := range map[string]func(path string) error{
		"removed": os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte("hello\n"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			f, c := anchor.Open(folder), log(1, 12)
			w := f.Watch(stands("led", c))
			if err := w.Advance(t.Context(), stands("led", c[:10])); err != nil {
				t.Fatal(err)
			}
			if err := disturb(filepath.Join(folder, "led.anchor")); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(w.Check(t.Context(), stands("led", c)), w.Advance(t.Context(), stands("led", c))); err != nil {
				t.Fatal(err)
			}
			if got, err := f.Vouch(t.Context(), stands("led", c), c); err != nil || got.Standing != anchor.Vouched {
				t.Errorf("%v, %v", got.Standing, err)
			}
		})
	}
}

// TestProcessesThatShareALedgerDoNotOvertakeEachOther: each advances the anchor to events of
// the one log. A copy of the ledger is told by an event that the log does not have.
func TestProcessesThatShareALedgerDoNotOvertakeEachOther(t *testing.T) {
	t.Parallel()
	f, c := anchor.Open(t.TempDir()), log(1, 20)
	copied := append(slices.Clone(c[:12]), log(2, 20)[12:]...)
	one, two := f.Watch(stands("led", c[:10])).Shared(c), f.Watch(stands("led", c[:10])).Shared(c)
	for i, w := range []*anchor.Watch{one, two, two, one} {
		at := stands("led", c[:11+i])
		if err := errors.Join(w.Check(t.Context(), at), w.Advance(t.Context(), at)); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	// Whoever was slower does not take the anchor back.
	if err := two.Advance(t.Context(), stands("led", c[:12])); err != nil {
		t.Error(err)
	}
	if got, err := f.Vouch(t.Context(), stands("led", c), c); err != nil || got.Own.Head.Events != 14 {
		t.Errorf("the anchor stands at %d, %v, want 14", got.Own.Head.Events, err)
	}
	if err := f.Watch(stands("led", copied)).Advance(t.Context(), stands("led", copied[:15])); err != nil {
		t.Fatal(err)
	}
	if err := one.Check(t.Context(), stands("led", c)); !errors.Is(err, anchor.ErrOvertaken) {
		t.Errorf("beside a copy: %v, want ErrOvertaken", err)
	}
}

// TestAnAnchorGivesWayToALedgerThatLostItsEnd: a failover took the last events of a shared ledger.
// What is recorded from then on is the newest, although it is shorter than what the anchor has, and
// nobody is overtaken by what the same ledger once was.
func TestAnAnchorGivesWayToALedgerThatLostItsEnd(t *testing.T) {
	t.Parallel()
	f, before := anchor.Open(t.TempDir()), log(1, 20)
	after := append(slices.Clone(before[:8]), log(2, 20)[8:]...)
	if err := f.Watch(stands("led", before[:10])).Shared(before).Advance(t.Context(), stands("led", before[:15])); err != nil {
		t.Fatal(err)
	}
	one, two := f.Watch(stands("led", after[:8])).Shared(after), f.Watch(stands("led", after[:8])).Shared(after)
	for i, w := range []*anchor.Watch{one, two, one} {
		at := stands("led", after[:10+i])
		if err := errors.Join(w.Check(t.Context(), at), w.Advance(t.Context(), at), w.Check(t.Context(), at)); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if got, err := f.Vouch(t.Context(), stands("led", after), after); err != nil || got.Own.Head.Events != 12 {
		t.Errorf("the anchor stands at %d, %v, want 12", got.Own.Head.Events, err)
	}
}
