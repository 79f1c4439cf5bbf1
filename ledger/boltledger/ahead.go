package boltledger

import (
	"context"
	"time"

	"github.com/cespare/xxhash/v2"

	"payrun/ledger"
	"payrun/ledger/phone"
)

// ahead has the word of the finder's filters on numbers before they are asked for.
type ahead struct {
	// begun is set once a view was told of numbers.
	begun bool
	// may are the runs that may have a number, of those that were told of last.
	may map[phone.E164][]run
}

var _ ledger.Prefetcher = (*view)(nil)

// Prefetch implements ledger.Prefetcher. The filters are a byte for each payout that the ledger
// ever had: a file of one group of rows looks into each once, where it was read, and none is kept.
// A longer one keeps them.
func (v *view) Prefetch(ctx context.Context, _ []ledger.TransactionID, numbers []phone.E164, _ time.Time) error {
	again := v.ahead.begun
	v.ahead.may = nil
	if len(numbers) == 0 || again {
		return nil
	}
	v.ahead.begun = true
	all, err := v.finder()
	if err != nil {
		return err
	}
	may, hashes := make(map[phone.E164][]run, len(numbers)), make(map[phone.E164]uint64, len(numbers))
	for _, number := range numbers {
		hashes[number], may[number] = xxhash.Sum64(numberPrefix(number)), nil
	}
	for _, r := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		filter, err := r.behind.once(r.run)
		if err != nil {
			return err
		}
		for number, hash := range hashes {
			if filter.Contains(hash) {
				may[number] = append(may[number], r.run)
			}
		}
	}
	v.ahead.may = may
	return nil
}

// finder returns the runs of the finder behind their filters.
func (v *view) finder() ([]filtered, error) {
	if v.runs == nil {
		var err error
		if v.runs, err = finderOf(v.tx).filtered(v.filters); err != nil {
			return nil, err
		}
	}
	return v.runs, nil
}

// mayHave returns the runs of the finder that may have a number.
func (v *view) mayHave(number phone.E164) ([]run, error) {
	if may, told := v.ahead.may[number]; told {
		return may, nil
	}
	all, err := v.finder()
	if err != nil {
		return nil, err
	}
	return among(all, numberPrefix(number))
}
