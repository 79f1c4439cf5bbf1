package engine

import (
	"context"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

const (
	// keyTries bounds the look-ups of one transfer with a new key, keyPause is the
	// pause between two of them.
	keyTries = 3
	keyPause = time.Second
)

// Empty reports whether nothing of the batch may ever have left: whatever key it is
// paid with, nobody can be paid twice for it.
func (s BatchSnapshot) Empty() bool {
	return len(s.underWay) == 0 && s.intended == 0
}

// SentAgain reports whether an earlier run sent something again after a "not found". Each
// run looks once more for what that may have paid twice.
func (s BatchSnapshot) SentAgain() bool { return len(s.released) > 0 }

// FoundWith reports whether a provider, with the key that it has now, finds one of
// the transfers that the batch is known to have made, by our own reference. Only then
// are look-ups with that key about the same account. It makes a few requests, one
// after the other.
func (s BatchSnapshot) FoundWith(ctx context.Context, p provider.Provider) bool {
	for _, one := range s.known {
		for try := range keyTries {
			if try > 0 && pause(ctx, nil, time.Now().Add(keyPause)) != nil {
				return false
			}
			o := p.LookUp(ctx, one.query())
			if evidence.IsThere(o) {
				return true
			}
			if o.Class == provider.NotFound {
				break
			}
		}
	}
	return false
}

// KeyAccepted is the act of going on with a batch under another key of its account.
func (s BatchSnapshot) KeyAccepted(key string, by ledger.Person) ledger.Act {
	return ledger.Act{Code: ledger.ActKeyAccepted, Batch: s.batch.ID, At: time.Now().UTC(), By: by, Text: key}
}
