package console

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/inbox"
	"payrun/batch/service"
	"payrun/internal/httpapi"
)

// Bounds of the submissions.
const (
	// submitsMax is how many are remembered: the address of a file leads to its batch, or says why not.
	submitsMax = 1000
	// submitsAtOnce is how many files are checked once more at the same time; they enter one by one.
	submitsAtOnce = 2
)

var (
	// errSubmitting is told of a file that is on its way into its batch, with which nothing else is done.
	errSubmitting error = &problem{"submitting", http.StatusConflict}
	// errCutShort is told where the server stops before a file was entered whole.
	errCutShort error = &problem{"cut_short", http.StatusServiceUnavailable}
	// errChanged is told where a file does not come to what its maker saw.
	errChanged = errors.New("the file does not come to what was shown")
)

// submits are the files that are being submitted, and those that were. A file is entered beside the
// requests for it, once: whoever submits it again meanwhile, or afterwards, is told of the same. Only the
// end of the server ends it, at a place from which submitting it again goes on.
type submits struct {
	*beside

	// enter checks a file and enters it, or returns why not; it may be called several times at once.
	enter func(ctx context.Context, one *submitting) error
	log   zerolog.Logger

	all map[string]*submitting
	// begun counts them.
	begun int
}

// seen is the sum of a file as its maker saw it, who submits that and nothing else.
type seen struct {
	// count and total are what paying it would send, total in minor units.
	count       int
	total       int64
	corrections int
}

// submitting is a file on its way into its batch.
type submitting struct {
	// of is the file as it was submitted, by the person who did.
	of   inbox.Upload
	by   service.Actor
	seen seen
	// number tells which one began first.
	number int

	stage atomic.Pointer[submitStage]
	// read is how many rows were read for the stage, rows how many there are, 0 where that is not known.
	read, rows atomic.Int64

	// done is closed when err is there: nil if it was entered.
	done chan struct{}
	err  error
}

// submitStage is a part of submitting a file: the key of its words.
type submitStage string

// The stages, in their order.
const (
	submitWaits  submitStage = "console.submitting.waiting"
	submitChecks submitStage = "console.submitting.check"
	// submitQueues is until no other batch is changed, and nothing of its own is being paid.
	submitQueues submitStage = "console.submitting.turn"
	submitEnters submitStage = "console.submitting.enter"
)

func newSubmits(log zerolog.Logger, enter func(context.Context, *submitting) error) *submits {
	return &submits{beside: newBeside(submitsAtOnce), enter: enter, log: log, all: map[string]*submitting{}}
}

// begin submits a file with so many rows, 0 if that is not known. Of a file that is under way, or was
// entered, it returns that submission.
func (c *submits) begin(up inbox.Upload, by service.Actor, shown seen, rows int64) *submitting {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, has := c.all[up.ID]; has && !before.failed() {
		return before
	}
	c.makeRoom()
	c.begun++
	one := &submitting{of: up, by: by, seen: shown, number: c.begun, done: make(chan struct{})}
	one.enters(submitWaits)
	one.rows.Store(rows)
	if c.closed {
		one.err = errCutShort
		close(one.done)
		return one
	}
	c.all[up.ID] = one
	c.running.Go(func() { c.run(one) })
	return one
}

// makeRoom forgets what began first, where there is too much.
func (c *submits) makeRoom() {
	if len(c.all) < submitsMax {
		return
	}
	var oldest *submitting
	for _, one := range c.all {
		if one.ended() && (oldest == nil || one.number < oldest.number) {
			oldest = one
		}
	}
	if oldest != nil {
		delete(c.all, oldest.of.ID)
	}
}

// of returns the submission of a person's file, nil for none.
func (c *submits) of(id, person string) *submitting {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one, has := c.all[id]; has && one.of.By == person {
		return one
	}
	return nil
}

// apart does something with a file that is not on its way, and none begins meanwhile; of another the
// error is errSubmitting.
func (c *submits) apart(id string, do func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one, has := c.all[id]; has && !one.ended() {
		return errSubmitting
	}
	return do()
}

// run enters a file when it has its turn.
func (c *submits) run(one *submitting) {
	defer close(one.done)
	leave, err := c.turn(c.ctx)
	if err != nil {
		one.err = errCutShort
		return
	}
	defer leave()
	one.err = safely("submit", one.of.ID, func() error { return c.enter(c.ctx, one) })
	switch {
	case one.err == nil || errors.Is(one.err, errChanged):
	case c.ctx.Err() != nil:
		one.err = errCutShort
	case httpapi.CodeOf(one.err) == "internal":
		c.log.Error().Err(one.err).Str("upload", one.of.ID).Msg("a file could not be submitted")
	}
}

// wait returns nil once a file is entered, or why it was not. After its patience it is errNotYet.
func (one *submitting) wait(ctx context.Context, patience <-chan time.Time) error {
	if err := await(ctx, one.done, patience); err != nil {
		return err
	}
	return one.err
}

// enters begins a stage.
func (one *submitting) enters(stage submitStage) { one.stage.Store(&stage) }

// ended reports whether there is an outcome.
func (one *submitting) ended() bool { return ended(one.done) }

// failed reports whether it ended without the file in its batch.
func (one *submitting) failed() bool { return one.ended() && one.err != nil }

// figures are the texts of a submission on its page, by name.
func (one *submitting) figures(words texts) map[string]string {
	stage, read, rows := *one.stage.Load(), one.read.Load(), one.rows.Load()
	key := string(stage)
	if rows == 0 && stage == submitChecks {
		key = "console.submitting.check_some"
	}
	return progressFigures(words, key, read, rows)
}
