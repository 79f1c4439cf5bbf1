package boltledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// view answers questions within one transaction.
type view struct {
	records      *records
	fingerprints *bbolt.Cursor
}

var _ ledger.View = (*view)(nil)

// View implements ledger.Viewer.
func (s *Store) View(ctx context.Context, read func(ledger.View) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.view(func(tx *bbolt.Tx) error {
		return read(&view{recordsOf(tx), tx.Bucket(bucketFingerprints).Cursor()})
	})
}

// Payout implements ledger.Store.
func (s *Store) Payout(ctx context.Context, id ledger.TransactionID) (found ledger.Payout, err error) {
	err = s.View(ctx, func(v ledger.View) error {
		found, err = v.Payout(ctx, id)
		return err
	})
	return found, err
}

// PaidSince implements ledger.RepeatFinder.
func (s *Store) PaidSince(ctx context.Context, number msisdn.Number, amount money.XOF, since time.Time, except ledger.TransactionID) (found []ledger.Payout, err error) {
	err = s.View(ctx, func(v ledger.View) error {
		found, err = v.PaidSince(ctx, number, amount, since, except)
		return err
	})
	return found, err
}

// Payout implements ledger.View.
func (v *view) Payout(_ context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	found, err := v.records.read(id)
	return found.Payout, err
}

// PaidSince implements ledger.RepeatFinder.
func (v *view) PaidSince(_ context.Context, number msisdn.Number, amount money.XOF, since time.Time, except ledger.TransactionID) ([]ledger.Payout, error) {
	var found []ledger.Payout
	prefix := fingerprintPrefix(number, amount)
	for key, value := v.fingerprints.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = v.fingerprints.Next() {
		id := ledger.TransactionID(key[len(prefix):])
		queuedAt := time.Unix(int64(binary.BigEndian.Uint64(value)), 0) //nolint:gosec // written from an int64
		if id == except || queuedAt.Before(since.Truncate(time.Second)) {
			continue
		}
		r, err := v.records.read(id)
		if err != nil {
			return nil, err
		}
		found = append(found, r.Payout)
	}
	return found, nil
}
