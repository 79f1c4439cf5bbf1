package intake

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

const (
	// prefetchGroup is the number of items handed over together, and prefetchMax bounds how many
	// groups the reading may be ahead of the use: more than a ledger takes at once, or the reading
	// would stand still while it does.
	prefetchGroup = 1024
	prefetchMax   = 12
)

// prefetch yields what a sequence yields in groups, the last of which may be shorter. The
// sequence runs in a goroutine of its own: a file is read while what was read before is used.
// The goroutine has ended when the loop over the result has. Items must stay valid after the
// sequence moved on. What came before an error is used before the error is told.
func prefetch[T any](ctx context.Context, sequence func(context.Context) iter.Seq2[T, error]) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		var reading errgroup.Group
		groups := make(chan []T, prefetchMax)
		var failure error // of the sequence; written before groups is closed
		reading.Go(func() error {
			defer close(groups)
			failure = collect(ctx, sequence(ctx), groups)
			return nil
		})
		defer reading.Wait() //nolint:errcheck // it returns none
		defer stop()
		for group := range groups {
			if len(group) > 0 && !yield(group, nil) {
				return
			}
		}
		if failure != nil {
			yield(nil, failure)
		}
	}
}

// each yields the items of groups one by one.
func each[T any](groups iter.Seq2[[]T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for group, err := range groups {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range group {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// collect gives the items out in groups, the last of which may be shorter, and
// returns the error that ended the sequence.
func collect[T any](ctx context.Context, sequence iter.Seq2[T, error], groups chan<- []T) error {
	group := make([]T, 0, prefetchGroup)
	handOver := func() error {
		select {
		case groups <- group:
			group = make([]T, 0, prefetchGroup)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for item, err := range sequence {
		if err == nil {
			if group = append(group, item); len(group) < prefetchGroup {
				continue
			}
		}
		// What came before an error is used before the error is told.
		if handErr := handOver(); err == nil {
			err = handErr
		}
		if err != nil {
			return err
		}
	}
	return handOver()
}
