package boltledger

import (
	"bytes"
	"fmt"
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

// compareRuns holds the finder of repeated payments and the ids against what the payouts
// make of them: the same entries, each run in order and known to its filter.
func (v *verifier) compareRuns() error {
	for _, index := range []struct {
		name    string
		runs    runs
		derived tally
	}{
		{"the finder of repeated payments", finderOf(v.tx).runs, v.finder},
		{"the ids", v.records.ids.runs, v.ids},
	} {
		all, err := index.runs.list()
		if err != nil {
			return err
		}
		var kept tally
		for _, r := range all {
			if err := v.compareRun(index.name, r, index.runs.prefix, &kept); err != nil {
				return err
			}
		}
		switch {
		case kept.count != index.derived.count:
			return v.store.corrupt(index.name, strconv.Itoa(index.derived.count)+" entries", strconv.Itoa(kept.count))
		case kept.sum != index.derived.sum:
			return v.store.corrupt(index.name, "what the payouts make of it", "others")
		}
	}
	return nil
}

// compareRun adds a run's entries to the tally of what is kept.
func (v *verifier) compareRun(index string, r run, prefix func([]byte) []byte, kept *tally) error {
	where := fmt.Sprintf("run %x of %s", r.name, index)
	low, high, _, err := r.writtenFilter()
	if err != nil {
		return err
	}
	filter := &runFilter{low: bytes.Clone(low), high: bytes.Clone(high)}
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
		may, err := filter.may(r, prefix(c.at.key), xxhash.Sum64(prefix(c.at.key)))
		if err != nil {
			return err
		}
		if !may {
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
