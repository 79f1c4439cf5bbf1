// Package sse writes server-sent events (HTML standard, 9.2) about an audit log, for as long as
// somebody listens.
package sse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ErrEnd is returned by whoever tells events when there is nothing more to tell.
var ErrEnd = errors.New("the stream is told to its end")

// Stream is one listener's.
type Stream struct {
	control *http.ResponseController
	w       io.Writer
	said    time.Time // when something was sent last
}

// Event is one event of a stream.
type Event struct {
	// ID is how the listener names the event when it comes back; 0 is none.
	ID uint64
	// Name is its kind, and Data one line of text.
	Name string
	Data []byte
}

// Send sends an event, which the listener has to take in time.
func (s *Stream) Send(e Event) error {
	var text strings.Builder
	if e.ID > 0 {
		fmt.Fprintf(&text, "id: %d\n", e.ID)
	}
	fmt.Fprintf(&text, "event: %s\ndata: %s\n\n", e.Name, e.Data)
	return s.write(text.String())
}

func (s *Stream) write(text string) error {
	const slow = 10 * time.Second
	s.said = time.Now()
	_ = s.control.SetWriteDeadline(s.said.Add(slow)) // which a test's recorder cannot
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.control.Flush()
}

// Log is an audit log that grows.
type Log interface {
	// Head returns the number of events.
	Head(ctx context.Context) (count uint64, hash string, err error)
}

// Follower looks whether a log has grown.
type Follower struct {
	Log Log
	// Look is how often.
	Look time.Duration
	// Anyway is after how long Tell is asked though the log did not grow; zero is never.
	Anyway time.Duration
	// Closing ends all streams.
	Closing <-chan struct{}
}

// Tell sends what is to be said of the events from a number on, and returns the next number.
type Tell func(to *Stream, next uint64) (uint64, error)

// Follow answers a request with a stream, and tells when the log has an event next or later. It returns nil when the listener goes, the server stops or Tell returns ErrEnd.
func (f Follower) Follow(ctx context.Context, w http.ResponseWriter, next uint64, tell Tell) error {
	const quiet = 15 * time.Second // proxies close what says nothing
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	to := &Stream{control: http.NewResponseController(w), w: w}
	_ = to.control.SetReadDeadline(time.Time{}) // that of the request, which was read; a test's recorder has none
	look := time.NewTicker(f.Look)
	defer look.Stop()
	told := time.Now()
	if err := to.write("retry: 2000\n\n"); err != nil {
		return err
	}
	for {
		count, _, err := f.Log.Head(ctx)
		switch {
		case err != nil:
		case count >= next || f.Anyway > 0 && time.Since(told) >= f.Anyway:
			next, err = tell(to, next)
			told = time.Now()
		case time.Since(to.said) > quiet:
			err = to.write(":\n\n")
		}
		if errors.Is(err, ErrEnd) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-f.Closing:
			return nil
		case <-look.C:
		}
	}
}
