package boltledger

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// finder finds payouts by their number, for what is paid repeatedly. A payout is found by
// every number and amount that it ever had, for as long as those may have been paid.
type finder struct{ runs }

func finderOf(tx *transaction) finder {
	return finder{runs{tx: tx, name: bucketFingerprints, prefix: numberOf}}
}

// numberOf returns the part of a fingerprint that is the number, with the zero behind it.
func numberOf(fingerprint []byte) []byte {
	return fingerprint[:bytes.IndexByte(fingerprint, 0)+1]
}

// fingerprint has a payout found by its number and amount.
func fingerprint(terms ledger.Terms, queuedAt time.Time) keyed {
	key := append(numberPrefix(terms.Number), terms.Amount.Currency...)
	key = binary.BigEndian.AppendUint64(append(key, 0), uint64(terms.Amount.Minor)) //nolint:gosec // amounts are positive
	value := binary.BigEndian.AppendUint64(nil, uint64(queuedAt.Unix()))            //nolint:gosec // after 1970
	return keyed{key: append(key, terms.ID...), value: value}
}

// numberPrefix begins the fingerprints of one number.
func numberPrefix(number phone.E164) []byte {
	const whole = 64
	return append(append(make([]byte, 0, whole), number.Reveal()...), 0)
}

// found reads a fingerprint.
func found(e keyed) (ledger.Earlier, error) {
	const amountSize, timeSize = 8, 8
	_, rest, _ := bytes.Cut(e.key, []byte{0})
	currency, rest, parted := bytes.Cut(rest, []byte{0})
	if !parted || len(rest) <= amountSize || len(e.value) != timeSize {
		return ledger.Earlier{}, fmt.Errorf("fingerprint %x: %w", e.key, errEncoding)
	}
	return ledger.Earlier{
		ID:       ledger.TransactionID(rest[amountSize:]),
		Amount:   money.Currency(currency).Of(int64(binary.BigEndian.Uint64(rest))), //nolint:gosec // written from an amount
		QueuedAt: time.Unix(int64(binary.BigEndian.Uint64(e.value)), 0).UTC(),       //nolint:gosec // written from an int64
	}, nil
}

// corrected returns the fingerprint that a change of terms adds to those of a payout, if it
// was never found by it before.
func corrected(before, after ledger.Payout) (added keyed, is bool) {
	if before.Terms == after.Terms {
		return keyed{}, false
	}
	added = fingerprint(after.Terms, after.QueuedAt)
	for _, attempt := range before.Attempts() {
		if bytes.Equal(fingerprint(attempt.Terms, before.QueuedAt).key, added.key) {
			return keyed{}, false
		}
	}
	return added, true
}

// paidTo returns what a number was to get, the latest first, of the runs that may have it.
func paidTo(may []run, number phone.E164, since time.Time) (earlier []ledger.Earlier, err error) {
	for _, r := range may {
		err := r.each(numberPrefix(number), func(e keyed) error {
			one, err := found(e)
			if err == nil && !one.QueuedAt.Before(since.Truncate(time.Second)) {
				earlier = append(earlier, one)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(earlier, func(a, b ledger.Earlier) int {
		return cmp.Or(b.QueuedAt.Compare(a.QueuedAt), cmp.Compare(a.ID, b.ID))
	})
	return earlier, nil
}
