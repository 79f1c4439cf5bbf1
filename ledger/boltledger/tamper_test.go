package boltledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// paidLedger makes a ledger with payouts in several states and closes it.
func paidLedger(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := open(t, path)
	entries := ledgertest.Entries("A", 50)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries[:20] {
		changes := []ledger.Change{
			ledgertest.Move(entry.ID, ledger.Queued, ledger.Submitting),
			ledgertest.Move(entry.ID, ledger.Submitting, ledger.Successful),
		}
		if _, err := store.Apply(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
	}
	sending := ledgertest.Move(entries[40].ID, ledger.Queued, ledger.Submitting)
	if _, err := store.Apply(t.Context(), []ledger.Change{sending}); err != nil {
		t.Fatal(err)
	}
	again := ledgertest.Move(entries[45].ID, ledger.Failed, ledger.Queued)
	again.Reference = "R-1"
	retried := []ledger.Change{
		ledgertest.Move(again.ID, ledger.Queued, ledger.Submitting), ledgertest.Move(again.ID, ledger.Submitting, ledger.Failed), again,
	}
	if _, err := store.Apply(t.Context(), retried); err != nil {
		t.Fatal(err)
	}
	entries[49].Row = 77
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	failed := []ledger.Change{
		ledgertest.Move(entries[47].ID, ledger.Queued, ledger.Submitting), ledgertest.Move(entries[47].ID, ledger.Submitting, ledger.Failed),
	}
	if _, err := store.Apply(t.Context(), failed); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Fatalf("before tampering: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVerifyNoticesWhatSomebodyChanged edits a ledger behind its back, as a
// program that knows bbolt could.
func TestVerifyNoticesWhatSomebodyChanged(t *testing.T) {
	flip := func(at int) func([]byte) []byte {
		return func(value []byte) []byte {
			if at < 0 {
				at += len(value)
			}
			value[at] ^= 1
			return value
		}
	}
	gone := func([]byte) []byte { return nil }
	becomes := func(value []byte) func([]byte) []byte { return func([]byte) []byte { return value } }
	replace := func(old, with string) func([]byte) []byte {
		return func(value []byte) []byte { return bytes.Replace(value, []byte(old), []byte(with), 1) }
	}
	// met are those by which somebody would be paid twice or otherwise, or the log be read wrongly:
	// whoever pays meets them beforehand.
	met := []string{
		"a byte of an event", "an event's hash", "an event is gone", "the last event is gone", "the head", "an act is not found",
		"a payout's name", "a paid payout's number", "a payout is gone", "an open payout is not open", "a paid payout is open again",
		"an intent is gone", "an intent's time", "an event's number", "an event's place", "a queued payout of before its entering",
		"a queued payout of an event to come", "a paid payout of before its end", "a paid payout of an event to come",
	}
	for name, forged := range map[string]forgery{
		"a byte of an event":                     {bucket: "events", key: sequence(7), change: flip(3)},
		"an event's number":                      {bucket: "events", key: sequence(7), change: boltledger.Renumbered(func(e *ledger.Event) { e.Sequence++ })},
		"an event's place":                       {bucket: "events", key: sequence(7), change: boltledger.Renumbered(func(e *ledger.Event) { e.Place++ })},
		"an event's hash":                        {bucket: "events", key: sequence(7), change: flip(-1)},
		"an event is gone":                       {bucket: "events", key: sequence(9), change: gone},
		"the last event is gone":                 {bucket: "events", key: sequence(45), change: gone},
		"the head":                               {bucket: "meta", key: []byte("head"), change: flip(20)},
		"the ledger's identity":                  {bucket: "meta", key: []byte("identity"), change: replace(`"began"`, `"look_first":"2026-11-24T08:00:00Z","began"`)},
		"a payout's name":                        {bucket: "payouts", batch: "may", key: position(31), change: replace("Awa", "Eva")},
		"a paid payout's number":                 {bucket: "payouts", batch: "may", key: position(4), change: replace("0700000003", "0500000003")},
		"a queued payout of before its entering": {bucket: "payouts", batch: "may", key: position(31), change: boltledger.Since(0)},
		"a queued payout of an event to come":    {bucket: "payouts", batch: "may", key: position(31), change: boltledger.Since(99)},
		"a paid payout of before its end":        {bucket: "payouts", batch: "may", key: position(4), change: boltledger.Since(1)},
		"a paid payout of an event to come":      {bucket: "payouts", batch: "may", key: position(4), change: boltledger.Since(99)},
		"a payout is gone":                       {bucket: "payouts", batch: "may", key: position(31), change: gone},
		"the last payout is there twice":         {bucket: "payouts", batch: "may", key: position(51), change: becomes([]byte{0})},
		"a member too many":                      {bucket: "members", batch: "may", key: position(99), change: becomes(append(position(7), "A-00001"...))},
		"a member's id":                          {bucket: "members", batch: "may", key: position(7), change: becomes(append(position(7), "A-00001"...))},
		"a row of nobody":                        {bucket: "members", batch: "may", key: position(99), change: becomes(position(7))},
		"a batch is another's":                   {bucket: "batches", key: []byte("may"), change: replace("may", "mai")},
		"a release that nobody gave":             {bucket: "batches", key: []byte("may"), change: boltledger.Released},
		"an open payout is not open":             {bucket: "open", batch: "may", key: position(31), change: gone},
		"a paid payout is open again":            {bucket: "open", batch: "may", key: position(1), change: becomes(boltledger.OpenEntry(0, 1, "A-00000"))},
		"a stranger is open":                     {bucket: "open", batch: "may", key: position(99), change: becomes(boltledger.OpenEntry(0, 1, "X"))},
		"an intent that nobody recorded":         {bucket: "open", batch: "may", key: position(31), change: becomes(boltledger.OpenEntry(1, 1, "A-00030"))},
		"an intent is gone":                      {bucket: "open", batch: "may", key: position(41), change: becomes(boltledger.OpenEntry(0, 1, "A-00040"))},
		"an intent's time":                       {bucket: "open", batch: "may", key: position(41), change: becomes(boltledger.OpenEntry(1, 42, "A-00040"))},
		"counts that are others":                 {bucket: "counts", key: []byte("may"), change: flip(-2)},
		"counts that are gone":                   {bucket: "counts", key: []byte("may"), change: gone},
		"counts of no batch":                     {bucket: "counts", key: []byte("june"), change: becomes([]byte{1, 0})},
		"a failed payout is not noted":           {bucket: "noted", batch: "may", key: position(48), change: gone},
		"a paid payout is noted":                 {bucket: "noted", batch: "may", key: position(1), change: becomes([]byte("A-00000"))},
		"a reference that nobody gave":           {bucket: "references", key: []byte("R-9"), change: becomes([]byte("A-00003"))},
		"a reference is gone":                    {bucket: "references", key: []byte("R-1"), change: gone},
		"a reference is another's":               {bucket: "references", key: []byte("R-1"), change: becomes([]byte("A-00003"))},
		"an act is not found":                    {bucket: "acts", key: append([]byte("\x00\x03may"), sequence(2)...), change: gone},
		"an act that nobody made":                {bucket: "acts", key: append([]byte("\x00\x03may"), sequence(3)...), change: becomes([]byte{})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := paidLedger(t)
			edit(t, path, forged.commit)
			store := open(t, path)
			defer store.Close()
			if err := store.Check(t.Context()); slices.Contains(met, name) && !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("before it is paid from: %v, want it noticed", err)
			}
			if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("verify: %v, want it noticed", err)
			}
		})
	}
}

// TestVerifyNoticesWhatMoved has indexes of a batch list as many payouts as they should, and
// others.
func TestVerifyNoticesWhatMoved(t *testing.T) {
	gone := func([]byte) []byte { return nil }
	for name, forged := range map[string][2]forgery{
		"another payout is noted": {
			{bucket: "noted", batch: "may", key: position(48), change: gone},
			{bucket: "noted", batch: "may", key: position(47), change: func([]byte) []byte { return []byte("A-00046") }},
		},
		"another payout is open": {
			{bucket: "open", batch: "may", key: position(31), change: gone},
			{bucket: "open", batch: "may", key: position(2), change: func([]byte) []byte { return boltledger.OpenEntry(0, 1, "A-00001") }},
		},
		"another payout has the reference": {
			{bucket: "references", key: []byte("R-1"), change: gone},
			{bucket: "references", key: []byte("R-2"), change: func([]byte) []byte { return []byte("A-00045") }},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := paidLedger(t)
			edit(t, path, both(forged))
			store := open(t, path)
			defer store.Close()
			if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("verify: %v, want it noticed", err)
			}
		})
	}
}

// both makes two changes at once.
func both(forged [2]forgery) func(tx *bbolt.Tx) error {
	return func(tx *bbolt.Tx) error { return errors.Join(forged[0].commit(tx), forged[1].commit(tx)) }
}

// TestVerifyNoticesAnotherFinder has the finder of repeated payments say something else
// than the payouts do.
func TestVerifyNoticesAnotherFinder(t *testing.T) {
	key := func(number, id string) []byte {
		return append(binary.BigEndian.AppendUint64([]byte(number+"\x00XOF\x00"), 130), id...)
	}
	own := key("+2250700000030", "A-00030")
	same := func(_, value []byte) []byte { return value }
	for name, forge := range map[string]func(tx *bbolt.Tx) error{
		"a payment is not found": func(tx *bbolt.Tx) error {
			return boltledger.ForgeFinder(tx, func(key, value []byte) []byte {
				if bytes.Equal(key, own) {
					return nil
				}
				return value
			})
		},
		"a payment seems older": func(tx *bbolt.Tx) error {
			return boltledger.ForgeFinder(tx, func(key, value []byte) []byte {
				if bytes.Equal(key, own) {
					value[7] ^= 1
				}
				return value
			})
		},
		"a payment that nobody made": func(tx *bbolt.Tx) error {
			return boltledger.ForgeFinder(tx, same, [2][]byte{key("+2250700000031", "A-00030"), sequence(1)})
		},
		"a payment is there twice": func(tx *bbolt.Tx) error {
			return boltledger.ForgeFinder(tx, same, [2][]byte{own, sequence(1)})
		},
		"a filter that denies":          boltledger.ForgeFilter,
		"a run that seems to end early": boltledger.ForgeRange,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := paidLedger(t)
			edit(t, path, forge)
			store := open(t, path)
			defer store.Close()
			if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("verify: %v, want it noticed", err)
			}
		})
	}
}

// TestVerifyNoticesOtherIDs has the index of ids say something else than the payouts do.
func TestVerifyNoticesOtherIDs(t *testing.T) {
	at := func(n uint32) []byte { return append(position(n), "may"...) }
	for name, forge := range map[string]func(tx *bbolt.Tx) error{
		"a payout is not found": func(tx *bbolt.Tx) error {
			return boltledger.ForgeIDs(tx, map[string][]byte{"A-00030": nil})
		},
		"a payout is found elsewhere": func(tx *bbolt.Tx) error {
			return boltledger.ForgeIDs(tx, map[string][]byte{"A-00030": at(32)})
		},
		"an id of nobody": func(tx *bbolt.Tx) error {
			return boltledger.ForgeIDs(tx, map[string][]byte{"A-00099": at(7)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := paidLedger(t)
			edit(t, path, forge)
			store := open(t, path)
			defer store.Close()
			if name == "a payout is found elsewhere" {
				_, payoutErr := store.Payout(t.Context(), "A-00030")
				_, applyErr := store.Apply(t.Context(), []ledger.Change{ledgertest.Move("A-00030", ledger.Queued, ledger.Submitting)})
				if !errors.Is(payoutErr, ledger.ErrCorrupt) || !errors.Is(applyErr, ledger.ErrCorrupt) {
					t.Errorf("it is taken for the other: %v, %v", payoutErr, applyErr)
				}
			}
			if err := store.Check(t.Context()); name != "an id of nobody" && !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("before it is paid from: %v, want it noticed", err)
			}
			if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("verify: %v, want it noticed", err)
			}
		})
	}
}

// TestVerifyNoticesAnEventThatNoPayoutKnows has the log's moves linked in another way, which
// no hash tells.
func TestVerifyNoticesAnEventThatNoPayoutKnows(t *testing.T) {
	for name, previous := range map[string]uint64{"skipped": 1, "itself": 45, "later": 99} {
		path := paidLedger(t)
		edit(t, path, forgery{bucket: "events", key: sequence(45), change: func(value []byte) []byte {
			binary.BigEndian.PutUint64(value[len(value)-40:], previous)
			return value
		}}.commit)
		store := open(t, path)
		if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: verify: %v, want it noticed", name, err)
		}
		store.Close()
	}
}

// TestVerifyNoticesAnotherShare has a batch that shares payouts with another say that they
// are others, or in other places, or that it has one twice.
func TestVerifyNoticesAnotherShare(t *testing.T) {
	share := func(id string, at uint32) forgery {
		return forgery{bucket: "adopted", batch: "june", key: []byte(id), change: func([]byte) []byte { return position(at) }}
	}
	member := func(id string, at uint32) forgery {
		return forgery{bucket: "members", batch: "june", key: position(at), change: func([]byte) []byte { return append(position(9), id...) }}
	}
	for name, forged := range map[string][2]forgery{
		"another's place":      {share("A-00001", 1), member("A-00001", 2)},
		"no place":             {share("A-00001", 77), member("A-00001", 2)},
		"a share is gone":      {{bucket: "adopted", batch: "june", key: []byte("A-00001"), change: func([]byte) []byte { return nil }}, member("A-00001", 2)},
		"a payout of its own":  {share("B-00000", 4), member("A-00001", 2)},
		"its own payout twice": {share("B-00000", 77), member("B-00000", 77)},
		"a payout of nobody":   {share("C-00000", 77), member("C-00000", 77)},
		"a member of nobody":   {share("A-00001", 2), member("C-00000", 77)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := paidLedger(t)
			store := open(t, path)
			entries := append(ledgertest.Entries("A", 3), ledgertest.Entries("B", 1)...)
			_, err := store.Enrol(t.Context(), ledgertest.Batch("june"), ledgertest.Each(entries))
			if err == nil {
				_, err = store.Verify(t.Context())
			}
			if err := errors.Join(err, store.Close()); err != nil {
				t.Fatal(err)
			}
			edit(t, path, both(forged))
			store = open(t, path)
			defer store.Close()
			if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("verify: %v, want it noticed", err)
			}
		})
	}
}

func edit(t *testing.T, path string, change func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// forgery is a change by somebody who knows the format and its checksums.
type forgery struct {
	bucket string
	batch  ledger.BatchID
	key    []byte
	change func(value []byte) []byte
}

func (f forgery) commit(tx *bbolt.Tx) error {
	return boltledger.Forge(tx, f.bucket, f.batch, f.key, f.change)
}

func sequence(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func position(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// TestAValueThatIsNotItsOwnIsDamage changes values as rot or a misplaced page does,
// with no regard for checksums, and expects every kind of reading to say so.
func TestAValueThatIsNotItsOwnIsDamage(t *testing.T) {
	rot := func(bucket string, batch ledger.BatchID, key []byte) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			if batch != "" {
				b = b.Bucket([]byte(batch))
			}
			value := bytes.Clone(b.Get(key))
			value[len(value)/3] ^= 4
			return b.Put(key, value)
		}
	}
	exchanged := func(tx *bbolt.Tx) error {
		payouts := tx.Bucket([]byte("payouts")).Bucket([]byte("may"))
		one, other := bytes.Clone(payouts.Get(position(31))), bytes.Clone(payouts.Get(position(32)))
		return errors.Join(payouts.Put(position(31), other), payouts.Put(position(32), one))
	}
	payouts := func(s *boltledger.Store) error { return drain(s.Payouts(t.Context(), "may")) }
	for name, test := range map[string]struct {
		damage func(tx *bbolt.Tx) error
		read   func(*boltledger.Store) error
	}{
		"a payout, listed":      {rot("payouts", "may", position(31)), payouts},
		"two payouts exchanged": {exchanged, payouts},
		"the latest payouts":    {rot("payouts", "may", position(31)), func(s *boltledger.Store) error { return drain(s.Latest(t.Context(), 50)) }},
		"the latest payouts, in a view": {rot("payouts", "may", position(31)), func(s *boltledger.Store) error {
			return s.View(t.Context(), func(v ledger.View) error { return drain(v.Latest(t.Context(), 50)) })
		}},
		"a member": {rot("members", "may", position(50)), payouts},
		"an open payout without record": {forgery{bucket: "payouts", batch: "may", key: position(31), change: func([]byte) []byte { return nil }}.commit, func(s *boltledger.Store) error {
			return drain(s.Payouts(t.Context(), "may", ledger.OpenStates()...))
		}},
		"the ids": {rot("ids", ledger.BatchID(append(sequence(1), position(50)...)), []byte("A-00000")), func(s *boltledger.Store) error {
			_, err := s.Payout(t.Context(), "A-00030")
			return err
		}},
		"a payout, alone": {rot("payouts", "may", position(31)), func(s *boltledger.Store) error {
			_, err := s.Payout(t.Context(), "A-00030")
			return err
		}},
		"an open payout": {rot("open", "may", position(31)), func(s *boltledger.Store) error {
			return drain(s.Payouts(t.Context(), "may", ledger.OpenStates()...))
		}},
		"an event": {rot("events", "", sequence(7)), func(s *boltledger.Store) error { return drain(s.Events(t.Context(), 0)) }},
		"a batch": {rot("batches", "", []byte("may")), func(s *boltledger.Store) error {
			_, err := s.Batches(t.Context())
			return err
		}},
		"the finder of repetitions": {
			rot("fingerprints", ledger.BatchID(append(sequence(1), position(50)...)), firstFingerprint()),
			func(s *boltledger.Store) error {
				_, err := s.PaidTo(t.Context(), "+2250700000030", time.Time{})
				return err
			},
		},
		"a payout that is sent": {rot("payouts", "may", position(31)), func(s *boltledger.Store) error {
			_, err := s.Apply(t.Context(), []ledger.Change{ledgertest.Move("A-00030", ledger.Queued, ledger.Submitting)})
			return err
		}},
		"a payout that the file names again": {rot("payouts", "may", position(31)), func(s *boltledger.Store) error {
			_, err := s.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 50)))
			return err
		}},
		"the ledger's identity": {rot("meta", "", []byte("identity")), func(s *boltledger.Store) error {
			_, err := s.Identity(t.Context())
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			path := paidLedger(t)
			edit(t, path, test.damage)
			store := open(t, path)
			defer store.Close()
			if err := test.read(store); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("%v, want ErrCorrupt", err)
			}
		})
	}
}

// firstFingerprint is the key of the chunk with which the finder of a paid ledger begins.
func firstFingerprint() []byte {
	return append(binary.BigEndian.AppendUint64([]byte("+2250700000000\x00XOF\x00"), 100), "A-00000"...)
}

func drain[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestWhatIsNoLedgerIsRefusedAndLeftAlone opens files that payrun must not touch.
func TestWhatIsNoLedgerIsRefusedAndLeftAlone(t *testing.T) {
	whole, err := os.ReadFile(paidLedger(t))
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	type refusal struct {
		content []byte
		want    error
	}
	for name, test := range map[string]refusal{
		"an empty file":                       {[]byte{}, ledger.ErrNoLedger},
		"text":                                {[]byte("transaction_id,amount\nA-1,100\n"), ledger.ErrNoLedger},
		"another program's bbolt file":        {formatted(t, ""), ledger.ErrNoLedger},
		"a ledger of an older version":        {formatted(t, "payrun-ledger 3"), ledger.ErrFormat},
		"a ledger of a version to come":       {formatted(t, "payrun-ledger 41"), ledger.ErrFormat},
		"a ledger whose format was scribbled": {formatted(t, "payrun-ledger \x7f"), ledger.ErrCorrupt},
		"a ledger whose format's key rotted":  {bytes.ReplaceAll(whole, []byte("formatpayrun"), []byte("for\x2datpayrun")), ledger.ErrCorrupt},
		"a ledger that lost its end":          {whole[:len(whole)/2], ledger.ErrCorrupt},
		"a ledger that lost all but boot":     {whole[:2*page], ledger.ErrCorrupt},
		"four pages of something":             {bytes.Repeat([]byte{0xff}, 4*page), ledger.ErrCorrupt},
		"three pages of something":            {bytes.Repeat([]byte{0xff}, 3*page), ledger.ErrNoLedger},
		"four pages and a byte":               {bytes.Repeat([]byte{0xff}, 4*page+1), ledger.ErrNoLedger},
		"a ledger with both boot pages damaged": {append(append(bytes.Repeat([]byte{0xff}, page), bytes.Repeat([]byte{0xff}, page)...),
			whole[2*page:]...), ledger.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			store, err := boltledger.Open(path, boltledger.Options{})
			if err == nil {
				store.Close()
			}
			for _, kind := range []error{ledger.ErrNoLedger, ledger.ErrFormat, ledger.ErrCorrupt, ledger.ErrAccess} {
				if errors.Is(err, kind) != errors.Is(kind, test.want) {
					t.Errorf("open: %v, want %v alone", err, test.want)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, test.content) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

// formatted returns a bbolt file that says it has a format, or nothing if it is empty.
func formatted(t *testing.T, format string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "foreign.db")
	makeForeign(t, path, format)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func makeForeign(t *testing.T, path, format string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("meta"))
		if err != nil || format == "" {
			return err
		}
		return b.Put([]byte("format"), []byte(format))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestAFlippedByteIsNoticedOrHarmless flips bytes all over a ledger file. Each
// time the file is refused, or Verify complains, or it verifies because the byte
// was not in use. It never crashes the process.
func TestAFlippedByteIsNoticedOrHarmless(t *testing.T) {
	source := paidLedger(t)
	whole, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	noticed := 0
	const step = 97 // a prime, so that every place in a page has its turn
	for at := 0; at < len(whole); at += step {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x40
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := boltledger.Open(path, boltledger.Options{NoSync: true})
		if err == nil {
			_, err = store.Verify(t.Context())
			store.Close()
		}
		if err != nil {
			noticed++
			if !errors.Is(err, ledger.ErrCorrupt) {
				t.Fatalf("byte %d: %v, want ErrCorrupt", at, err)
			}
		}
	}
	t.Logf("noticed %d of %d flips; the others hit pages that are not in use", noticed, len(whole)/step)
	if noticed == 0 {
		t.Error("no flip was noticed")
	}
}
