package boltledger

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// format names the layout. A ledger with another one is refused.
const format = "payrun-ledger 2"

//nolint:gochecknoglobals // names, never written to
var (
	bucketMeta         = []byte("meta")
	bucketBatches      = []byte("batches")
	bucketPayouts      = []byte("payouts")
	bucketMembers      = []byte("members")
	bucketOpen         = []byte("open")
	bucketAdopted      = []byte("adopted")
	bucketRejected     = []byte("rejected")
	bucketReferences   = []byte("references")
	bucketFingerprints = []byte("fingerprints")
	bucketEvents       = []byte("events")

	keyFormat = []byte("format")
	keyHead   = []byte("head")
)

func buckets() [][]byte {
	return [][]byte{
		bucketMeta, bucketBatches, bucketPayouts, bucketMembers, bucketOpen, bucketAdopted,
		bucketRejected, bucketReferences, bucketFingerprints, bucketEvents,
	}
}

// appending is how full pages are left in buckets whose keys only grow.
const appending = 0.95

// ofBatch returns the bucket of a batch within another, nil if there is none.
func ofBatch(tx *bbolt.Tx, name []byte, batch ledger.BatchID) *bbolt.Bucket {
	return tx.Bucket(name).Bucket([]byte(batch))
}

func makeOfBatch(tx *bbolt.Tx, name []byte, batch ledger.BatchID) (*bbolt.Bucket, error) {
	b, err := tx.Bucket(name).CreateBucketIfNotExists([]byte(batch))
	if err != nil {
		return nil, err
	}
	b.FillPercent = appending
	return b, nil
}

func positionKey(position uint32) []byte { return binary.BigEndian.AppendUint32(nil, position) }

func memberValue(row int, id ledger.TransactionID) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(row)), id...) //nolint:gosec // a spreadsheet has a million rows
}

func decodeMember(value []byte) (row int, id ledger.TransactionID, ok bool) {
	const rowSize = 4
	if len(value) <= rowSize {
		return 0, "", false
	}
	return int(binary.BigEndian.Uint32(value)), ledger.TransactionID(value[rowSize:]), true
}

// openEntry is what the index of open payouts keeps of one.
type openEntry struct {
	id ledger.TransactionID
	// intended is when the intent to send it was recorded, zero if there is none
	// beyond what its record says.
	intended time.Time
}

const intendedSize = 8

func (o openEntry) encode() []byte {
	var at uint64
	if !o.intended.IsZero() {
		at = uint64(o.intended.UnixNano())
	}
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, intendedSize+ledger.ReferenceLengthMax), at), o.id...)
}

func decodeOpen(value []byte) (openEntry, error) {
	if len(value) <= intendedSize {
		return openEntry{}, fmt.Errorf("open payout %x: %w", value, errEncoding)
	}
	entry := openEntry{id: ledger.TransactionID(value[intendedSize:])}
	if at := binary.BigEndian.Uint64(value); at != 0 {
		entry.intended = time.Unix(0, int64(at)).UTC() //nolint:gosec // written from an int64
	}
	return entry, nil
}

// fingerprintPrefix is what the fingerprints of one number and amount share.
func fingerprintPrefix(number msisdn.Number, amount money.XOF) []byte {
	key := append([]byte(number.Reveal()), 0)
	return binary.BigEndian.AppendUint64(key, uint64(amount)) //nolint:gosec // amounts are positive
}
