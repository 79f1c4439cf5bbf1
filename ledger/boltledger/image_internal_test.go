package boltledger

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

// TestTheNewerBootPageCounts, with pages of every size that machines have: the older one would show
// the ledger as it was before its last commit.
func TestTheNewerBootPageCounts(t *testing.T) {
	for size := pageSizeMin; size <= pageSizeMax; size *= 2 {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: size, NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for range 3 {
				var last uint64
				err := db.Update(func(tx *bbolt.Tx) error {
					last = uint64(tx.ID()) //nolint:gosec // not negative
					_, err := tx.CreateBucketIfNotExists(fmt.Append(nil, last))
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				newestIs(t, writableImage(file), size, last)
			}
		})
	}
}

// newestIs holds the newer boot page of a file against the last commit, and has neither an older
// nor a later commit taken for it.
func newestIs(t *testing.T, file writableImage, size int, last uint64) {
	t.Helper()
	boot, ok := newestBootPage(file)
	if !ok || boot.txid != last || int(boot.pageSize) != size {
		t.Errorf("the newer is of commit %d, with pages of %d (%t), want %d", boot.txid, boot.pageSize, ok, last)
	}
	for commit := last - 3; commit <= last+3; commit++ {
		of, err := bootOf(file, size, commit)
		if is := commit == last || commit == last-1; (err == nil) != is || is && of.txid != commit {
			t.Errorf("commit %d of %d: the boot page of %d, %v", commit, last, of.txid, err)
		}
	}
}

// TestADamagedBootPageIsPassedOver, whichever of its bytes rotted: the ledger is then as it was before
// its last commit, and its anchor tells.
func TestADamagedBootPageIsPassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newest, ok := newestBootPage(writableImage(file))
	if !ok {
		t.Fatal("no boot page")
	}
	begin := int(newest.txid%2)*int(newest.pageSize) + pageHeaderSize
	for at := range metaSize {
		file[begin+at] ^= 0x10
		if found, ok := newestBootPage(writableImage(file)); !ok || found.txid != newest.txid-1 {
			t.Errorf("byte %d: commit %d (%t), want %d", at, found.txid, ok, newest.txid-1)
		}
		file[begin+at] ^= 0x10
	}
}
