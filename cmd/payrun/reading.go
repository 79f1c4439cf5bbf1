package main

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"payrun/batch"
	"payrun/batch/input"
	"payrun/ledger/money"
)

// The phases in which a file is read.
const (
	phaseValidating = "validating"
	phaseRecording  = "recording"
)

// countedFile counts the rows that were read of a file.
type countedFile struct {
	batch.File
	rows *atomic.Int64
}

func (f countedFile) Rows(ctx context.Context) iter.Seq2[input.Row, error] {
	return func(yield func(input.Row, error) bool) {
		for row, err := range f.File.Rows(ctx) {
			f.rows.Add(1)
			if !yield(row, err) {
				return
			}
		}
	}
}

// reading returns the file such that a person, or a log, sees how far it was read,
// until stop is called. How many rows there are is not known before the end.
func (a *app) reading(phase string, file batch.File) (counted batch.File, stop func()) {
	c := countedFile{file, new(atomic.Int64)}
	switch {
	case a.global.noProgress:
		return c, func() {}
	case a.stderrTerminal:
		return c, a.drawReading(phase, c.rows)
	default:
		log := a.logger()
		return c, every(progressEvery, func() {
			log.Info().Str("phase", phase).Int64("rows", c.rows.Load()).Msg("progress")
		})
	}
}

// drawReading draws a line that goes when the reading is over: what follows says
// what was found.
func (a *app) drawReading(phase string, rows *atomic.Int64) (stop func()) {
	container := mpb.New(mpb.WithOutput(a.stderr), mpb.WithRefreshRate(progressRefresh))
	line := container.New(0, mpb.SpinnerStyle().PositionLeft(), mpb.BarWidth(2), mpb.BarRemoveOnComplete(), mpb.AppendDecorators(
		decor.Any(func(decor.Statistics) string {
			return " " + a.text("progress.rows", "phase", a.text("phase."+phase), "count", money.XOF(rows.Load()).Grouped())
		})))
	before := a.notices.lead(container)
	return func() {
		a.notices.lead(before)
		line.Abort(true)
		container.Wait()
	}
}
