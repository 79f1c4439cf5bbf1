package ledger

import "iter"

// InPages yields what a store has from a place on, as it reads it: a page at a time, each
// with the place behind it, and whether there may be more there. It yields an error at most
// once, as the last pair, and holds nothing while the loop's body runs.
func InPages[T, Place any](from Place, read func(from Place) (page []T, behind Place, more bool, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		at := from
		for more := true; more; {
			var page []T
			var err error
			if page, at, more, err = read(at); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, one := range page {
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}
