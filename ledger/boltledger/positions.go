package boltledger

import (
	"encoding/binary"

	"payrun/ledger"
)

// positions is a set of places in a batch, which count from 1.
type positions struct {
	bits  []uint64
	count uint64
}

const bitsPerWord = 64

func (p *positions) add(position uint32) {
	word, bit := int(position/bitsPerWord), uint64(1)<<(position%bitsPerWord)
	for len(p.bits) <= word {
		p.bits = append(p.bits, 0)
	}
	if p.bits[word]&bit == 0 {
		p.bits[word] |= bit
		p.count++
	}
}

func (p *positions) has(position uint32) bool {
	word := int(position / bitsPerWord)
	return word < len(p.bits) && p.bits[word]&(1<<(position%bitsPerWord)) != 0
}

// markOthers gives the members of a batch that are not in the set row 0: the file of
// the batch no longer has them.
func (p *positions) markOthers(tx *transaction, batch ledger.BatchID) error {
	members := tableOfBatch(tx, bucketMembers, batch)
	if members.bucket.Sequence() == p.count {
		return nil
	}
	var gone []uint32
	err := tableOfBatch(tx, bucketPayouts, batch).each(nil, func(key, _ []byte) (bool, error) {
		if position := binary.BigEndian.Uint32(key); !p.has(position) {
			gone = append(gone, position)
		}
		return true, nil
	})
	adopted := map[uint32]ledger.TransactionID{}
	if err == nil {
		err = members.each(nil, func(key, value []byte) (bool, error) {
			m, err := readMember(key, value)
			if err == nil && m.id != "" && m.row != 0 && !p.has(m.position) {
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
