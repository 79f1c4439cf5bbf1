package boltledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

// runsIn makes a file and calls use with its runs in one transaction each.
func runsIn(tb testing.TB) func(use func(runs) error) error {
	tb.Helper()
	db, err := bbolt.Open(filepath.Join(tb.TempDir(), "runs.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	return func(use func(runs) error) error {
		return db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists(bucketFingerprints)
			return errors.Join(err, use(finderOf(&transaction{Tx: tx}).runs))
		})
	}
}

// TestRunsHoldWhatATreeWould adds groups of keys and asks for every prefix, with and
// without the filters, and for some that are not there.
func TestRunsHoldWhatATreeWould(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in, model := runsIn(t), map[string]map[string]string{} // by prefix
		number, filters, ordered := 0, &filters{}, rapid.Bool().Draw(r, "ordered")
		for range rapid.IntRange(1, 30).Draw(r, "groups") {
			var group []keyed
			for range rapid.IntRange(0, 120).Draw(r, "entries") {
				number++
				prefix := fmt.Sprintf("+%d\x00", rapid.IntRange(0, 300).Draw(r, "number"))
				key := fmt.Sprintf("%s%s%06d", prefix, rapid.StringN(0, 90, 90).Draw(r, "rest"), number)
				group = append(group, keyed{[]byte(key), binary.AppendVarint(nil, int64(number))})
				if model[prefix] == nil {
					model[prefix] = map[string]string{}
				}
				model[prefix][key] = string(group[len(group)-1].value)
			}
			if err := in(func(rs runs) error { return rs.add(group) }); err != nil {
				r.Fatal(err)
			}
		}
		err := in(func(rs runs) error {
			all, err := rs.list()
			if len(all) > 2*runFan {
				r.Errorf("%d runs", len(all))
			}
			for n := range 320 {
				prefix := fmt.Appendf(nil, "+%d\x00", n)
				behind, fault := filters.of(all, ordered)
				may, fails := among(behind, prefix)
				got := collectRuns(r, may, prefix)
				want := model[string(prefix)]
				if err = errors.Join(err, fault, fails); !maps.Equal(got, want) {
					r.Errorf("%q: %d of %d", prefix, len(got), len(want))
				}
			}
			return err
		})
		if err != nil {
			r.Fatal(err)
		}
	})
}

func collectRuns(t rapid.TB, among []run, prefix []byte) map[string]string {
	got := map[string]string{}
	for _, r := range among {
		err := r.each(prefix, func(e keyed) error {
			if _, twice := got[string(e.key)]; twice {
				t.Errorf("%q is there twice", e.key)
			}
			got[string(e.key)] = string(e.value)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	return got
}

// TestRunsOfASizeBecomeOne keeps few runs, whatever the groups were.
func TestRunsOfASizeBecomeOne(t *testing.T) {
	in := runsIn(t)
	for group := range runFan * runFan {
		err := in(func(rs runs) error {
			entries := make([]keyed, 0, runSmall)
			for n := range runSmall {
				entries = append(entries, keyed{key: fmt.Appendf(nil, "+%06d\x00%d", n*7%runSmall, group)})
			}
			return rs.add(entries)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := in(func(rs runs) error {
		all, err := rs.list()
		sizes := slices.Collect(func(yield func(uint32) bool) {
			for _, r := range all {
				if !yield(r.entries) {
					return
				}
			}
		})
		if want := []uint32{runSmall * runFan * runFan}; !slices.Equal(sizes, want) {
			t.Errorf("runs of %d entries, want %d", sizes, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAKeyOfManyRunsIsKept as often as it is there, as a damaged file may have it, and the merge ends.
func TestAKeyOfManyRunsIsKept(t *testing.T) {
	in := runsIn(t)
	for range runFan {
		group := []keyed{{key: []byte("+1\x00a")}, {key: []byte("+2\x00b")}}
		if err := in(func(rs runs) error { return rs.add(group) }); err != nil {
			t.Fatal(err)
		}
	}
	err := in(func(rs runs) error {
		all, err := rs.list()
		if len(all) != 1 || all[0].entries != 2*runFan {
			t.Errorf("%d runs", len(all))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAFieldThatIsCutShortIsNotRead, nor one that says that it is longer than what there is.
func TestAFieldThatIsCutShortIsNotRead(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 200)
	whole := append(binary.AppendUvarint(nil, uint64(len(text))), text...)
	for size := range whole {
		if field, _, err := cutField(whole[:size]); !errors.Is(err, errEncoding) {
			t.Errorf("%d of %d bytes: %d of a field, %v", size, len(whole), len(field), err)
		}
	}
	field, rest, err := cutField(append(slices.Clone(whole), "behind"...))
	if err != nil || !bytes.Equal(field, text) || string(rest) != "behind" {
		t.Errorf("%d of a field and %q, %v", len(field), rest, err)
	}
	if _, _, err := cutField(append(bytes.Repeat([]byte{0xff}, 9), 1)); !errors.Is(err, errEncoding) {
		t.Errorf("a field longer than memory: %v", err)
	}
}
