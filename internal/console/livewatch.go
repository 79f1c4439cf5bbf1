package console

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"payrun/internal/catalogue"
	"payrun/internal/httpapi"
	"payrun/internal/sse"
	"payrun/ledger"
)

// watch is one page's view of a batch while it is paid.
type watch struct {
	*server

	id    ledger.BatchID
	words *catalogue.Catalogue
	// failed are the last payouts that failed, the latest first.
	failed []ledger.Payout
	past   []sample
	// said are the figures that the page was told last.
	said map[string]string
	// waits is set for a page of what was not being paid: its end is that it is.
	waits bool
	// machines are those at work when that was asked last.
	machines []string
	asked    time.Time
}

// sample is how many payouts had come to their end at a moment.
type sample struct {
	at    time.Time
	final int
}

// glimpse is where a batch stands at a moment.
type glimpse struct {
	batch    ledger.Batch
	paying   bool
	states   ledger.ByState
	stopped  error
	machines []string
	// over is set where nothing is under way, and nothing will be by itself.
	over bool
}

func (s *server) watch(r *http.Request) *watch {
	return &watch{server: s, id: batchOf(r), words: s.words(r)}
}

// look finds out where the batch stands. Its cost does not depend on the batch's size.
func (w *watch) look(ctx context.Context) (glimpse, error) {
	var now glimpse
	var err error
	if now.batch, err = w.Store.Batch(ctx, w.id); err != nil {
		return now, err
	}
	counts, err := w.Store.Counts(ctx, w.id)
	if err != nil {
		return now, err
	}
	now.states = counts.ByState()
	paying := w.Payroll.Paying(w.id)
	if now.machines, err = w.atWork(ctx, paying); err != nil {
		return now, err
	}
	ended, has := w.Payroll.Ended(w.id)
	if has && !paying && now.batch.State == ledger.BatchPaying {
		now.stopped = ended.Stopped
		now.over = ended.Until.IsZero()
	}
	switch now.batch.State {
	case ledger.BatchClosed, ledger.BatchCancelled, ledger.BatchRejected, ledger.BatchExpired, ledger.BatchPaused:
		now.over = true
	case ledger.BatchDraft, ledger.BatchReady, ledger.BatchAwaitingApproval, ledger.BatchApproved, ledger.BatchPaying:
	}
	now.paying = paying
	w.remember(now)
	return now, nil
}

// machinesEvery is how often it is asked which machines are at work.
const machinesEvery = 2 * time.Second

// atWork names the machines that pay something: those that share the ledger, or this one.
func (w *watch) atWork(ctx context.Context, paying bool) ([]string, error) {
	switch {
	case w.Machines == nil && paying:
		return []string{w.Host}, nil
	case w.Machines == nil:
		return nil, nil
	case w.Clock().Sub(w.asked) < machinesEvery:
		return w.machines, nil
	}
	var err error
	w.machines, err = w.Machines(ctx)
	w.asked = w.Clock()
	return w.machines, err
}

// rateOver is the time over which the rate is taken.
const rateOver = 30 * time.Second

// remember keeps what the rate is computed from.
func (w *watch) remember(now glimpse) {
	at := w.Clock()
	final := now.states.Final().Count
	if len(w.past) == 0 && now.batch.Release != nil && now.batch.State == ledger.BatchPaying {
		w.past = append(w.past, sample{now.batch.Release.At, now.states.Total().Count - now.batch.Release.Count.Count})
	}
	w.past = append(w.past, sample{at, final})
	for len(w.past) > 2 && at.Sub(w.past[1].at) > rateOver {
		w.past = w.past[1:]
	}
}

// perSecond is how many payouts lately came to their end.
func (w *watch) perSecond() float64 {
	first, last := w.past[0], w.past[len(w.past)-1]
	elapsed := last.at.Sub(first.at).Seconds()
	if elapsed < 1 || last.final <= first.final {
		return 0
	}
	return float64(last.final-first.final) / elapsed
}

// texts are the figures of a moment as the page shows them, by name.
func (w *watch) texts(now glimpse) map[string]string {
	states, text := now.states, w.words.Text
	final, total, failed := states.Final().Count, states.Total().Count, states.In(ledger.Failed)
	paid, open := now.batch.Currency.Of(states.Paid().Minor), states.Open().Count-states.In(ledger.Queued).Count
	figures := map[string]string{
		"bar": strconv.Itoa(final), "state": text("console.state." + now.batch.State.String()),
		"final": text("console.live.final", "number", shown(final), "total", shown(total)),
		"paid":  shown(states.In(ledger.Successful).Count), "paid_amount": shown(paid),
		"failed": shown(failed.Count), "failed_amount": shown(now.batch.Currency.Of(failed.Amount.Minor)),
		"all_open": shown(states.Open().Count), "all_open_amount": shown(now.batch.Currency.Of(states.Open().Amount.Minor)), "paying": "",
		"open": shown(open), "queued": shown(states.In(ledger.Queued).Count),
		"rate": "–", "left": "–", "machines": text("console.live.nobody"), "stopped": "",
	}
	if len(now.machines) > 0 {
		figures["machines"] = strings.Join(now.machines, ", ")
	}
	if rate := w.perSecond(); rate > 0 && !now.over && states.Open().Count > 0 {
		figures["rate"] = text("console.live.per_minute", "number", shown(int(math.Round(rate*60))))
		if rate >= 1 {
			figures["rate"] = text("console.live.per_second", "number", shown(int(math.Round(rate))))
		}
		figures["left"] = catalogue.ShortTime(time.Duration(float64(states.Open().Count) / rate * float64(time.Second)))
	}
	if now.paying {
		figures["paying"] = text("console.batch.paying_now")
	}
	if now.stopped != nil {
		figures["stopped"] = sentence(w.words.Title(httpapi.CodeOf(now.stopped)))
	}
	if now.over {
		figures["rate"], figures["left"] = w.said["rate"], text("console.live.ended")
		if figures["rate"] == "" {
			figures["rate"] = "–"
		}
	}
	figures["kind"], figures["ended"] = ending(states, now.stopped != nil, text)
	figures["spoken"] = text("console.live.spoken", "final", shown(final), "total", shown(total), "amount", shown(paid), "failed", shown(failed.Count))
	return figures
}

// ending says what a payment came to when nothing of it is under way, and how good that is: the class of
// a notice.
func ending(states ledger.ByState, stopped bool, text func(string, ...string) string) (kind, words string) {
	paid, failed, open := states.In(ledger.Successful).Count, states.In(ledger.Failed).Count, states.Open().Count
	args := []string{"paid", shown(paid), "failed", shown(failed), "open", shown(open)}
	switch {
	case stopped || open > 0:
		return "care", text("console.live.over.open", args...)
	case paid == 0 && failed > 0:
		return "bad", text("console.live.over.failed", args...)
	case failed > 0:
		return "care", text("console.live.over.some", args...)
	default:
		return "good", text("console.live.over", args...)
	}
}

// Of the failures the page shows the latest; the log is read back this far for them.
const (
	failuresShown = 20
	recalled      = 5000
)

// recall finds the latest failures in the end of the log.
func (w *watch) recall(ctx context.Context, head uint64) error {
	_, _, err := w.hear(ctx, max(head, recalled)-recalled+1)
	return err
}

// hear takes in the events from a number on, and returns the next one and whether anything of
// the batch failed or came back.
func (w *watch) hear(ctx context.Context, next uint64) (uint64, bool, error) {
	var moved []ledger.TransactionID
	for event, err := range w.Store.Events(ctx, next) {
		if err != nil {
			return next, false, err
		}
		next = event.Sequence + 1
		if event.Payout != "" && event.Batch == w.id && (event.From == ledger.Failed) != (event.To == ledger.Failed) {
			moved = append(moved, event.Payout)
		}
	}
	if len(moved) == 0 {
		return next, false, nil
	}
	w.failed = slices.DeleteFunc(w.failed, func(p ledger.Payout) bool { return slices.Contains(moved, p.ID) })
	var latest []ledger.Payout
	for _, id := range slices.Backward(moved) {
		if len(latest) == failuresShown {
			break
		}
		payout, err := w.Store.Payout(ctx, id)
		if err != nil {
			return next, true, err
		}
		known := slices.ContainsFunc(latest, func(p ledger.Payout) bool { return p.ID == id })
		if payout.State == ledger.Failed && !known {
			latest = append(latest, payout)
		}
	}
	w.failed = append(latest, w.failed...)
	w.failed = w.failed[:min(len(w.failed), failuresShown)]
	return next, true, nil
}

// rows are the failures as the page shows them.
func (w *watch) rows() []failure {
	rows := []failure{}
	for _, p := range w.failed {
		rows = append(rows, failure{
			Href:  batchPath(w.id, "/payouts?show=failed"),
			Cells: []string{string(p.ID), p.Name, shown(p.Amount), answered(p.Answer)},
		})
	}
	return rows
}

// tell tells the page of the events from a number on, and ends when there will be no more.
func (w *watch) tell(ctx context.Context, to *sse.Stream, next uint64) (uint64, error) {
	next, changed, err := w.hear(ctx, next)
	if err != nil {
		return next, err
	}
	now, err := w.look(ctx)
	if err != nil {
		return next, err
	}
	texts := w.texts(now)
	if changed {
		err = send(to, next, "failures", w.rows())
	}
	if now.over || w.waits && now.paying {
		return next, errors.Join(err, send(to, next, "end", texts), sse.ErrEnd)
	}
	if err == nil && !maps.Equal(texts, w.said) {
		err = send(to, next, "figures", texts)
		w.said = texts
	}
	return next, err
}

// send sends an event; the browser names it by the next one when it comes back.
func send(to *sse.Stream, next uint64, name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return to.Send(sse.Event{ID: next, Name: name, Data: data})
}
