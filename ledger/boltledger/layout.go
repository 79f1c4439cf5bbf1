package boltledger

import (
	"encoding/binary"
	"fmt"
	"time"

	"payrun/ledger"
)

// format names the layout. A ledger with another one is refused.
const format = formatPrefix + "7"

// formatPrefix begins the name of every layout that ledgers ever had.
const formatPrefix = "payrun-ledger "

//nolint:gochecknoglobals // names, never written to
var (
	bucketMeta         = []byte("meta")
	bucketBatches      = []byte("batches")
	bucketPayouts      = []byte("payouts")
	bucketMembers      = []byte("members")
	bucketOpen         = []byte("open")
	bucketAdopted      = []byte("adopted")
	bucketRejected     = []byte("rejected")
	bucketNoted        = []byte("noted")
	bucketCounts       = []byte("counts")
	bucketIDs          = []byte("ids")
	bucketReferences   = []byte("references")
	bucketFingerprints = []byte("fingerprints")
	bucketEvents       = []byte("events")
	bucketActs         = []byte("acts")
	bucketChains       = []byte("chains")
	bucketChecked      = []byte("checked")

	keyFormat     = []byte("format")
	keyHead       = []byte("head")
	keyIdentity   = []byte("identity")
	keyCheckpoint = []byte("checkpoint")
)

func buckets() [][]byte {
	return [][]byte{
		bucketMeta, bucketBatches, bucketPayouts, bucketMembers, bucketOpen, bucketAdopted,
		bucketRejected, bucketNoted, bucketCounts, bucketIDs, bucketReferences, bucketFingerprints, bucketEvents, bucketActs, bucketChains, bucketChecked,
	}
}

// appending is the fill percent of pages in buckets whose keys only grow.
const appending = 0.95

func positionKey(position uint32) []byte { return binary.BigEndian.AppendUint32(nil, position) }

// memberValue is the row in which a file has a payout. Of one that the batch brought in the
// id is empty: it stands in the payout's record.
func memberValue(row int, id ledger.TransactionID) []byte {
	value := make([]byte, 0, rowSize+len(id)+sumSize)
	return append(binary.BigEndian.AppendUint32(value, uint32(row)), id...) //nolint:gosec // a spreadsheet has a million rows
}

const rowSize = 4

func decodeMember(value []byte) (row int, id ledger.TransactionID, ok bool) {
	if len(value) < rowSize {
		return 0, "", false
	}
	return int(binary.BigEndian.Uint32(value)), ledger.TransactionID(value[rowSize:]), true
}

// openEntry is a payout in the index of open ones.
type openEntry struct {
	id ledger.TransactionID
	// intended is the time at which the intent to send it was recorded, zero if there is none
	// beyond what its record says.
	intended time.Time
	// event is the number of the event that wrote the entry.
	event uint64
}

// openHead is the length of what comes before the id: two numbers of eight bytes.
const openHead = 16

func (o openEntry) encode() []byte {
	if o.intended.IsZero() {
		return o.encodeAt(0)
	}
	return o.encodeAt(uint64(o.intended.UnixNano()))
}

// encodeAt is encode with the intent's moment in nanoseconds, 0 for none.
func (o openEntry) encodeAt(intended uint64) []byte {
	value := binary.BigEndian.AppendUint64(make([]byte, 0, openHead+len(o.id)+sumSize), intended)
	return append(binary.BigEndian.AppendUint64(value, o.event), o.id...)
}

func decodeOpen(value []byte) (openEntry, error) {
	if len(value) <= openHead {
		return openEntry{}, fmt.Errorf("open payout %x: %w", value, errEncoding)
	}
	entry := openEntry{id: ledger.TransactionID(value[openHead:]), event: binary.BigEndian.Uint64(value[openHead/2:])}
	if at := binary.BigEndian.Uint64(value); at != 0 {
		entry.intended = time.Unix(0, int64(at)).UTC() //nolint:gosec // written from an int64
	}
	return entry, nil
}

// ofBatches are the buckets that have one for each batch.
func ofBatches() [][]byte {
	return [][]byte{bucketPayouts, bucketMembers, bucketOpen, bucketAdopted, bucketRejected, bucketNoted}
}

// parted are the buckets that have one for each batch or run.
func parted() [][]byte {
	return append(ofBatches(), bucketIDs, bucketFingerprints)
}
