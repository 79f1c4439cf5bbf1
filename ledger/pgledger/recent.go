package pgledger

import (
	"slices"
	"sync"

	"payrun/ledger"
)

// recent are open payouts as this store read or wrote them last. Whoever changes one of them
// need not read it again: a change is written only if the payout is still of the version that
// it was made from. The zero value is empty and ready, and safe for concurrent use.
type recent struct {
	mu      sync.Mutex
	records map[ledger.TransactionID]record
}

// recentMax bounds how many are kept: the windows of a run, and two of its pages, of which one is
// read ahead.
const recentMax = 8192

// of returns copies of those of the payouts that are there.
func (r *recent) of(payouts []ledger.TransactionID, into map[ledger.TransactionID]*record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range payouts {
		if found, ok := r.records[id]; ok && into[id] == nil {
			into[id] = &found
		}
	}
}

// keep keeps a payout that is open, and forgets one that is not.
func (r *recent) keep(one record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.records[one.ID]
	switch {
	case one.State.Final():
		delete(r.records, one.ID)
		return
	case ok && known.event > one.event:
		return // read before it was written
	case !ok && len(r.records) >= recentMax:
		for id := range r.records {
			delete(r.records, id) // any: it costs a look
			break
		}
	}
	if r.records == nil {
		r.records = make(map[ledger.TransactionID]record)
	}
	one.Earlier, one.Differences = slices.Clip(one.Earlier), slices.Clip(one.Differences)
	r.records[one.ID] = one
}

// forget forgets payouts, which are not what they were or may not be.
func (r *recent) forget(payouts []ledger.TransactionID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range payouts {
		delete(r.records, id)
	}
}

// clear forgets all.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.records)
}
