package sandbox

import (
	"slices"
	"time"
)

// archive keeps every transfer that was accepted, in the order of receipt. A place in
// that order is a number that grows; what lies between two of them stays the same. It is
// not safe for concurrent use.
type archive interface {
	// add keeps a transfer. It is in the archive if and only if there is no error.
	add(t *transfer) error
	// named returns the transfers with a reference, the provider's or the merchant's, of
	// all accounts, in the order of receipt.
	named(reference string) ([]*transfer, error)
	// page returns the first transfers from a place on and before another, and the place
	// behind them, which is the end after the last.
	page(from, end int64) (some []*transfer, next int64, err error)
	// end is the place behind all of them.
	end() int64
	close() error
}

// pageMax bounds the transfers of a page of an archive.
const pageMax = 1000

// memory is an archive that ends with the process.
type memory struct {
	transfers []*transfer
	byName    map[string][]*transfer
}

func newMemory() *memory { return &memory{byName: map[string][]*transfer{}} }

func (m *memory) add(t *transfer) error {
	m.transfers = append(m.transfers, t)
	for _, name := range t.names() {
		m.byName[name] = append(m.byName[name], t)
	}
	return nil
}

func (m *memory) named(reference string) ([]*transfer, error) { return m.byName[reference], nil }

func (m *memory) page(from, end int64) (some []*transfer, next int64, err error) {
	next = min(from+pageMax, end)
	return m.transfers[from:next], next, nil
}

func (m *memory) end() int64   { return int64(len(m.transfers)) }
func (m *memory) close() error { return nil }

// names are the references that a transfer is found by.
func (t *transfer) names() []string {
	if t.Ref == t.TransactionID {
		return []string{t.Ref}
	}
	return []string{t.Ref, t.TransactionID}
}

// find looks an account's transfer up by the provider's ref, else, if those are known to
// the page, by the merchant's transaction id, of which the most recent one counts. What
// look-ups cannot see yet is not found: nil. The caller holds the lock.
func (s *Sandbox) find(of account, reference string, now time.Time) (*transfer, error) {
	finds := s.scenario.LookupFinds
	if finds == FindsNothing {
		return nil, nil
	}
	known, err := s.archive.named(reference)
	if err != nil {
		return nil, err
	}
	var latest *transfer
	for _, t := range known {
		switch {
		case t.account != of || !t.visible(now):
		case t.Ref == reference:
			return t, nil
		case finds != FindsRef && (latest == nil || !t.AcceptedAt.Before(latest.AcceptedAt)):
			latest = t
		}
	}
	return latest, nil
}

// earlier returns the account's transfers under the transaction id, in the order of
// receipt. The caller holds the lock.
func (s *Sandbox) earlier(of account, transactionID string) ([]*transfer, error) {
	known, err := s.archive.named(transactionID)
	return slices.DeleteFunc(slices.Clone(known), func(t *transfer) bool {
		return t.account != of || t.TransactionID != transactionID
	}), err
}

// attempts counts the requests that came for a transaction id. Those up to the last one
// that was accepted are in the archive, with it. The caller holds the lock.
func (s *Sandbox) attempts(transactionID string) (int, error) {
	if count, counted := s.counters[keyOf(transferSubject, transactionID)]; counted {
		return int(count), nil
	}
	known, err := s.archive.named(transactionID)
	count := 0
	for _, t := range known {
		if t.TransactionID == transactionID {
			count = max(count, t.Nth)
		}
	}
	return count, err
}
