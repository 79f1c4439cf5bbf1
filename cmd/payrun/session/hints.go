package session

import (
	"context"
	"sync"

	"payrun/batch/engine"
)

// hinter is a ledger through which the processes that pay from it pass hints on.
type hinter interface {
	Hint(ctx context.Context, references []string) error
	Heed(ctx context.Context, heard func(references []string))
}

// hintsWaiting bounds the calls whose hints have yet to be passed on. What comes beyond is looked up in
// its own time.
const hintsWaiting = 64

// Called takes the body of a call of the provider's webhook: the payouts that it names are looked
// up sooner, if they are pending here or, where Heed runs, at another process of the ledger. It
// returns nil for a provider that calls nobody.
func (s *Session) Called() (func(body []byte), error) {
	driver, err := s.opener.Driver()
	if err != nil || driver.Named == nil {
		return nil, err
	}
	s.hints, s.said = engine.NewHints(), make(chan []string, hintsWaiting)
	return func(body []byte) {
		named := driver.Named(body)
		s.hints.Add(named...)
		select {
		case s.said <- named:
		default:
		}
	}, nil
}

// Heed passes on what the provider calls here to the other processes of the ledger, and heeds what
// it calls there, until its context ends. Called comes before it.
func (s *Session) Heed(ctx context.Context) {
	shared, is := s.Store.(hinter)
	if !is || s.hints == nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { shared.Heed(ctx, func(references []string) { s.hints.Add(references...) }) })
	defer both.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case named := <-s.said:
			if err := shared.Hint(ctx, named); err != nil && ctx.Err() == nil {
				s.opener.Logger().Debug().Err(err).Msg("a call of the provider was not passed on")
			}
		}
	}
}
