package pgledger

import (
	"context"
	"iter"
	"sync"
)

// pagesAhead yields what is read in pages, and reads the next while one is used. Nothing reads
// any more when the loop has ended.
func pagesAhead[T any](
	ctx context.Context, from int, read func(ctx context.Context, from int) (page []T, behind int, more bool, err error),
) iter.Seq2[T, error] {
	type answer struct {
		page   []T
		behind int
		more   bool
		err    error
	}
	return func(yield func(T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		var reading sync.WaitGroup
		defer reading.Wait()
		defer stop()
		ask := func(from int) <-chan answer {
			answers := make(chan answer, 1)
			reading.Go(func() {
				page, behind, more, err := read(ctx, from)
				answers <- answer{page, behind, more, err}
			})
			return answers
		}
		for next := ask(from); next != nil; {
			now := <-next
			if next = nil; now.err != nil {
				var none T
				yield(none, now.err)
				return
			}
			if now.more {
				next = ask(now.behind)
			}
			for _, item := range now.page {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}
