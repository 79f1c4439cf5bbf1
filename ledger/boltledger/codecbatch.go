package boltledger

import (
	"fmt"
	"maps"
	"slices"

	"payrun/ledger"
	"payrun/ledger/money"
)

func (e *encoder) release(r ledger.Release) {
	e.time(r.At)
	e.person(r.By)
	e.count(r.Count)
	e.string(r.Digest)
	e.time(r.NotBefore)
}

func (d *decoder) release() ledger.Release {
	r := d.untimed()
	r.NotBefore = d.time()
	return r
}

func (d *decoder) untimed() ledger.Release {
	return ledger.Release{At: d.time(), By: d.person(), Count: d.count(), Digest: d.string()}
}

func (e *encoder) submitted(s ledger.Submitted) {
	e.time(s.At)
	e.person(s.By)
	e.count(s.Count)
	e.string(s.Digest)
}

func (d *decoder) submitted() ledger.Submitted {
	return ledger.Submitted{At: d.time(), By: d.person(), Count: d.count(), Digest: d.string()}
}

func encodeBatch(b ledger.Batch) []byte {
	e := encoder{}
	e.byte(batchVersion)
	e.string(string(b.ID))
	e.string(b.File)
	e.string(b.SHA256)
	e.person(b.By)
	e.string(b.Account.Place)
	e.string(b.Account.Key)
	e.string(string(b.Currency))
	e.time(b.CreatedAt)
	e.byte(byte(b.State))
	e.bool(b.Sealed)
	e.count(b.Accepted)
	e.count(b.Rejected)
	optional(&e, b.Submitted, e.submitted)
	optional(&e, b.Release, e.release)
	return e.buf
}

func decodeBatch(key, value []byte) (ledger.Batch, error) {
	d := newDecoder(value)
	release := d.release
	switch d.byte() {
	case batchVersion:
	case batchUntimed:
		release = d.untimed
	default:
		return ledger.Batch{}, fmt.Errorf("batch %q: %w", key, errEncoding)
	}
	batch := ledger.Batch{
		ID:        ledger.BatchID(d.string()),
		File:      d.string(),
		SHA256:    d.string(),
		By:        d.person(),
		Account:   ledger.Account{Place: d.string(), Key: d.string()},
		Currency:  money.Currency(d.string()),
		CreatedAt: d.time(),
		State:     ledger.BatchState(d.byte()),
		Sealed:    d.bool(),
		Accepted:  d.count(),
		Rejected:  d.count(),
		Submitted: readOptional(&d, d.submitted),
		Release:   readOptional(&d, release),
	}
	if err := d.done(); err != nil {
		return ledger.Batch{}, fmt.Errorf("batch %q: %w", key, err)
	}
	return batch, nil
}

func (e *encoder) rejection(r ledger.Rejection) {
	e.string(r.Code)
	e.string(r.Value)
	e.uint(uint64(len(r.Details)))
	for _, name := range slices.Sorted(maps.Keys(r.Details)) {
		e.string(name)
		e.string(r.Details[name])
	}
}

func (d *decoder) rejection() ledger.Rejection {
	r := ledger.Rejection{Code: d.string(), Value: d.string()}
	type detail struct{ name, value string }
	for _, each := range readMany(d, func() detail { return detail{d.string(), d.string()} }) {
		if r.Details == nil {
			r.Details = map[string]string{}
		}
		r.Details[each.name] = each.value
	}
	return r
}

func encodeRejected(entry ledger.Entry) []byte {
	e := encoder{}
	e.byte(rejectedVersion)
	e.int(int64(entry.Row))
	e.terms(entry.Terms)
	many(&e, entry.Rejections, e.rejection)
	optional(&e, entry.Reserved, e.terms)
	return e.buf
}

func decodeRejected(key, value []byte) (ledger.Entry, error) {
	d := newDecoder(value)
	if d.byte() != rejectedVersion {
		return ledger.Entry{}, fmt.Errorf("rejected row %x: %w", key, errEncoding)
	}
	entry := ledger.Entry{
		Row: int(d.int()), Terms: d.terms(),
		Rejections: readMany(&d, d.rejection), Reserved: readOptional(&d, d.terms),
	}
	if err := d.done(); err != nil {
		return ledger.Entry{}, fmt.Errorf("rejected row %x: %w", key, err)
	}
	return entry, nil
}
