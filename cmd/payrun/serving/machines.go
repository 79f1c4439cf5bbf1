package serving

import (
	"context"
	"slices"

	"payrun/ledger"
	"payrun/ledger/pgledger"
)

// machines names the machines that pay from a ledger, nil for one that a single process has.
func machines(store ledger.Reader) func(context.Context) ([]string, error) {
	shared, is := store.(interface {
		Workers(ctx context.Context) ([]pgledger.Worker, error)
	})
	if !is {
		return nil
	}
	return func(ctx context.Context) ([]string, error) {
		all, err := shared.Workers(ctx)
		var names []string
		for _, w := range all {
			if w.Session && w.Holds > 0 && !slices.Contains(names, w.Host) {
				names = append(names, w.Host)
			}
		}
		return names, err
	}
}
