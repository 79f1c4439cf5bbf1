package snapshot

import (
	"context"
	"errors"
	"fmt"

	"payrun/ledger/boltledger"
)

// Copy returns a copy, made at this moment, of a ledger that this process holds. The caller closes
// the store and calls release.
func Copy(ctx context.Context, from Copier) (store *boltledger.Store, release func(), err error) {
	copied, forget, err := privateFile()
	if err != nil {
		return nil, nil, fmt.Errorf("copy the ledger: %w", err)
	}
	release = func() { _ = errors.Join(copied.Close(), forget()) } // a copy that nobody needs any more
	if err := from.Backup(ctx, copied); err != nil {
		release()
		return nil, nil, fmt.Errorf("copy the ledger: %w", err)
	}
	if store, err = boltledger.Open(pathOf(copied), boltledger.Options{}); err != nil {
		release()
		return nil, nil, err
	}
	return store, release, nil
}
