package memledger

import (
	"context"
	"maps"
	"slices"

	"payrun/ledger"
)

// View implements ledger.Reader, over a copy.
func (s *Store) View(ctx context.Context, read func(ledger.View) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return read(s.copied())
}

// copied returns the store as it stands, for reading.
func (s *Store) copied() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Store{payouts: maps.Clone(s.payouts), references: maps.Clone(s.references), identity: s.identity, events: s.events}
	for _, b := range s.batches {
		c.batches = append(c.batches, &batch{
			Batch: b.Batch, members: b.members, rows: maps.Clone(b.rows), rejected: slices.Clone(b.rejected),
		})
	}
	return c
}
