package ui

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/money"
)

// progressEvery is the interval at which a run that nobody watches logs its progress.
const progressEvery = 10 * time.Second

// progressRefresh is the interval at which the bar is drawn anew.
const progressRefresh = 120 * time.Millisecond

// Progress shows a person, or a log, where a run stands. Show is called by the
// engine and only stores; drawing happens at the display's own pace.
type Progress struct {
	latest atomic.Pointer[engine.Progress]
	// slowed is set once the provider asked for fewer requests.
	slowed  atomic.Bool
	started time.Time
	already int
	// Logs takes log lines so that they do not run through the bar.
	Logs io.Writer
	stop func()
	// words of the bar, in the person's language.
	words *catalogue.Catalogue
}

// StartProgress begins to show a run of which already payouts are final. Stop
// must be called; it leaves the last state on the screen.
func (u *UI) StartProgress(total, already int) *Progress {
	p := &Progress{started: time.Now(), already: already, Logs: u.Stderr, stop: func() {}, words: u.Words}
	p.latest.Store(&engine.Progress{})
	switch {
	case u.NoProgress:
	case u.StderrTerminal:
		p.drawBar(Raw(u.Stderr), total)
	default:
		p.writeLines(u.Logger())
	}
	return p
}

// Show takes in where the run stands.
func (p *Progress) Show(now engine.Progress) {
	p.latest.Store(&now)
	if now.Slowed {
		p.slowed.Store(true)
	}
}

// Slowed reports whether the provider asked for fewer requests.
func (p *Progress) Slowed() bool { return p.slowed.Load() }

// Stop shows the end and returns when nothing more will be written.
func (p *Progress) Stop() { p.stop() }

func (p *Progress) drawBar(w io.Writer, total int) {
	container := mpb.New(drawnOn(w), mpb.WithRefreshRate(progressRefresh), mpb.WithWidth(40))
	bar := container.New(int64(total), mpb.BarStyle(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.count(*p.latest.Load()) })),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			return p.detail(*p.latest.Load(), s.AvailableWidth-barMin)
		})))
	draw := func() { bar.SetCurrent(int64(p.latest.Load().Tally.Final().Count)) }
	stopDrawing := every(progressRefresh, draw)
	p.Logs = container
	p.stop = func() {
		stopDrawing()
		draw()
		bar.Abort(false)
		container.Wait()
	}
}

// every does something again and again until it is stopped. Stop returns when it
// is not being done any more.
func every(interval time.Duration, do func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				do()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (p *Progress) count(now engine.Progress) string {
	return fmt.Sprintf("%d/%d ", now.Tally.Final().Count, now.Tally.Total().Count)
}

// barMin is the number of columns that a narrow terminal keeps for the bar.
const barMin = 8

// detail says what there is room for, what a person would miss most first.
func (p *Progress) detail(now engine.Progress, room int) string {
	line := ""
	for _, part := range p.details(now) {
		separator := ", "
		if line == "" {
			separator = " "
		}
		if utf8.RuneCountInString(line+separator+part) <= room {
			line += separator + part
		}
	}
	return line
}

// details lists the figures of a run, the most important first.
func (p *Progress) details(now engine.Progress) []string {
	var parts []string
	say := func(part string) { parts = append(parts, part) }
	if failed := now.Tally.In(ledger.Failed).Count; failed > 0 {
		say(p.words.Text("progress.failed", "count", strconv.Itoa(failed)))
	}
	open := now.Tally.Open().Count
	if open > 0 {
		say(p.words.Text("progress.open", "count", strconv.Itoa(open)))
	}
	if now.Slowed {
		say(p.words.Text("progress.slowed"))
	}
	say(p.words.Text("progress.paid", "amount", now.Tally.Paid().String()))
	if now.Phase != "" {
		say(p.words.Text("phase." + now.Phase))
	}
	perSecond := p.perSecond(now)
	if perSecond <= 0 {
		return parts
	}
	if open > 0 {
		left := time.Duration(float64(open) / perSecond * float64(time.Second))
		say(p.words.Text("progress.left", "time", catalogue.ShortTime(left)))
	}
	if perSecond >= 1 {
		say(p.words.Text("progress.rate", "rate", strconv.Itoa(int(math.Round(perSecond)))))
	}
	return parts
}

func (p *Progress) perSecond(now engine.Progress) float64 {
	elapsed := time.Since(p.started).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return float64(now.Tally.Final().Count-p.already) / elapsed
}

func (p *Progress) writeLines(log *zerolog.Logger) {
	p.stop = every(progressEvery, func() {
		now := *p.latest.Load()
		if now.Phase == "" {
			return // nothing is under way yet
		}
		log.Info().
			Str("phase", now.Phase).
			Int("done", now.Tally.Final().Count).
			Int("of", now.Tally.Total().Count).
			Int("open", now.Tally.Open().Count).
			Int("failed", now.Tally.In(ledger.Failed).Count).
			Int64("paid_minor", now.Tally.Paid().Minor).
			Str("currency", string(now.Tally.Paid().Currency)).
			Float64("per_second", p.perSecond(now)).
			Msg("progress")
	})
}

// ShowReading shows a person, or a log, how many rows were read, until stop is called.
func (u *UI) ShowReading(phase string, rows *atomic.Int64) (stop func()) {
	switch {
	case u.NoProgress:
		return func() {}
	case u.StderrTerminal:
		return u.drawReading(phase, rows)
	default:
		log := u.Logger()
		return every(progressEvery, func() {
			log.Info().Str("phase", phase).Int64("rows", rows.Load()).Msg("progress")
		})
	}
}

// drawReading draws a line that goes when the reading is over: what follows says
// what was found.
func (u *UI) drawReading(phase string, rows *atomic.Int64) (stop func()) {
	container := mpb.New(drawnOn(Raw(u.Stderr)), mpb.WithRefreshRate(progressRefresh))
	line := container.New(0, mpb.SpinnerStyle().PositionLeft(), mpb.BarWidth(2), mpb.BarRemoveOnComplete(), mpb.AppendDecorators(
		decor.Any(func(decor.Statistics) string {
			return " " + u.Text("progress.rows", "phase", u.Text("phase."+phase), "count", money.Group(rows.Load()))
		})))
	before := u.Notices.Redirect(container)
	return func() {
		u.Notices.Redirect(before)
		line.Abort(true)
		container.Wait()
	}
}

// WatchBatch shows a person, or a log, where paying a batch stands.
func (u *UI) WatchBatch(id ledger.BatchID) func(before ledger.ByState) service.Watch {
	return func(before ledger.ByState) service.Watch {
		display := u.StartProgress(before.Total().Count, before.Final().Count)
		stderr := u.Notices.Redirect(display.Logs)
		return service.Watch{
			Progress: display.Show,
			Log:      u.LoggerTo(display.Logs).With().Str("batch", string(id)).Logger(),
			Ended: func() {
				u.Notices.Redirect(stderr)
				display.Stop()
				if display.Slowed() {
					u.Remark(u.Text("progress.was_slowed"))
				}
			},
		}
	}
}
