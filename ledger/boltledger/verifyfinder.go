package boltledger

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// tally stands for a set of entries whatever their order: how many they are, and the sum
// of their hashes.
type tally struct {
	count int
	sum   uint64
}

func (t *tally) add(e keyed) {
	d := xxhash.New()
	_, _ = d.Write(e.key)
	_, _ = d.Write(e.value)
	t.count++
	t.sum += d.Sum64()
}

// compareFinder derives the finder of repeated payments from the payouts and compares it
// with the one that is kept: the same entries, each run in order and known to its filter.
func (v *verifier) compareFinder() error {
	all, err := finderOf(v.tx).list()
	if err != nil {
		return err
	}
	var kept, derived tally
	for _, r := range all {
		if err := v.compareRun(r, &kept); err != nil {
			return err
		}
	}
	for _, payout := range v.replayed.Payouts {
		var own [][]byte
		for _, attempt := range payout.Attempts() {
			one := fingerprint(attempt.Terms, payout.QueuedAt)
			if !slices.ContainsFunc(own, func(key []byte) bool { return bytes.Equal(key, one.key) }) {
				own = append(own, one.key)
				derived.add(one)
			}
		}
	}
	const where = "the finder of repeated payments"
	switch {
	case kept.count != derived.count:
		return v.store.corrupt(where, strconv.Itoa(derived.count)+" entries", strconv.Itoa(kept.count))
	case kept.sum != derived.sum:
		return v.store.corrupt(where, "the numbers, amounts and times of the payouts", "others")
	}
	return nil
}

// compareRun adds a run's entries to the tally of what is kept.
func (v *verifier) compareRun(r run, kept *tally) error {
	where := fmt.Sprintf("run %x of the finder of repeated payments", r.name)
	filter, err := r.filter()
	if err != nil {
		return err
	}
	var before []byte
	entries := 0
	c := r.cursor()
	for err := c.next(); ; err = c.next() {
		if err != nil {
			return err
		}
		if c.done {
			break
		}
		if entries++; bytes.Compare(before, c.at.key) >= 0 {
			return v.store.corrupt(where, "entries in order", fmt.Sprintf("%x behind %x", c.at.key, before))
		}
		if !filter.Contains(xxhash.Sum64(numberOf(c.at.key))) {
			return v.store.corrupt(where, "a filter that knows its entries", fmt.Sprintf("none of %x", c.at.key))
		}
		before = c.at.key
		kept.add(c.at)
	}
	if entries != int(r.entries) {
		return v.store.corrupt(where, fmt.Sprintf("%d entries", r.entries), strconv.Itoa(entries))
	}
	return nil
}
