package pgledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errOverdue says that a transaction was given up: for as long as Options.OutageMax allows the
// server did not answer, or somebody else held what was to be written. Nothing was written.
var errOverdue = errors.New("the database did not get on")

// whileAtWork returns a context for a transaction on a session of the server. When
// Options.OutageMax is over it ends, with errOverdue as its cause, if the server does not answer on
// another connection, or has the session wait for a lock. A server that is at work is left to it:
// what the end of a large file has to write may take longer than any outage.
func (s *Store) whileAtWork(ctx context.Context, session uint32) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	var mu sync.Mutex // held until there is a timer, and while it looks
	mu.Lock()
	defer mu.Unlock()
	var timer *time.Timer
	timer = time.AfterFunc(s.options.OutageMax, func() {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		if err := s.atWork(ctx, session); err != nil {
			cancel(fmt.Errorf("%w: %w", errOverdue, err))
			return
		}
		s.log.Warn().Msg("the database takes long, and is at work")
		timer.Reset(s.options.OutageMax)
	})
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// errHeld says what a session waits for.
var errHeld = errors.New("another session holds what is to be written")

// atWork asks the server, on a connection of its own, what a session is about.
func (s *Store) atWork(ctx context.Context, session uint32) error {
	place := s.leases.place
	ctx, cancel := context.WithTimeout(ctx, place.config.ConnConfig.ConnectTimeout)
	defer cancel()
	conn, err := place.connect(ctx, s.options.NoSync)
	if err != nil {
		if refused(err) != "" { // it answers
			return nil
		}
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it only asked
	var held bool
	err = conn.QueryRow(ctx, "select coalesce((select wait_event_type = 'Lock' from pg_stat_activity where pid = $1), false)", int64(session)).Scan(&held)
	if err == nil && held {
		err = errHeld
	}
	return err
}
