package boltledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"

	"payrun/ledger"
)

// spot is where a payout is kept: the batch that brought it in, and its position there.
type spot struct {
	batch    ledger.BatchID
	position uint32
}

const positionSize = 4

func (p spot) encode() []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, positionSize+len(p.batch)), p.position), p.batch...)
}

func decodeSpot(value []byte) (spot, error) {
	if len(value) <= positionSize {
		return spot{}, fmt.Errorf("place of a payout, %x: %w", value, errEncoding)
	}
	return spot{batch: ledger.BatchID(value[positionSize:]), position: binary.BigEndian.Uint32(value)}, nil
}

// ids finds payouts by their ids, which are in no order, in sorted runs.
type ids struct {
	runs
	filters *filters
	// listed are the runs, nil until they are asked for.
	listed []filtered
	// near stands at the id that was found last: in most files the next one lies beside it.
	// strayed counts those that did not.
	near    *runCursor
	strayed int
}

func idsOf(tx *transaction) *ids {
	filters := &filters{}
	if tx.memory != nil {
		filters = &tx.memory.ids
	}
	return &ids{runs: runs{tx: tx, name: bucketIDs, prefix: whole, ordered: true}, filters: filters}
}

// whole is the part of a key by which ids are looked for.
func whole(key []byte) []byte { return key }

// find returns where a payout is kept. In a transaction that adds ids it is asked before.
func (i *ids) find(id ledger.TransactionID) (at spot, found bool, err error) {
	key := []byte(id)
	if at, found, err = i.beside(key); err != nil || found {
		return at, found, err
	}
	if i.listed == nil {
		if i.listed, err = i.filtered(i.filters); err != nil {
			return at, false, err
		}
	}
	may, err := among(i.listed, key)
	if err != nil {
		return at, false, err
	}
	for _, r := range may {
		c, err := r.find(key)
		if err != nil {
			return at, false, err
		}
		if c != nil {
			i.near = c
			at, err = decodeSpot(c.at.value)
			return at, err == nil, err
		}
	}
	return at, false, nil
}

// beside looks for a key next to the one that was found last.
func (i *ids) beside(key []byte) (at spot, found bool, err error) {
	if i.near == nil || i.near.done || i.strayed >= strayedMax {
		return at, false, nil
	}
	if err := i.near.next(); err != nil {
		return at, false, err
	}
	if i.near.done || !bytes.Equal(i.near.at.key, key) {
		i.strayed++
		return at, false, nil
	}
	at, err = decodeSpot(i.near.at.value)
	return at, err == nil, err
}

// spots keeps where payouts are that were read lately, which never changes: who reads a
// payout in file order writes to it by its id soon. It serves several goroutines at once.
type spots struct {
	mutex sync.Mutex
	kept  map[ledger.TransactionID]spot
}

// spotsMax bounds the memory for them, some ten megabytes.
const spotsMax = 1 << 16

func (s *spots) get(id ledger.TransactionID) (spot, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at, known := s.kept[id]
	return at, known
}

// put keeps where a payout is that a committed transaction has.
func (s *spots) put(id ledger.TransactionID, at spot) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.kept == nil || len(s.kept) >= spotsMax {
		s.kept = make(map[ledger.TransactionID]spot)
	}
	s.kept[ledger.TransactionID(strings.Clone(string(id)))] = at // its text is that of a record
}
