package boltledger

import (
	"encoding/binary"

	"payrun/ledger"
)

// positions are the places in a batch that a file has.
type positions struct{ ledger.Places }

// markOthers gives the members of a batch that are not in the set row 0: the file of
// the batch no longer has them.
func (p *positions) markOthers(tx *transaction, batch ledger.BatchID) error {
	members := tableOfBatch(tx, bucketMembers, batch)
	if members.bucket.Sequence() == uint64(p.Count()) { //nolint:gosec // not negative
		return nil
	}
	var gone []uint32
	err := tableOfBatch(tx, bucketPayouts, batch).each(nil, func(key, _ []byte) (bool, error) {
		if position := binary.BigEndian.Uint32(key); !p.Has(int(position)) {
			gone = append(gone, position)
		}
		return true, nil
	})
	adopted := map[uint32]ledger.TransactionID{}
	if err == nil {
		err = members.each(nil, func(key, value []byte) (bool, error) {
			m, err := readMember(key, value)
			if err == nil && m.id != "" && m.row != 0 && !p.Has(int(m.position)) {
				gone = append(gone, m.position)
				adopted[m.position] = m.id
			}
			return true, err
		})
	}
	if err != nil {
		return err
	}
	for _, position := range gone {
		if err := members.put(positionKey(position), memberValue(0, adopted[position])); err != nil {
			return err
		}
	}
	return nil
}
