package reports

import (
	"fmt"
	"time"

	"payrun/ledger"
)

// columnsMax bounds a timeline, and with it what it keeps in memory.
const columnsMax = 120

// steps are the widths that a column of a timeline can have, in seconds. Each
// divides the next, so that columns can be joined.
//
//nolint:gochecknoglobals // a table that nothing writes to
var steps = []int64{1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 28 * 86400, 364 * 86400, 3640 * 86400}

// timeline counts when payouts became final, in columns of a width that grows
// with the time between the first and the last.
type timeline struct {
	step        int
	counts      map[int64]settledCount // by the column's start, in seconds since 1970
	first, last int64
}

type settledCount struct{ paid, failed int }

func (t *timeline) add(l line) {
	paid, failed := l.state == ledger.Successful.String(), l.state == ledger.Failed.String()
	if l.settledAt.IsZero() || (!paid && !failed) {
		return
	}
	at := l.settledAt.Unix()
	if t.counts == nil {
		t.counts, t.first, t.last = make(map[int64]settledCount), at, at
	}
	t.first, t.last = min(t.first, at), max(t.last, at)
	for t.columns() > columnsMax && t.step < len(steps)-1 {
		t.widen()
	}
	start := t.start(at)
	count := t.counts[start]
	if paid {
		count.paid++
	} else {
		count.failed++
	}
	t.counts[start] = count
}

// start returns the beginning of the column that a moment falls into.
func (t *timeline) start(at int64) int64 {
	width := steps[t.step]
	return (at - (at%width+width)%width)
}

func (t *timeline) columns() int64 {
	return (t.start(t.last)-t.start(t.first))/steps[t.step] + 1
}

// widen joins columns.
func (t *timeline) widen() {
	t.step++
	joined := make(map[int64]settledCount)
	for at, count := range t.counts {
		into := joined[t.start(at)]
		into.paid += count.paid
		into.failed += count.failed
		joined[t.start(at)] = into
	}
	t.counts = joined
}

// pageTimeline is a timeline as the page draws it: columns one unit wide on a
// ground of Width by timelineHeight.
type pageTimeline struct {
	Width, Height int64
	Bars          []pageBar
	// First and Last are the ends of the axis.
	First, Last string
	Step        string
	Highest     string
}

// pageBar is one column's part for one state.
type pageBar struct {
	X, Y, Height int64
	State        string
}

const timelineHeight = 1000

// columnsMin keeps the columns of a short run from looking like walls.
const columnsMin = 12

// page returns nil if nothing was settled.
func (t *timeline) page(w words) *pageTimeline {
	if len(t.counts) == 0 {
		return nil
	}
	page := &pageTimeline{Width: max(t.columns(), columnsMin), Height: timelineHeight, Step: stepName(steps[t.step], w.DayUnit)}
	begin := t.start(t.first)
	page.First, page.Last = w.moment(time.Unix(begin, 0)), w.moment(time.Unix(begin+page.Width*steps[t.step], 0))
	highest := 0
	for _, count := range t.counts {
		highest = max(highest, count.paid+count.failed)
	}
	page.Highest = grouped(highest)
	for x := range page.Width {
		count := t.counts[begin+x*steps[t.step]]
		paid := timelineHeight * int64(count.paid) / int64(highest)
		failed := timelineHeight * int64(count.failed) / int64(highest)
		if count.paid > 0 {
			page.Bars = append(page.Bars, pageBar{x, timelineHeight - paid, max(paid, 1), ledger.Successful.String()})
		}
		if count.failed > 0 {
			page.Bars = append(page.Bars, pageBar{x, timelineHeight - paid - failed, max(failed, 1), ledger.Failed.String()})
		}
	}
	return page
}

// stepName writes a column's width in the largest unit that fits.
func stepName(seconds int64, day string) string {
	for _, unit := range []struct {
		seconds int64
		symbol  string
	}{{86400, day}, {3600, "h"}, {60, "min"}} {
		if seconds%unit.seconds == 0 {
			return fmt.Sprintf("%d\u00a0%s", seconds/unit.seconds, unit.symbol)
		}
	}
	return fmt.Sprintf("%d\u00a0s", seconds)
}
