package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"payrun/ledger"
)

// returned is a row that was turned away although the batch has a payout under its id: a
// correction that was held back, a conflict, a cell that was spoilt after the payment. The
// two are one row of the file.
type returned struct {
	payout ledger.Payout
	entry  ledger.Entry
}

// duplicateID is the code of a row whose id an earlier row of the file has: the payout is
// that one's.
const duplicateID = "id.duplicate"

// returnedRows finds the returned rows of a batch by their ids. Payouts are read for them
// only if there are any.
func returnedRows(ctx context.Context, source Source, batch ledger.BatchID) (map[ledger.TransactionID]returned, error) {
	known, err := knownRejected(ctx, source, batch)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	// The payout may be one that another batch brought in, and is a member then or not.
	found := make(map[ledger.TransactionID]returned)
	for payout, err := range source.Payouts(ctx, batch) {
		if err != nil {
			return nil, fmt.Errorf("read batch %q: %w", batch, err)
		}
		if entry, back := known[payout.ID]; back {
			found[payout.ID] = returned{payout, entry}
		}
	}
	return found, nil
}

// knownRejected are the rejected rows whose ids the ledger has payouts under, in whatever
// batch.
func knownRejected(ctx context.Context, source Source, batch ledger.BatchID) (map[ledger.TransactionID]ledger.Entry, error) {
	known := make(map[ledger.TransactionID]ledger.Entry)
	for entry, err := range source.RejectedRows(ctx, batch, 0) {
		if err != nil {
			return nil, fmt.Errorf("read the rejected rows of batch %q: %w", batch, err)
		}
		if entry.ID == "" || slices.ContainsFunc(entry.Rejections, func(r ledger.Rejection) bool { return r.Code == duplicateID }) {
			continue
		}
		_, err := source.Payout(ctx, entry.ID)
		switch {
		case errors.Is(err, ledger.ErrNotFound):
		case err != nil:
			return nil, fmt.Errorf("read payout %q: %w", entry.ID, err)
		default:
			known[entry.ID] = entry
		}
	}
	return known, nil
}

// is reports whether the entry is the returned row.
func (r returned) is(e ledger.Entry) bool { return r.payout.ID != "" && r.entry.Row == e.Row }

// line shows the payout as it stands, with the reasons for which the row was turned away
// after what the provider said.
func (r returned) line(word wording) line {
	l, turnedAway := payoutLine(r.payout), rejectedLine(r.entry, word)
	l.row, l.conflict = r.entry.Row, turnedAway.conflict
	l.returned, _, _ = strings.Cut(turnedAway.code, ";")
	l.code, l.message = joined(";", l.code, turnedAway.code), joined("; ", l.message, turnedAway.message)
	return l
}

// joined joins what is not empty.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), separator)
}
