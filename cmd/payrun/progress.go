package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"payrun/batch/engine"
	"payrun/batch/messages"
	"payrun/ledger"
)

// progressEvery is how often a run that nobody watches says where it stands.
const progressEvery = 10 * time.Second

// progressRefresh is how often what a person watches is drawn anew.
const progressRefresh = 120 * time.Millisecond

// progress shows a person, or a log, where a run stands. Show is called by the
// engine and only stores; drawing happens at the display's own pace.
type progress struct {
	latest  atomic.Pointer[engine.Progress]
	started time.Time
	already int
	// logs is where log lines go so that they do not run through the bar.
	logs io.Writer
	stop func()
	// words are what the bar says, in the person's language.
	words *messages.Catalogue
}

// startProgress begins to show a run of which already payouts are final. Stop
// must be called; it leaves the last state on the screen.
func (a *app) startProgress(total, already int) *progress {
	p := &progress{started: time.Now(), already: already, logs: a.stderr, stop: func() {}, words: a.words}
	p.latest.Store(&engine.Progress{})
	switch {
	case a.global.noProgress:
	case a.stderrTerminal:
		p.drawBar(a.stderr, total)
	default:
		p.writeLines(a.logger())
	}
	return p
}

// Show takes in where the run stands.
func (p *progress) Show(now engine.Progress) { p.latest.Store(&now) }

// Stop shows the end and returns when nothing more will be written.
func (p *progress) Stop() { p.stop() }

func (p *progress) drawBar(w io.Writer, total int) {
	container := mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(progressRefresh), mpb.WithWidth(40))
	bar := container.New(int64(total), mpb.BarStyle(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.count(*p.latest.Load()) })),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			return p.detail(*p.latest.Load(), s.AvailableWidth-barMin)
		})))
	draw := func() { bar.SetCurrent(int64(p.latest.Load().Tally.Final().Count)) }
	stopDrawing := every(progressRefresh, draw)
	p.logs = container
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

func (p *progress) count(now engine.Progress) string {
	return fmt.Sprintf("%d/%d ", now.Tally.Final().Count, now.Tally.Total().Count)
}

// barMin is how many columns of a narrow terminal are kept for the bar.
const barMin = 8

// detail says what there is room for, what a person would miss most first.
func (p *progress) detail(now engine.Progress, room int) string {
	line := ""
	for _, part := range p.parts(now) {
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

// parts are what can be said of a run, the most important first.
func (p *progress) parts(now engine.Progress) []string {
	var parts []string
	say := func(part string) { parts = append(parts, part) }
	if failed := now.Tally.In(ledger.Failed).Count; failed > 0 {
		say(p.words.Text("progress.failed", "count", number(failed)))
	}
	open := now.Tally.Open().Count
	if open > 0 {
		say(p.words.Text("progress.open", "count", number(open)))
	}
	say(p.words.Text("progress.paid", "amount", now.Tally.In(ledger.Successful).Amount.String()))
	if now.Phase != "" {
		say(p.words.Text("phase." + now.Phase))
	}
	perSecond := p.perSecond(now)
	if perSecond <= 0 {
		return parts
	}
	if open > 0 {
		left := time.Duration(float64(open) / perSecond * float64(time.Second))
		say(p.words.Text("progress.left", "time", left.Round(time.Second).String()))
	}
	say(fmt.Sprintf("%.1f/s", perSecond))
	return parts
}

func (p *progress) perSecond(now engine.Progress) float64 {
	elapsed := time.Since(p.started).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return float64(now.Tally.Final().Count-p.already) / elapsed
}

func (p *progress) writeLines(log *zerolog.Logger) {
	p.stop = every(progressEvery, func() {
		now := *p.latest.Load()
		log.Info().
			Str("phase", now.Phase).
			Int("done", now.Tally.Final().Count).
			Int("of", now.Tally.Total().Count).
			Int("open", now.Tally.Open().Count).
			Int("failed", now.Tally.In(ledger.Failed).Count).
			Int64("paid_xof", int64(now.Tally.In(ledger.Successful).Amount)).
			Float64("per_second", p.perSecond(now)).
			Msg("progress")
	})
}
