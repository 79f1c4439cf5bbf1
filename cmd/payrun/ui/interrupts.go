package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// Interrupts hears that a person wants to stop. The first signal is a gentle stop, the
// second a prompt one. The zero value hears nothing.
type Interrupts struct {
	// Signals deliver the person's wish to stop.
	Signals <-chan os.Signal
	// Leave ends the process at once; nil in tests that must not end.
	Leave func()

	// stopping says what the first signal did, leaving that the second ended the process.
	// The goroutine that hears them may say so before the language is known.
	stopping, leaving atomic.Pointer[string]
}

var errSecondInterrupt = errors.New("interrupted twice")

// leaveAfter is the time that a command has after the second signal. What it
// waits for then, a disk or another process, may never come.
const leaveAfter = 4 * time.Second

// Speak has the person told in their language from now on.
func (i *Interrupts) Speak(u *UI) {
	stopping, leaving := u.Text("notice.stopping"), u.Text("notice.left")
	i.stopping.Store(&stopping)
	i.leaving.Store(&leaving)
}

// Listen begins to hear, until end is called. The first signal calls stop, the second
// cancel, which does not depend on anything the command waits for.
func (i *Interrupts) Listen(u *UI, stop context.CancelFunc, cancel context.CancelCauseFunc) (end func()) {
	early := "stopping"
	i.stopping.Store(&early)
	i.leaving.Store(&early)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		i.hear(u, done, stop, cancel)
	}()
	return func() { close(done); <-ended }
}

func (i *Interrupts) hear(u *UI, done <-chan struct{}, stop context.CancelFunc, cancel context.CancelCauseFunc) {
	for asked := false; ; asked = true {
		select {
		case <-done:
			return
		case <-i.Signals:
		}
		if asked {
			cancel(errSecondInterrupt)
			i.leaveUnless(u, done)
			return
		}
		stop()
		if u.StderrTerminal {
			// The terminal has written ^C where the bar is drawn anew from.
			_, _ = io.WriteString(Raw(u.Stderr), "\r")
		}
		u.Notices.Say(*i.stopping.Load())
	}
}

// leaveUnless ends the process if the command does not end by itself. The ledger
// bears that at any moment.
func (i *Interrupts) leaveUnless(u *UI, done <-chan struct{}) {
	patience := time.NewTimer(leaveAfter)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
		if i.Leave != nil {
			WriteLine(u.Stderr, "payrun: "+*i.leaving.Load())
			i.Leave()
		}
	}
}
