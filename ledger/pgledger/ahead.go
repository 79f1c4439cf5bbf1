package pgledger

import (
	"context"
	"time"

	"payrun/ledger"
	"payrun/ledger/phone"
)

// ahead are answers that a view has before it is asked.
type ahead struct {
	// payouts has nil for what is not there.
	payouts map[ledger.TransactionID]*ledger.Payout
	paid    map[phone.E164][]ledger.Earlier
	since   time.Time
}

// aheadEach bounds how many earlier payouts of one number are read ahead.
const aheadEach = 12

// Prefetch implements ledger.Prefetcher. A file is checked row by row, and a question a row
// would be a journey to the server each.
func (v *view) Prefetch(ctx context.Context, ids []ledger.TransactionID, numbers []phone.E164, since time.Time) error {
	v.ahead = ahead{} // also if there is no answer
	next := ahead{payouts: make(map[ledger.TransactionID]*ledger.Payout, len(ids)), since: since}
	if err := v.readAhead(ctx, &next, ids); err != nil {
		return err
	}
	var err error
	if next.paid, err = v.store.paidToEach(ctx, v.db, numbers, since); err != nil {
		return err
	}
	var earlier []ledger.TransactionID
	for _, number := range numbers {
		for i, payout := range next.paid[number] {
			if _, known := next.payouts[payout.ID]; !known && i < aheadEach {
				earlier = append(earlier, payout.ID)
			}
		}
		if _, found := next.paid[number]; !found {
			next.paid[number] = nil // that nothing was paid is an answer as well
		}
	}
	if err := v.readAhead(ctx, &next, earlier); err != nil {
		return err
	}
	v.ahead = next
	return nil
}

// readAhead adds the payouts of ids.
func (v *view) readAhead(ctx context.Context, next *ahead, ids []ledger.TransactionID) error {
	if len(ids) == 0 {
		return nil
	}
	wanted := make([]string, 0, len(ids))
	for _, id := range ids {
		text := toText(id)
		if fromText(text) != string(id) {
			continue // it is no text, and is asked for by itself
		}
		wanted = append(wanted, text)
		next.payouts[id] = nil
	}
	found, err := v.store.records(ctx, v.db, "p.id = any($1)", wanted)
	for i := range found {
		next.payouts[found[i].ID] = &found[i].Payout
	}
	return err
}
