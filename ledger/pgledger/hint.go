package pgledger

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// Hints are words of whoever knows better, passed on to every process that has the ledger open and
// heeds them. They are kept nowhere, prove nothing, and one that gets lost costs a wait.

// hintBytes bounds one hint: the server takes less than 8,000 bytes.
const hintBytes = 7000

// listenAgain is how long after its connection was lost a process listens again.
const listenAgain = 2 * time.Second

// hintChannel is where hints about this ledger go.
func (s *Store) hintChannel() string { return "payrun_" + s.identity }

// Hint passes references on to every process that heeds them, as far as they fit.
func (s *Store) Hint(ctx context.Context, references []string) error {
	size, fit := 0, 0
	for _, reference := range references {
		if size += len(reference) + len(`"",`); size > hintBytes {
			break
		}
		fit++
	}
	if fit == 0 {
		return nil
	}
	text, err := json.Marshal(references[:fit])
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, "select pg_notify($1, $2)", s.hintChannel(), string(text))
	return err
}

// Heed calls heard with each hint, this process's own among them, until its context ends. While the
// server is away nothing is heard.
func (s *Store) Heed(ctx context.Context, heard func(references []string)) {
	for ctx.Err() == nil {
		if err := s.listen(ctx, heard); err != nil && ctx.Err() == nil {
			s.log.Debug().Err(err).Msg("hints of other processes are not heard")
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}

// listen hears hints on a connection of its own until that is lost.
func (s *Store) listen(ctx context.Context, heard func(references []string)) error {
	taken, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := taken.Hijack()
	defer conn.Close(context.WithoutCancel(ctx))                                                    //nolint:errcheck // it only listened
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{s.hintChannel()}.Sanitize()); err != nil { //nolint:misspell // pgx's word
		return err
	}
	for {
		said, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var references []string
		if json.Unmarshal([]byte(said.Payload), &references) == nil { // anybody else's word is none
			heard(references)
		}
	}
}
