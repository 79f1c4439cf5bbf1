package reports

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"payrun/ledger"
)

func settled(at time.Time, state ledger.State) line {
	return line{state: state.String(), settledAt: at}
}

// TestATimelineLosesNothing: however far apart payouts are settled and in
// whatever order they come, each is counted once, in few columns.
func TestATimelineLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var drawn timeline
		paid, failed := 0, 0
		spread := rapid.SampledFrom([]int64{10, 1000, 100_000, 100_000_000}).Draw(t, "spread")
		for _, second := range rapid.SliceOf(rapid.Int64Range(-spread, spread)).Draw(t, "seconds") {
			state := rapid.SampledFrom([]ledger.State{ledger.Successful, ledger.Failed}).Draw(t, "state")
			if state == ledger.Successful {
				paid++
			} else {
				failed++
			}
			drawn.add(settled(time.Unix(second, 0), state))
		}
		for at, count := range drawn.counts {
			if drawn.start(at) != at {
				t.Errorf("a column begins at %d, the step is %d", at, steps[drawn.step])
			}
			paid -= count.paid
			failed -= count.failed
		}
		if paid != 0 || failed != 0 {
			t.Errorf("%d paid and %d failed were not counted", paid, failed)
		}
		if len(drawn.counts) > 0 && drawn.columns() > columnsMax {
			t.Errorf("%d columns", drawn.columns())
		}
	})
}

func TestATimelineShowsOnlyWhatIsSettled(t *testing.T) {
	var drawn timeline
	drawn.add(line{state: ledger.Pending.String()})
	drawn.add(settled(time.Unix(1, 0), ledger.Cancelled))
	if page := drawn.page(englishWords()); page != nil {
		t.Errorf("got %+v, want nothing to draw", page)
	}
}

func TestAColumnIsNamedInTheLargestUnit(t *testing.T) {
	for seconds, want := range map[int64]string{1: "1\u00a0s", 15: "15\u00a0s", 300: "5\u00a0min", 21600: "6\u00a0h", 604800: "7\u00a0j"} {
		if got := stepName(seconds, "j"); got != want {
			t.Errorf("stepName(%d) = %q, want %q", seconds, got, want)
		}
	}
}
